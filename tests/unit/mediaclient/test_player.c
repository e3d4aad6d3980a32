/* What an ear behind a link hears: on a clock that the test turns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <opus.h>
#include <stdlib.h>
#include <string.h>

#include "mediaclient/player.h"
#include "rtc/red.h"
#include "rtc/rtp.h"

#define FRAMES 1000u
#define BEGIN  5000000u

static uint8_t frames[FRAMES][400];
static size_t sizes[FRAMES];

/* 20 s of a tone that swells and has pauses, as speech does. */
static int encode(void **state)
{
    OpusEncoder *encoder = opus_encoder_create(48000, 1, OPUS_APPLICATION_VOIP, NULL);
    int16_t pcm[960];

    (void)state;
    opus_encoder_ctl(encoder, OPUS_SET_BITRATE(32000));
    for (size_t f = 0; f < FRAMES; f++) {
        for (size_t i = 0; i < 960; i++) {
            double t = (double)(f * 960 + i) / 48000.0;
            double loud = f % 100 < 70 ? 0.3 + 0.2 * sin(t * 9.0) : 0.0;

            pcm[i] = (int16_t)(32767.0 * loud * sin(2.0 * M_PI * 200.0 * t));
        }
        sizes[f] = (size_t)opus_encode(encoder, pcm, 960, frames[f], sizeof frames[f]);
    }
    opus_encoder_destroy(encoder);
    return 0;
}

struct ear {
    struct vtb_player *player;
    uint64_t now_us;
    double power[FRAMES * 2 + 400]; /* of each 10 ms */
    size_t n;
};

static void open_ear(struct ear *ear)
{
    *ear = (struct ear){ .now_us = BEGIN };
    assert_int_equal(vtb_player_create(&ear->player), VTB_OK);
}

static void listen_to(struct ear *ear, uint64_t until_us)
{
    int16_t pcm[VTB_PLAYER_STEP];

    while (ear->now_us < until_us) {
        double sum = 0.0;

        ear->now_us += VTB_PLAYER_STEP_US;
        vtb_player_pull(ear->player, ear->now_us, pcm);
        for (size_t i = 0; i < VTB_PLAYER_STEP; i++)
            sum += (double)pcm[i] * (double)pcm[i];
        if (ear->n < sizeof ear->power / sizeof ear->power[0])
            ear->power[ear->n++] = sum / VTB_PLAYER_STEP;
    }
}

static void arrives(struct ear *ear, size_t f, uint64_t at_us, bool with_copy)
{
    static uint8_t red[1200];
    struct vtb_heard heard = { .at_us = at_us, .timestamp = (uint32_t)(0xfffff000u + f * 960), .seq = (uint16_t)f,
                               .type = VTB_RTP_OPUS, .payload = frames[f], .len = sizes[f] };

    if (with_copy && f > 0) {
        struct vtb_red_block blocks[2] = { { frames[f - 1], sizes[f - 1], 960 }, { frames[f], sizes[f], 0 } };

        heard.type = VTB_RTP_RED;
        heard.payload = red;
        heard.len = vtb_red_write(blocks, 2, VTB_RTP_OPUS, red, sizeof red);
    }
    listen_to(ear, at_us);
    assert_int_equal(vtb_player_put(ear->player, &heard), VTB_OK);
}

static struct vtb_player_stats close_ear(struct ear *ear)
{
    struct vtb_player_stats stats;

    vtb_player_stats(ear->player, &stats);
    vtb_player_destroy(ear->player);
    return stats;
}

static void in_time_everything_is_played_and_nothing_made_up(void **state)
{
    static struct ear ear;
    struct vtb_player_stats stats;

    (void)state;
    open_ear(&ear);
    for (size_t f = 0; f < FRAMES; f++)
        arrives(&ear, f, BEGIN + f * 20000, false);
    stats = close_ear(&ear);
    assert_true(stats.played > 2 * FRAMES - 20);
    assert_int_equal(stats.concealed + stats.copies + stats.fec + stats.late, 0);
    assert_true(stats.delay_max_ms <= 60);
}

static void a_copy_takes_the_place_of_a_lost_packet(void **state)
{
    static struct ear ear;
    struct vtb_player_stats with, without;

    (void)state;
    for (int copies = 0; copies < 2; copies++) {
        open_ear(&ear);
        for (size_t f = 0; f < FRAMES; f++)
            if (f % 10 != 7)
                arrives(&ear, f, BEGIN + f * 20000, copies);
        if (copies)
            with = close_ear(&ear);
        else
            without = close_ear(&ear);
    }
    assert_true(without.concealed >= 190);
    assert_true(with.concealed <= 20); /* until the buffer has learnt to wait for the next packet */
    assert_true(with.copies >= 180);
    assert_true(with.delay_ms <= 80);
}

static void what_comes_late_is_waited_for_after_a_while(void **state)
{
    static struct ear ear;
    struct vtb_player_stats half, all;
    uint64_t last = 0;

    (void)state;
    open_ear(&ear);
    for (size_t f = 0; f < FRAMES; f++) {
        uint64_t at = BEGIN + f * 20000 + (f * 7919u) % 60000u;

        at = at < last ? last : at; /* one queue */
        last = at;
        arrives(&ear, f, at, false);
        if (f == FRAMES / 2)
            vtb_player_stats(ear.player, &half);
    }
    all = close_ear(&ear);
    assert_true(all.concealed - half.concealed <= 4);
    assert_true(all.delay_ms >= 40 && all.delay_ms <= 120);
}

static void ten_seconds_after_a_stall_the_delay_is_what_it_was(void **state)
{
    static struct ear ear;
    struct vtb_player_stats before, during;

    (void)state;
    open_ear(&ear);
    for (size_t f = 0; f < FRAMES; f++) {
        uint64_t at = BEGIN + f * 20000;

        if (f >= 250 && f < 350)
            at = BEGIN + 350 * 20000;
        arrives(&ear, f, at, false);
        if (f == 249)
            vtb_player_stats(ear.player, &before);
        if (f == 360)
            vtb_player_stats(ear.player, &during);
    }
    assert_true(during.delay_max_ms > 1500); /* nothing of it was thrown away */
    assert_true(close_ear(&ear).delay_ms <= before.delay_ms + 20);
}

static void silence_that_is_not_sent_costs_no_delay(void **state)
{
    static struct ear ear;
    struct vtb_player_stats stats;
    size_t loud = 0;

    (void)state;
    open_ear(&ear);
    for (size_t f = 0; f < FRAMES; f++)
        if (f % 100 < 72)
            arrives(&ear, f, BEGIN + f * 20000, false);
    for (size_t i = 0; i < ear.n; i++)
        loud += ear.power[i] > 1e5;
    stats = close_ear(&ear);
    assert_true(loud > 1300); /* 10 x 1.4 s of sound */
    assert_true(stats.delay_ms <= 60);
}

static void what_is_no_packet_changes_nothing(void **state)
{
    static struct ear ear;
    struct vtb_heard heard = { .at_us = BEGIN, .type = VTB_RTP_RED, .payload = (const uint8_t *)"\xff\xff", .len = 2 };
    int16_t pcm[VTB_PLAYER_STEP];

    (void)state;
    open_ear(&ear);
    assert_int_equal(vtb_player_put(ear.player, &heard), VTB_PARSE);
    vtb_player_pull(ear.player, BEGIN + 500000, pcm);
    for (size_t i = 0; i < VTB_PLAYER_STEP; i++)
        assert_int_equal(pcm[i], 0);
    close_ear(&ear);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_time_everything_is_played_and_nothing_made_up),
        cmocka_unit_test(a_copy_takes_the_place_of_a_lost_packet),
        cmocka_unit_test(what_comes_late_is_waited_for_after_a_while),
        cmocka_unit_test(ten_seconds_after_a_stall_the_delay_is_what_it_was),
        cmocka_unit_test(silence_that_is_not_sent_costs_no_delay),
        cmocka_unit_test(what_is_no_packet_changes_nothing),
    };

    return cmocka_run_group_tests(tests, encode, NULL);
}
