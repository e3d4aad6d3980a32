/* Vectors of RFC 3711 and RFC 7714; libsrtp2 as the oracle both ways. */
#include "rtc/srtp.h"

#include "base/cursor.h"
#include "base/id.h"
#include "rtc/rtp.h"

#include <setjmp.h>
#include <srtp2/srtp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    enum vtb_srtp_profile profile;
    srtp_profile_t oracle;
    size_t salt, tag;
} profiles[] = {
    { VTB_SRTP_GCM_128, srtp_profile_aead_aes_128_gcm, 12, 16 },
    { VTB_SRTP_CM_SHA1_80, srtp_profile_aes128_cm_sha1_80, 14, 10 },
};

static void the_rfc_s_keys_are_derived(void **state)
{
    static const uint8_t key[16] = { 0xe1, 0xf9, 0x7a, 0x0d, 0x3e, 0x01, 0x8b, 0xe0,
                                     0xd6, 0x4f, 0xa3, 0x2c, 0x06, 0xde, 0x41, 0x39 };
    static const uint8_t salt[14] = { 0x0e, 0xc6, 0x75, 0xad, 0x49, 0x8a, 0xfe,
                                      0xeb, 0xb6, 0x96, 0x0b, 0x3a, 0xab, 0xe6 };
    static const uint8_t cipher[16] = { 0xc6, 0x1e, 0x7a, 0x93, 0x74, 0x4f, 0x39, 0xee,
                                        0x10, 0x73, 0x4a, 0xfe, 0x3f, 0xf7, 0xa0, 0x87 };
    static const uint8_t session_salt[14] = { 0x30, 0xcb, 0xbc, 0x08, 0x86, 0x3d, 0x8c,
                                              0x85, 0xd4, 0x9d, 0xb3, 0x4a, 0x9a, 0xe1 };
    static const uint8_t auth[20] = { 0xce, 0xbe, 0x32, 0x1f, 0x6f, 0xf7, 0x71, 0x6b, 0x6f, 0xd4,
                                      0xab, 0x49, 0xaf, 0x25, 0x6a, 0x15, 0x6d, 0x38, 0xba, 0xa4 };
    struct vtb_srtp_master master = { .profile = VTB_SRTP_CM_SHA1_80 };
    struct vtb_srtp_keys keys;
    (void)state;

    memcpy(master.key, key, sizeof key); /* RFC 3711, B.3 */
    memcpy(master.salt, salt, sizeof salt);
    assert_int_equal(vtb_srtp_derive(&master, &keys), VTB_OK);
    assert_memory_equal(keys.rtp_key, cipher, sizeof cipher);
    assert_memory_equal(keys.rtp_salt, session_salt, sizeof session_salt);
    assert_memory_equal(keys.rtp_auth, auth, sizeof auth);
    master.profile = VTB_SRTP_NONE;
    assert_int_equal(vtb_srtp_derive(&master, &keys), VTB_PARSE);
}

/* RFC 7714, 16.1.1 and 17.1: the key is the session key itself. */
static void the_rfc_s_gcm_packet_comes_out(void **state)
{
    static const uint8_t plain[] = {
        0x80, 0x40, 0xf1, 0x7b, 0x80, 0x41, 0xf8, 0xd3, 0x55, 0x01, 0xa0, 0xb2, 0x47, 0x61,
        0x6c, 0x6c, 0x69, 0x61, 0x20, 0x65, 0x73, 0x74, 0x20, 0x6f, 0x6d, 0x6e, 0x69, 0x73,
        0x20, 0x64, 0x69, 0x76, 0x69, 0x73, 0x61, 0x20, 0x69, 0x6e, 0x20, 0x70, 0x61, 0x72,
        0x74, 0x65, 0x73, 0x20, 0x74, 0x72, 0x65, 0x73,
    };
    static const uint8_t sealed[] = {
        0x80, 0x40, 0xf1, 0x7b, 0x80, 0x41, 0xf8, 0xd3, 0x55, 0x01, 0xa0, 0xb2, 0xf2, 0x4d,
        0xe3, 0xa3, 0xfb, 0x34, 0xde, 0x6c, 0xac, 0xba, 0x86, 0x1c, 0x9d, 0x7e, 0x4b, 0xca,
        0xbe, 0x63, 0x3b, 0xd5, 0x0d, 0x29, 0x4e, 0x6f, 0x42, 0xa5, 0xf4, 0x7a, 0x51, 0xc7,
        0xd1, 0x9b, 0x36, 0xde, 0x3a, 0xdf, 0x88, 0x33, 0x89, 0x9d, 0x7f, 0x27, 0xbe, 0xb1,
        0x6a, 0x91, 0x52, 0xcf, 0x76, 0x5e, 0xe4, 0x39, 0x0c, 0xce,
    };
    static const uint8_t salt[12] = { 0x51, 0x75, 0x69, 0x64, 0x20, 0x70,
                                      0x72, 0x6f, 0x20, 0x71, 0x75, 0x6f };
    struct vtb_srtp_keys keys = { .profile = VTB_SRTP_GCM_128 };
    struct vtb_srtp *srtp;
    uint8_t packet[sizeof sealed];
    size_t len;
    (void)state;

    for (uint8_t i = 0; i < 16; i++)
        keys.rtp_key[i] = i;
    memcpy(keys.rtp_salt, salt, sizeof salt);
    assert_int_equal(vtb_srtp_create(&keys, &srtp), VTB_OK);
    memcpy(packet, plain, sizeof plain);
    assert_int_equal(vtb_srtp_protect(srtp, packet, sizeof plain, sizeof packet, &len), VTB_OK);
    assert_int_equal(len, sizeof sealed);
    assert_memory_equal(packet, sealed, sizeof sealed);
    vtb_srtp_destroy(srtp);

    assert_int_equal(vtb_srtp_create(&keys, &srtp), VTB_OK);
    assert_int_equal(vtb_srtp_unprotect(srtp, packet, sizeof packet, &len), VTB_OK);
    assert_int_equal(len, sizeof plain);
    assert_memory_equal(packet, plain, sizeof plain);
    vtb_srtp_destroy(srtp);
}

static struct vtb_srtp_master random_master(size_t profile)
{
    struct vtb_srtp_master master = { .profile = profiles[profile].profile };

    vtb_random(master.key, sizeof master.key);
    vtb_random(master.salt, profiles[profile].salt);
    return master;
}

static srtp_t oracle(size_t profile, const struct vtb_srtp_master *master, bool inbound)
{
    uint8_t key[30];
    srtp_policy_t policy = { .ssrc = { .type = inbound ? ssrc_any_inbound : ssrc_any_outbound },
                             .key = key, .window_size = 128 };
    srtp_t session;

    memcpy(key, master->key, 16);
    memcpy(key + 16, master->salt, profiles[profile].salt);
    assert_int_equal(srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp,
                     profiles[profile].oracle), srtp_err_status_ok);
    assert_int_equal(srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp,
                     profiles[profile].oracle), srtp_err_status_ok);
    assert_int_equal(srtp_create(&session, &policy), srtp_err_status_ok);
    return session;
}

static size_t make_packet(uint8_t *packet, uint16_t seq, uint32_t ssrc, size_t payload)
{
    struct vtb_rtp rtp = { .type = 111, .seq = seq, .timestamp = seq * 960u, .ssrc = ssrc };
    size_t at = VTB_RTP_HEADER;

    vtb_rtp_write(&rtp, packet);
    if (seq % 2)
        at = vtb_rtp_write_level(packet, 1, (uint8_t)(seq & 0x7f));
    for (size_t i = 0; i < payload; i++)
        packet[at + i] = (uint8_t)(seq + i);
    return at + payload;
}

/* Three wraps of the sequence number; 10 packets in 16 are lost on the way. */
static void ours_and_libsrtp_s_packets_are_the_same_over_three_wraps(void **state)
{
    (void)state;
    assert_int_equal(srtp_init(), srtp_err_status_ok);
    for (size_t p = 0; p < VTB_COUNT(profiles); p++) {
        struct vtb_srtp_master master = random_master(p);
        struct vtb_srtp *send, *receive;
        srtp_t their_send = oracle(p, &master, false), their_receive = oracle(p, &master, true);

        assert_int_equal(vtb_srtp_open(&master, &send), VTB_OK);
        assert_int_equal(vtb_srtp_open(&master, &receive), VTB_OK);
        for (uint32_t i = 0; i < 200000; i++) {
            uint8_t ours[400], theirs[400], plain[400];
            size_t plain_len = make_packet(plain, (uint16_t)(60000 + i), 77, i % 200), len;
            int n = (int)plain_len;

            memcpy(ours, plain, plain_len);
            memcpy(theirs, plain, plain_len);
            assert_int_equal(vtb_srtp_protect(send, ours, plain_len, sizeof ours, &len), VTB_OK);
            assert_int_equal(srtp_protect(their_send, theirs, &n), srtp_err_status_ok);
            assert_int_equal(len, n);
            assert_int_equal(len, plain_len + profiles[p].tag);
            assert_memory_equal(ours, theirs, len);
            if (i % 16 > 5)
                continue;
            assert_int_equal(vtb_srtp_unprotect(receive, theirs, len, &len), VTB_OK);
            assert_int_equal(srtp_unprotect(their_receive, ours, &n), srtp_err_status_ok);
            assert_int_equal(len, plain_len);
            assert_memory_equal(theirs, plain, plain_len);
        }
        vtb_srtp_destroy(send);
        vtb_srtp_destroy(receive);
        srtp_dealloc(their_send);
        srtp_dealloc(their_receive);
    }
}

static void reports_are_the_same_as_libsrtp_s(void **state)
{
    (void)state;
    for (size_t p = 0; p < VTB_COUNT(profiles); p++) {
        struct vtb_srtp_master master = random_master(p);
        struct vtb_srtp *send, *receive;
        srtp_t their_send = oracle(p, &master, false), their_receive = oracle(p, &master, true);

        assert_int_equal(vtb_srtp_open(&master, &send), VTB_OK);
        assert_int_equal(vtb_srtp_open(&master, &receive), VTB_OK);
        for (uint8_t i = 0; i < 200; i++) {
            uint8_t plain[28] = { 0x80, 200, 0, 6, 0, 0, 0, 9, i }, ours[80], theirs[80], twice[80];
            size_t len, sealed;
            int n = sizeof plain;

            memcpy(ours, plain, sizeof plain);
            memcpy(theirs, plain, sizeof plain);
            assert_int_equal(vtb_srtp_protect_rtcp(send, ours, sizeof plain, sizeof ours, &sealed),
                             VTB_OK);
            assert_int_equal(srtp_protect_rtcp(their_send, theirs, &n), srtp_err_status_ok);
            assert_int_equal(sealed, n);
            assert_memory_equal(ours, theirs, sealed);
            memcpy(twice, ours, sealed);
            ours[9] ^= 1;
            assert_int_equal(vtb_srtp_unprotect_rtcp(receive, ours, sealed, &len), VTB_DENIED);
            ours[9] ^= 1;
            assert_int_equal(vtb_srtp_unprotect_rtcp(receive, theirs, sealed, &len), VTB_OK);
            assert_int_equal(len, sizeof plain);
            assert_memory_equal(theirs, plain, sizeof plain);
            assert_int_equal(vtb_srtp_unprotect_rtcp(receive, twice, sealed, &len), VTB_STALE);
            assert_int_equal(srtp_unprotect_rtcp(their_receive, ours, &n), srtp_err_status_ok);
        }
        vtb_srtp_destroy(send);
        vtb_srtp_destroy(receive);
        srtp_dealloc(their_send);
        srtp_dealloc(their_receive);
    }
}

static void a_replayed_or_changed_packet_is_refused(void **state)
{
    (void)state;
    for (size_t p = 0; p < VTB_COUNT(profiles); p++) {
        struct vtb_srtp_master master = random_master(p);
        struct vtb_srtp *send, *receive;
        uint8_t kept[300][100], copy[100];
        size_t sealed = 0, len;

        assert_int_equal(vtb_srtp_open(&master, &send), VTB_OK);
        assert_int_equal(vtb_srtp_open(&master, &receive), VTB_OK);
        for (uint16_t i = 0; i < 300; i++) {
            len = make_packet(kept[i], (uint16_t)(20000 + 2 * i), 5, 40);
            assert_int_equal(vtb_srtp_protect(send, kept[i], len, 100, &sealed), VTB_OK);
        }
        for (size_t bit = 0; bit < 8 * sealed; bit++) { /* it must come out whole after all this */
            memcpy(copy, kept[0], sealed);
            copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_not_equal(vtb_srtp_unprotect(receive, copy, sealed, &len), VTB_OK);
        }
        for (uint16_t i = 0; i < 300; i++) { /* every second one first, the others late */
            size_t at = i % 2 ? i - 1u : i + 1u;

            memcpy(copy, kept[at], sealed);
            assert_int_equal(vtb_srtp_unprotect(receive, copy, sealed, &len), VTB_OK);
            memcpy(copy, kept[at], sealed);
            assert_int_equal(vtb_srtp_unprotect(receive, copy, sealed, &len), VTB_STALE);
        }
        memcpy(copy, kept[100], sealed); /* far behind the window */
        assert_int_equal(vtb_srtp_unprotect(receive, copy, sealed, &len), VTB_STALE);
        vtb_srtp_destroy(send);
        vtb_srtp_destroy(receive);
    }
}

static void a_late_packet_inside_the_window_is_taken_once_and_outside_refused(void **state)
{
    struct vtb_srtp_master master = random_master(0);
    struct vtb_srtp *send, *receive;
    uint8_t kept[200][100], copy[100];
    size_t sealed[200], len;
    (void)state;

    assert_int_equal(vtb_srtp_open(&master, &send), VTB_OK);
    assert_int_equal(vtb_srtp_open(&master, &receive), VTB_OK);
    for (uint16_t i = 0; i < 200; i++) {
        len = make_packet(kept[i], (uint16_t)(65500 + i), 5, 40); /* across a wrap */
        assert_int_equal(vtb_srtp_protect(send, kept[i], len, 100, &sealed[i]), VTB_OK);
    }
    memcpy(copy, kept[0], sealed[0]);
    assert_int_equal(vtb_srtp_unprotect(receive, copy, sealed[0], &len), VTB_OK);
    memcpy(copy, kept[199], sealed[199]);
    assert_int_equal(vtb_srtp_unprotect(receive, copy, sealed[199], &len), VTB_OK);
    for (size_t i = 1; i < 199; i++) {
        memcpy(copy, kept[i], sealed[i]);
        assert_int_equal(vtb_srtp_unprotect(receive, copy, sealed[i], &len),
                         199 - i < 128 ? VTB_OK : VTB_STALE);
    }
    vtb_srtp_destroy(send);
    vtb_srtp_destroy(receive);
}

/* libsrtp issue 567: what was sent before the wrap is lost; the receiver has seen nothing yet. */
static void a_stream_whose_first_packets_were_lost_at_the_wrap_still_opens(void **state)
{
    (void)state;
    for (size_t p = 0; p < VTB_COUNT(profiles); p++) {
        struct vtb_srtp_master master = random_master(p);
        struct vtb_srtp *send, *receive;

        assert_int_equal(vtb_srtp_open(&master, &send), VTB_OK);
        assert_int_equal(vtb_srtp_open(&master, &receive), VTB_OK);
        for (uint32_t i = 0; i < 70000; i++) {
            uint8_t packet[100];
            size_t len = make_packet(packet, (uint16_t)(65533 + i), 5, 40);

            assert_int_equal(vtb_srtp_protect(send, packet, len, sizeof packet, &len), VTB_OK);
            if (i > 5)
                assert_int_equal(vtb_srtp_unprotect(receive, packet, len, &len), VTB_OK);
        }
        vtb_srtp_destroy(send);
        vtb_srtp_destroy(receive);
    }
}

static void the_same_index_is_never_sealed_twice(void **state)
{
    struct vtb_srtp_master master = random_master(0);
    struct vtb_srtp *send;
    uint8_t packet[100];
    size_t len;
    (void)state;

    assert_int_equal(vtb_srtp_open(&master, &send), VTB_OK);
    len = make_packet(packet, 4, 5, 40);
    assert_int_equal(vtb_srtp_protect(send, packet, len, sizeof packet, &len), VTB_OK);
    len = make_packet(packet, 4, 5, 41);
    assert_int_equal(vtb_srtp_protect(send, packet, len, sizeof packet, &len), VTB_STALE);
    len = make_packet(packet, 5, 5, 40);
    assert_int_equal(vtb_srtp_protect(send, packet, len, len + 15, &len), VTB_LIMIT);
    vtb_srtp_destroy(send);
}

/* What is asked for again is the same, byte for byte, and only what was sealed lately, over a wrap, too. */
static void what_was_sealed_can_be_sealed_again_and_nothing_else(void **state)
{
    (void)state;
    for (size_t p = 0; p < VTB_COUNT(profiles); p++) {
        struct vtb_srtp_master master = random_master(p);
        struct vtb_srtp *send;
        static uint8_t first[200][100], again[100];
        size_t len, out;

        assert_int_equal(vtb_srtp_open(&master, &send), VTB_OK);
        for (uint16_t i = 0; i < 200; i++) {
            len = make_packet(first[i], (uint16_t)(65500 + i), 5, 40);
            assert_int_equal(vtb_srtp_protect(send, first[i], len, sizeof first[i], &out), VTB_OK);
        }
        for (uint16_t i = 0; i < 200; i++) {
            enum vtb_err err;

            len = make_packet(again, (uint16_t)(65500 + i), 5, 40);
            err = vtb_srtp_protect_again(send, again, len, sizeof again, &out);
            assert_int_equal(err, i < 72 ? VTB_STALE : VTB_OK);
            if (!err)
                assert_memory_equal(again, first[i], out);
        }
        len = make_packet(again, (uint16_t)(65500 + 200), 5, 40); /* never sent */
        assert_int_equal(vtb_srtp_protect_again(send, again, len, sizeof again, &out), VTB_STALE);
        assert_int_equal(vtb_srtp_protect(send, again, len, sizeof again, &out), VTB_OK);
        vtb_srtp_destroy(send);
    }
}

static void a_fifth_stream_is_refused_and_short_packets_too(void **state)
{
    struct vtb_srtp_master master = random_master(0);
    struct vtb_srtp *srtp;
    uint8_t packet[100];
    size_t len;
    (void)state;

    assert_int_equal(vtb_srtp_open(&master, &srtp), VTB_OK);
    for (uint32_t ssrc = 1; ssrc <= 5; ssrc++) {
        len = make_packet(packet, 1, ssrc, 40);
        assert_int_equal(vtb_srtp_protect(srtp, packet, len, sizeof packet, &len),
                         ssrc < 5 ? VTB_OK : VTB_LIMIT);
    }
    for (size_t n = 0; n < 28; n++) {
        assert_int_equal(vtb_srtp_unprotect(srtp, packet, n, &len), VTB_PARSE);
        assert_int_equal(vtb_srtp_unprotect_rtcp(srtp, packet, n, &len), VTB_PARSE);
    }
    vtb_srtp_destroy(srtp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rfc_s_keys_are_derived),
        cmocka_unit_test(the_rfc_s_gcm_packet_comes_out),
        cmocka_unit_test(ours_and_libsrtp_s_packets_are_the_same_over_three_wraps),
        cmocka_unit_test(reports_are_the_same_as_libsrtp_s),
        cmocka_unit_test(a_replayed_or_changed_packet_is_refused),
        cmocka_unit_test(a_late_packet_inside_the_window_is_taken_once_and_outside_refused),
        cmocka_unit_test(a_stream_whose_first_packets_were_lost_at_the_wrap_still_opens),
        cmocka_unit_test(the_same_index_is_never_sealed_twice),
        cmocka_unit_test(what_was_sealed_can_be_sealed_again_and_nothing_else),
        cmocka_unit_test(a_fifth_stream_is_refused_and_short_packets_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
