/*
 * From the mix to an ear behind a bad link, without a clock: how much of two voices is understood
 * (STOI by phrase), against what is understood on the clear rung without loss.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ear.h"
#include "stoi.h"
#include "talk.h"

#define VOICES  2u
#define TICKS   500u  /* 10 s */
#define AFTER   80u   /* until all of it is played */
#define EARS    9u
#define STOI_MS 150   /* codecs and the uplink's buffer */

static struct hear voices[VOICES];
static double clear_stoi; /* without loss, mean of the voices */

struct room {
    struct talk talk;
    struct vtb_shelf shelf;
    struct vtb_line lines[VTB_RUNGS];
};

static void open_room(struct room *room, const struct hear *voice)
{
    memset(room, 0, sizeof *room);
    talk_open(&room->talk, 1, 32000);
    talk_join(&room->talk, voice, 0);
    for (uint32_t s = 1; s < VTB_STREAMS; s++)
        assert_int_equal(vtb_mix_open_stream(room->talk.mix, s, VTB_STREAM_CLEAR), VTB_OK);
    for (uint32_t r = 0; r < VTB_RUNGS; r++)
        vtb_line_init(&room->lines[r], r, 0);
}

static void tick_room(struct room *room, uint32_t tick)
{
    talk_step(&room->talk, 1);
    for (uint32_t r = 0; r < VTB_RUNGS; r++)
        vtb_line_feed(&room->lines[r], &room->shelf,
                      &room->talk.out.streams[vtb_rung_of(r)->stream], tick);
}

/* So long that a copy, or the packet's second sending, comes in time. */
static uint64_t hold_of(enum vtb_rung_name name)
{
    const struct vtb_rung *rung = vtb_rung_of(name);
    uint32_t reach = rung->copies ? rung->copy_of[0] : rung->again;

    return 40000u + 20000u * (rung->frames * (reach + 1) - 1);
}

struct heard {
    double stoi;
    int gap_ms;
};

static struct heard judge(const struct hear *voice, const struct ear *ear, uint32_t from_tick)
{
    size_t from = (size_t)from_tick * 960, n = TICKS * 960 - from;
    struct stoi_spoken spoken = stoi_spoken(voice->at + from, n, ear->heard + from,
                                            EAR_FRAMES * 960 - from, STOI_MS);

    return (struct heard){ spoken.stoi,
                           stoi_longest_gap_ms(voice->at + from, n, ear->heard + from,
                                               EAR_FRAMES * 960 - from, spoken.delay_max_ms) };
}

static void each_rung_is_understood_at_the_loss_it_is_for(void **state)
{
    /* The bars: 0.97 of the lossless at 10 % random, 0.94 bursty; joined packets 0.90 and no gap
     * over 200 ms; a link of 64 kbit/s has 24 for the lean rung, and 20 more for its copies. */
    static const struct {
        enum vtb_rung_name rung;
        double loss, burst, share;
        int gap_ms;
        double kbps;
        uint64_t rtt_us; /* of NACK; 0: none */
    } cases[EARS] = {
        { VTB_RUNG_CLEAR, 0, 1, 1.00, 60, 56, 0 },
        { VTB_RUNG_FEC, 0.1, 1, 0.97, 120, 58, 0 },
        { VTB_RUNG_RED, 0.1, 1, 0.97, 120, 92, 0 },
        { VTB_RUNG_RED, 0.1, 3, 0.94, 120, 92, 0 },
        { VTB_RUNG_AGAIN, 0.1, 3, 0.94, 120, 112, 0 },
        { VTB_RUNG_LEAN, 0, 1, 0.97, 60, 26, 0 },
        { VTB_RUNG_LEAN_RED, 0.1, 3, 0.90, 200, 50, 80000 },
        { VTB_RUNG_LEAN_AGAIN, 0.1, 3, 0.90, 200, 50, 0 },
        { VTB_RUNG_SURVIVAL, 0, 1, 0.93, 60, 16.5, 0 },
    };
    static struct room room;
    double sum[EARS] = { 0 }, kbps[EARS];
    int gap[EARS] = { 0 };
    (void)state;

    for (size_t v = 0; v < VOICES; v++) {
        struct ear *ears[EARS];

        open_room(&room, &voices[v]);
        for (size_t i = 0; i < EARS; i++) {
            struct link_config cfg = { .seed = (uint32_t)(11 + v), .loss = cases[i].loss,
                                       .burst = cases[i].burst };

            ears[i] = ear_open(cases[i].rung, &cfg, hold_of(cases[i].rung));
            ears[i]->rtt_us = cases[i].rtt_us;
        }
        for (uint32_t tick = 0; tick < TICKS + AFTER; tick++) {
            tick_room(&room, tick);
            for (size_t i = 0; i < EARS; i++)
                ear_tick(ears[i], &room.lines[ears[i]->rung], &room.shelf, tick);
        }
        for (size_t i = 0; i < EARS; i++) {
            struct heard heard = judge(&voices[v], ears[i], 0);

            sum[i] += heard.stoi / VOICES;
            gap[i] = heard.gap_ms > gap[i] ? heard.gap_ms : gap[i];
            kbps[i] = ears[i]->octets * 8.0 / 1000 / ((TICKS + AFTER) / 50.0);
            ear_close(ears[i]);
        }
        talk_close(&room.talk);
    }
    clear_stoi = sum[0];
    for (size_t i = 0; i < EARS; i++) {
        print_message("    %-10s %2.0f %% lost in bursts of %.0f: STOI %.3f, %.3f of the lossless, "
                      "longest gap %d ms, %.1f kbit/s\n", vtb_rung_of(cases[i].rung)->name,
                      100 * cases[i].loss, cases[i].burst, sum[i], sum[i] / clear_stoi, gap[i],
                      kbps[i]);
        assert_true(sum[i] / clear_stoi >= cases[i].share);
        assert_true(gap[i] <= cases[i].gap_ms);
        assert_true(kbps[i] <= cases[i].kbps);
    }
}

static int load(void **state)
{
    static const char *const names[VOICES] = { "anna", "ben" };
    (void)state;

    for (size_t v = 0; v < VOICES; v++) {
        voices[v] = hear_voice(names[v]);
        if (voices[v].n < TICKS * 960)
            return -1;
    }
    return 0;
}

static int unload(void **state)
{
    (void)state;
    for (size_t v = 0; v < VOICES; v++)
        free(voices[v].at);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rung_is_understood_at_the_loss_it_is_for),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
