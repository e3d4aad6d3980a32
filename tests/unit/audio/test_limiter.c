/* The limiter keeps the ceiling and leaves no mark where it has nothing to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "audio/limiter.h"

#define STEPS 150u
#define TOTAL (STEPS * VTB_VOICE_FRAME)

static float in[TOTAL + VTB_VOICE_LOOK], out[TOTAL];

static void run(void)
{
    struct vtb_limiter limiter;

    vtb_limiter_init(&limiter);
    for (uint32_t s = 0; s < STEPS; s++)
        vtb_limiter_run(&limiter, in + s * VTB_VOICE_FRAME, out + s * VTB_VOICE_FRAME);
}

static void quiet_sound_passes_bit_for_bit(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < VTB_COUNT(in); i++)
        in[i] = 0.78f * (float)sin(i * 0.07);
    run();
    assert_memory_equal(in, out, sizeof out);
}

static void nothing_passes_the_ceiling(void **state)
{
    (void)state;
    uint32_t random = 7;
    float peak = 0.0f;

    memset(in, 0, VTB_VOICE_LOOK * sizeof *in); /* a voice begins after the look-ahead */
    for (uint32_t i = VTB_VOICE_LOOK; i < VTB_COUNT(in); i++) { /* up to 4 times full scale */
        random = random * 1664525u + 1013904223u;
        in[i] = ((float)(random >> 8) / 8388608.0f - 1.0f) * (i / 3000 % 3 ? 0.3f : 4.0f);
    }
    run();
    for (uint32_t i = 0; i < TOTAL; i++)
        peak = fmaxf(peak, fabsf(out[i]));
    assert_true(peak <= VTB_LIMITER_CEILING + 1e-5f);
    assert_true(peak > 0.5f);
}

/* A tone of 2.1 times full scale (three voices at -3 dBFS that meet) stays a tone. */
static void distortion_stays_below_3_per_cent(void **state)
{
    (void)state;
    static const double tones[] = { 110.0, 220.0, 440.0, 1000.0 };

    for (size_t t = 0; t < VTB_COUNT(tones); t++) {
        double w = 2.0 * M_PI * tones[t] / 48000.0, s = 0, c = 0, all = 0, tone;
        uint32_t from = TOTAL / 2, n = 0;

        for (uint32_t i = 0; i < VTB_COUNT(in); i++)
            in[i] = 2.1f * (float)sin(w * i);
        run();
        for (uint32_t i = from; i < from + 48000; i++, n++) { /* one second: whole periods */
            s += (double)out[i] * sin(w * i);
            c += (double)out[i] * cos(w * i);
            all += (double)out[i] * (double)out[i];
        }
        tone = 2.0 * (s * s + c * c) / n;
        assert_true(sqrt(fmax(0.0, all - tone) / tone) < 0.03);
    }
}

static void after_a_peak_the_gain_comes_back_to_exactly_one(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < VTB_COUNT(in); i++)
        in[i] = (i > 5000 && i < 6000 ? 2.0f : 0.5f) * (float)sin(i * 0.03);
    run();
    assert_memory_equal(in + 100000, out + 100000, (TOTAL - 100000) * sizeof *out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quiet_sound_passes_bit_for_bit),
        cmocka_unit_test(nothing_passes_the_ceiling),
        cmocka_unit_test(distortion_stays_below_3_per_cent),
        cmocka_unit_test(after_a_peak_the_gain_comes_back_to_exactly_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
