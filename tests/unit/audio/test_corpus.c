/*
 * Recorded people instead of made voices: an English reader, a Mandarin reader, another English
 * one and a noisy room. Needs CONSILIUM_SHARED (the folder that holds data/speech); ends with 77,
 * which ctest counts as skipped, where it is absent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "audio/gain.h"
#include "talk.h"

static const char *const files[] = { "librispeech-1995-1837-0001.wav", "lyra-sample1-48k.wav",
                                     "aishell-BAC009S0724W0121.wav", "noise4.wav" };
static struct hear people[VTB_COUNT(files)];
static const char *shared;

static void path_of(const char *leaf, char out[static 1024])
{
    snprintf(out, 1024, "%s/data/speech/%s", shared, leaf);
}

/* To where a room brings every speaker in time, so that it is its sum and not its gain that is judged. */
static void level(struct hear *voice)
{
    static float copy[VTB_VOICE_FRAME];
    struct vtb_gain gain;

    vtb_gain_init(&gain);
    for (size_t f = 0; f < 600; f++) {
        for (size_t i = 0; i < VTB_VOICE_FRAME; i++)
            copy[i] = voice->at[(f * VTB_VOICE_FRAME + i) % voice->n];
        vtb_gain_run(&gain, copy);
    }
    for (size_t i = 0; i < voice->n; i++)
        voice->at[i] *= powf(10.0f, gain.gain_db / 20.0f);
}

/* Mean r of what was heard against what was said by all but `without`; frees what it makes. */
static struct hear_match compare(const struct talk *talk, const struct hear *heard,
                                 const struct talk_speaker *without)
{
    struct hear sum = talk_sum(talk, talk->step, without);
    struct hear ref = hear_band(sum.at, sum.n), got = hear_band(heard->at, heard->n);
    struct hear_match m = hear_compare(&ref, &got, 150);

    free(sum.at);
    free(ref.at);
    free(got.at);
    return m;
}

/* What the codecs alone do to this sound: one speaker who says the whole sum. */
static double codec_alone(const struct talk *of, const struct talk_speaker *without)
{
    static struct talk talk;
    struct hear sum = talk_sum(of, of->step, without);
    struct hear_match m;

    talk_open(&talk, 1, 24000);
    talk_join(&talk, &sum, 0);
    talk_step(&talk, of->step);
    m = compare(&talk, &talk.heard, NULL);
    talk_close(&talk);
    free(sum.at);
    return m.mean;
}

static void recorded_people_who_talk_at_once_are_heard_by_all(void **state)
{
    (void)state;
    static struct talk talk;

    talk_open(&talk, 3, 24000);
    for (size_t i = 0; i < 3; i++)
        talk_join(&talk, &people[i], 0)->loops = true;
    talk_step(&talk, 500);
    for (size_t i = 0; i < 4; i++) {
        const struct talk_speaker *who = i < 3 ? &talk.who[i] : NULL;
        struct hear_match m = compare(&talk, who ? &who->heard : &talk.heard, who);
        double alone = codec_alone(&talk, who);

        print_message("    mean r %.3f, codec alone %.3f\n", m.mean, alone);
        assert_true(m.mean > alone - 0.05);
        assert_true(m.mean > 0.7);
    }
    talk_close(&talk);
}

static void a_reader_is_heard_beside_a_noisy_room(void **state)
{
    (void)state;
    static struct talk talk;
    struct hear noise = { malloc(people[3].n * sizeof(float)), people[3].n };
    struct hear_match m;

    for (size_t i = 0; i < noise.n; i++) /* -30 dBFS: a fan, not a storm */
        noise.at[i] = 0.1f * people[3].at[i];
    talk_open(&talk, 3, 24000);
    talk_join(&talk, &people[0], 0);
    talk_join(&talk, &noise, 0);
    talk_step(&talk, 430);
    talk.n = 1; /* compared with the reader alone */
    m = compare(&talk, &talk.heard, NULL);
    talk.n = 2;
    print_message("    mean r %.3f, %zu of %zu windows\n", m.mean, m.good, m.windows);
    assert_true(m.mean > 0.7);
    talk_close(&talk);
    free(noise.at);
}

/* Cars, swelling by 15 dB within a second: not a voice, however loud. */
static void a_street_is_not_taken_for_speech(void **state)
{
    (void)state;
    struct vtb_gain gain;
    float pcm[VTB_VOICE_FRAME];

    vtb_gain_init(&gain);
    for (size_t f = 0; f < people[3].n / VTB_VOICE_FRAME; f++) {
        for (size_t i = 0; i < VTB_VOICE_FRAME; i++)
            pcm[i] = 0.1f * people[3].at[f * VTB_VOICE_FRAME + i];
        vtb_gain_run(&gain, pcm);
    }
    print_message("    raised by %.1f dB\n", (double)gain.gain_db);
    assert_true(gain.gain_db < 3.0f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_people_who_talk_at_once_are_heard_by_all),
        cmocka_unit_test(a_reader_is_heard_beside_a_noisy_room),
        cmocka_unit_test(a_street_is_not_taken_for_speech),
    };
    char path[1024];
    int failed;

    shared = getenv("CONSILIUM_SHARED");
    for (size_t i = 0; i < VTB_COUNT(files); i++) {
        if (shared)
            path_of(files[i], path);
        if (!shared || access(path, R_OK) != 0) {
            fprintf(stderr, "skipped: no recorded speech (CONSILIUM_SHARED)\n");
            return 77;
        }
        people[i] = hear_wav(path);
        if (i < 3)
            level(&people[i]);
    }
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (size_t i = 0; i < VTB_COUNT(files); i++)
        free(people[i].at);
    return failed;
}
