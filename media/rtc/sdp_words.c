#include "rtc/sdp_words.h"

#include "rtc/stun.h"

#include <string.h>
#include <strings.h>

#define LINE_MAX_BYTES 2048

bool vtb_sdp_starts(struct vtb_str text, struct vtb_str with, struct vtb_str *out_rest)
{
    if (text.len < with.len || memcmp(text.at, with.at, with.len) != 0)
        return false;
    *out_rest = (struct vtb_str){ text.at + with.len, text.len - with.len };
    return true;
}

struct vtb_str vtb_sdp_word(struct vtb_str *rest)
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

bool vtb_sdp_number(struct vtb_str text, uint32_t max, uint32_t *out)
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

bool vtb_sdp_secret(struct vtb_str text, size_t min, char out[static VTB_STUN_ICE_CHARS + 1])
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '+' || c == '/'))
            return false;
    }
    return text.len >= min && vtb_str_copy(text, out, VTB_STUN_ICE_CHARS + 1) == VTB_OK;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum vtb_err vtb_sdp_fingerprint(struct vtb_str rest, uint8_t out[static 32])
{
    struct vtb_str hash = vtb_sdp_word(&rest);
    struct vtb_str hex = vtb_sdp_word(&rest);

    if (hash.len != 7 || strncasecmp(hash.at, "sha-256", 7) != 0)
        return VTB_ABSENT;
    if (hex.len != 32 * 3 - 1)
        return VTB_PARSE;
    for (size_t i = 0; i < 32; i++) {
        int high = hex_digit(hex.at[3 * i]), low = hex_digit(hex.at[3 * i + 1]);

        if (high < 0 || low < 0 || (i < 31 && hex.at[3 * i + 2] != ':'))
            return VTB_PARSE;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return VTB_OK;
}

uint8_t vtb_sdp_level_id(struct vtb_str rest)
{
    struct vtb_str id = vtb_sdp_word(&rest);
    struct vtb_str uri = vtb_sdp_word(&rest);
    const char *slash = memchr(id.at, '/', id.len); /* id or id/direction */
    uint32_t value;

    if (slash)
        id.len = (size_t)(slash - id.at);
    return vtb_str_is(uri, VTB_LIT("urn:ietf:params:rtp-hdrext:ssrc-audio-level")) &&
                   vtb_sdp_number(id, 255, &value) && value > 0
               ? (uint8_t)value : 0;
}

bool vtb_sdp_direction(struct vtb_str text, bool *sends, bool *receives)
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
            *sends = directions[i].sends;
            *receives = directions[i].receives;
            return true;
        }
    return false;
}

enum vtb_err vtb_sdp_line(struct vtb_str *rest, struct vtb_str *out_line)
{
    const char *end = memchr(rest->at, '\n', rest->len);
    size_t whole = end ? (size_t)(end - rest->at) : rest->len;
    struct vtb_str line = { rest->at, whole };

    if (whole > LINE_MAX_BYTES)
        return VTB_LIMIT;
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    if (line.len && (line.len < 2 || line.at[1] != '='))
        return VTB_PARSE;
    rest->at += whole + (end ? 1 : 0);
    rest->len -= whole + (end ? 1 : 0);
    *out_line = line;
    return VTB_OK;
}
