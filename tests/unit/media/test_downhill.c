/*
 * From the mix to many ears behind bad links, each with losses of its own, by the worker's own code: what the
 * worst of them understands (STOI) of what is understood without loss, from the first word on. tests/bench's
 * links_bench asks the same of hundreds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "downhill.h"
#include "stoi.h"

#define SECONDS 7u
#define EACH    5u /* links of a kind */

static const struct {
    const char *name, *rules[2];
    bool has_red, is_known;
    uint32_t n;
    double worst, mean;
    int gap_ms;
} kinds[] = {
    { "clean", { 0 }, true, true, 1, 0.99, 0.99, 10 },
    { "clean, and new", { 0 }, true, false, 1, 0.97, 0.97, 10 },
    { "random 10 %", { "loss 0.1" }, true, false, EACH, 0.95, 0.97, 120 },
    { "bursts 10 %", { "burst 0.1 3" }, true, false, EACH, 0.90, 0.94, 120 },
    { "bursts 10 %, without RED", { "burst 0.1 3" }, false, false, EACH, 0.90, 0.94, 120 },
    { "64 kbit/s, 300 ms", { "rate 64000", "delay 150 20" }, true, false, 2, 0.96, 0.96, 60 },
};
#define KINDS VTB_COUNT(kinds)
#define EARS  (2 + 3 * EACH + 2)

static void the_worst_of_many_links_is_understood_from_the_first_word_on(void **state)
{
    static struct downhill_ear ears[EARS];
    struct hear voice = hear_voice("anna");
    double lossless = 0;
    uint32_t n = 0;
    (void)state;

    voice.n = voice.n < SECONDS * 48000 ? voice.n : SECONDS * 48000;
    for (size_t k = 0; k < KINDS; k++)
        for (uint32_t i = 0; i < kinds[k].n; i++, n++)
            ears[n] = (struct downhill_ear){ .seed = 1000 + i, .rules = { kinds[k].rules[0], kinds[k].rules[1] },
                                             .has_red = kinds[k].has_red, .is_known = kinds[k].is_known };
    assert_int_equal(n, EARS);
    downhill(&voice, ears, n);
    n = 0;
    for (size_t k = 0; k < KINDS; k++) {
        double worst = 2, mean = 0;
        int gap = 0;
        uint32_t lean = 0;

        for (uint32_t i = 0; i < kinds[k].n; i++, n++) {
            struct stoi_spoken s = stoi_spoken(voice.at, voice.n, ears[n].heard.at, ears[n].heard.n, 500);

            lossless = lossless > 0 ? lossless : s.stoi;
            worst = s.stoi / lossless < worst ? s.stoi / lossless : worst;
            mean += s.stoi / lossless / kinds[k].n;
            gap = s.gap_ms > gap ? s.gap_ms : gap;
            lean += ears[n].on[VTB_RUNG_LEAN] + ears[n].on[VTB_RUNG_LEAN_RED] + ears[n].on[VTB_RUNG_SURVIVAL];
            free(ears[n].heard.at);
        }
        print_message("    %-26s worst of %u: %.3f of the lossless, mean %.3f, longest gap %d ms\n", kinds[k].name,
                      kinds[k].n, worst, mean, gap);
        assert_true(worst >= kinds[k].worst);
        assert_true(mean >= kinds[k].mean);
        assert_true(gap <= kinds[k].gap_ms);
        assert_int_equal(lean, 0); /* none of these links is full */
    }
    free(voice.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worst_of_many_links_is_understood_from_the_first_word_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
