/* The reader of the live stream, in pieces; what it gives makes a plan or is refused. */
#include "recording/webm.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static enum vtb_err plan(void *ctx, uint32_t slot, const uint8_t *opus, size_t len)
{
    (void)opus;
    return vtb_webm_plan_frame(ctx, slot, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct vtb_webm_plan whole = { 0 }, pieces = { 0 };
    struct vtb_webm_reader reader;
    enum vtb_err one, two = VTB_OK;

    vtb_webm_reader_init(&reader, plan, &whole);
    one = vtb_webm_reader_take(&reader, data, len);
    vtb_webm_reader_init(&reader, plan, &pieces);
    for (size_t at = 0; at < len && !two; at += 13)
        two = vtb_webm_reader_take(&reader, data + at, len - at < 13 ? len - at : 13);
    if (one != two || whole.slots != pieces.slots || whole.groups_n != pieces.groups_n)
        abort();
    vtb_webm_plan_fini(&whole);
    vtb_webm_plan_fini(&pieces);
    return 0;
}
