#include "base/str.h"

struct vtb_str vtb_str_of(const char *text)
{
    return (struct vtb_str){ text, text ? strlen(text) : 0 };
}

enum vtb_err vtb_str_copy(struct vtb_str from, char *to, size_t cap)
{
    if (from.len >= cap) {
        if (cap)
            to[0] = '\0';
        return VTB_LIMIT;
    }
    if (from.len)
        memcpy(to, from.at, from.len);
    to[from.len] = '\0';
    return VTB_OK;
}

bool vtb_secret_is(const void *a, size_t a_len, const void *b, size_t b_len)
{
    const volatile unsigned char *left = a, *right = b;
    unsigned char diff = 0;

    if (a_len != b_len)
        return false;
    for (size_t i = 0; i < a_len; i++)
        diff = (unsigned char)(diff | (left[i] ^ right[i]));
    return diff == 0;
}
