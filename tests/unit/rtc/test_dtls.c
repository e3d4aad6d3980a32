/* Two ends of ours in one thread; the wire between them loses what the test wants. */
#include "rtc/dtls.h"

#include "base/clock.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct wire {
    uint8_t data[64][1500];
    size_t len[64];
    size_t n;
    size_t biggest;
};

struct ends {
    struct vtb_dtls_identity *identity[2]; /* 0 server, 1 client */
    struct vtb_dtls *dtls[2];
    struct wire to[2];
    struct vtb_dtls_keys keys[2];
};

static void onto(void *ctx, const uint8_t *datagram, size_t len)
{
    struct wire *wire = ctx;

    assert_true(wire->n < 64 && len <= 1500);
    memcpy(wire->data[wire->n], datagram, len);
    wire->len[wire->n++] = len;
    if (len > wire->biggest)
        wire->biggest = len;
}

static void open_ends(struct ends *e, bool right_fingerprints)
{
    struct vtb_dtls_config cfg = { 0 };

    memset(e, 0, sizeof *e);
    for (int i = 0; i < 2; i++)
        assert_int_equal(vtb_dtls_identity_create(&e->identity[i]), VTB_OK);
    for (int i = 0; i < 2; i++) {
        cfg = (struct vtb_dtls_config){ .identity = e->identity[i], .client = i == 1, .send = onto,
                                        .send_ctx = &e->to[!i] };
        vtb_dtls_identity_fingerprint(e->identity[!i], cfg.fingerprint);
        if (!right_fingerprints && i == 0)
            cfg.fingerprint[31] ^= 1;
        assert_int_equal(vtb_dtls_create(&cfg, &e->dtls[i]), VTB_OK);
    }
}

static void close_ends(struct ends *e)
{
    for (int i = 0; i < 2; i++) {
        vtb_dtls_destroy(e->dtls[i]);
        vtb_dtls_identity_destroy(e->identity[i]);
    }
}

/* Hands over what lies on the wire to `end`; the first error is returned. */
static enum vtb_err deliver(struct ends *e, int end)
{
    enum vtb_err err = VTB_OK;
    struct wire wire = e->to[end];

    e->to[end].n = 0;
    for (size_t i = 0; i < wire.n && !err; i++)
        err = vtb_dtls_feed(e->dtls[end], wire.data[i], wire.len[i]);
    return err;
}

static enum vtb_err shake(struct ends *e)
{
    for (int round = 0; round < 20; round++)
        for (int end = 0; end < 2; end++) {
            enum vtb_err err = deliver(e, end);

            if (err)
                return err;
        }
    return VTB_OK;
}

static void take_keys(struct ends *e)
{
    for (int i = 0; i < 2; i++)
        assert_int_equal(vtb_dtls_keys(e->dtls[i], &e->keys[i]), VTB_OK);
}

static void both_ends_get_the_same_keys(void **state)
{
    struct ends *e = malloc(sizeof *e);
    struct vtb_dtls_keys none;
    (void)state;

    open_ends(e, true);
    assert_int_equal(vtb_dtls_keys(e->dtls[0], &none), VTB_AGAIN);
    assert_int_equal(shake(e), VTB_OK);
    assert_true(vtb_dtls_is_done(e->dtls[0]) && vtb_dtls_is_done(e->dtls[1]));
    take_keys(e);
    assert_int_equal(e->keys[0].send.profile, VTB_SRTP_GCM_128); /* GCM first */
    assert_memory_equal(&e->keys[0].send, &e->keys[1].receive, sizeof e->keys[0].send);
    assert_memory_equal(&e->keys[1].send, &e->keys[0].receive, sizeof e->keys[0].send);
    assert_memory_not_equal(e->keys[0].send.key, e->keys[0].receive.key, 16);
    assert_in_range(e->to[0].biggest, 300, 1200); /* whole flights, not 256-byte crumbs */
    assert_in_range(e->to[1].biggest, 300, 1200);
    close_ends(e);
    free(e);
}

static void a_wrong_certificate_is_denied(void **state)
{
    struct ends *e = malloc(sizeof *e);
    struct vtb_dtls_keys none;
    (void)state;

    open_ends(e, false);
    assert_int_equal(shake(e), VTB_DENIED);
    assert_int_equal(vtb_dtls_keys(e->dtls[0], &none), VTB_AGAIN);
    close_ends(e);
    free(e);
}

static void a_lost_last_flight_is_repeated(void **state)
{
    struct ends *e = malloc(sizeof *e);
    uint64_t end = vtb_mono_us() + 20000000;
    (void)state;

    open_ends(e, true);
    for (int round = 0; round < 20 && !vtb_dtls_is_done(e->dtls[0]); round++)
        for (int i = 0; i < 2 && !vtb_dtls_is_done(e->dtls[0]); i++)
            assert_int_equal(deliver(e, i), VTB_OK);
    assert_false(vtb_dtls_is_done(e->dtls[1]));
    e->to[1].n = 0; /* the server's Finished is lost; the client asks again by its timer */
    while (!vtb_dtls_is_done(e->dtls[1]) && vtb_mono_us() < end) {
        if (vtb_dtls_wait_ms(e->dtls[1]) == 0)
            assert_int_equal(vtb_dtls_tick(e->dtls[1]), VTB_OK);
        assert_int_equal(deliver(e, 0), VTB_OK);
        assert_int_equal(deliver(e, 1), VTB_OK);
        (void)poll(NULL, 0, 5);
    }
    assert_true(vtb_dtls_is_done(e->dtls[1]));
    take_keys(e);
    assert_memory_equal(&e->keys[0].send, &e->keys[1].receive, sizeof e->keys[0].send);
    close_ends(e);
    free(e);
}

static void junk_between_does_not_end_a_handshake(void **state)
{
    struct ends *e = malloc(sizeof *e);
    uint8_t junk[100];
    (void)state;

    open_ends(e, true);
    for (uint8_t i = 0; i < 50; i++) {
        memset(junk, 20 + i % 44, sizeof junk);
        assert_int_equal(vtb_dtls_feed(e->dtls[0], junk, (size_t)i * 2 + 1), VTB_OK);
    }
    assert_int_equal(shake(e), VTB_OK);
    assert_true(vtb_dtls_is_done(e->dtls[0]));
    close_ends(e);
    free(e);
}

static void a_farewell_is_understood_by_openssl_and_by_us_and_cannot_be_forged(void **state)
{
    struct ends *e = malloc(sizeof *e);
    uint8_t record[VTB_DTLS_FAREWELL], copy[VTB_DTLS_FAREWELL];
    (void)state;

    open_ends(e, true);
    assert_int_equal(shake(e), VTB_OK);
    take_keys(e);
    for (int from = 0; from < 2; from++) {
        assert_int_equal(vtb_dtls_write_farewell(&e->keys[from].farewell, record), sizeof record);
        assert_true(vtb_dtls_is_farewell(&e->keys[!from].farewell, record, sizeof record));
        assert_false(vtb_dtls_is_farewell(&e->keys[from].farewell, record, sizeof record));
        for (size_t bit = 0; bit < 8 * sizeof record; bit++) {
            memcpy(copy, record, sizeof copy);
            copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_false(vtb_dtls_is_farewell(&e->keys[!from].farewell, copy, sizeof copy));
        }
        assert_int_equal(vtb_dtls_feed(e->dtls[!from], record, sizeof record), VTB_CLOSED);
    }
    close_ends(e);
    free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends_get_the_same_keys),
        cmocka_unit_test(a_wrong_certificate_is_denied),
        cmocka_unit_test(a_lost_last_flight_is_repeated),
        cmocka_unit_test(junk_between_does_not_end_a_handshake),
        cmocka_unit_test(a_farewell_is_understood_by_openssl_and_by_us_and_cannot_be_forged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
