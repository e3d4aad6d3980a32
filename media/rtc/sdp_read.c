/*
 * Reads one audio section. Attributes may stand at session or media level; the later one wins, as
 * browsers write each once. Text after a NUL is refused.
 */
#include "rtc/sdp.h"

#include "rtc/rtp.h"
#include "rtc/sdp_words.h"

#include <string.h>

enum setup { SETUP_NONE, SETUP_ACTIVE, SETUP_PASSIVE, SETUP_ACTPASS };

struct reader {
    struct vtb_sdp_remote remote;
    enum setup setup;
    unsigned audio_sections;
    bool has_fingerprint, mux, opus, red_listed, red_mapped, rejected, profile;
    bool bad;
};

/* RFC 8839, 5.4. */
static void read_secret(struct reader *in, struct vtb_str text, size_t min, char *out)
{
    if (!vtb_sdp_secret(text, min, out))
        in->bad = true;
}

static void read_fingerprint(struct reader *in, struct vtb_str rest)
{
    enum vtb_err err = vtb_sdp_fingerprint(rest, in->remote.fingerprint);

    if (err == VTB_PARSE)
        in->bad = true;
    else if (!err)
        in->has_fingerprint = true;
}

static void read_extmap(struct reader *in, struct vtb_str rest)
{
    uint8_t id = vtb_sdp_level_id(rest);

    if (id)
        in->remote.level_id = id;
}

static void read_candidate(struct reader *in, struct vtb_str rest)
{
    struct vtb_str part[6]; /* foundation component transport priority address port */
    struct vtb_addr addr;
    uint32_t port;
    char ip[VTB_ADDR_TEXT];

    for (size_t i = 0; i < 6; i++)
        part[i] = vtb_sdp_word(&rest);
    if (in->remote.candidates_n < VTB_SDP_CANDIDATES && vtb_str_is(part[1], VTB_LIT("1")) &&
        part[2].len == 3 && strncasecmp(part[2].at, "udp", 3) == 0 &&
        vtb_sdp_number(part[5], 65535, &port) && !vtb_str_copy(part[4], ip, sizeof ip) &&
        !vtb_addr_parse(ip, (uint16_t)port, &addr))
        in->remote.candidates[in->remote.candidates_n++] = addr;
}

static void read_setup(struct reader *in, struct vtb_str text)
{
    if (vtb_str_is(text, VTB_LIT("active")))
        in->setup = SETUP_ACTIVE;
    else if (vtb_str_is(text, VTB_LIT("passive")))
        in->setup = SETUP_PASSIVE;
    else if (vtb_str_is(text, VTB_LIT("actpass")))
        in->setup = SETUP_ACTPASS;
    else
        in->bad = true;
}

static void read_media(struct reader *in, struct vtb_str rest)
{
    struct vtb_str kind = vtb_sdp_word(&rest);
    struct vtb_str port = vtb_sdp_word(&rest);
    struct vtb_str proto = vtb_sdp_word(&rest);
    uint32_t value;

    if (++in->audio_sections > 1 || !vtb_str_is(kind, VTB_LIT("audio")) ||
        !vtb_sdp_number(port, 65535, &value)) {
        in->bad = true;
        return;
    }
    in->rejected = value == 0; /* RFC 3264, 6 */
    in->profile = vtb_str_is(proto, VTB_LIT("UDP/TLS/RTP/SAVPF")) ||
                  vtb_str_is(proto, VTB_LIT("UDP/TLS/RTP/SAVP"));
    for (struct vtb_str type = vtb_sdp_word(&rest); type.len; type = vtb_sdp_word(&rest)) {
        if (vtb_str_is(type, VTB_LIT("111"))) {
            in->opus = true;
        } else if (vtb_str_is(type, VTB_LIT("63"))) {
            in->red_listed = true;
            in->remote.red_first = !in->opus;
        }
    }
}

static void read_attribute(struct reader *in, struct vtb_str text)
{
    struct vtb_str rest;
    uint32_t ssrc;

    if (vtb_sdp_starts(text, VTB_LIT("ice-ufrag:"), &rest)) {
        read_secret(in, rest, 4, in->remote.ufrag);
    } else if (vtb_sdp_starts(text, VTB_LIT("ice-pwd:"), &rest)) {
        read_secret(in, rest, 22, in->remote.pwd);
    } else if (vtb_sdp_starts(text, VTB_LIT("fingerprint:"), &rest)) {
        read_fingerprint(in, rest);
    } else if (vtb_sdp_starts(text, VTB_LIT("setup:"), &rest)) {
        read_setup(in, rest);
    } else if (vtb_sdp_starts(text, VTB_LIT("extmap:"), &rest)) {
        read_extmap(in, rest);
    } else if (vtb_sdp_starts(text, VTB_LIT("candidate:"), &rest)) {
        read_candidate(in, rest);
    } else if (vtb_sdp_starts(text, VTB_LIT("ssrc:"), &rest)) {
        if (!in->remote.ssrc && vtb_sdp_number(vtb_sdp_word(&rest), UINT32_MAX, &ssrc))
            in->remote.ssrc = ssrc;
    } else if (vtb_sdp_starts(text, VTB_LIT("rtpmap:111 "), &rest)) {
        if (rest.len < 10 || strncasecmp(rest.at, "opus/48000", 10) != 0)
            in->bad = true; /* 111 is Opus in our offer; an answer cannot make it another */
    } else if (vtb_sdp_starts(text, VTB_LIT("rtpmap:63 "), &rest)) {
        /* Another codec on 63 is nothing we would read or send. */
        in->red_mapped = rest.len >= 9 && strncasecmp(rest.at, "red/48000", 9) == 0;
    } else if (vtb_str_is(text, VTB_LIT("rtcp-fb:111 nack")) ||
               vtb_str_is(text, VTB_LIT("rtcp-fb:* nack"))) {
        in->remote.nack = true;
    } else if (vtb_str_is(text, VTB_LIT("rtcp-rsize"))) {
        in->remote.reduced = true;
    } else if (vtb_str_is(text, VTB_LIT("rtcp-mux"))) {
        in->mux = true;
    } else {
        (void)vtb_sdp_direction(text, &in->remote.sends, &in->remote.receives);
    }
}

static enum vtb_err read_lines(struct reader *in, const char *text, size_t len)
{
    struct vtb_str all = { text, len };

    if (len > VTB_SDP_MAX)
        return VTB_LIMIT;
    if (memchr(text, '\0', len))
        return VTB_PARSE;
    in->remote.sends = in->remote.receives = true; /* sendrecv unless said (RFC 8866, 6.7) */
    while (all.len && !in->bad) {
        struct vtb_str line, rest;
        enum vtb_err err = vtb_sdp_line(&all, &line);

        if (err)
            return err;
        if (vtb_sdp_starts(line, VTB_LIT("a="), &rest))
            read_attribute(in, rest);
        else if (vtb_sdp_starts(line, VTB_LIT("m="), &rest))
            read_media(in, rest);
    }
    return in->bad || in->audio_sections != 1 ? VTB_PARSE : VTB_OK;
}

static enum vtb_err read(const char *text, size_t len, bool offer, struct vtb_sdp_remote *out)
{
    struct reader in = { .setup = SETUP_NONE };
    enum vtb_err err = len ? read_lines(&in, text, len) : VTB_PARSE;
    bool setup = offer ? in.setup == SETUP_ACTPASS || in.setup == SETUP_PASSIVE
                       : in.setup == SETUP_ACTIVE;

    if (err)
        return err;
    if (in.rejected || !in.profile || !in.opus || !in.mux || !setup || !in.has_fingerprint)
        return VTB_DENIED;
    if (!in.remote.ufrag[0] || !in.remote.pwd[0])
        return VTB_PARSE;
    in.remote.red = in.red_listed && in.red_mapped;
    in.remote.red_first = in.remote.red_first && in.remote.red;
    *out = in.remote;
    return VTB_OK;
}

enum vtb_err vtb_sdp_read_answer(const char *text, size_t len, struct vtb_sdp_remote *out)
{
    return read(text, len, false, out);
}

enum vtb_err vtb_sdp_read_offer(const char *text, size_t len, struct vtb_sdp_remote *out)
{
    return read(text, len, true, out);
}
