/*
 * Reads an offer of any number of sections. What stands at session level is true of each section until that
 * says otherwise; a section that is bundled and says nothing of its transport has that of the first in
 * the group (RFC 9143, 7.1.3).
 */
#include "rtc/sdp_device.h"

#include "rtc/sdp_words.h"

#include <string.h>

enum setup { SETUP_NONE, SETUP_CLIENT, SETUP_SERVER_ONLY }; /* may the other side be DTLS client? */

struct transport {
    char ufrag[VTB_STUN_ICE_CHARS + 1], pwd[VTB_STUN_ICE_CHARS + 1];
    uint8_t fingerprint[32];
    bool has_fingerprint;
    enum setup setup;
};

struct section {
    struct transport transport;
    bool is_audio, is_rejected, is_bundle_only, is_dtls, mux, reduced, sends, receives;
    uint8_t level_id;
    uint64_t listed[2], opus[2], nack[2]; /* payload types, as bits */
};

struct reader {
    struct vtb_sdp_device device;
    struct section session, sections[VTB_SDP_SECTIONS];
    char bundle[512]; /* the mids of the group, blank separated */
    enum vtb_err bad;
};

static void set(uint64_t bits[static 2], uint32_t type)
{
    bits[type >> 6] |= UINT64_C(1) << (type & 63);
}

static bool has(const uint64_t bits[static 2], uint32_t type)
{
    return bits[type >> 6] >> (type & 63) & 1;
}

/* RFC 8866, 9: what may be echoed into our answer as it is. */
static bool token(struct vtb_str text, char *out, size_t cap)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
              c == '.' || c == '/' || c == '+'))
            return false;
    }
    return text.len > 0 && vtb_str_copy(text, out, cap) == VTB_OK;
}

static void read_media(struct reader *in, struct vtb_str rest)
{
    struct vtb_str kind = vtb_sdp_word(&rest), port = vtb_sdp_word(&rest), proto = vtb_sdp_word(&rest);
    struct vtb_sdp_section *echo;
    struct section *section;
    uint32_t value, type;

    if (in->device.sections_n == VTB_SDP_SECTIONS) {
        in->bad = VTB_LIMIT;
        return;
    }
    echo = &in->device.sections[in->device.sections_n];
    section = &in->sections[in->device.sections_n++];
    *section = in->session;
    section->is_audio = vtb_str_is(kind, VTB_LIT("audio"));
    section->is_dtls = vtb_str_is(proto, VTB_LIT("UDP/TLS/RTP/SAVPF")) || vtb_str_is(proto, VTB_LIT("UDP/TLS/RTP/SAVP"));
    if (!token(kind, echo->kind, sizeof echo->kind) || !token(proto, echo->proto, sizeof echo->proto) ||
        !vtb_sdp_number(port, 65535, &value)) {
        in->bad = VTB_PARSE;
        return;
    }
    section->is_rejected = value == 0;
    for (struct vtb_str format = vtb_sdp_word(&rest); format.len; format = vtb_sdp_word(&rest)) {
        if (!echo->format[0] && !token(format, echo->format, sizeof echo->format))
            in->bad = VTB_PARSE;
        if (section->is_dtls && vtb_sdp_number(format, 127, &type))
            set(section->listed, type);
    }
    if (!echo->format[0])
        in->bad = VTB_PARSE;
}

static void read_rtpmap(struct section *section, struct vtb_str rest)
{
    struct vtb_str type = vtb_sdp_word(&rest), codec = vtb_sdp_word(&rest);
    uint32_t value;

    if (vtb_sdp_number(type, 127, &value) && codec.len >= 10 && strncasecmp(codec.at, "opus/48000", 10) == 0 &&
        has(section->listed, value))
        set(section->opus, value);
}

static void read_feedback(struct section *section, struct vtb_str rest)
{
    struct vtb_str type = vtb_sdp_word(&rest), what = vtb_sdp_word(&rest), more = vtb_sdp_word(&rest);
    uint32_t value;

    if (!vtb_str_is(what, VTB_LIT("nack")) || more.len)
        return;
    if (vtb_str_is(type, VTB_LIT("*")))
        section->nack[0] = section->nack[1] = UINT64_MAX;
    else if (vtb_sdp_number(type, 127, &value))
        set(section->nack, value);
}

/* True: it was one of the transport's. */
static bool read_transport(struct reader *in, struct transport *to, struct vtb_str text)
{
    struct vtb_str rest;
    enum vtb_err err = VTB_OK;

    if (vtb_sdp_starts(text, VTB_LIT("ice-ufrag:"), &rest)) {
        err = vtb_sdp_secret(rest, 4, to->ufrag) ? VTB_OK : VTB_PARSE;
    } else if (vtb_sdp_starts(text, VTB_LIT("ice-pwd:"), &rest)) {
        err = vtb_sdp_secret(rest, 22, to->pwd) ? VTB_OK : VTB_PARSE;
    } else if (vtb_sdp_starts(text, VTB_LIT("fingerprint:"), &rest)) {
        err = vtb_sdp_fingerprint(rest, to->fingerprint);
        to->has_fingerprint = to->has_fingerprint || !err;
        err = err == VTB_ABSENT ? VTB_OK : err;
    } else if (vtb_sdp_starts(text, VTB_LIT("setup:"), &rest)) {
        to->setup = vtb_str_is(rest, VTB_LIT("actpass")) || vtb_str_is(rest, VTB_LIT("active")) ? SETUP_CLIENT
                                                                                               : SETUP_SERVER_ONLY;
    } else {
        return false;
    }
    if (err)
        in->bad = err;
    return true;
}

static void read_attribute(struct reader *in, struct vtb_str text)
{
    size_t n = in->device.sections_n;
    struct section *section = n ? &in->sections[n - 1] : &in->session;
    struct vtb_str rest;

    if (read_transport(in, &section->transport, text))
        return;
    if (vtb_sdp_starts(text, VTB_LIT("group:BUNDLE "), &rest)) {
        if (vtb_str_copy(rest, in->bundle, sizeof in->bundle))
            in->bad = VTB_LIMIT;
    } else if (n && vtb_sdp_starts(text, VTB_LIT("mid:"), &rest)) {
        if (!token(rest, in->device.sections[n - 1].mid, VTB_SDP_TOKEN + 1))
            in->bad = VTB_PARSE;
    } else if (vtb_sdp_starts(text, VTB_LIT("rtpmap:"), &rest)) {
        read_rtpmap(section, rest);
    } else if (vtb_sdp_starts(text, VTB_LIT("rtcp-fb:"), &rest)) {
        read_feedback(section, rest);
    } else if (vtb_sdp_starts(text, VTB_LIT("extmap:"), &rest)) {
        uint8_t id = vtb_sdp_level_id(rest);

        section->level_id = id ? id : section->level_id;
    } else if (vtb_str_is(text, VTB_LIT("bundle-only"))) {
        section->is_bundle_only = true;
    } else if (vtb_str_is(text, VTB_LIT("rtcp-mux"))) {
        section->mux = true;
    } else if (vtb_str_is(text, VTB_LIT("rtcp-rsize"))) {
        section->reduced = true;
    } else {
        (void)vtb_sdp_direction(text, &section->sends, &section->receives);
    }
}

static enum vtb_err read_lines(struct reader *in, struct vtb_str all)
{
    if (all.len > VTB_SDP_OFFER_MAX)
        return VTB_LIMIT;
    if (all.len == 0 || memchr(all.at, '\0', all.len))
        return VTB_PARSE;
    in->session.sends = in->session.receives = true; /* RFC 8866, 6.7 */
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
    return in->bad ? in->bad : in->device.sections_n ? VTB_OK : VTB_PARSE;
}

static bool is_in_group(const struct reader *in, const char *mid)
{
    struct vtb_str rest = vtb_str_of(in->bundle);

    for (struct vtb_str word = vtb_sdp_word(&rest); word.len; word = vtb_sdp_word(&rest))
        if (vtb_str_is(word, vtb_str_of(mid)))
            return true;
    return false;
}

/* The section whose transport the whole group uses; NULL: there is no group. */
static const struct section *tagged(const struct reader *in)
{
    struct vtb_str rest = vtb_str_of(in->bundle), first = vtb_sdp_word(&rest);

    for (size_t i = 0; first.len && i < in->device.sections_n; i++)
        if (vtb_str_is(first, vtb_str_of(in->device.sections[i].mid)))
            return &in->sections[i];
    return NULL;
}

static enum vtb_err take_audio(struct reader *in, size_t at)
{
    struct vtb_sdp_device *device = &in->device;
    const struct section *section = &in->sections[at], *group = tagged(in);
    struct transport way = section->transport;

    device->audio = at;
    device->is_bundled = device->sections[at].mid[0] && is_in_group(in, device->sections[at].mid);
    if (group && device->is_bundled && !way.ufrag[0])
        way = group->transport;
    if (!section->mux || !way.has_fingerprint || way.setup != SETUP_CLIENT || !way.ufrag[0] || !way.pwd[0])
        return VTB_DENIED;
    memcpy(device->ufrag, way.ufrag, sizeof device->ufrag);
    memcpy(device->pwd, way.pwd, sizeof device->pwd);
    memcpy(device->fingerprint, way.fingerprint, sizeof device->fingerprint);
    device->sends = section->sends;
    device->receives = section->receives;
    device->level_id = section->level_id;
    device->reduced = section->reduced;
    while (!has(section->opus, device->opus))
        device->opus++;
    device->nack = has(section->nack, device->opus);
    return VTB_OK;
}

enum vtb_err vtb_sdp_read_device(const char *text, size_t len, struct vtb_sdp_device *out)
{
    struct reader in = { .bad = VTB_OK };
    enum vtb_err err = read_lines(&in, (struct vtb_str){ text, len });

    if (err)
        return err;
    for (size_t i = 0; i < in.device.sections_n; i++) {
        const struct section *section = &in.sections[i];

        if (!section->is_audio || !section->is_dtls || !(section->opus[0] | section->opus[1]) ||
            (section->is_rejected && !section->is_bundle_only))
            continue;
        err = take_audio(&in, i);
        if (!err)
            *out = in.device;
        return err;
    }
    return VTB_ABSENT;
}

enum vtb_err vtb_sdp_read_fragment(const char *text, size_t len, struct vtb_sdp_fragment *out)
{
    struct vtb_sdp_fragment found = { .candidates_n = 0 };
    struct vtb_str all = { text, len };

    if (len > VTB_SDP_OFFER_MAX)
        return VTB_LIMIT;
    if (len == 0 || memchr(text, '\0', len))
        return VTB_PARSE;
    while (all.len) {
        struct vtb_str line, rest;
        enum vtb_err err = vtb_sdp_line(&all, &line);

        if (err)
            return err;
        if (vtb_sdp_starts(line, VTB_LIT("a=ice-ufrag:"), &rest)) {
            if (!found.ufrag[0] && !vtb_sdp_secret(rest, 4, found.ufrag))
                return VTB_PARSE;
        } else if (vtb_sdp_starts(line, VTB_LIT("a=ice-pwd:"), &rest)) {
            if (!found.pwd[0] && !vtb_sdp_secret(rest, 22, found.pwd))
                return VTB_PARSE;
        } else if (vtb_sdp_starts(line, VTB_LIT("a=candidate:"), &rest)) {
            found.candidates_n++;
        } else if (vtb_str_is(line, VTB_LIT("a=end-of-candidates"))) {
            found.is_complete = true;
        }
    }
    *out = found;
    return VTB_OK;
}
