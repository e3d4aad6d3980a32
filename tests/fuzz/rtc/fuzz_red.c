/* Any bytes as RED; what is accepted lies inside the packet, in order, without overlap. */
#include "rtc/red.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct vtb_red red;
    const uint8_t *at = data;

    if (vtb_red_parse(data, len, 111, &red))
        return 0;
    if (red.n < 1 || red.n > VTB_RED_BLOCKS)
        abort();
    for (size_t i = 0; i < red.n; i++) {
        const struct vtb_red_block *block = &red.blocks[i];

        if (!block->len || block->payload < at || block->payload + block->len > data + len)
            abort();
        if ((i + 1 == red.n) != (block->offset == 0) || block->offset > VTB_RED_OFFSET_MAX)
            abort();
        if (i && block->offset >= red.blocks[i - 1].offset)
            abort();
        at = block->payload + block->len;
    }
    if (at != data + len)
        abort();
    return 0;
}
