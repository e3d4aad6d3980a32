/*
 * str.h - borrowed text: a pointer and a length, UTF-8, not terminated.
 *
 * Fields of parsed messages are vtb_str; they live as long as the message they were read from.
 * vtb_private is the same for what names a person or was typed by one: it has its own type so
 * that the log macros refuse it (log.h).
 */
#ifndef VTB_BASE_STR_H
#define VTB_BASE_STR_H

#include "base/err.h"

#include <string.h>

struct vtb_str {
    const char *at; /* NULL only when len is 0 */
    size_t len;
};

#define VTB_LIT(text) ((struct vtb_str){ (text), sizeof(text) - 1 })

/* NULL is empty. Not inline: GCC 12 then warns of strlen() past arrays that it knows only in part. */
struct vtb_str vtb_str_of(const char *text);

static inline bool vtb_str_is(struct vtb_str a, struct vtb_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* Copies into a fixed buffer and terminates. LIMIT and an empty string if it does not fit. */
VTB_MUST_USE enum vtb_err vtb_str_copy(struct vtb_str from, char *to, size_t cap);

/* Constant time in the length; false if the lengths differ. For secrets. */
bool vtb_secret_is(const void *a, size_t a_len, const void *b, size_t b_len);

#endif
