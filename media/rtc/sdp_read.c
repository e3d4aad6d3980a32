/*
 * Reads one audio section. Attributes may stand at session or media level; the later one wins, as
 * browsers write each once. Lines are at most LINE_MAX_BYTES; text after a NUL is refused.
 */
#include "rtc/sdp.h"

#include "rtc/rtp.h"

#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 2048

enum setup { SETUP_NONE, SETUP_ACTIVE, SETUP_PASSIVE, SETUP_ACTPASS };

struct reader {
    struct vtb_sdp_remote remote;
    enum setup setup;
    unsigned audio_sections;
    bool has_fingerprint, mux, opus, red_listed, red_mapped, rejected, profile;
    bool bad;
};

static bool starts(struct vtb_str text, struct vtb_str with, struct vtb_str *out_rest)
{
    if (text.len < with.len || memcmp(text.at, with.at, with.len) != 0)
        return false;
    *out_rest = (struct vtb_str){ text.at + with.len, text.len - with.len };
    return true;
}

/* The next word, blank separated; len 0 at the end. */
static struct vtb_str word(struct vtb_str *rest)
{
    struct vtb_str found;
    size_t n = 0;

    while (rest->len && *rest->at == ' ') {
        rest->at++;
        rest->len--;
    }
    while (n < rest->len && rest->at[n] != ' ')
        n++;
    found = (struct vtb_str){ rest->at, n };
    rest->at += n;
    rest->len -= n;
    return found;
}

static bool number(struct vtb_str text, uint32_t max, uint32_t *out)
{
    uint64_t value = 0;

    if (text.len == 0 || text.len > 10)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(text.at[i] - '0');
    }
    if (value > max)
        return false;
    *out = (uint32_t)value;
    return true;
}

/* RFC 8839, 5.4: letters, digits, + and /. */
static void read_secret(struct reader *in, struct vtb_str text, size_t min, char *out)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '+' || c == '/'))
            in->bad = true;
    }
    if (text.len < min || vtb_str_copy(text, out, VTB_STUN_ICE_CHARS + 1))
        in->bad = true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void read_fingerprint(struct reader *in, struct vtb_str rest)
{
    struct vtb_str hash = word(&rest);
    struct vtb_str hex = word(&rest);

    if (hash.len != 7 || strncasecmp(hash.at, "sha-256", 7) != 0)
        return; /* others may stand beside it (RFC 8122, 5) */
    if (hex.len != 32 * 3 - 1) {
        in->bad = true;
        return;
    }
    for (size_t i = 0; i < 32; i++) {
        int high = hex_digit(hex.at[3 * i]), low = hex_digit(hex.at[3 * i + 1]);

        if (high < 0 || low < 0 || (i < 31 && hex.at[3 * i + 2] != ':')) {
            in->bad = true;
            return;
        }
        in->remote.fingerprint[i] = (uint8_t)(high << 4 | low);
    }
    in->has_fingerprint = true;
}

static void read_extmap(struct reader *in, struct vtb_str rest)
{
    struct vtb_str id = word(&rest);
    struct vtb_str uri = word(&rest);
    const char *slash = memchr(id.at, '/', id.len); /* id or id/direction */
    uint32_t value;

    if (slash)
        id.len = (size_t)(slash - id.at);
    if (vtb_str_is(uri, VTB_LIT("urn:ietf:params:rtp-hdrext:ssrc-audio-level")) &&
        number(id, 255, &value) && value > 0)
        in->remote.level_id = (uint8_t)value;
}

static void read_candidate(struct reader *in, struct vtb_str rest)
{
    struct vtb_str part[6]; /* foundation component transport priority address port */
    struct vtb_addr addr;
    uint32_t port;
    char ip[VTB_ADDR_TEXT];

    for (size_t i = 0; i < 6; i++)
        part[i] = word(&rest);
    if (in->remote.candidates_n < VTB_SDP_CANDIDATES && vtb_str_is(part[1], VTB_LIT("1")) &&
        part[2].len == 3 && strncasecmp(part[2].at, "udp", 3) == 0 &&
        number(part[5], 65535, &port) && !vtb_str_copy(part[4], ip, sizeof ip) &&
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

static bool read_direction(struct reader *in, struct vtb_str text)
{
    static const struct {
        struct vtb_str name;
        bool sends, receives;
    } directions[] = {
        { VTB_LIT("sendrecv"), true, true },
        { VTB_LIT("sendonly"), true, false },
        { VTB_LIT("recvonly"), false, true },
        { VTB_LIT("inactive"), false, false },
    };

    for (size_t i = 0; i < VTB_COUNT(directions); i++)
        if (vtb_str_is(text, directions[i].name)) {
            in->remote.sends = directions[i].sends;
            in->remote.receives = directions[i].receives;
            return true;
        }
    return false;
}

static void read_media(struct reader *in, struct vtb_str rest)
{
    struct vtb_str kind = word(&rest);
    struct vtb_str port = word(&rest);
    struct vtb_str proto = word(&rest);
    uint32_t value;

    if (++in->audio_sections > 1 || !vtb_str_is(kind, VTB_LIT("audio")) ||
        !number(port, 65535, &value)) {
        in->bad = true;
        return;
    }
    in->rejected = value == 0; /* RFC 3264, 6 */
    in->profile = vtb_str_is(proto, VTB_LIT("UDP/TLS/RTP/SAVPF")) ||
                  vtb_str_is(proto, VTB_LIT("UDP/TLS/RTP/SAVP"));
    for (struct vtb_str type = word(&rest); type.len; type = word(&rest)) {
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

    if (starts(text, VTB_LIT("ice-ufrag:"), &rest)) {
        read_secret(in, rest, 4, in->remote.ufrag);
    } else if (starts(text, VTB_LIT("ice-pwd:"), &rest)) {
        read_secret(in, rest, 22, in->remote.pwd);
    } else if (starts(text, VTB_LIT("fingerprint:"), &rest)) {
        read_fingerprint(in, rest);
    } else if (starts(text, VTB_LIT("setup:"), &rest)) {
        read_setup(in, rest);
    } else if (starts(text, VTB_LIT("extmap:"), &rest)) {
        read_extmap(in, rest);
    } else if (starts(text, VTB_LIT("candidate:"), &rest)) {
        read_candidate(in, rest);
    } else if (starts(text, VTB_LIT("ssrc:"), &rest)) {
        if (!in->remote.ssrc && number(word(&rest), UINT32_MAX, &ssrc))
            in->remote.ssrc = ssrc;
    } else if (starts(text, VTB_LIT("rtpmap:111 "), &rest)) {
        if (rest.len < 10 || strncasecmp(rest.at, "opus/48000", 10) != 0)
            in->bad = true; /* 111 is Opus in our offer; an answer cannot make it another */
    } else if (starts(text, VTB_LIT("rtpmap:63 "), &rest)) {
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
        (void)read_direction(in, text);
    }
}

static enum vtb_err read_lines(struct reader *in, const char *text, size_t len)
{
    if (len > VTB_SDP_MAX)
        return VTB_LIMIT;
    if (memchr(text, '\0', len))
        return VTB_PARSE;
    in->remote.sends = in->remote.receives = true; /* sendrecv unless said (RFC 8866, 6.7) */
    while (len && !in->bad) {
        const char *end = memchr(text, '\n', len);
        size_t whole = end ? (size_t)(end - text) : len;
        struct vtb_str line = { text, whole }, rest;

        if (whole > LINE_MAX_BYTES)
            return VTB_LIMIT;
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        if (line.len && (line.len < 2 || line.at[1] != '='))
            return VTB_PARSE;
        if (starts(line, VTB_LIT("a="), &rest))
            read_attribute(in, rest);
        else if (starts(line, VTB_LIT("m="), &rest))
            read_media(in, rest);
        text += whole + (end ? 1 : 0);
        len -= whole + (end ? 1 : 0);
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
