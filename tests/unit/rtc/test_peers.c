#include "rtc/peers.h"

#include "rtc/bucket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct vtb_addr at(unsigned host, uint16_t port)
{
    struct vtb_addr addr = { .family = 4, .ip = { 10, 0, (uint8_t)(host >> 8), (uint8_t)host },
                             .port = port };

    return addr;
}

static struct vtb_check_result check(struct vtb_peers *peers, const struct vtb_link *link,
                                     struct vtb_addr from, bool use, uint64_t now_us)
{
    char username[64];
    struct vtb_stun_check ask = { .password = { link->pwd, VTB_PWD }, .use_candidate = use };
    uint8_t data[VTB_STUN_MAX], answer[VTB_STUN_MAX];

    snprintf(username, sizeof username, "%s:them", link->ufrag);
    ask.username = vtb_str_of(username);
    return vtb_peers_check(peers, 0, &from, data, vtb_stun_write_check(&ask, data), now_us, answer);
}

static void an_address_is_known_after_an_authentic_check_only(void **state)
{
    struct vtb_peers *peers;
    struct vtb_link *link, forged;
    struct vtb_addr from = at(1, 1000);
    (void)state;

    assert_int_equal(vtb_peers_create(3, 100, &peers), VTB_OK);
    assert_int_equal(vtb_peers_add(peers, (vtb_peer){ 77, 5 }, 0, &link), VTB_OK);
    assert_int_equal(vtb_peers_add(peers, (vtb_peer){ 77, 6 }, 0, &link), VTB_STALE);
    assert_int_equal(vtb_peers_add(peers, (vtb_peer){ 100, 1 }, 0, &link), VTB_LIMIT);
    link = vtb_peers_find(peers, (vtb_peer){ 77, 5 });
    assert_int_equal(strlen(link->ufrag), VTB_UFRAG);
    assert_int_equal(strlen(link->pwd), VTB_PWD);

    forged = *link;
    forged.pwd[0] ^= 1;
    assert_int_equal(check(peers, &forged, from, true, 1).what, VTB_CHECK_REFUSED);
    for (size_t i = 0; i < VTB_UFRAG; i++) {
        forged = *link;
        forged.ufrag[i] = forged.ufrag[i] == 'Q' ? 'R' : 'Q';
        assert_int_equal(check(peers, &forged, from, true, 1).answer_len, 0);
    }
    assert_null(vtb_peers_by_addr(peers, 0, &from));
    assert_null(vtb_link_selected(link));

    assert_int_equal(check(peers, link, from, false, 2).what, VTB_CHECK_OK);
    assert_ptr_equal(vtb_peers_by_addr(peers, 0, &from), link);
    assert_null(vtb_peers_by_addr(peers, 1, &from)); /* another socket of ours */
    assert_true(vtb_addr_is(&vtb_link_selected(link)->addr, &from));

    vtb_peers_drop(peers, (vtb_peer){ 77, 4 }); /* an older name finds nothing */
    assert_ptr_equal(vtb_peers_by_addr(peers, 0, &from), link);
    vtb_peers_drop(peers, (vtb_peer){ 77, 5 });
    assert_null(vtb_peers_by_addr(peers, 0, &from));
    vtb_peers_destroy(peers);
}

static void a_nominated_address_is_taken_and_the_old_ones_stay_for_a_while(void **state)
{
    struct vtb_peers *peers;
    struct vtb_link *link;
    struct vtb_addr old = at(1, 1), now;
    (void)state;

    assert_int_equal(vtb_peers_create(0, 4, &peers), VTB_OK);
    assert_int_equal(vtb_peers_add(peers, (vtb_peer){ 0, 1 }, 0, &link), VTB_OK);
    assert_int_equal(check(peers, link, old, true, 1).what, VTB_CHECK_OK);
    now = at(2, 2);
    assert_int_equal(check(peers, link, now, false, 2).what, VTB_CHECK_OK); /* a spare */
    assert_true(vtb_addr_is(&vtb_link_selected(link)->addr, &old));
    assert_int_equal(check(peers, link, now, true, 3).what, VTB_CHECK_MOVED);
    assert_true(vtb_addr_is(&vtb_link_selected(link)->addr, &now));
    assert_ptr_equal(vtb_peers_by_addr(peers, 0, &old), link);
    for (unsigned i = 3; i < 20; i++)
        assert_int_equal(check(peers, link, at(i, 1), false, i + 1).what, VTB_CHECK_OK);
    assert_null(vtb_peers_by_addr(peers, 0, &old)); /* four are kept, the one in use among them */
    assert_ptr_equal(vtb_peers_by_addr(peers, 0, &now), link);

    /* the one in use has been silent: any authentic check moves the peer */
    assert_int_equal(check(peers, link, at(30, 1), false, 9000000).what, VTB_CHECK_MOVED);
    vtb_peers_destroy(peers);
}

static void media_from_another_known_address_move_the_peer_after_a_few(void **state)
{
    struct vtb_peers *peers;
    struct vtb_link *link;
    struct vtb_addr a = at(1, 1), b = at(2, 2), stranger = at(3, 3);
    (void)state;

    assert_int_equal(vtb_peers_create(0, 4, &peers), VTB_OK);
    assert_int_equal(vtb_peers_add(peers, (vtb_peer){ 0, 1 }, 0, &link), VTB_OK);
    check(peers, link, a, true, 1);
    check(peers, link, b, false, 2);
    for (int i = 0; i < 20; i++)
        assert_false(vtb_peers_heard_from(link, 0, &stranger));
    for (int i = 0; i < 4; i++)
        assert_false(vtb_peers_heard_from(link, 0, &b));
    assert_false(vtb_peers_heard_from(link, 0, &a)); /* late ones of before do not add up */
    for (int i = 0; i < 4; i++)
        assert_false(vtb_peers_heard_from(link, 0, &b));
    assert_true(vtb_peers_heard_from(link, 0, &b));
    assert_true(vtb_addr_is(&vtb_link_selected(link)->addr, &b));
    vtb_peers_destroy(peers);
}

static void consent_ends_after_thirty_seconds(void **state)
{
    struct vtb_peers *peers;
    struct vtb_link *link;
    (void)state;

    assert_int_equal(vtb_peers_create(0, 4, &peers), VTB_OK);
    assert_int_equal(vtb_peers_add(peers, (vtb_peer){ 0, 1 }, 0, &link), VTB_OK);
    check(peers, link, at(1, 1), true, 5000000);
    assert_true(vtb_link_has_consent(link, 35000000));
    assert_false(vtb_link_has_consent(link, 35000001));
    vtb_peers_destroy(peers);
}

/* GStreamer checks once and then only sends: keep-alives without integrity, and sound. */
static void authentic_packets_of_the_chosen_pair_keep_consent(void **state)
{
    struct vtb_addr a = at(1, 1), b = at(2, 2);
    struct vtb_peers *peers;
    struct vtb_link *link;
    (void)state;

    assert_int_equal(vtb_peers_create(0, 4, &peers), VTB_OK);
    assert_int_equal(vtb_peers_add(peers, (vtb_peer){ 0, 1 }, 0, &link), VTB_OK);
    vtb_link_keep_consent(link, 0, &a, 5000000); /* no pair is chosen yet */
    check(peers, link, a, true, 6000000);
    check(peers, link, b, false, 6000000);
    vtb_link_keep_consent(link, 0, &a, 20000000);
    assert_true(vtb_link_has_consent(link, 50000000));
    assert_false(vtb_link_has_consent(link, 50000001));
    vtb_link_keep_consent(link, 0, &b, 40000000); /* a copy sent from elsewhere says nothing of a */
    vtb_link_keep_consent(link, 1, &a, 40000000);
    assert_false(vtb_link_has_consent(link, 50000001));
    vtb_peers_destroy(peers);
}

/* Checked against a plain list: thousands of comings, goings and changes of owner. */
static void the_table_of_addresses_never_forgets_nor_invents(void **state)
{
    enum { PEERS = 64, ADDRESSES = 300 };
    struct vtb_peers *peers;
    struct vtb_link *links[PEERS] = { 0 };
    uint32_t generation = 0;
    uint64_t now = 0;
    (void)state;

    srand(7);
    assert_int_equal(vtb_peers_create(0, PEERS, &peers), VTB_OK);
    for (int round = 0; round < 20000; round++) {
        uint32_t i = (uint32_t)rand() % PEERS;

        now += 600; /* below the limit a source */
        if (!links[i]) {
            assert_int_equal(vtb_peers_add(peers, (vtb_peer){ i, ++generation }, now, &links[i]),
                             VTB_OK);
        } else if (rand() % 8 == 0) {
            vtb_peers_drop(peers, links[i]->peer);
            links[i] = NULL;
        } else {
            assert_int_not_equal(check(peers, links[i], at((unsigned)rand() % ADDRESSES, 1),
                                       rand() % 2, now).what, VTB_CHECK_REFUSED);
        }
        if (round % 100)
            continue;
        for (unsigned a = 0; a < ADDRESSES; a++) {
            struct vtb_addr addr = at(a, 1);
            struct vtb_link *owner = NULL;

            for (uint32_t k = 0; k < PEERS; k++)
                for (int t = 0; links[k] && t < VTB_TUPLES; t++)
                    if (vtb_addr_is(&links[k]->tuples[t].addr, &addr)) {
                        assert_null(owner); /* one address, one peer */
                        owner = links[k];
                    }
            assert_ptr_equal(vtb_peers_by_addr(peers, 0, &addr), owner);
        }
    }
    vtb_peers_destroy(peers);
}

static void a_source_that_asks_too_much_waits(void **state)
{
    static struct vtb_buckets buckets;
    struct vtb_addr from = at(1, 1);
    unsigned taken = 0;
    (void)state;

    vtb_buckets_init(&buckets);
    while (vtb_buckets_take(&buckets, &from, 1000))
        taken++;
    assert_int_equal(taken, VTB_BUCKET_BURST);
    from.port = 2; /* the port makes no difference */
    assert_false(vtb_buckets_take(&buckets, &from, 1000));
    assert_true(vtb_buckets_take(&buckets, &from, 1000 + 1000000 / VTB_BUCKET_PER_S));
    assert_false(vtb_buckets_take(&buckets, &from, 1000 + 1000000 / VTB_BUCKET_PER_S));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_known_after_an_authentic_check_only),
        cmocka_unit_test(a_nominated_address_is_taken_and_the_old_ones_stay_for_a_while),
        cmocka_unit_test(media_from_another_known_address_move_the_peer_after_a_few),
        cmocka_unit_test(consent_ends_after_thirty_seconds),
        cmocka_unit_test(authentic_packets_of_the_chosen_pair_keep_consent),
        cmocka_unit_test(the_table_of_addresses_never_forgets_nor_invents),
        cmocka_unit_test(a_source_that_asks_too_much_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
