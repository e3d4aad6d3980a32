/*
 * cursor.h - reads big-endian fields from bytes without ever passing the end.
 *
 * Reading past the end gives 0 and sets `bad`; a parser checks `bad` once, at its end.
 * Pure: any thread.
 */
#ifndef VTB_BASE_CURSOR_H
#define VTB_BASE_CURSOR_H

#include "base/err.h"

struct vtb_cursor {
    const uint8_t *at;
    size_t left;
    bool bad;
};

static inline const uint8_t *vtb_cursor_take(struct vtb_cursor *in, size_t n)
{
    const uint8_t *at = in->at;

    if (in->bad || n > in->left) {
        in->bad = true;
        return NULL;
    }
    in->at += n;
    in->left -= n;
    return at;
}
static inline void vtb_cursor_skip(struct vtb_cursor *in, size_t n)
{
    (void)vtb_cursor_take(in, n);
}
static inline uint8_t vtb_cursor_u8(struct vtb_cursor *in)
{
    const uint8_t *at = vtb_cursor_take(in, 1);
    return at ? at[0] : 0;
}
static inline uint16_t vtb_cursor_u16(struct vtb_cursor *in)
{
    const uint8_t *at = vtb_cursor_take(in, 2);
    return at ? (uint16_t)(at[0] << 8 | at[1]) : 0;
}
static inline uint32_t vtb_cursor_u32(struct vtb_cursor *in)
{
    const uint8_t *at = vtb_cursor_take(in, 4);
    return at ? (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3] : 0;
}

static inline void vtb_put_u16(uint8_t *to, uint16_t v)
{
    to[0] = (uint8_t)(v >> 8);
    to[1] = (uint8_t)v;
}
static inline void vtb_put_u32(uint8_t *to, uint32_t v)
{
    to[0] = (uint8_t)(v >> 24);
    to[1] = (uint8_t)(v >> 16);
    to[2] = (uint8_t)(v >> 8);
    to[3] = (uint8_t)v;
}

#endif
