#include "rtc/red.h"

#include "base/cursor.h"

/* All headers come first; the bytes follow in the same order. */
static bool read_headers(struct vtb_cursor *in, uint8_t type, struct vtb_red *red)
{
    uint32_t before = VTB_RED_OFFSET_MAX + 1;

    for (;;) {
        uint8_t head = vtb_cursor_u8(in);
        struct vtb_red_block *block = &red->blocks[red->n];

        if (in->bad || (head & 0x7f) != type)
            return false;
        if (!(head & 0x80)) {
            red->n++;
            return true;
        }
        uint32_t high = vtb_cursor_u8(in), low = vtb_cursor_u16(in);

        block->offset = high << 6 | low >> 10;
        block->len = low & 0x3ff;
        if (in->bad || !block->len || !block->offset || block->offset >= before ||
            red->n == VTB_RED_BLOCKS - 1)
            return false;
        before = block->offset;
        red->n++;
    }
}

enum vtb_err vtb_red_parse(const uint8_t *data, size_t len, uint8_t type, struct vtb_red *out)
{
    struct vtb_cursor in = { .at = data, .left = len };
    struct vtb_red red = { .n = 0 };

    if (!read_headers(&in, type, &red))
        return VTB_PARSE;
    for (size_t i = 0; i + 1 < red.n; i++)
        red.blocks[i].payload = vtb_cursor_take(&in, red.blocks[i].len);
    red.blocks[red.n - 1].payload = in.at;
    red.blocks[red.n - 1].len = in.left;
    red.blocks[red.n - 1].offset = 0;
    if (in.bad || !in.left)
        return VTB_PARSE;
    *out = red;
    return VTB_OK;
}
