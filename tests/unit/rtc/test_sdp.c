#include "rtc/sdp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char chromium[] = /* Chromium 156's answer to our offer, shortened */
    "v=0\r\no=- 8230 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
    "a=extmap-allow-mixed\r\na=msid-semantic: WMS\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
    "c=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n"
    "a=candidate:3 1 udp 2113937151 4b3b.local 50123 typ host generation 0 network-cost 999\r\n"
    "a=ice-ufrag:Qm+/\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=ice-options:trickle\r\n"
    "a=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:"
    "17:18:19:1A:1B:1C:1D:1E:1f\r\na=setup:active\r\na=mid:0\r\n"
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=sendrecv\r\na=msid:- 5f\r\n"
    "a=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:111 opus/48000/2\r\n"
    "a=fmtp:111 minptime=10;useinbandfec=1\r\na=ssrc:123456 cname:x\r\n";

static void a_browser_s_answer_is_read(void **state)
{
    struct vtb_sdp_remote remote;
    (void)state;

    assert_int_equal(vtb_sdp_read_answer(chromium, sizeof chromium - 1, &remote), VTB_OK);
    assert_string_equal(remote.ufrag, "Qm+/");
    assert_string_equal(remote.pwd, "abcdefghijklmnopqrstuvwx");
    for (uint8_t i = 0; i < 32; i++)
        assert_int_equal(remote.fingerprint[i], i);
    assert_true(remote.sends && remote.receives);
    assert_int_equal(remote.level_id, 1);
    assert_int_equal(remote.ssrc, 123456);
    assert_int_equal(remote.candidates_n, 0); /* names are never resolved */
}

/* As recorded from Chromium 156, Firefox 153 and webrtcbin 1.22 for an offer of ours. */
static void the_recorded_answers_of_three_clients_are_read(void **state)
{
    static const struct {
        const char *leaf;
        uint8_t level_id;
    } answers[] = { { "answer_chromium", 1 }, { "answer_firefox", 1 }, { "answer_webrtcbin", 0 } };
    (void)state;

    for (size_t i = 0; i < VTB_COUNT(answers); i++) {
        struct vtb_sdp_remote remote;
        char path[1024], text[VTB_SDP_MAX];
        size_t len;
        FILE *file;

        snprintf(path, sizeof path, "%s/tests/fuzz/corpus/fuzz_rtc_sdp/%s", VTB_SOURCE_DIR,
                 answers[i].leaf);
        file = fopen(path, "rb");
        assert_non_null(file);
        len = fread(text, 1, sizeof text, file);
        fclose(file);
        assert_int_equal(vtb_sdp_read_answer(text, len, &remote), VTB_OK);
        assert_true(remote.sends && remote.receives);
        assert_int_equal(remote.level_id, answers[i].level_id);
    }
}

/* The answer with `from` replaced by `to`. */
static enum vtb_err with(const char *from, const char *to, struct vtb_sdp_remote *out)
{
    char text[VTB_SDP_MAX];
    const char *at = strstr(chromium, from);
    int n;

    assert_non_null(at);
    n = snprintf(text, sizeof text, "%.*s%s%s", (int)(at - chromium), chromium, to,
                 at + strlen(from));
    return vtb_sdp_read_answer(text, (size_t)n, out);
}

static void what_an_answer_may_not_be(void **state)
{
    struct vtb_sdp_remote remote;
    (void)state;

    assert_int_equal(with("m=audio 9", "m=audio 0", &remote), VTB_DENIED);
    assert_int_equal(with("a=setup:active", "a=setup:passive", &remote), VTB_DENIED);
    assert_int_equal(with("a=setup:active", "a=setup:actpass", &remote), VTB_DENIED);
    assert_int_equal(with("a=setup:active", "a=setup:maybe", &remote), VTB_PARSE);
    assert_int_equal(with("SAVPF 111", "SAVPF 0 8", &remote), VTB_DENIED);
    assert_int_equal(with("UDP/TLS/RTP/SAVPF", "RTP/AVP", &remote), VTB_DENIED);
    assert_int_equal(with("a=rtcp-mux\r\n", "", &remote), VTB_DENIED);
    assert_int_equal(with("sha-256 00", "sha-1 00", &remote), VTB_DENIED);
    assert_int_equal(with("sha-256 00:", "sha-256 0:", &remote), VTB_PARSE);
    assert_int_equal(with("sha-256 00", "sha-256 0g", &remote), VTB_PARSE);
    assert_int_equal(with("opus/48000/2", "PCMU/8000", &remote), VTB_PARSE);
    assert_int_equal(with("Qm+/", "Qm+", &remote), VTB_PARSE);
    assert_int_equal(with("Qm+/", "Qm+!", &remote), VTB_PARSE);
    assert_int_equal(with("a=ice-ufrag:Qm+/\r\n", "", &remote), VTB_PARSE);
    assert_int_equal(with("abcdefghijklmnopqrstuvwx", "short", &remote), VTB_PARSE);
    assert_int_equal(with("t=0 0", "t", &remote), VTB_PARSE);
    assert_int_equal(with("m=audio 9", "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nm=audio 9", &remote),
                     VTB_PARSE);
    assert_int_equal(vtb_sdp_read_answer("", 0, &remote), VTB_PARSE);
    assert_int_equal(vtb_sdp_read_answer("v=0\0", 4, &remote), VTB_PARSE);
}

static void what_an_answer_may_leave_out(void **state)
{
    struct vtb_sdp_remote remote;
    (void)state;

    assert_int_equal(with("a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n", "",
                          &remote), VTB_OK); /* webrtcbin */
    assert_int_equal(remote.level_id, 0);
    assert_int_equal(with("a=sendrecv", "a=recvonly", &remote), VTB_OK);
    assert_true(!remote.sends && remote.receives);
    assert_int_equal(with("a=sendrecv", "a=inactive", &remote), VTB_OK);
    assert_true(!remote.sends && !remote.receives);
    assert_int_equal(with("extmap:1 ", "extmap:14/sendrecv ", &remote), VTB_OK);
    assert_int_equal(remote.level_id, 14);
    assert_int_equal(with("extmap:1 ", "extmap:999 ", &remote), VTB_OK);
    assert_int_equal(remote.level_id, 0);
}

static void the_limit_is_8192_bytes_and_not_one_more(void **state)
{
    static char text[VTB_SDP_MAX + 2];
    struct vtb_sdp_remote remote;
    size_t len = sizeof chromium - 1;
    (void)state;

    memcpy(text, chromium, len);
    while (len < VTB_SDP_MAX) {
        size_t n = VTB_SDP_MAX - len > 1000 ? 900 : VTB_SDP_MAX - len;

        memset(text + len, 'x', n);
        memcpy(text + len, "a=", 2);
        text[len + n - 1] = '\n';
        len += n;
    }
    assert_int_equal(vtb_sdp_read_answer(text, VTB_SDP_MAX, &remote), VTB_OK);
    text[VTB_SDP_MAX] = '\n';
    assert_int_equal(vtb_sdp_read_answer(text, VTB_SDP_MAX + 1, &remote), VTB_LIMIT);
    memset(text, 'a', 4000);
    text[1] = '=';
    assert_int_equal(vtb_sdp_read_answer(text, 4000, &remote), VTB_LIMIT);
}

static struct vtb_sdp_local local(void)
{
    struct vtb_sdp_local it = { .session = 42, .ufrag = "AAABCDEFGHIJ",
                                .pwd = "abcdefghijklmnopqrstuvwx", .ssrc = 4000000000u,
                                .sends = true, .receives = true, .candidates_n = 3 };

    memset(it.fingerprint, 0xab, sizeof it.fingerprint);
    assert_int_equal(vtb_addr_parse("127.0.0.1", 5004, &it.candidates[0]), VTB_OK);
    assert_int_equal(vtb_addr_parse("192.0.2.2", 5004, &it.candidates[1]), VTB_OK);
    assert_int_equal(vtb_addr_parse("2001:db8::1", 5004, &it.candidates[2]), VTB_OK);
    return it;
}

static void an_offer_of_ours_is_read_as_it_was_meant(void **state)
{
    struct vtb_sdp_local mine = local();
    struct vtb_sdp_remote seen;
    char text[VTB_SDP_MAX + 1];
    size_t len;
    (void)state;

    assert_int_equal(vtb_sdp_write_offer(&mine, text, &len), VTB_OK);
    assert_int_equal(strlen(text), len);
    assert_int_equal(vtb_sdp_read_offer(text, len, &seen), VTB_OK);
    assert_string_equal(seen.ufrag, mine.ufrag);
    assert_string_equal(seen.pwd, mine.pwd);
    assert_memory_equal(seen.fingerprint, mine.fingerprint, 32);
    assert_int_equal(seen.ssrc, mine.ssrc);
    assert_int_equal(seen.candidates_n, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(vtb_addr_is(&seen.candidates[i], &mine.candidates[i]));
    assert_int_equal(vtb_sdp_read_answer(text, len, &seen), VTB_DENIED); /* actpass is no answer */
}

/* Decision 18: the offer promises what is built, and nothing else. */
static void the_offer_asks_for_copies_and_answers_to_nacks(void **state)
{
    struct vtb_sdp_local mine = local();
    struct vtb_sdp_remote seen;
    char text[VTB_SDP_MAX + 1];
    size_t len;
    (void)state;

    assert_int_equal(vtb_sdp_write_offer(&mine, text, &len), VTB_OK);
    /* 63 first, and with its fmtp line: else Chromium sends no copies */
    assert_non_null(strstr(text, "m=audio 5004 UDP/TLS/RTP/SAVPF 63 111\r\n"));
    assert_non_null(strstr(text, "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n"));
    assert_non_null(strstr(text, "a=rtcp-fb:111 nack\r\n"));
    assert_non_null(strstr(text, "a=rtcp-rsize\r\n"));
    assert_non_null(strstr(text, "a=ice-lite\r\n"));
    assert_non_null(strstr(text, "a=setup:actpass\r\n"));
    assert_non_null(strstr(text, "a=msid:mix mix0\r\n"));
    assert_null(strstr(text, "usedtx"));
    assert_null(strstr(text, "ptime:"));
    assert_null(strstr(text, "transport-cc"));
    assert_int_equal(vtb_sdp_read_offer(text, len, &seen), VTB_OK);
    assert_true(seen.red && seen.red_first && seen.nack && seen.reduced);
    mine.candidates_n = 0;
    assert_int_equal(vtb_sdp_write_offer(&mine, text, &len), VTB_LIMIT);
    mine.candidates_n = VTB_SDP_CANDIDATES + 1;
    assert_int_equal(vtb_sdp_write_offer(&mine, text, &len), VTB_LIMIT);
}

/* A line of 64 kbit/s in all: 60 ms of 16 kbit/s, no copies, nothing in pauses. */
static void the_thin_offer_asks_for_little(void **state)
{
    struct vtb_sdp_local mine = local();
    struct vtb_sdp_remote seen;
    char text[VTB_SDP_MAX + 1];
    size_t len;
    (void)state;

    mine.uplink = VTB_SDP_UPLINK_THIN;
    mine.max_bitrate = 32000;
    assert_int_equal(vtb_sdp_write_offer(&mine, text, &len), VTB_OK);
    assert_non_null(strstr(text, "m=audio 5004 UDP/TLS/RTP/SAVPF 111 63\r\n"));
    assert_non_null(strstr(text, ";maxaveragebitrate=16000;usedtx=1\r\n"));
    assert_non_null(strstr(text, "a=ptime:60\r\na=maxptime:60\r\n"));
    assert_int_equal(vtb_sdp_read_offer(text, len, &seen), VTB_OK);
    assert_true(seen.red && !seen.red_first);
}

/* "63 111" from Chromium, "111" from Firefox and webrtcbin, and what nobody should send. */
static void an_answer_says_whether_copies_are_read(void **state)
{
    static const struct {
        const char *types, *map;
        bool red, first;
    } answers[] = {
        { "63 111", "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n", true, true },
        { "111 63", "a=rtpmap:63 red/48000/2\r\n", true, false },
        { "111 63", "a=rtpmap:63 RED/48000/2\r\n", true, false },
        { "111", "", false, false },
        { "111", "a=rtpmap:63 red/48000/2\r\n", false, false },
        { "63 111", "", false, false },
        { "63 111", "a=rtpmap:63 G722/8000\r\n", false, false },
    };
    (void)state;

    for (size_t i = 0; i < VTB_COUNT(answers); i++) {
        struct vtb_sdp_remote remote;
        char text[VTB_SDP_MAX];
        const char *at = strstr(chromium, "SAVPF 111\r\n") + 6;
        int n = snprintf(text, sizeof text, "%.*s%s%s%s", (int)(at - chromium), chromium,
                         answers[i].types, at + 3, answers[i].map);

        assert_int_equal(vtb_sdp_read_answer(text, (size_t)n, &remote), VTB_OK);
        assert_int_equal(remote.red, answers[i].red);
        assert_int_equal(remote.red_first, answers[i].first);
        assert_true(remote.reduced && !remote.nack);
    }
}

static void an_answer_of_ours_is_read_as_it_was_meant(void **state)
{
    struct vtb_sdp_local mine = local();
    struct vtb_sdp_remote seen;
    char text[VTB_SDP_MAX + 1];
    size_t len;
    (void)state;

    mine.candidates_n = 0;
    mine.sends = false;
    assert_int_equal(vtb_sdp_write_answer(&mine, text, &len), VTB_OK);
    assert_int_equal(vtb_sdp_read_answer(text, len, &seen), VTB_OK);
    assert_true(!seen.sends && seen.receives);
    assert_int_equal(seen.level_id, VTB_SDP_LEVEL_ID);
    assert_false(seen.red || seen.nack); /* a client that can neither read copies nor send again */
    mine.red = mine.nack = true;
    assert_int_equal(vtb_sdp_write_answer(&mine, text, &len), VTB_OK);
    assert_int_equal(vtb_sdp_read_answer(text, len, &seen), VTB_OK);
    assert_true(seen.red && seen.nack && !seen.red_first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_browser_s_answer_is_read),
        cmocka_unit_test(the_recorded_answers_of_three_clients_are_read),
        cmocka_unit_test(what_an_answer_may_not_be),
        cmocka_unit_test(what_an_answer_may_leave_out),
        cmocka_unit_test(the_limit_is_8192_bytes_and_not_one_more),
        cmocka_unit_test(an_offer_of_ours_is_read_as_it_was_meant),
        cmocka_unit_test(the_offer_asks_for_copies_and_answers_to_nacks),
        cmocka_unit_test(the_thin_offer_asks_for_little),
        cmocka_unit_test(an_answer_says_whether_copies_are_read),
        cmocka_unit_test(an_answer_of_ours_is_read_as_it_was_meant),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
