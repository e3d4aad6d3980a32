#include "record/sign.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct vtb_verify_report report;
    uint8_t seed[VTB_SIGN_SEED] = { 0 };
    char key[VTB_KEY_TEXT];
    struct vtb_str trusted;

    if (vtb_sign_init())
        abort();
    vtb_key_of_seed(seed, key); /* signed nothing in the corpus */
    trusted = vtb_str_of(key);
    vtb_plan_file_verify((const char *)data, len, &trusted, 1, &report);
    if (report.verdict == VTB_VERDICT_GOOD || !report.sentence || !report.detail)
        abort();
    return 0;
}
