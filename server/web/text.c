#include "text.h"

#include <arpa/inet.h>
#include <strings.h>

enum vtb_err web_text_length(struct vtb_str text, uint64_t *out)
{
    uint64_t value = 0;

    if (text.len == 0 || text.len > 16)
        return VTB_PARSE;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return VTB_PARSE;
        value = value * 10 + (uint64_t)(text.at[i] - '0');
    }
    if (value > (uint64_t)1 << 53)
        return VTB_PARSE;
    *out = value;
    return VTB_OK;
}

static struct vtb_str trim(struct vtb_str s)
{
    while (s.len && (s.at[0] == ' ' || s.at[0] == '\t')) {
        s.at++;
        s.len--;
    }
    while (s.len && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t'))
        s.len--;
    return s;
}

/* Cuts the next piece off `rest` at any of `stops`. False at the end. */
static bool next_piece(struct vtb_str *rest, const char *stops, struct vtb_str *out)
{
    size_t n = 0;

    if (rest->len == 0)
        return false;
    while (n < rest->len && !strchr(stops, rest->at[n]))
        n++;
    *out = (struct vtb_str){ rest->at, n };
    if (n < rest->len)
        n++;
    rest->at += n;
    rest->len -= n;
    return true;
}

static bool same_word(struct vtb_str a, struct vtb_str b)
{
    return a.len == b.len && (a.len == 0 || strncasecmp(a.at, b.at, a.len) == 0);
}

struct vtb_str web_text_cookie(struct vtb_str line, const char *name)
{
    size_t n = strlen(name);
    struct vtb_str piece;

    while (next_piece(&line, "; ", &piece))
        if (piece.len > n && piece.at[n] == '=' && memcmp(piece.at, name, n) == 0)
            return (struct vtb_str){ piece.at + n + 1, piece.len - n - 1 };
    return (struct vtb_str){ NULL, 0 };
}

static struct vtb_str without_weak(struct vtb_str tag)
{
    tag = trim(tag);
    if (tag.len > 2 && tag.at[0] == 'W' && tag.at[1] == '/')
        return (struct vtb_str){ tag.at + 2, tag.len - 2 };
    return tag;
}

bool web_text_has_etag(struct vtb_str list, struct vtb_str etag)
{
    struct vtb_str piece;

    etag = without_weak(etag);
    if (vtb_str_is(trim(list), VTB_LIT("*")))
        return etag.len > 0;
    while (next_piece(&list, ",", &piece))
        if (etag.len && vtb_str_is(without_weak(piece), etag))
            return true;
    return false;
}

static bool forbids(struct vtb_str params)
{
    struct vtb_str piece;

    while (next_piece(&params, ";", &piece)) {
        piece = trim(piece);
        if (piece.len >= 3 && (piece.at[0] == 'q' || piece.at[0] == 'Q') && piece.at[1] == '=') {
            for (size_t i = 2; i < piece.len; i++)
                if (piece.at[i] >= '1' && piece.at[i] <= '9')
                    return false;
            return true;
        }
    }
    return false;
}

bool web_text_takes_gzip(struct vtb_str accept)
{
    struct vtb_str piece, coding;

    while (next_piece(&accept, ",", &piece)) {
        if (next_piece(&piece, ";", &coding) && same_word(trim(coding), VTB_LIT("gzip")))
            return !forbids(piece);
    }
    return false;
}

enum web_range web_text_range(struct vtb_str text, uint64_t total, uint64_t *out_at,
                              uint64_t *out_end)
{
    static const char unit[] = "bytes=";
    const char *dash;
    struct vtb_str first, last;
    uint64_t a = 0, b = 0;

    text = trim(text);
    if (text.len <= sizeof unit - 1 || strncasecmp(text.at, unit, sizeof unit - 1) != 0)
        return WEB_RANGE_NONE;
    text.at += sizeof unit - 1;
    text.len -= sizeof unit - 1;
    dash = memchr(text.at, '-', text.len);
    if (!dash)
        return WEB_RANGE_NONE;
    first = trim((struct vtb_str){ text.at, (size_t)(dash - text.at) });
    last = trim((struct vtb_str){ dash + 1, (size_t)(text.at + text.len - dash - 1) });
    if ((first.len && web_text_length(first, &a)) || (last.len && web_text_length(last, &b)) ||
        (!first.len && !last.len))
        return WEB_RANGE_NONE;
    if (!first.len) { /* the last b bytes */
        if (b == 0 || total == 0)
            return WEB_RANGE_OUTSIDE;
        *out_at = b < total ? total - b : 0;
        *out_end = total;
        return WEB_RANGE_ONE;
    }
    if (last.len && b < a)
        return WEB_RANGE_NONE;
    if (a >= total)
        return WEB_RANGE_OUTSIDE;
    *out_at = a;
    *out_end = last.len && b < total - 1 ? b + 1 : total;
    return WEB_RANGE_ONE;
}

struct vtb_str web_text_host_name(struct vtb_str authority)
{
    if (authority.len && authority.at[0] == '[') {
        const char *end = memchr(authority.at, ']', authority.len);

        return (struct vtb_str){ authority.at, end ? (size_t)(end - authority.at) + 1 : 0 };
    }
    for (size_t i = 0; i < authority.len; i++)
        if (authority.at[i] == ':')
            return (struct vtb_str){ authority.at, i };
    return authority;
}

bool web_text_is_loopback(struct vtb_str name)
{
    static const char tail[] = ".localhost";
    char text[16];
    struct in_addr v4;

    if (same_word(name, VTB_LIT("localhost")) || same_word(name, VTB_LIT("[::1]")))
        return true;
    if (name.len > sizeof tail - 1 &&
        strncasecmp(name.at + name.len - (sizeof tail - 1), tail, sizeof tail - 1) == 0)
        return true;
    if (vtb_str_copy(name, text, sizeof text) || inet_pton(AF_INET, text, &v4) != 1)
        return false;
    return ntohl(v4.s_addr) >> 24 == 127;
}

/* ":443" after https and ":80" after http say nothing; browsers leave them out. */
static struct vtb_str without_default_port(struct vtb_str authority, bool is_https)
{
    struct vtb_str name = web_text_host_name(authority);
    struct vtb_str rest = { authority.at + name.len, authority.len - name.len };

    return vtb_str_is(rest, is_https ? VTB_LIT(":443") : VTB_LIT(":80")) ? name : authority;
}

bool web_text_is_ours(const struct web_origins *origins, enum web_scheme scheme,
                      struct vtb_str origin, struct vtb_str host)
{
    bool is_https = origin.len > 8 && memcmp(origin.at, "https://", 8) == 0;
    bool is_http = origin.len > 7 && memcmp(origin.at, "http://", 7) == 0;
    struct vtb_str name;

    if ((!is_https && !is_http) || (is_https && scheme == WEB_HTTP) ||
        (is_http && scheme == WEB_HTTPS) || host.len == 0)
        return false;
    origin.at += is_https ? 8 : 7;
    origin.len -= is_https ? 8 : 7;
    origin = without_default_port(origin, is_https);
    if (!same_word(origin, without_default_port(host, is_https)))
        return false;
    name = web_text_host_name(origin);
    if (web_text_is_loopback(name))
        return true;
    for (size_t i = 0; i < origins->n; i++)
        if (same_word(name, vtb_str_of(origins->hosts[i])))
            return true;
    return false;
}

struct vtb_str web_text_forwarded(struct vtb_str list)
{
    struct vtb_str piece, last = { NULL, 0 };
    char text[INET6_ADDRSTRLEN];
    struct in6_addr any;

    while (next_piece(&list, ",", &piece))
        last = trim(piece);
    if (vtb_str_copy(last, text, sizeof text) ||
        (inet_pton(AF_INET, text, &any) != 1 && inet_pton(AF_INET6, text, &any) != 1))
        return (struct vtb_str){ NULL, 0 };
    return last;
}

bool web_text_has_token(struct vtb_str list, const char *token)
{
    struct vtb_str piece;

    while (next_piece(&list, ",", &piece))
        if (same_word(trim(piece), vtb_str_of(token)))
            return true;
    return false;
}
