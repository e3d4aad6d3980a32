#include "signal/json.h"

#include "limits/limits.h"

#include <string.h>

static bool is_deeper(json_t *node, int left)
{
    const char *key;
    json_t *sub;
    size_t i;

    if (!json_is_object(node) && !json_is_array(node))
        return false;
    if (left == 0)
        return true;
    json_object_foreach (node, key, sub)
        if (is_deeper(sub, left - 1))
            return true;
    json_array_foreach (node, i, sub)
        if (is_deeper(sub, left - 1))
            return true;
    return false;
}

/* Nesting is bounded before the parser recurses, since its own bound is 2048. */
static bool nests_too_deep(const char *text, size_t len)
{
    int depth = 0;
    bool in_string = false;

    for (size_t i = 0; i < len; i++) {
        if (in_string) {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                in_string = false;
        } else if (text[i] == '"') {
            in_string = true;
        } else if (text[i] == '{' || text[i] == '[') {
            if (++depth > VTB_MAX_MESSAGE_DEPTH)
                return true;
        } else if (text[i] == '}' || text[i] == ']') {
            depth--;
        }
    }
    return false;
}

enum vtb_err vtb_json_load(const char *text, size_t len, size_t max_bytes, json_t **out)
{
    json_t *root;

    if (len > max_bytes || nests_too_deep(text, len))
        return VTB_LIMIT;
    root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(root)) {
        json_decref(root);
        return VTB_PARSE;
    }
    if (is_deeper(root, VTB_MAX_MESSAGE_DEPTH)) {
        json_decref(root);
        return VTB_LIMIT;
    }
    *out = root;
    return VTB_OK;
}

enum vtb_err vtb_json_object(json_t *in, const char *const *keys, size_t n)
{
    const char *key;
    json_t *value;

    if (!json_is_object(in))
        return VTB_PARSE;
    json_object_foreach (in, key, value) {
        size_t i = 0;
        while (i < n && strcmp(keys[i], key) != 0)
            i++;
        if (i == n)
            return VTB_PARSE;
    }
    return VTB_OK;
}

enum vtb_err vtb_json_str(json_t *in, size_t min, size_t max, struct vtb_str *out)
{
    struct vtb_str text;

    if (!json_is_string(in))
        return VTB_PARSE;
    text.at = json_string_value(in);
    text.len = json_string_length(in);
    if (text.len > max)
        return VTB_LIMIT;
    if (text.len < min)
        return VTB_PARSE;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if ((c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7f)
            return VTB_PARSE;
    }
    *out = text;
    return VTB_OK;
}

enum vtb_err vtb_json_int(json_t *in, int64_t min, int64_t max, int64_t *out)
{
    int64_t value;

    if (!json_is_integer(in))
        return VTB_PARSE;
    value = json_integer_value(in);
    if (value < min)
        return VTB_PARSE; /* not too much of something, but nothing that could be meant */
    if (value > max)
        return VTB_LIMIT;
    *out = value;
    return VTB_OK;
}

enum vtb_err vtb_json_bool(json_t *in, bool *out)
{
    if (!json_is_boolean(in))
        return VTB_PARSE;
    *out = json_is_true(in);
    return VTB_OK;
}

enum vtb_err vtb_json_id(json_t *in, struct vtb_id *out)
{
    if (!json_is_string(in))
        return VTB_PARSE;
    return vtb_id_parse((struct vtb_str){ json_string_value(in), json_string_length(in) }, out);
}

enum vtb_err vtb_json_enum(json_t *in, const char *const *words, int n, int *out)
{
    if (!json_is_string(in))
        return VTB_PARSE;
    for (int i = 0; i < n; i++) {
        if (strcmp(words[i], json_string_value(in)) == 0) {
            *out = i;
            return VTB_OK;
        }
    }
    return VTB_PARSE;
}

json_t *vtb_json_from_str(struct vtb_str text)
{
    return json_stringn(text.len ? text.at : "", text.len);
}

json_t *vtb_json_from_id(struct vtb_id id)
{
    char text[VTB_ID_TEXT];

    vtb_id_write(id, text);
    return json_string(text);
}

void vtb_json_put(json_t *object, const char *key, json_t *take_value)
{
    json_object_set_new(object, key, take_value);
}
