/* Compiled by a test with one of three names: only the number may compile. */
#include "base/log.h"

void try_it(struct vtb_str typed, uint64_t number);

void try_it(struct vtb_str typed, uint64_t number)
{
    (void)typed;
    (void)number;
#ifdef TRY_number
    VTB_LOG(VTB_INFO, "try", VTB_U64("n", number), VTB_STR("word", "literal"));
#endif
#ifdef TRY_text
    VTB_LOG(VTB_INFO, "try", VTB_STR("name", typed));
#endif
#ifdef TRY_private
    VTB_LOG(VTB_INFO, "try", VTB_U64("name", typed));
#endif
}
