#include "record/canon.h"
#include "record/rules.h"
#include "record/stage.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void normal_form_is_stable(struct vtb_str in)
{
    struct vtb_arena arena = { 0 };
    struct vtb_str once, twice;

    if (vtb_nfc(in, &arena, &once) == VTB_OK && (vtb_nfc(once, &arena, &twice) != VTB_OK || !vtb_str_is(once, twice)))
        abort();
    vtb_arena_fini(&arena);
}

static void canonical_bytes_come_back(struct vtb_str in)
{
    struct vtb_arena arena = { 0 };
    struct vtb_str again;
    json_t *root = NULL;

    if (vtb_canon_read(in.at, in.len, 1u << 20, &root) == VTB_OK &&
        (vtb_canon_write(root, &arena, &again) != VTB_OK || !vtb_str_is(in, again)))
        abort();
    json_decref(root);
    vtb_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct vtb_str in = { (const char *)data, len };
    struct vtb_field_name name;
    const char *why = NULL;
    char message[200];

    normal_form_is_stable(in);
    canonical_bytes_come_back(in);
    if (vtb_stage_check(in, message, sizeof message) && message[0] == 0)
        abort();
    if (vtb_field_name_parse(in, &name) == VTB_OK && name.at >= VTB_PLAN_FIELDS)
        abort();
    for (size_t i = 0; i < VTB_PLAN_FIELDS; i++)
        if (vtb_field_check(&vtb_plan_fields[i], in, &why) && !why)
            abort();
    return 0;
}
