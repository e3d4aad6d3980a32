/* A device that returns the room's sound is found, and nobody else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audio/echo.h"
#include "talk.h"

#define WHOLE 600u /* steps of a voice */

static struct hear voices[3];
static struct vtb_echo_probe probe;
static struct talk talk;

static int load(void **state)
{
    (void)state;
    voices[0] = hear_voice("anna");
    voices[1] = hear_voice("ben");
    voices[2] = hear_voice("cleo");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    for (size_t v = 0; v < 3; v++)
        free(voices[v].at);
    return 0;
}

static uint8_t level_of(const float *pcm)
{
    double p = 0.0;

    for (size_t i = 0; i < VTB_MIX_FRAME; i++)
        p += (double)pcm[i] * (double)pcm[i];
    p = -10.0 * log10(p / VTB_MIX_FRAME + 1e-13);
    return (uint8_t)fmin(127.0, fmax(0.0, p));
}

/* ---- three who talk, without codecs: ten minutes in a second ---- */

#define SEATS 3u
#define TAIL  96000u /* samples kept of what was sent: 2 s */

struct seat {
    struct vtb_echo echo;
    const struct hear *voice;
    size_t at;      /* step of its voice */
    size_t until;   /* step of the conversation: talks, then is silent */
    bool talks;
    float pcm[VTB_MIX_FRAME];
    float returns;  /* of what it is sent, as a factor */
    size_t late;    /* samples */
    float sent[TAIL];
};

static struct seat seats[SEATS];
static uint32_t dice;

static uint32_t throw_of(uint32_t n)
{
    dice = dice * 1664525u + 1013904223u;
    return (dice >> 8) % n;
}

/* Turns of 1 to 7 s; who is silent may answer at once, or speak into the other's words. */
static void converse(struct seat *seat, size_t step)
{
    if (step < seat->until)
        return;
    seat->talks = !seat->talks;
    seat->until = step + (seat->talks ? 50 + throw_of(300) : 25 + throw_of(500));
    if (seat->talks)
        seat->at = throw_of(WHOLE - 1);
}

static void say(struct seat *seat, size_t step)
{
    for (size_t i = 0; i < VTB_MIX_FRAME; i++) {
        float hiss = 0.0005f * ((float)throw_of(2001) / 1000.0f - 1.0f), back = 0.0f;

        if (seat->returns > 0.0f && step * VTB_MIX_FRAME + i >= seat->late)
            back = seat->returns * seat->sent[(step * VTB_MIX_FRAME + i - seat->late) % TAIL];
        seat->pcm[i] = hiss + back;
        if (seat->talks)
            seat->pcm[i] += seat->voice->at[seat->at % WHOLE * VTB_MIX_FRAME + i];
    }
    seat->at++;
}

/* A step of the room as mix.c does it. How many seats are found to return its sound. */
static size_t converse_step(size_t step)
{
    size_t found = 0;

    for (size_t s = 0; s < SEATS; s++)
        say(&seats[s], step);
    for (size_t s = 0; s < SEATS; s++) {
        float sent[VTB_MIX_FRAME] = { 0 };

        for (size_t o = 0; o < SEATS; o++)
            for (size_t i = 0; o != s && i < VTB_MIX_FRAME; i++)
                sent[i] += seats[o].pcm[i];
        for (size_t i = 0; i < VTB_MIX_FRAME; i++)
            seats[s].sent[(step * VTB_MIX_FRAME + i) % TAIL] = sent[i];
        vtb_echo_step(&seats[s].echo, level_of(sent), level_of(seats[s].pcm));
        if (probe.who == s)
            vtb_echo_record(&probe, sent, seats[s].pcm);
        if (probe.who == s || step % SEATS == s)
            vtb_echo_turn(&seats[s].echo, &probe, (uint32_t)s, 20);
        found += seats[s].echo.found;
    }
    return found;
}

static void open_conversation(void)
{
    memset(seats, 0, sizeof seats);
    dice = 5;
    vtb_echo_probe_init(&probe);
    for (size_t s = 0; s < SEATS; s++) {
        vtb_echo_init(&seats[s].echo);
        seats[s].voice = &voices[s];
        seats[s].until = s * 100;
    }
}

static void ten_minutes_of_three_who_talk_raise_no_alarm(void **state)
{
    (void)state;
    size_t searches = 0;
    float best = 0.0f;

    open_conversation();
    for (size_t step = 0; step < 30000; step++) {
        uint32_t was = probe.who;

        for (size_t s = 0; s < SEATS; s++)
            converse(&seats[s], step);
        assert_int_equal(converse_step(step), 0);
        if (was != VTB_ECHO_NOBODY && probe.who == VTB_ECHO_NOBODY) {
            searches++;
            best = fmaxf(best, probe.best);
        }
    }
    print_message("    %zu suspicions by level, the likest sound r %.2f\n", searches, (double)best);
}

/* Each sentence of the first is said again by the second, 600 ms later, in the same rhythm. */
static void who_repeats_every_sentence_is_no_echo(void **state)
{
    (void)state;
    struct hear again = { calloc(voices[1].n, sizeof(float)), voices[1].n };
    size_t searches = 0;

    for (size_t i = 0; i < again.n; i += 480) { /* ben's sound with anna's loudness of 600 ms before */
        double own = 1e-9, hers = 0.0, by;

        for (size_t k = 0; k < 480; k++) {
            own += fabs((double)voices[1].at[i + k]);
            hers += i >= 28800 ? fabs((double)voices[0].at[i + k - 28800]) : 0.0;
        }
        by = fmin(20.0, 0.5 * hers / own);
        for (size_t k = 0; k < 480; k++)
            again.at[i + k] = (float)by * voices[1].at[i + k];
    }
    open_conversation();
    seats[1].voice = &again;
    for (size_t step = 0; step < 6000; step++) {
        uint32_t was = probe.who;

        seats[0].talks = seats[1].talks = true;
        assert_int_equal(converse_step(step), 0);
        searches += was != VTB_ECHO_NOBODY && probe.who == VTB_ECHO_NOBODY;
    }
    print_message("    %zu suspicions by level, none by sound\n", searches);
    assert_true(searches > 0); /* so the levels alone would have accused */
    free(again.at);
}

/* The third returns what it hears while the others talk in turns and sometimes at once. */
static void one_of_three_is_named_and_it_is_over_when_it_ends(void **state)
{
    static const struct { float returns; size_t late; } cases[] = {
        { 0.316f, 7200 }, { 0.316f, 19200 }, { 0.1f, 7200 }, { 0.1f, 19200 } };

    (void)state;
    for (size_t c = 0; c < VTB_COUNT(cases); c++) {
        size_t step = 0, found, over;

        open_conversation();
        seats[2].returns = cases[c].returns;
        seats[2].late = cases[c].late;
        seats[2].until = 100000;
        do {
            converse(&seats[0], step);
            converse(&seats[1], step);
            (void)converse_step(step++);
        } while (!seats[2].echo.found && step < 3000);
        found = step;
        assert_false(seats[0].echo.found || seats[1].echo.found);
        seats[2].returns = 0.0f;
        while (seats[2].echo.found && step < 6000) {
            converse(&seats[0], step);
            converse(&seats[1], step);
            (void)converse_step(step++);
        }
        over = step - found;
        print_message("    %.0f dB after %zu ms: found in %.1f s, r %.2f; over in %.1f s\n",
                      20.0 * log10((double)cases[c].returns), cases[c].late / 48, (double)found / 50.0,
                      (double)probe.best, (double)over / 50.0);
        assert_true(found <= 500);
        assert_true(over <= 1000);
    }
}

/* ---- the same through codecs, buffers, gains and the mix ---- */

/* A living room: the direct sound and 150 ms of its walls. */
static float walls(const float *heard, size_t n, size_t at, size_t late)
{
    static const struct { size_t late; float by; } ways[] = { { 0, 1.0f }, { 310, 0.5f }, { 733, -0.42f },
        { 1511, 0.35f }, { 2309, -0.28f }, { 3761, 0.2f }, { 5407, -0.14f }, { 7013, 0.1f } };
    float sum = 0.0f;

    for (size_t w = 0; w < VTB_COUNT(ways); w++) {
        size_t back = late + ways[w].late;

        if (at >= back && at - back < n)
            sum += ways[w].by * heard[at - back];
    }
    return sum;
}

static void a_loudspeaker_in_a_room_is_found_through_the_mix(void **state)
{
    static const struct { float by; size_t late_ms; bool has_walls; } cases[] = {
        { 0.316f, 150, true }, { 0.1f, 400, false } };

    (void)state;
    for (size_t c = 0; c < VTB_COUNT(cases); c++) {
        struct hear returned = { calloc(600 * VTB_MIX_FRAME, sizeof(float)), 600 * VTB_MIX_FRAME };
        struct talk_speaker *device;
        size_t step;

        talk_open(&talk, 3, 32000);
        talk_join(&talk, &voices[0], 0)->loops = true;
        talk_join(&talk, &voices[1], 150);
        device = talk_join(&talk, &returned, 0);
        for (step = 0; step < 500 && !vtb_mix_echoes(talk.mix, device->source); step++) {
            for (size_t i = 0; i < VTB_MIX_FRAME; i++) {
                size_t at = step * VTB_MIX_FRAME + i, late = cases[c].late_ms * 48;

                dice = dice * 1664525u + 1013904223u;
                returned.at[at] = 0.0005f * ((float)(dice >> 8) / 8388608.0f - 1.0f);
                if (at < late)
                    continue;
                returned.at[at] += cases[c].by * (cases[c].has_walls
                    ? walls(device->heard.at, device->heard.n, at, late)
                    : at - late < device->heard.n ? device->heard.at[at - late] : 0.0f);
            }
            talk_step(&talk, 1);
        }
        print_message("    found in %.1f s\n", (double)step / 50.0);
        assert_true(vtb_mix_echoes(talk.mix, device->source));
        assert_false(vtb_mix_echoes(talk.mix, talk.who[0].source) || vtb_mix_echoes(talk.mix, talk.who[1].source));
        vtb_mix_set_heard(talk.mix, device->source, false); /* muted: that is the end of it */
        assert_false(vtb_mix_echoes(talk.mix, device->source));
        talk_close(&talk);
        free(returned.at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_minutes_of_three_who_talk_raise_no_alarm),
        cmocka_unit_test(who_repeats_every_sentence_is_no_echo),
        cmocka_unit_test(one_of_three_is_named_and_it_is_over_when_it_ends),
        cmocka_unit_test(a_loudspeaker_in_a_room_is_found_through_the_mix),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
