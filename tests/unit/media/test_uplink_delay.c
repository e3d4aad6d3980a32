/*
 * What an uplink that delays packets leaves of speech, and how long the buffer makes people wait:
 * jitter, stalls, doubles, long packets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stoi.h"
#include "uphill.h"

static struct hear anna, twice;

static int load(void **state)
{
    (void)state;
    anna = hear_voice("anna");
    twice = (struct hear){ malloc(2 * anna.n * sizeof(float)), 2 * anna.n };
    memcpy(twice.at, anna.at, anna.n * sizeof(float));
    memcpy(twice.at + anna.n, anna.at, anna.n * sizeof(float));
    return 0;
}

static int unload(void **state)
{
    (void)state;
    free(anna.at);
    free(twice.at);
    return 0;
}

static struct uphill_config line(const struct hear *voice)
{
    return (struct uphill_config){
        .voice = voice, .seconds = (double)voice->n / 48000, .phase_us = 7000,
        .up = { .seed = 5, .delay_us = 20000 }, .down = { .seed = 6, .delay_us = 20000 },
    };
}

static struct stoi_spoken run(const struct uphill_config *cfg, struct uphill_result *r)
{
    struct stoi_spoken s;

    uphill(cfg, r);
    s = stoi_spoken(cfg->voice->at, cfg->voice->n, r->heard.at, r->heard.n, 700);
    print_message("    STOI %.3f (worst phrase %.3f), longest gap %d ms, %llu of %llu not in time, "
                  "waits %u ms, at most %u; %llu ms left out, %llu said twice\n",
                  s.stoi, s.worst, s.gap_ms, (unsigned long long)(r->way.lost),
                  (unsigned long long)r->way.packets, r->way.delay_ms, r->most_ms,
                  (unsigned long long)r->way.shortened_ms, (unsigned long long)r->way.lengthened_ms);
    free(r->heard.at);
    return s;
}

/* Whatever moment of the tick packets arrive at: from 10 to 30 ms, and nothing is ever late. */
static void on_a_clean_network_sound_waits_for_10_to_30_ms(void **state)
{
    struct uphill_config cfg = line(&anna);
    struct uphill_result r;
    uint32_t sum = 0, n = 0;
    (void)state;

    cfg.seconds = 1.5;
    cfg.up.jitter_us = 1000;
    for (cfg.phase_us = 0; cfg.phase_us < 20000; cfg.phase_us += 4000, n++) {
        uphill(&cfg, &r);
        free(r.heard.at);
        assert_in_range(r.most_ms, 10, 31);
        assert_int_equal(r.way.late + r.way.lost + r.way.concealed, 0);
        assert_int_equal(r.way.target_ms, 10);
        sum += r.most_ms;
    }
    print_message("    %.1f ms in the mean\n", (double)sum / n);
    assert_in_range(sum / n, 10, 25);
}

static void three_hundred_ms_and_eighty_of_jitter_starve_nobody(void **state)
{
    struct uphill_config cfg = line(&anna);
    struct uphill_result r;
    struct stoi_spoken s;
    (void)state;

    cfg.up.delay_us = 300000;
    cfg.up.jitter_us = 80000;
    s = run(&cfg, &r);
    assert_true(s.stoi > 0.95);
    assert_true(s.gap_ms <= 60);
    assert_true(r.way.lost * 25 < r.way.packets); /* it waits for 98 % once it has learnt */
    assert_in_range(r.way.delay_ms, 120, 200);
}

static void two_seconds_of_stall_leave_no_delay_behind(void **state)
{
    struct uphill_config cfg = line(&twice);
    struct uphill_result r;
    (void)state;

    cfg.up.stall_from_us = 6000000;
    cfg.up.stall_to_us = 8000000;
    run(&cfg, &r);
    print_message("    waited 5 s: %u; 9 s: %u, 12 s: %u, 14 s: %u, 18 s: %u ms\n", r.delay_ms[5],
                  r.delay_ms[9], r.delay_ms[12], r.delay_ms[14], r.delay_ms[18]);
    assert_true(r.most_ms <= 320);
    assert_true(r.delay_ms[18] <= r.delay_ms[5] + 20);
}

static void doubles_and_overtaking_cost_nothing(void **state)
{
    struct uphill_config cfg = line(&anna);
    struct uphill_result clean, r;
    double still = run(&cfg, &clean).stoi;
    (void)state;

    cfg.up.doubled = 0.1;
    cfg.up.jitter_us = 20000;
    assert_true(run(&cfg, &r).stoi > still - 0.02);
    assert_true(r.way.duplicate > 30);
    assert_in_range(r.way.delay_ms, 20, 70);
}

/* The thin uplink: 60 ms of 16 kbit/s. */
static void sixty_ms_packets_in_bursts_of_loss_keep_most_words(void **state)
{
    struct uphill_config cfg = line(&twice);
    struct uphill_result r;
    struct stoi_spoken s;
    (void)state;

    cfg.frames = 3;
    cfg.nack = true;
    cfg.up.loss = cfg.down.loss = 0.1;
    cfg.up.burst = cfg.down.burst = 3;
    cfg.up.seed = link_typical_seed(&cfg.up, (uint32_t)(cfg.seconds * 50 / 3));
    s = run(&cfg, &r);
    assert_true(s.stoi >= 0.90 * 0.97);
    assert_true(s.gap_ms <= 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_a_clean_network_sound_waits_for_10_to_30_ms),
        cmocka_unit_test(three_hundred_ms_and_eighty_of_jitter_starve_nobody),
        cmocka_unit_test(two_seconds_of_stall_leave_no_delay_behind),
        cmocka_unit_test(doubles_and_overtaking_cost_nothing),
        cmocka_unit_test(sixty_ms_packets_in_bursts_of_loss_keep_most_words),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
