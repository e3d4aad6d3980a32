#include "rtc/srtp.h"

#include "base/cursor.h"
#include "rtc/rtp.h"
#include "rtc/srtp_crypt.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW      128u
#define RTCP_HEADER 8
#define RTCP_E      0x80000000u
#define PACKET_MAX  2048

struct window { /* RFC 3711, 3.3.2; bit 0 of low is the newest index */
    bool started;
    uint64_t newest, low, high;
};

struct stream {
    bool used;
    uint32_t ssrc;
    struct window rtp, rtcp; /* newest: ROC << 16 | seq; SRTCP index */
};

struct vtb_srtp {
    struct vtb_srtp_half rtp, rtcp;
    size_t tag_len;
    struct stream streams[VTB_SRTP_STREAMS];
};

enum vtb_err vtb_srtp_create(const struct vtb_srtp_keys *keys, struct vtb_srtp **out)
{
    struct vtb_srtp *srtp = calloc(1, sizeof *srtp);
    enum vtb_err err;

    if (!srtp)
        return VTB_NOMEM;
    srtp->tag_len = keys->profile == VTB_SRTP_GCM_128 ? VTB_SRTP_GCM_TAG : VTB_SRTP_CM_TAG;
    err = vtb_srtp_half_init(&srtp->rtp, keys->profile, keys->rtp_key, keys->rtp_auth,
                             keys->rtp_salt);
    if (!err)
        err = vtb_srtp_half_init(&srtp->rtcp, keys->profile, keys->rtcp_key, keys->rtcp_auth,
                                 keys->rtcp_salt);
    if (err) {
        vtb_srtp_destroy(srtp);
        return err;
    }
    *out = srtp;
    return VTB_OK;
}

void vtb_srtp_destroy(struct vtb_srtp *srtp)
{
    if (!srtp)
        return;
    vtb_srtp_half_fini(&srtp->rtp);
    vtb_srtp_half_fini(&srtp->rtcp);
    OPENSSL_cleanse(srtp, sizeof *srtp);
    free(srtp);
}

static bool is_replay(const struct window *w, uint64_t index)
{
    if (!w->started || index > w->newest)
        return false;
    uint64_t back = w->newest - index;

    if (back >= WINDOW)
        return true;
    return back < 64 ? w->low >> back & 1 : w->high >> (back - 64) & 1;
}

static void accept(struct window *w, uint64_t index)
{
    if (!w->started) {
        *w = (struct window){ .started = true, .newest = index, .low = 1 };
        return;
    }
    if (index > w->newest) {
        uint64_t by = index - w->newest;

        if (by >= WINDOW) {
            w->high = w->low = 0;
        } else if (by >= 64) {
            w->high = w->low << (by - 64);
            w->low = 0;
        } else {
            w->high = w->high << by | w->low >> (64 - by);
            w->low <<= by;
        }
        w->low |= 1;
        w->newest = index;
        return;
    }
    uint64_t back = w->newest - index;

    if (back < 64)
        w->low |= 1ull << back;
    else
        w->high |= 1ull << (back - 64);
}

/* The stream of `ssrc`, or a free place for it; NULL when four others are there. */
static struct stream *stream_of(struct vtb_srtp *srtp, uint32_t ssrc)
{
    struct stream *empty = NULL;

    for (size_t i = 0; i < VTB_SRTP_STREAMS; i++) {
        struct stream *stream = &srtp->streams[i];

        if (stream->used && stream->ssrc == ssrc)
            return stream;
        if (!stream->used && !empty)
            empty = stream;
    }
    return empty;
}

static void keep(struct stream *stream, uint32_t ssrc)
{
    stream->used = true;
    stream->ssrc = ssrc;
}

/* RFC 3711, 3.3.1: the roll-over count that puts `seq` nearest to the newest index. */
static uint32_t guess_roc(const struct window *w, uint16_t seq)
{
    uint32_t roc = (uint32_t)(w->newest >> 16);
    uint16_t newest = (uint16_t)w->newest;

    if (!w->started)
        return 0;
    if (newest < 0x8000)
        return seq - newest > 0x8000 && roc > 0 ? roc - 1 : roc;
    return newest - 0x8000 > seq ? roc + 1 : roc;
}

/* Seals in place; `again`: only what was sealed before, otherwise only what was not. */
static enum vtb_err protect(struct vtb_srtp *srtp, uint8_t *packet, size_t len, size_t cap,
                            bool again, size_t *out_len)
{
    struct vtb_rtp rtp;
    struct stream *stream;
    uint8_t word[4];

    if (len > PACKET_MAX || vtb_rtp_parse_header(packet, len, &rtp))
        return VTB_PARSE;
    stream = stream_of(srtp, rtp.ssrc);
    if (!stream || cap < len + srtp->tag_len)
        return VTB_LIMIT;

    uint32_t roc = guess_roc(&stream->rtp, rtp.seq);
    struct vtb_srtp_span span = { .packet = packet, .clear = rtp.header_len,
                                  .secret = len - rtp.header_len, .ssrc = rtp.ssrc,
                                  .index = (uint64_t)roc << 16 | rtp.seq, .word = word };

    /* One index, one nonce: the same index twice would give the key away (GCM). */
    if (is_replay(&stream->rtp, span.index) != again ||
        (again && stream->rtp.newest - span.index >= WINDOW))
        return VTB_STALE;
    vtb_put_u32(word, roc);
    if (!vtb_srtp_seal(&srtp->rtp, &span, packet + len))
        return VTB_SYS;
    if (!again) {
        keep(stream, rtp.ssrc);
        accept(&stream->rtp, span.index);
    }
    *out_len = len + srtp->tag_len;
    return VTB_OK;
}

enum vtb_err vtb_srtp_protect(struct vtb_srtp *srtp, uint8_t *packet, size_t len, size_t cap,
                              size_t *out_len)
{
    return protect(srtp, packet, len, cap, false, out_len);
}

enum vtb_err vtb_srtp_protect_again(struct vtb_srtp *srtp, uint8_t *packet, size_t len, size_t cap,
                                    size_t *out_len)
{
    return protect(srtp, packet, len, cap, true, out_len);
}

/* Near a wrap, or before the first packet, the count may be one off. */
static size_t candidates_of(const struct window *w, uint16_t seq, uint32_t out[static 3])
{
    size_t n = 0;
    uint32_t roc = guess_roc(w, seq);

    out[n++] = roc;
    if (w->started && (uint16_t)w->newest >= 0x2000 && (uint16_t)w->newest < 0xe000)
        return n; /* no wrap is near; a forged packet must not cost three tries */
    out[n++] = roc + 1;
    if (roc > 0)
        out[n++] = roc - 1;
    return n;
}

enum vtb_err vtb_srtp_unprotect(struct vtb_srtp *srtp, uint8_t *packet, size_t len,
                                size_t *out_len)
{
    struct vtb_rtp rtp;
    struct stream *stream;
    enum vtb_err err = VTB_DENIED;
    uint32_t rocs[3];
    uint8_t word[4];

    if (len > PACKET_MAX || len < VTB_RTP_HEADER + srtp->tag_len ||
        vtb_rtp_parse_header(packet, len - srtp->tag_len, &rtp))
        return VTB_PARSE;
    stream = stream_of(srtp, rtp.ssrc);
    if (!stream)
        return VTB_LIMIT;

    size_t n = candidates_of(&stream->rtp, rtp.seq, rocs);

    for (size_t i = 0; i < n; i++) {
        struct vtb_srtp_span span = { .packet = packet, .clear = rtp.header_len,
                                      .secret = len - srtp->tag_len - rtp.header_len,
                                      .ssrc = rtp.ssrc, .word = word,
                                      .index = (uint64_t)rocs[i] << 16 | rtp.seq };

        if (is_replay(&stream->rtp, span.index)) {
            if (i == 0)
                err = VTB_STALE;
            continue;
        }
        vtb_put_u32(word, rocs[i]);
        if (vtb_srtp_unseal(&srtp->rtp, &span, packet + len - srtp->tag_len)) {
            keep(stream, rtp.ssrc);
            accept(&stream->rtp, span.index);
            *out_len = len - srtp->tag_len;
            return VTB_OK;
        }
    }
    return err;
}

/* GCM: tag, then E|index (RFC 7714, 9.2). CM: E|index, then tag (RFC 3711, 3.4). */
enum vtb_err vtb_srtp_protect_rtcp(struct vtb_srtp *srtp, uint8_t *packet, size_t len, size_t cap,
                                   size_t *out_len)
{
    bool gcm = srtp->rtcp.profile == VTB_SRTP_GCM_128;
    struct stream *stream;
    uint8_t word[4];

    if (len < RTCP_HEADER || len > PACKET_MAX)
        return VTB_PARSE;
    struct vtb_cursor in = { .at = packet + 4, .left = 4 };
    uint32_t ssrc = vtb_cursor_u32(&in);

    stream = stream_of(srtp, ssrc);
    if (!stream || cap < len + srtp->tag_len + 4)
        return VTB_LIMIT;

    uint64_t index = stream->rtcp.started ? stream->rtcp.newest + 1 : 1;
    struct vtb_srtp_span span = { .packet = packet, .clear = RTCP_HEADER,
                                  .secret = len - RTCP_HEADER, .ssrc = ssrc, .index = index,
                                  .word = word, .rtcp = true };

    if (index >= RTCP_E)
        return VTB_LIMIT; /* 2^31 reports: the key is used up */
    vtb_put_u32(word, RTCP_E | (uint32_t)index);
    if (!vtb_srtp_seal(&srtp->rtcp, &span, packet + len + (gcm ? 0 : 4)))
        return VTB_SYS;
    memcpy(packet + len + (gcm ? srtp->tag_len : 0), word, sizeof word);
    keep(stream, ssrc);
    accept(&stream->rtcp, index);
    *out_len = len + srtp->tag_len + 4;
    return VTB_OK;
}

enum vtb_err vtb_srtp_unprotect_rtcp(struct vtb_srtp *srtp, uint8_t *packet, size_t len,
                                     size_t *out_len)
{
    bool gcm = srtp->rtcp.profile == VTB_SRTP_GCM_128;
    struct stream *stream;

    if (len < RTCP_HEADER + 4 + srtp->tag_len || len > PACKET_MAX)
        return VTB_PARSE;
    size_t body = len - 4 - srtp->tag_len;
    const uint8_t *word = packet + (gcm ? len - 4 : body);
    const uint8_t *tag = packet + (gcm ? body : body + 4);
    struct vtb_cursor in = { .at = packet + 4, .left = 4 };
    struct vtb_cursor tail = { .at = word, .left = 4 };
    uint32_t ssrc = vtb_cursor_u32(&in);
    uint32_t index = vtb_cursor_u32(&tail);

    if (!(index & RTCP_E))
        return VTB_DENIED; /* reports in the clear are not agreed on */
    index &= ~RTCP_E;
    stream = stream_of(srtp, ssrc);
    if (!stream)
        return VTB_LIMIT;
    if (is_replay(&stream->rtcp, index))
        return VTB_STALE;

    struct vtb_srtp_span span = { .packet = packet, .clear = RTCP_HEADER,
                                  .secret = body - RTCP_HEADER, .ssrc = ssrc, .index = index,
                                  .word = word, .rtcp = true };

    if (!vtb_srtp_unseal(&srtp->rtcp, &span, tag))
        return VTB_DENIED;
    keep(stream, ssrc);
    accept(&stream->rtcp, index);
    *out_len = body;
    return VTB_OK;
}
