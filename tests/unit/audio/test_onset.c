/*
 * The first syllable of whoever begins to speak is whole: the energy of its first 100 ms, as the room
 * plays it, is not 1 dB less than what was said. What the room plays of one person is taken from the voice
 * before the sum, so that the others do not cover what may be missing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audio/inside.h"
#include "cast.h"
#include "talk.h"

#define FIRST    4800u  /* samples: 100 ms */
#define SOFT     1e-4   /* mean square of 10 ms, -40 dBFS: an utterance begins above it */
#define PAUSE    19200u /* samples: after so much silence, 400 ms */
#define LATE_MOST 24000 /* samples: 500 ms */
#define ONSETS   40u

static struct talk talk;
static struct hear played; /* of the person in question */

static double power(const float *pcm, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += (double)pcm[i] * (double)pcm[i];
    return sum / (double)n;
}

/* Words of the voice, each followed by `pause` steps of silence: every one is an onset. */
static struct hear words(const struct hear *voice, size_t pause, float by)
{
    struct hear out = { calloc(4 * voice->n, sizeof(float)), 0 };
    bool was = false;
    size_t quiet = 0;

    for (size_t f = 0; f < voice->n / 480; f++) {
        const float *pcm = voice->at + f * 480;
        bool loud = power(pcm, 480) > SOFT / 4;

        quiet = loud ? 0 : quiet + 1;
        if (quiet == 7 && was) { /* 70 ms: a gap between words becomes a pause */
            if (out.n + pause * VTB_MIX_FRAME + voice->n - f * 480 > 4 * voice->n)
                break;
            out.n += pause * VTB_MIX_FRAME;
            was = false;
        }
        was = was || loud;
        for (size_t i = 0; i < 480; i++)
            out.at[out.n++] = pcm[i] * by;
    }
    out.n = out.n / VTB_MIX_FRAME * VTB_MIX_FRAME;
    return out;
}

static struct hear hiss(float amplitude, size_t n)
{
    struct hear out = { malloc(n * sizeof(float)), n };
    uint32_t random = 11;

    for (size_t i = 0; i < n; i++) {
        random = random * 1664525u + 1013904223u;
        out.at[i] = amplitude * ((float)(random >> 8) / 8388608.0f - 1.0f);
    }
    return out;
}

/* One step; what it played of `who` goes to `played`, without the room's gain. */
static void step(const struct talk_speaker *who)
{
    const struct mix_source *source = &talk.mix->sources[who->source];
    float *to = played.at + played.n;

    talk_step(&talk, 1);
    played.n += VTB_MIX_FRAME;
    memset(to, 0, VTB_MIX_FRAME * sizeof *to);
    if (source->voice != MIX_NO_VOICE && source->in_mix)
        memcpy(to, talk.mix->ears[source->voice].voice->line, VTB_MIX_FRAME * sizeof *to);
}

/* Where utterances begin, after a pause. */
static size_t onsets(const struct hear *said, size_t out[static ONSETS])
{
    size_t n = 0, quiet = PAUSE;

    for (size_t at = 0; at + 2 * FIRST < said->n && n < ONSETS; at += 480) {
        bool loud = power(said->at + at, 480) > SOFT;

        if (loud && quiet >= PAUSE)
            out[n++] = at;
        quiet = loud ? 0 : quiet + 480;
    }
    return n;
}

/* How much of these 100 ms is there, dB: by projection on what was said, over all delays. */
static double missing_db(const struct hear *said, size_t at)
{
    const float *ref = said->at + at;
    double own = power(ref, FIRST) * FIRST, best = -1.0, energy = 0.0;
    int late = 0;

    for (int d = 0; d < LATE_MOST && at + FIRST + (size_t)d < played.n; d += 2) {
        const float *got = played.at + at + d;
        double both = 0.0;

        for (size_t i = 0; i < FIRST; i += 8) /* coarse is enough to find it */
            both += (double)ref[i] * (double)got[i];
        if (both > best) {
            best = both;
            late = d;
        }
    }
    energy = power(played.at + at + late, FIRST) * FIRST;
    return 10.0 * log10((energy + 1e-12) / own);
}

static void judge(const struct hear *said, size_t from, const char *what)
{
    size_t at[ONSETS], n = onsets(said, at), judged = 0;
    double worst = 0.0, most = 0.0;

    for (size_t i = 0; i < n; i++) {
        double db;

        if (at[i] < from || at[i] + FIRST + LATE_MOST > played.n)
            continue;
        db = missing_db(said, at[i]);
        judged++;
        worst = fmin(worst, db);
        most = fmax(most, db);
    }
    print_message("    %s: %zu onsets, %+.2f to %+.2f dB\n", what, judged, worst, most);
    assert_true(judged >= 3);
    assert_true(worst > -1.0); /* nothing is missing */
    assert_true(most < 2.0);   /* played a little faster, more of the word is in its 100 ms */
}

static void run(const struct talk_speaker *who, size_t steps)
{
    played = (struct hear){ malloc((steps + 1) * VTB_MIX_FRAME * sizeof(float)), 0 };
    for (size_t i = 0; i < steps; i++) {
        step(who);
        /* What is looked at is the words and not their gain (test_gain does that). */
        vtb_gain_init(&talk.mix->sources[who->source].gain);
    }
}

/* Three others are there with their rooms' noise. */
static void after_silence_beside_three_noisy_rooms(void **state)
{
    (void)state;
    const struct hear *voices[] = { &ben, &cleo };
    struct hear noise = hiss(0.0025f, 48000 * 5); /* -57 dBFS */

    for (size_t v = 0; v < VTB_COUNT(voices); v++) {
        struct hear said = words(voices[v], 40, 1.0f);
        struct talk_speaker *who;

        talk_open(&talk, 3, 32000);
        who = talk_join(&talk, &said, 0);
        for (int i = 0; i < 3; i++)
            talk_join(&talk, &noise, 0)->loops = true;
        run(who, said.n / VTB_MIX_FRAME);
        judge(&said, 0, "beside noise");
        talk_close(&talk);
        free(said.at);
        free(played.at);
    }
    free(noise.at);
}

/* Three talk without a pause, 12 dB softer; each word of the fourth has to win a place. */
static void a_fourth_who_interrupts_three(void **state)
{
    (void)state;
    struct hear said = words(&cleo, 60, 1.0f), babble[3];
    const struct hear *voices[] = { &anna, &ben, &anna };
    struct talk_speaker *who;

    talk_open(&talk, 3, 32000);
    who = talk_join(&talk, &said, 0);
    for (size_t v = 0; v < 3; v++) { /* loops of 3 s without the long pauses, each from another place */
        babble[v] = (struct hear){ malloc(48000 * 3 * sizeof(float)), 48000 * 3 };
        for (size_t i = 0; i < babble[v].n; i++)
            babble[v].at[i] = 0.2f * (voices[v]->at[48000 * (1 + 2 * v) + i] + voices[v]->at[48000 * (2 + v) + i]);
        talk_join(&talk, &babble[v], 0)->loops = true;
    }
    run(who, said.n / VTB_MIX_FRAME);
    judge(&said, 48000, "fourth of three");
    talk_close(&talk);
    for (size_t v = 0; v < 3; v++)
        free(babble[v].at);
    free(said.at);
    free(played.at);
}

/* Far from the microphone, in a quiet room: -50 dBFS and below. */
static void a_soft_voice(void **state)
{
    (void)state;
    struct hear said = words(&anna, 40, 1.0f);
    struct talk_speaker *who;
    struct hear soft = { malloc(said.n * sizeof(float)), said.n };

    for (size_t i = 0; i < said.n; i++)
        soft.at[i] = 0.06f * said.at[i];
    talk_open(&talk, 3, 32000);
    who = talk_join(&talk, &soft, 0);
    run(who, said.n / VTB_MIX_FRAME);
    for (size_t i = 0; i < played.n; i++)
        played.at[i] /= 0.06f;
    judge(&said, 0, "24 dB softer");
    talk_close(&talk);
    free(said.at);
    free(soft.at);
    free(played.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_silence_beside_three_noisy_rooms),
        cmocka_unit_test(a_fourth_who_interrupts_three),
        cmocka_unit_test(a_soft_voice),
    };

    return cmocka_run_group_tests(tests, cast_load, cast_unload);
}
