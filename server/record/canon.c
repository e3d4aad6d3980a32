/* canon.c - see canon.h. Two passes over the value: one measures, one writes. */
#include "record/canon.h"

#include "limits/limits.h"
#include "signal/json.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <utf8proc.h>

#define SAFE_INTEGER INT64_C(9007199254740991)

struct writer {
    struct vtb_arena *arena; /* for the sorted names */
    char *to;                /* NULL: only measure */
    size_t len;
    enum vtb_err err;
};

static void put(struct writer *out, const char *bytes, size_t n)
{
    if (out->to && n)
        memcpy(out->to + out->len, bytes, n);
    out->len += n;
}

static bool is_allowed(utf8proc_int32_t point)
{
    if (point < 0x20)
        return point == '\n';
    if (point >= 0x7f && point <= 0x9f)
        return false;
    if (point >= 0xfdd0 && point <= 0xfdef)
        return false;
    return (point & 0xfffe) != 0xfffe;
}

static bool has_only_allowed(const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        utf8proc_int32_t point;
        utf8proc_ssize_t n =
            utf8proc_iterate((const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(len - at), &point);

        if (n <= 0 || !is_allowed(point))
            return false;
        at += (size_t)n;
    }
    return true;
}

/* Composed copy on the heap (free), or NULL with *out_err. */
static char *compose(const char *text, size_t len, size_t *out_len, enum vtb_err *out_err)
{
    utf8proc_uint8_t *made = NULL;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, &made,
                                      UTF8PROC_STABLE | UTF8PROC_COMPOSE);

    if (n < 0) {
        *out_err = n == UTF8PROC_ERROR_NOMEM ? VTB_NOMEM : VTB_PARSE;
        return NULL;
    }
    *out_len = (size_t)n;
    return (char *)made;
}

static enum vtb_err check_text(const char *text, size_t len)
{
    enum vtb_err err = VTB_OK;
    size_t n = 0;
    char *nfc;
    bool is_nfc;

    if (!has_only_allowed(text, len))
        return VTB_PARSE;
    nfc = compose(text, len, &n, &err);
    if (!nfc)
        return err;
    is_nfc = n == len && memcmp(nfc, text, len) == 0;
    free(nfc);
    return is_nfc ? VTB_OK : VTB_PARSE;
}

static void put_text(struct writer *out, const char *text, size_t len)
{
    size_t from = 0;

    if (!out->to) /* the first pass finds what is wrong; the second repeats nothing */
        out->err = check_text(text, len);
    put(out, "\"", 1);
    for (size_t i = 0; i < len && !out->err; i++) {
        const char *escape = text[i] == '"' ? "\\\"" : text[i] == '\\' ? "\\\\" : text[i] == '\n' ? "\\n" : NULL;

        if (!escape)
            continue;
        put(out, text + from, i - from);
        put(out, escape, 2);
        from = i + 1;
    }
    put(out, text + from, len - from);
    put(out, "\"", 1);
}

struct name {
    const char *text;
    json_t *value;
};

static int32_t next_unit(const char **at, uint32_t *low)
{
    utf8proc_int32_t point = 0;
    utf8proc_ssize_t n;

    if (*low) {
        int32_t unit = (int32_t)*low;
        *low = 0;
        return unit;
    }
    if (**at == '\0')
        return -1;
    n = utf8proc_iterate((const utf8proc_uint8_t *)*at, -1, &point);
    *at += n > 0 ? n : 1;
    if (point < 0x10000)
        return point;
    *low = 0xdc00u + ((uint32_t)point & 0x3ffu);
    return (int32_t)(0xd800u + (((uint32_t)point - 0x10000u) >> 10));
}

/* RFC 8785, 3.2.3: by UTF-16 code units, which differs from UTF-8 above U+FFFF. */
static int by_name(const void *a, const void *b)
{
    const char *x = ((const struct name *)a)->text, *y = ((const struct name *)b)->text;
    uint32_t x_low = 0, y_low = 0;

    for (;;) {
        int32_t u = next_unit(&x, &x_low), v = next_unit(&y, &y_low);

        if (u != v)
            return u < v ? -1 : 1;
        if (u < 0)
            return 0;
    }
}

static void put_value(struct writer *out, json_t *value, int depth);

static void put_object(struct writer *out, json_t *object, int depth)
{
    size_t n = json_object_size(object), i = 0;
    struct name *names = vtb_arena_take(out->arena, n * sizeof *names + 1);
    const char *key;
    json_t *value;

    if (!names) {
        out->err = VTB_NOMEM;
        return;
    }
    json_object_foreach (object, key, value)
        names[i++] = (struct name){ key, value };
    qsort(names, n, sizeof *names, by_name);
    put(out, "{", 1);
    for (i = 0; i < n && !out->err; i++) {
        if (i > 0)
            put(out, ",", 1);
        put_text(out, names[i].text, strlen(names[i].text));
        put(out, ":", 1);
        if (!out->err)
            put_value(out, names[i].value, depth);
    }
    put(out, "}", 1);
}

static void put_integer(struct writer *out, json_int_t value)
{
    char text[32];
    int n;

    if (value < -SAFE_INTEGER || value > SAFE_INTEGER) {
        out->err = VTB_PARSE;
        return;
    }
    n = snprintf(text, sizeof text, "%lld", (long long)value);
    put(out, text, (size_t)n);
}

static void put_array(struct writer *out, json_t *array, int depth)
{
    put(out, "[", 1);
    for (size_t i = 0; i < json_array_size(array) && !out->err; i++) {
        if (i > 0)
            put(out, ",", 1);
        put_value(out, json_array_get(array, i), depth);
    }
    put(out, "]", 1);
}

static void put_value(struct writer *out, json_t *value, int depth)
{
    if (!value || depth == 0) {
        out->err = value ? VTB_LIMIT : VTB_PARSE;
        return;
    }
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        put_object(out, value, depth - 1);
        break;
    case JSON_ARRAY:
        put_array(out, value, depth - 1);
        break;
    case JSON_STRING:
        put_text(out, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        put_integer(out, json_integer_value(value));
        break;
    case JSON_TRUE:
        put(out, "true", 4);
        break;
    case JSON_FALSE:
        put(out, "false", 5);
        break;
    case JSON_NULL:
        put(out, "null", 4);
        break;
    case JSON_REAL:
        out->err = VTB_PARSE;
        break;
    }
}

enum vtb_err vtb_canon_write(json_t *value, struct vtb_arena *arena, struct vtb_str *out)
{
    struct writer writer = { .arena = arena };
    char *bytes;

    put_value(&writer, value, VTB_MAX_MESSAGE_DEPTH);
    if (writer.err)
        return writer.err;
    bytes = vtb_arena_take(arena, writer.len + 1);
    if (!bytes)
        return VTB_NOMEM;
    writer.to = bytes;
    writer.len = 0;
    put_value(&writer, value, VTB_MAX_MESSAGE_DEPTH);
    if (writer.err)
        return writer.err;
    *out = (struct vtb_str){ bytes, writer.len };
    return VTB_OK;
}

enum vtb_err vtb_canon_read(const char *bytes, size_t len, size_t max_bytes, json_t **out_root)
{
    struct vtb_arena arena = { 0 };
    struct vtb_str again;
    json_t *root = NULL;
    enum vtb_err err = vtb_json_load(bytes, len, max_bytes, &root);

    if (err)
        return err;
    err = vtb_canon_write(root, &arena, &again);
    if (!err && !vtb_str_is(again, (struct vtb_str){ bytes, len }))
        err = VTB_CORRUPT;
    vtb_arena_fini(&arena);
    if (err || !out_root)
        json_decref(root);
    else
        *out_root = root;
    return err;
}

enum vtb_err vtb_nfc(struct vtb_str text, struct vtb_arena *arena, struct vtb_str *out)
{
    char *plain = vtb_arena_take(arena, text.len + 1), *made, *kept;
    enum vtb_err err = VTB_OK;
    size_t n = 0, made_n = 0;

    if (!plain)
        return VTB_NOMEM;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\r' && i + 1 < text.len && text.at[i + 1] == '\n')
            continue;
        plain[n++] = text.at[i] == '\r' ? '\n' : text.at[i] == '\t' ? ' ' : text.at[i];
    }
    if (!has_only_allowed(plain, n))
        return VTB_PARSE;
    made = compose(plain, n, &made_n, &err);
    if (!made)
        return err;
    kept = vtb_arena_take(arena, made_n + 1);
    if (kept)
        memcpy(kept, made, made_n);
    free(made);
    if (!kept)
        return VTB_NOMEM;
    *out = (struct vtb_str){ kept, made_n };
    return VTB_OK;
}

void vtb_hex_write(const uint8_t *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * n] = '\0';
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum vtb_err vtb_hex_read(struct vtb_str text, uint8_t *out, size_t n)
{
    if (text.len != 2 * n)
        return VTB_PARSE;
    for (size_t i = 0; i < n; i++) {
        int high = nibble(text.at[2 * i]), low = nibble(text.at[2 * i + 1]);

        if (high < 0 || low < 0)
            return VTB_PARSE;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return VTB_OK;
}

void vtb_sha256_hex(const void *bytes, size_t len, char out[static 65])
{
    uint8_t digest[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(digest, bytes ? bytes : (const void *)"", len);
    vtb_hex_write(digest, sizeof digest, out);
}

void vtb_time_write(int64_t us, char out[static 24])
{
    time_t seconds = (time_t)(us / 1000000);
    struct tm tm;

    if (!gmtime_r(&seconds, &tm) || !strftime(out, 24, "%Y-%m-%dT%H:%M:%SZ", &tm))
        out[0] = '\0';
}
