/* Shorter and longer without a click and without another pitch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audio/stretch.h"
#include "hear.h"

#define ROOM 4000u

static float pcm[ROOM];

static float largest_step(const float *at, uint32_t n)
{
    float worst = 0.0f;

    for (uint32_t i = 1; i < n; i++)
        worst = fmaxf(worst, fabsf(at[i] - at[i - 1]));
    return worst;
}

/* A voice of 125 Hz with two overtones. */
static void hum(void)
{
    for (uint32_t i = 0; i < ROOM; i++) {
        double t = 2 * M_PI * 125.0 * i / 48000;

        pcm[i] = (float)(0.3 * sin(t) + 0.2 * sin(2 * t + 1) + 0.1 * sin(5 * t + 2));
    }
}

static void a_voice_loses_and_gains_whole_periods(void **state)
{
    (void)state;
    float usual;
    uint32_t by;

    hum();
    usual = largest_step(pcm, 2160);
    by = vtb_stretch_shorten(pcm, 2160, 960, VTB_STRETCH_GENTLE);
    assert_true(by > 0 && (by % 384 <= 2 || by % 384 >= 382)); /* 384 samples are a period */
    assert_true(largest_step(pcm, 2160 - by) < 1.1f * usual);
    hum();
    by = vtb_stretch_lengthen(pcm, 2160, 960, VTB_STRETCH_GENTLE);
    assert_true(by > 0 && (by % 384 <= 2 || by % 384 >= 382));
    assert_true(largest_step(pcm, 2160 + by) < 1.1f * usual);
    hum();
    float at = pcm[2159];

    by = vtb_stretch_lengthen(pcm, 2160, 960, VTB_STRETCH_GENTLE);
    assert_true(pcm[2159 + by] == at); /* nothing is lost at the end */
}

static void silence_may_go_whole_and_noise_only_in_a_hurry(void **state)
{
    (void)state;
    memset(pcm, 0, sizeof pcm);
    assert_int_equal(vtb_stretch_shorten(pcm, 2160, 960, VTB_STRETCH_GENTLE), 960);
    assert_int_equal(vtb_stretch_shorten(pcm, 2160, 500, VTB_STRETCH_GENTLE), 500);
    for (uint32_t i = 0, r = 1; i < ROOM; i++, r = r * 1664525u + 1013904223u)
        pcm[i] = (float)(r / 4294967296.0 - 0.5);
    assert_int_equal(vtb_stretch_shorten(pcm, 2160, 960, VTB_STRETCH_GENTLE), 0);
    assert_true(vtb_stretch_shorten(pcm, 2160, 960, VTB_STRETCH_ANYHOW) >= VTB_STRETCH_LEAST);
}

static void what_is_too_short_is_left_alone(void **state)
{
    (void)state;
    hum();
    for (uint32_t n = 0; n < VTB_STRETCH_FADE + VTB_STRETCH_LEAST; n++)
        assert_int_equal(vtb_stretch_shorten(pcm, n, 960, VTB_STRETCH_ANYHOW), 0);
    assert_int_equal(vtb_stretch_shorten(pcm, 2160, VTB_STRETCH_LEAST - 1, VTB_STRETCH_ANYHOW), 0);
    for (uint32_t most = VTB_STRETCH_LEAST; most < 960; most++) { /* and never more than allowed */
        float copy[2160];

        memcpy(copy, pcm, sizeof copy);
        assert_true(vtb_stretch_shorten(copy, 2160, most, VTB_STRETCH_ANYHOW) <= most);
    }
}

/* Real speech, a tenth shorter: no step that speech itself does not have. */
static void speech_gets_shorter_without_clicks(void **state)
{
    (void)state;
    struct hear anna = hear_voice("anna");
    uint32_t gone = 0, at = 0, tries = 0;
    float usual = largest_step(anna.at, (uint32_t)anna.n), worst = 0.0f;

    while (at + 2160 <= anna.n) {
        memcpy(pcm, anna.at + at, 2160 * sizeof *pcm);
        uint32_t by = vtb_stretch_shorten(pcm, 2160, 960, VTB_STRETCH_GENTLE);

        worst = fmaxf(worst, largest_step(pcm, 2160 - by));
        gone += by;
        tries++;
        at += 960 * 3;
    }
    print_message("    %.1f %% shorter in %u tries, largest step %.3f (speech alone %.3f)\n",
                  100.0 * gone / (double)anna.n, tries, (double)worst, (double)usual);
    assert_true(gone > anna.n / 12);
    assert_true(worst <= usual * 1.05f);
    free(anna.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_voice_loses_and_gains_whole_periods),
        cmocka_unit_test(silence_may_go_whole_and_noise_only_in_a_hurry),
        cmocka_unit_test(what_is_too_short_is_left_alone),
        cmocka_unit_test(speech_gets_shorter_without_clicks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
