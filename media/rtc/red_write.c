#include "rtc/red.h"

#include "base/cursor.h"

#include <string.h>

size_t vtb_red_write(const struct vtb_red_block *blocks, size_t n, uint8_t type, uint8_t *out,
                     size_t cap)
{
    size_t len = 4 * (n - 1) + 1;
    uint8_t *at = out;

    for (size_t i = 0; i < n; i++) {
        if (i + 1 < n && (blocks[i].offset == 0 || blocks[i].offset > VTB_RED_OFFSET_MAX ||
                          blocks[i].len == 0 || blocks[i].len > VTB_RED_COPY_MAX))
            return 0;
        len += blocks[i].len;
    }
    if (len > cap)
        return 0;
    for (size_t i = 0; i + 1 < n; i++) {
        vtb_put_u32(at, 0x80000000u | (uint32_t)type << 24 | blocks[i].offset << 10 |
                            (uint32_t)blocks[i].len);
        at += 4;
    }
    *at++ = type;
    for (size_t i = 0; i < n; i++) {
        memcpy(at, blocks[i].payload, blocks[i].len);
        at += blocks[i].len;
    }
    return len;
}
