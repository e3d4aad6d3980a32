/* Everybody is heard alike: the slow gain of a speaker, with numbers and with voices through a room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audio/gain.h"
#include "stoi.h"
#include "cast.h"
#include "talk.h"

static struct talk talk;

static double db_of(const float *pcm, size_t n)
{
    double sum = 1e-12;

    for (size_t i = 0; i < n; i++)
        sum += (double)pcm[i] * (double)pcm[i];
    return 10.0 * log10(sum / (double)n);
}

/* Mean level of the steps within 25 dB of the loudest: of what is said, not of the pauses. */
static double spoken_db(const struct hear *voice, size_t from, size_t to)
{
    double top = -120.0, sum = 0.0;
    size_t n = 0;

    for (size_t f = from; f < to; f++)
        top = fmax(top, db_of(voice->at + f * VTB_MIX_FRAME, VTB_MIX_FRAME));
    for (size_t f = from; f < to; f++) {
        double db = db_of(voice->at + f * VTB_MIX_FRAME, VTB_MIX_FRAME);

        if (db > top - 25.0) {
            sum += pow(10.0, db / 10.0);
            n++;
        }
    }
    return 10.0 * log10(sum / (double)n);
}

/* The voice with its speech at `db` dBFS, in `times` rounds, over noise of `noise_db`. Samples stay in -1..1 as a converter's do. */
static struct hear at_level(const struct hear *voice, double db, double noise_db, size_t times)
{
    double by = pow(10.0, (db - spoken_db(voice, 0, voice->n / VTB_MIX_FRAME)) / 20.0);
    double noise = pow(10.0, noise_db / 20.0) * 1.732;
    struct hear out = { malloc(times * voice->n * sizeof(float)), times * voice->n };
    uint32_t random = 7;

    for (size_t i = 0; i < out.n; i++) {
        double x = (double)voice->at[i % voice->n] * by;

        random = random * 1664525u + 1013904223u;
        x += noise * ((double)(random >> 8) / 8388608.0 - 1.0);
        out.at[i] = (float)(fabs(x) < 0.7 ? x : copysign(0.7 + 0.29 * tanh((fabs(x) - 0.7) / 0.29), x));
    }
    return out;
}

/* What a room makes of one speaker, whose voice this is. */
static struct hear through_a_room(const struct hear *voice, size_t steps)
{
    struct hear out;

    talk_open(&talk, 3, 32000);
    talk_join(&talk, voice, 0);
    talk_step(&talk, steps);
    out = talk.heard;
    talk.heard.at = NULL;
    talk_close(&talk);
    return out;
}

static void a_soft_and_a_loud_speaker_come_out_alike(void **state)
{
    (void)state;
    const struct hear *voices[] = { &anna, &ben, &cleo };

    for (size_t v = 0; v < VTB_COUNT(voices); v++) {
        struct hear soft = at_level(voices[v], -40.0, -75.0, 1), loud = at_level(voices[v], -12.0, -75.0, 1);
        struct hear from_soft = through_a_room(&soft, 600), from_loud = through_a_room(&loud, 600);
        double a = spoken_db(&from_soft, 250, 600), b = spoken_db(&from_loud, 250, 600);

        print_message("    -40 dBFS comes out at %.1f, -12 dBFS at %.1f\n", a, b);
        assert_true(fabs(a - b) < 4.0);
        assert_true(a > -27.0 && a < -17.0);
        free(soft.at);
        free(loud.at);
        free(from_soft.at);
        free(from_loud.at);
    }
}

/* Speech of 2 s over a fan, then 2 s of the fan alone, five times. */
static void the_noise_of_a_pause_is_not_raised(void **state)
{
    (void)state;
    struct hear said = at_level(&anna, -38.0, -120.0, 2);
    struct vtb_gain gain;
    double worst = -120.0;
    uint32_t random = 1;
    float pcm[VTB_VOICE_FRAME];

    vtb_gain_init(&gain);
    for (size_t f = 0; f < 1000; f++) {
        double raw, now;

        for (size_t i = 0; i < VTB_VOICE_FRAME; i++) {
            random = random * 1664525u + 1013904223u;
            pcm[i] = 0.00173f * ((float)(random >> 8) / 8388608.0f - 1.0f); /* -60 dBFS */
            if (f % 200 < 100)
                pcm[i] += said.at[(f / 200 * 100 + f % 200 + 20) * VTB_VOICE_FRAME + i];
        }
        raw = db_of(pcm, VTB_VOICE_FRAME);
        vtb_gain_run(&gain, pcm);
        now = db_of(pcm, VTB_VOICE_FRAME);
        if (f % 200 >= 130) /* the last word has ended 600 ms ago at most, its gain is gone */
            worst = fmax(worst, now - raw);
        if (f > 800 && f % 200 < 90 && raw > -40.0)
            assert_true(now - raw > 8.0); /* in speech it is there */
    }
    print_message("    noise raised by %.2f dB at most\n", worst);
    assert_true(worst < 0.5);
    free(said.at);
}

/* A fan, a voice in the next room, a knock: none of it is speech, and no gain goes up for it. */
static void noise_alone_moves_nothing(void **state)
{
    (void)state;
    struct vtb_gain gain;
    float pcm[VTB_VOICE_FRAME];
    uint32_t random = 1;

    vtb_gain_init(&gain);
    for (size_t f = 0; f < 3000; f++) { /* one minute at -45 dBFS */
        for (size_t i = 0; i < VTB_VOICE_FRAME; i++) {
            random = random * 1664525u + 1013904223u;
            pcm[i] = 0.0097f * ((float)(random >> 8) / 8388608.0f - 1.0f);
        }
        vtb_gain_run(&gain, pcm);
        assert_true(gain.gain_db == 0.0f && gain.applied_db == 0.0f);
    }
}

static void at_gain_0_dB_samples_pass_bit_for_bit(void **state)
{
    (void)state;
    struct vtb_gain gain;
    float pcm[VTB_VOICE_FRAME];

    vtb_gain_init(&gain);
    for (size_t f = 0; f < 8; f++) {
        memcpy(pcm, anna.at + (20 + f) * VTB_VOICE_FRAME, sizeof pcm);
        vtb_gain_run(&gain, pcm);
        assert_memory_equal(pcm, anna.at + (20 + f) * VTB_VOICE_FRAME, sizeof pcm);
    }
}

/* Loud by 30 dB for a while, as when somebody else leans over the same microphone. */
static void who_speaks_next_at_the_same_microphone_is_found_again(void **state)
{
    (void)state;
    struct hear near = at_level(&ben, -10.0, -80.0, 1), far = at_level(&anna, -40.0, -80.0, 2);
    struct vtb_gain gain;
    float pcm[VTB_VOICE_FRAME];

    vtb_gain_init(&gain);
    for (size_t f = 0; f < 600; f++) {
        memcpy(pcm, near.at + f * VTB_VOICE_FRAME, sizeof pcm);
        vtb_gain_run(&gain, pcm);
    }
    assert_true(gain.gain_db < -8.0f);
    for (size_t f = 0; f < 1200; f++) {
        memcpy(pcm, far.at + f * VTB_VOICE_FRAME, sizeof pcm);
        vtb_gain_run(&gain, pcm);
    }
    assert_true(gain.gain_db > 12.0f);
    free(near.at);
    free(far.at);
}

static void words_are_as_clear_as_without(void **state)
{
    (void)state;
    const struct hear *voices[] = { &anna, &ben, &cleo };
    static const double levels[] = { -40.0, -24.0, -12.0 };

    for (size_t v = 0; v < VTB_COUNT(voices); v++) {
        struct hear said = at_level(voices[v], levels[v], -80.0, 1), got = { malloc(said.n * sizeof(float)), said.n };
        struct vtb_gain gain;
        double stoi;

        memcpy(got.at, said.at, said.n * sizeof(float));
        vtb_gain_init(&gain);
        for (size_t f = 0; f < said.n / VTB_VOICE_FRAME; f++)
            vtb_gain_run(&gain, got.at + f * VTB_VOICE_FRAME);
        stoi = stoi_48k(said.at, got.at, said.n);
        print_message("    STOI of the gain alone at %.0f dBFS: %.4f\n", levels[v], stoi);
        assert_true(stoi > 0.995);
        free(said.at);
        free(got.at);
    }
}

/* Three soft ones whose gains are up begin to shout, 24 dB louder, all in the same moment. */
static void three_loud_at_once_are_never_clipped(void **state)
{
    (void)state;
    const struct hear *voices[] = { &anna, &ben, &cleo };
    struct hear said[3];
    float peak = 0.0f;

    talk_open(&talk, 3, 32000);
    for (size_t v = 0; v < 3; v++) {
        said[v] = at_level(voices[v], -38.0, -90.0, 2);
        for (size_t i = said[v].n / 2; i < said[v].n; i++)
            said[v].at[i] = 0.95f * tanhf(said[v].at[i] * 16.0f);
        talk_join(&talk, &said[v], 0);
    }
    talk_step(&talk, 900);
    for (size_t i = 0; i < talk.heard.n; i++)
        peak = fmaxf(peak, fabsf(talk.heard.at[i]));
    print_message("    peak as decoded %.3f\n", (double)peak);
    talk_close(&talk);
    for (size_t v = 0; v < 3; v++)
        free(said[v].at);
    assert_true(peak > 0.5f && peak < 0.999f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_soft_and_a_loud_speaker_come_out_alike),
        cmocka_unit_test(the_noise_of_a_pause_is_not_raised),
        cmocka_unit_test(noise_alone_moves_nothing),
        cmocka_unit_test(at_gain_0_dB_samples_pass_bit_for_bit),
        cmocka_unit_test(who_speaks_next_at_the_same_microphone_is_found_again),
        cmocka_unit_test(words_are_as_clear_as_without),
        cmocka_unit_test(three_loud_at_once_are_never_clipped),
    };

    return cmocka_run_group_tests(tests, cast_load, cast_unload);
}
