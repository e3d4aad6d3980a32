/* Offers as OBS, webrtcbin and a browser's WHEP page write them, and what may not be taken. */
#include "rtc/sdp_device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static size_t corpus(const char *leaf, char out[static VTB_SDP_OFFER_MAX + 1])
{
    char path[1024];
    size_t len;
    FILE *file;

    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/fuzz_rtc_device/%s", VTB_SOURCE_DIR, leaf);
    file = fopen(path, "rb");
    assert_non_null(file);
    len = fread(out, 1, VTB_SDP_OFFER_MAX, file);
    fclose(file);
    out[len] = '\0';
    return len;
}

static struct vtb_sdp_device read_corpus(const char *leaf)
{
    char text[VTB_SDP_OFFER_MAX + 1];
    struct vtb_sdp_device device;
    size_t len = corpus(leaf, text);

    assert_int_equal(vtb_sdp_read_device(text, len, &device), VTB_OK);
    return device;
}

/* The corpus text with one word replaced by another. */
static enum vtb_err changed(const char *leaf, const char *from, const char *to)
{
    char text[VTB_SDP_OFFER_MAX + 1], other[VTB_SDP_OFFER_MAX + 1];
    struct vtb_sdp_device device;
    size_t out = 0;
    bool was_found = false;

    (void)corpus(leaf, text);
    for (const char *at = text; *at;) {
        bool is_here = strncmp(at, from, strlen(from)) == 0;

        was_found = was_found || is_here;
        out += (size_t)snprintf(other + out, sizeof other - out, "%.*s", is_here ? (int)strlen(to) : 1, is_here ? to : at);
        at += is_here ? strlen(from) : 1;
    }
    assert_true(was_found);
    return vtb_sdp_read_device(other, out, &device);
}

static void answer_of(const struct vtb_sdp_device *device, bool sends, char out[static VTB_SDP_MAX + 1])
{
    struct vtb_sdp_local local = { .session = 9, .candidates_n = 1, .ufrag = "AAAAbbbbccccd",
                                   .pwd = "abcdefghijklmnopqrstuvwx", .ssrc = 4711, .sends = sends, .receives = !sends,
                                   .max_bitrate = 32000 };
    size_t len;

    assert_int_equal(vtb_addr_parse("192.0.2.9", 3478, &local.candidates[0]), VTB_OK);
    assert_int_equal(vtb_sdp_write_device(device, &local, out, &len), VTB_OK);
    assert_int_equal(len, strlen(out));
}

static void obs_speaks_with_video_beside(void **state)
{
    struct vtb_sdp_device device = read_corpus("offer_obs");
    char text[VTB_SDP_MAX + 1];
    (void)state;

    assert_int_equal(device.sections_n, 2);
    assert_int_equal(device.audio, 0);
    assert_int_equal(device.opus, 111);
    assert_string_equal(device.ufrag, "3tIb"); /* of the session */
    assert_true(device.is_bundled && device.sends && !device.receives);
    answer_of(&device, false, text);
    assert_non_null(strstr(text, "a=ice-lite\r\na=group:BUNDLE 0\r\n"));
    assert_non_null(strstr(text, "m=audio 3478 UDP/TLS/RTP/SAVPF 111\r\n"));
    assert_non_null(strstr(text, "a=setup:passive\r\n"));
    assert_non_null(strstr(text, "a=recvonly\r\n"));
    assert_non_null(strstr(text, "m=video 0 UDP/TLS/RTP/SAVPF 96\r\n"));
    assert_non_null(strstr(text, "a=mid:1\r\na=inactive\r\n"));
    assert_null(strstr(text, "a=ssrc:")); /* nothing is sent */
    assert_null(strstr(text, "nack"));    /* of the video alone */
}

/* webrtcbin with max-bundle: the audio is bundle-only, with port 0, and is no refusal (RFC 9143, 6). */
static void a_bundled_section_of_port_0_is_no_refusal(void **state)
{
    struct vtb_sdp_device device = read_corpus("offer_webrtcbin_av");
    char text[VTB_SDP_MAX + 1];
    (void)state;

    assert_int_equal(device.audio, 1);
    assert_int_equal(device.opus, 96);
    assert_string_equal(device.sections[1].mid, "audio1");
    answer_of(&device, false, text);
    assert_non_null(strstr(text, "a=group:BUNDLE audio1\r\n"));
    assert_true(strstr(text, "m=video 0 ") < strstr(text, "m=audio 3478 ")); /* the offer's order (RFC 3264, 6) */
    assert_int_equal(changed("offer_webrtcbin_av", "a=bundle-only\r\n", ""), VTB_ABSENT);
    device = read_corpus("offer_webrtcbin_speak");
    assert_int_equal(device.opus, 96);
}

/* What a bundled section leaves out stands with the first of its group. */
static void the_group_shares_one_transport(void **state)
{
    char text[VTB_SDP_OFFER_MAX + 1], *second;
    struct vtb_sdp_device device;
    size_t len = corpus("offer_webrtcbin_av", text);
    (void)state;

    second = strstr(text, "m=audio");
    for (char *at = second; (at = strstr(at, "a=ice-")) != NULL;)
        at[2] = 'x';
    assert_int_equal(vtb_sdp_read_device(text, len, &device), VTB_OK);
    assert_true(strlen(device.ufrag) >= 4 && strstr(text, device.ufrag) < second);
}

static void a_browser_listens_with_a_type_of_its_own(void **state)
{
    struct vtb_sdp_device device = read_corpus("offer_browser");
    char text[VTB_SDP_MAX + 1];
    (void)state;

    assert_int_equal(device.opus, 109);
    assert_int_equal(device.level_id, 14);
    assert_true(device.receives && !device.sends && device.nack && device.reduced);
    answer_of(&device, true, text);
    assert_non_null(strstr(text, "m=audio 3478 UDP/TLS/RTP/SAVPF 109\r\n"));
    assert_non_null(strstr(text, "a=rtpmap:109 opus/48000/2\r\n"));
    assert_non_null(strstr(text, "a=rtcp-fb:109 nack\r\n"));
    assert_non_null(strstr(text, "a=sendonly\r\n"));
    assert_non_null(strstr(text, "a=ssrc:4711 cname:consilium\r\n"));
    assert_non_null(strstr(text, "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"));
    assert_null(strstr(text, "red/48000")); /* the copies name our own type, so it gets none */
}

static void what_is_missing_is_told_apart(void **state)
{
    char text[VTB_SDP_OFFER_MAX + 1];
    struct vtb_sdp_device device;
    (void)state;

    assert_int_equal(changed("offer_obs", "opus/48000", "PCMU/8000"), VTB_ABSENT);
    assert_int_equal(changed("offer_obs", "m=audio 50123", "m=audio 0"), VTB_ABSENT);
    assert_int_equal(changed("offer_obs", "m=audio", "m=text"), VTB_ABSENT);
    assert_int_equal(changed("offer_obs", "a=rtcp-mux\r\n", ""), VTB_DENIED);
    assert_int_equal(changed("offer_obs", "sha-256", "sha-512"), VTB_DENIED);
    assert_int_equal(changed("offer_obs", "setup:actpass", "setup:passive"), VTB_DENIED);
    assert_int_equal(changed("offer_obs", "setup:actpass", "setup:active"), VTB_OK);
    assert_int_equal(changed("offer_obs", "a=ice-ufrag:3tIb\r\n", ""), VTB_DENIED);
    assert_int_equal(changed("offer_obs", "a=ice-ufrag:3tIb", "a=ice-ufrag:3\"Ib"), VTB_PARSE);
    assert_int_equal(changed("offer_obs", "a=mid:1", "a=mid:1 evil"), VTB_PARSE);
    assert_int_equal(changed("offer_obs", "m=video 50123 UDP/TLS/RTP/SAVPF 96", "m=video 50123"), VTB_PARSE);
    assert_int_equal(changed("offer_obs", "m=video", "m=vi\tdeo"), VTB_PARSE);
    assert_int_equal(vtb_sdp_read_device("", 0, &device), VTB_PARSE);
    assert_int_equal(vtb_sdp_read_device("hello", 5, &device), VTB_PARSE);
    memset(text, 'a', sizeof text);
    assert_int_equal(vtb_sdp_read_device(text, VTB_SDP_OFFER_MAX + 1, &device), VTB_LIMIT);
}

static void eight_sections_fit_and_nine_do_not(void **state)
{
    char text[VTB_SDP_OFFER_MAX + 1];
    struct vtb_sdp_device device;
    size_t len = corpus("offer_obs", text);
    (void)state;

    for (int i = 2; i < VTB_SDP_SECTIONS; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:%d\r\n", i);
    assert_int_equal(vtb_sdp_read_device(text, len, &device), VTB_OK);
    len += (size_t)snprintf(text + len, sizeof text - len, "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n");
    assert_int_equal(vtb_sdp_read_device(text, len, &device), VTB_LIMIT);
}

static void a_fragment_says_whose_session_it_is(void **state)
{
    char text[VTB_SDP_OFFER_MAX + 1], out[VTB_SDP_MAX + 1];
    struct vtb_sdp_local local = { .candidates_n = 1, .ufrag = "AAAAbbbbccccd", .pwd = "abcdefghijklmnopqrstuvwx" };
    struct vtb_sdp_fragment fragment;
    size_t len = corpus("fragment", text);
    (void)state;

    assert_int_equal(vtb_sdp_read_fragment(text, len, &fragment), VTB_OK);
    assert_string_equal(fragment.ufrag, "EsAw");
    assert_int_equal(fragment.candidates_n, 2);
    assert_true(fragment.is_complete);
    assert_int_equal(vtb_sdp_read_fragment("a=ice-ufrag:x\r\n", 15, &fragment), VTB_PARSE);
    assert_int_equal(vtb_sdp_read_fragment("{\"candidate\":1}", 15, &fragment), VTB_PARSE);
    assert_int_equal(vtb_sdp_read_fragment("", 0, &fragment), VTB_PARSE);

    assert_int_equal(vtb_addr_parse("192.0.2.9", 3478, &local.candidates[0]), VTB_OK);
    assert_int_equal(vtb_sdp_write_fragment(&local, out, &len), VTB_OK);
    assert_int_equal(vtb_sdp_read_fragment(out, len, &fragment), VTB_OK);
    assert_string_equal(fragment.ufrag, local.ufrag);
    assert_string_equal(fragment.pwd, local.pwd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(obs_speaks_with_video_beside),
        cmocka_unit_test(a_bundled_section_of_port_0_is_no_refusal),
        cmocka_unit_test(the_group_shares_one_transport),
        cmocka_unit_test(a_browser_listens_with_a_type_of_its_own),
        cmocka_unit_test(what_is_missing_is_told_apart),
        cmocka_unit_test(eight_sections_fit_and_nine_do_not),
        cmocka_unit_test(a_fragment_says_whose_session_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
