#include "browser.h"

#include "base/id.h"
#include "rtc/red.h"
#include "rtc/rtcp.h"
#include "rtc/sdp_device.h"
#include "rtc/udp.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void send_dtls(void *ctx, const uint8_t *datagram, size_t len)
{
    browser_raw(ctx, datagram, len);
}

void browser_raw(struct browser *b, const void *data, size_t len)
{
    assert_true(vtb_udp_send_one(b->fd, &b->to, data, len));
}

void browser_new_socket(struct browser *b)
{
    struct vtb_addr local;
    struct sockaddr_storage name;

    if (b->fd >= 0)
        close(b->fd);
    assert_int_equal(vtb_addr_parse("127.0.0.1", 0, &local), VTB_OK);
    b->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_true(b->fd >= 0);
    assert_int_equal(bind(b->fd, (struct sockaddr *)&name, vtb_addr_to_socket(&local, &name)), 0);
}

void browser_open(struct browser *b, double hz)
{
    int err;

    *b = (struct browser){ .fd = -1, .hz = hz };
    browser_new_socket(b);
    memcpy(b->ufrag, "browserA", 9);
    memcpy(b->pwd, "abcdefghijklmnopqrstuvwx", 25);
    vtb_random(&b->ssrc, sizeof b->ssrc);
    assert_int_equal(vtb_dtls_identity_create(&b->identity), VTB_OK);
    b->encoder = opus_encoder_create(48000, 1, OPUS_APPLICATION_AUDIO, &err);
    assert_int_equal(err, OPUS_OK);
    b->decoder = opus_decoder_create(48000, 1, &err);
    assert_int_equal(err, OPUS_OK);
}

void browser_close(struct browser *b)
{
    vtb_dtls_destroy(b->dtls);
    vtb_dtls_identity_destroy(b->identity);
    vtb_srtp_destroy(b->send);
    vtb_srtp_destroy(b->receive);
    opus_encoder_destroy(b->encoder);
    opus_decoder_destroy(b->decoder);
    close(b->fd);
}

void browser_read_offer(struct browser *b, const char *sdp)
{
    assert_int_equal(vtb_sdp_read_offer(sdp, strlen(sdp), &b->server), VTB_OK);
    assert_true(b->server.candidates_n >= 1);
    b->to = b->server.candidates[0];
    snprintf(b->username, sizeof b->username, "%.64s:%s", b->server.ufrag, b->ufrag);
}

void browser_write_answer(struct browser *b, char out[static VTB_SDP_MAX + 1], size_t *out_len)
{
    struct vtb_sdp_local local = { .session = 7, .ufrag = b->ufrag, .pwd = b->pwd, .ssrc = b->ssrc,
                                   .sends = true, .receives = true, .red = b->takes_red };

    vtb_dtls_identity_fingerprint(b->identity, local.fingerprint);
    assert_int_equal(vtb_sdp_write_answer(&local, out, out_len), VTB_OK);
}

#define DEVICE_OPUS 97

void browser_write_device_offer(struct browser *b, bool speaks, char out[static VTB_SDP_MAX + 1], size_t *out_len)
{
    uint8_t digest[32];
    char hex[32 * 3 + 1];

    b->opus = DEVICE_OPUS;
    vtb_dtls_identity_fingerprint(b->identity, digest);
    for (size_t i = 0; i < 32; i++)
        snprintf(hex + 3 * i, 4, "%02X%s", digest[i], i < 31 ? ":" : "");
    *out_len = (size_t)snprintf(out, VTB_SDP_MAX + 1,
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE v a\r\n"
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\na=sendonly\r\n"
        "m=audio 9 UDP/TLS/RTP/SAVPF %d\r\na=mid:a\r\na=rtcp-mux\r\na=setup:actpass\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\n"
        "a=fingerprint:sha-256 %s\r\na=rtpmap:%d opus/48000/2\r\na=%s\r\n"
        "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n",
        DEVICE_OPUS, b->ufrag, b->pwd, hex, DEVICE_OPUS, speaks ? "sendonly" : "recvonly");
}

/* The reader knows our own offers; the answer differs in what a device chose. */
void browser_read_device_answer(struct browser *b, const char *sdp)
{
    const char *audio = strstr(sdp, "m=audio");
    char text[VTB_SDP_MAX + 1];

    assert_non_null(strstr(sdp, "m=video 0 UDP/TLS/RTP/SAVPF 96\r\n"));
    assert_non_null(audio);
    snprintf(text, sizeof text, "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n%s", strstr(audio, "\r\n") + 2);
    browser_read_offer(b, text);
}

void browser_read_fragment(struct browser *b, const char *sdp)
{
    struct vtb_sdp_fragment fragment;

    assert_int_equal(vtb_sdp_read_fragment(sdp, strlen(sdp), &fragment), VTB_OK);
    memcpy(b->server.ufrag, fragment.ufrag, sizeof b->server.ufrag);
    memcpy(b->server.pwd, fragment.pwd, sizeof b->server.pwd);
    snprintf(b->username, sizeof b->username, "%.64s:%s", b->server.ufrag, b->ufrag);
}

void browser_check(struct browser *b, bool use_candidate)
{
    struct vtb_stun_check check = { .username = vtb_str_of(b->username),
                                    .password = vtb_str_of(b->server.pwd), .priority = 1,
                                    .tie_breaker = 1, .use_candidate = use_candidate };
    uint8_t out[VTB_STUN_MAX];
    size_t len;

    vtb_random(check.id, sizeof check.id);
    len = vtb_stun_write_check(&check, out);
    assert_true(len > 0);
    browser_raw(b, out, len);
}

void browser_hello(struct browser *b)
{
    struct vtb_dtls_config cfg = { .identity = b->identity, .client = true, .send = send_dtls,
                                   .send_ctx = b };

    memcpy(cfg.fingerprint, b->server.fingerprint, sizeof cfg.fingerprint);
    vtb_dtls_destroy(b->dtls); /* a second one begins anew */
    assert_int_equal(vtb_dtls_create(&cfg, &b->dtls), VTB_OK);
}

static void got_dtls(struct browser *b, const uint8_t *data, size_t len)
{
    if (!b->dtls || vtb_dtls_feed(b->dtls, data, len)) {
        b->closed = true;
        return;
    }
    if (b->connected || !vtb_dtls_is_done(b->dtls))
        return;
    assert_int_equal(vtb_dtls_keys(b->dtls, &b->keys), VTB_OK);
    assert_int_equal(vtb_srtp_open(&b->keys.send, &b->send), VTB_OK);
    assert_int_equal(vtb_srtp_open(&b->keys.receive, &b->receive), VTB_OK);
    b->connected = true;
}

/* True: it came before, and nothing about it has changed. */
static bool came_before(struct browser *b, const uint8_t *data, size_t len)
{
    uint16_t seq = (uint16_t)(data[2] << 8 | data[3]);

    if (b->came[seq % 64].seq == seq && b->came[seq % 64].len) {
        assert_int_equal(b->came[seq % 64].len, len);
        assert_memory_equal(b->came[seq % 64].bytes, data, len);
        b->twice++;
        return true;
    }
    b->came[seq % 64].seq = seq;
    b->came[seq % 64].len = (uint16_t)len;
    memcpy(b->came[seq % 64].bytes, data, len);
    return false;
}

/* A copy must be a packet that came, four of 20 ms before. */
static void unpack(struct browser *b, struct vtb_rtp *rtp)
{
    struct vtb_red red;

    assert_true(b->takes_red);
    assert_int_equal(vtb_red_parse(rtp->payload, rtp->payload_len, VTB_RTP_OPUS, &red), VTB_OK);
    assert_int_equal(red.n, 2);
    assert_int_equal(red.blocks[0].offset, 4 * 960);
    rtp->payload = red.blocks[1].payload;
    rtp->payload_len = red.blocks[1].len;
    b->red++;
}

static void hear(struct browser *b, const int16_t *frame, size_t n)
{
    if (b->heard_n + n > 48000) {
        memmove(b->heard, b->heard + n, (48000 - n) * sizeof b->heard[0]);
        b->heard_n = 48000 - n;
    }
    memcpy(b->heard + b->heard_n, frame, n * sizeof frame[0]);
    b->heard_n += n;
}

static void got_rtp(struct browser *b, uint8_t *data, size_t len)
{
    struct vtb_rtp rtp;
    int16_t frame[5760];
    int n;

    if (!b->receive || came_before(b, data, len) ||
        vtb_srtp_unprotect(b->receive, data, len, &len)) {
        b->refused++;
        return;
    }
    assert_int_equal(vtb_rtp_parse(data, len, &rtp), VTB_OK);
    if (rtp.type == VTB_RTP_RED)
        unpack(b, &rtp);
    else
        assert_int_equal(rtp.type, b->opus ? b->opus : VTB_RTP_OPUS);
    assert_int_equal(rtp.ssrc, b->server.ssrc);
    for (unsigned i = 0; i < (data[0] & 0x0fu); i++) {
        const uint8_t *at = data + VTB_RTP_HEADER + 4 * i;
        uint32_t csrc = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];

        if (i == 0)
            b->csrc = csrc;
        b->named += i == 0;
        b->named_self += csrc == b->ssrc;
    }
    if (b->has_seq && rtp.seq != (uint16_t)(b->seq + 1))
        b->gaps++;
    assert_int_equal((rtp.timestamp - b->timestamp) % 960 * (b->has_seq ? 1u : 0u), 0);
    if (b->has_seq && !rtp.marker && b->last_samples && rtp.payload_len > 1 &&
        rtp.timestamp != b->timestamp + b->last_samples)
        b->jumps++;
    n = opus_decode(b->decoder, rtp.payload, (opus_int32)rtp.payload_len, frame, 5760, 0);
    assert_true(n > 0 && n <= 2880 && n % 960 == 0);
    b->has_seq = true;
    b->seq = rtp.seq;
    b->timestamp = rtp.timestamp;
    b->marker = rtp.marker;
    b->last_samples = rtp.payload_len > 1 ? (uint32_t)n : 0; /* one byte: silence */
    b->longest = (unsigned)n > b->longest ? (unsigned)n : b->longest;
    b->packets++;
    hear(b, frame, (size_t)n);
}

static void got(struct browser *b, uint8_t *data, size_t len)
{
    struct vtb_stun stun;

    if (data[0] <= 3) {
        if (!vtb_stun_parse(data, len, &stun) && stun.kind == VTB_STUN_SUCCESS &&
            vtb_stun_is_authentic(&stun, vtb_str_of(b->server.pwd)))
            b->answers++;
        else
            b->strangers++;
    } else if (data[0] >= 20 && data[0] <= 63) {
        got_dtls(b, data, len);
    } else if (vtb_rtp_is_rtcp(data, len)) {
        struct vtb_rtcp rtcp;

        assert_int_equal(vtb_srtp_unprotect_rtcp(b->receive, data, len, &len), VTB_OK);
        assert_int_equal(vtb_rtcp_parse(data, len, &rtcp), VTB_OK);
        b->reports++;
    } else {
        got_rtp(b, data, len);
    }
}

void browser_pump(struct browser *b)
{
    uint8_t data[2048];
    ssize_t len;

    while ((len = recv(b->fd, data, sizeof data, MSG_DONTWAIT)) > 0)
        got(b, data, (size_t)len);
    if (b->dtls && !b->connected && vtb_dtls_wait_ms(b->dtls) == 0)
        assert_int_equal(vtb_dtls_tick(b->dtls), VTB_OK);
}

void browser_speak(struct browser *b)
{
    struct vtb_rtp rtp = { .type = b->opus ? b->opus : VTB_RTP_OPUS, .seq = b->out_seq++,
                           .timestamp = b->out_timestamp, .ssrc = b->ssrc };
    int16_t frame[960];
    uint8_t *packet = b->last_sent;
    size_t at;
    opus_int32 n;

    for (size_t i = 0; i < 960; i++) {
        frame[i] = (int16_t)(6000 * sin(b->phase));
        b->phase += 2 * 3.14159265358979 * b->hz / 48000;
    }
    b->out_timestamp += 960;
    vtb_rtp_write(&rtp, packet);
    at = vtb_rtp_write_level(packet, b->server.level_id, 20);
    n = opus_encode(b->encoder, frame, 960, packet + at, 1000);
    assert_true(n > 0);
    assert_int_equal(vtb_srtp_protect(b->send, packet, at + (size_t)n, sizeof b->last_sent,
                                      &b->last_sent_len), VTB_OK);
    browser_raw(b, packet, b->last_sent_len);
}

static void send_rtcp(struct browser *b, uint8_t *packet, size_t len, size_t cap)
{
    assert_int_equal(vtb_srtp_protect_rtcp(b->send, packet, len, cap, &len), VTB_OK);
    browser_raw(b, packet, len);
}

void browser_report(struct browser *b, uint8_t fraction)
{
    struct vtb_rtcp_block block = { .ssrc = b->server.ssrc, .fraction = fraction, .lost = -1,
                                    .highest = b->seq };
    uint8_t packet[VTB_RTCP_MAX + 64];

    send_rtcp(b, packet, vtb_rtcp_write(b->ssrc, NULL, &block, "browser", packet), sizeof packet);
}

void browser_miss(struct browser *b, const uint16_t *seqs, size_t n)
{
    uint8_t packet[12 + 4 * 16 + 64] = { 0x81, 205, 0, (uint8_t)(2 + n) };

    for (size_t i = 0; i < 4; i++) {
        packet[4 + i] = (uint8_t)(b->ssrc >> (24 - 8 * i));
        packet[8 + i] = (uint8_t)(b->server.ssrc >> (24 - 8 * i));
    }
    for (size_t i = 0; i < n; i++) {
        packet[12 + 4 * i] = (uint8_t)(seqs[i] >> 8);
        packet[13 + 4 * i] = (uint8_t)seqs[i];
    }
    send_rtcp(b, packet, 12 + 4 * n, sizeof packet);
}

void browser_leave(struct browser *b)
{
    uint8_t record[VTB_DTLS_FAREWELL];

    assert_int_equal(vtb_dtls_write_farewell(&b->keys.farewell, record), VTB_DTLS_FAREWELL);
    browser_raw(b, record, sizeof record);
}

double browser_hears(const struct browser *b, double hz)
{
    double re = 0, im = 0, all = 0;

    for (size_t i = 0; i < b->heard_n; i++) {
        double at = 2 * 3.14159265358979 * hz * (double)i / 48000;

        re += b->heard[i] * cos(at);
        im += b->heard[i] * sin(at);
        all += (double)b->heard[i] * b->heard[i];
    }
    return all > 0 ? 2 * (re * re + im * im) / ((double)b->heard_n * all) : 0;
}
