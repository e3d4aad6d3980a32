/*
 * What an uplink that loses packets leaves of speech: intelligibility (STOI by phrase) against what
 * the same speech is without loss. The browser sends what browsers send; a tenth of its packets and
 * of our questions is lost, at random or in bursts of three in the mean. The bars are promises.
 *
 * With an argument (a folder of real speech) the same is asked of that; 77: it is not there.
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

#define RANDOM_BAR 0.97
#define BURST_BAR  0.94

static struct hear speech; /* three voices, one after the other */
static double lossless;

/* 4 s of each voice. */
static struct hear collect(struct hear *voices, size_t n)
{
    struct hear all = { .at = malloc(n * 192000 * sizeof(float)) };

    for (size_t i = 0; i < n; i++) {
        size_t take = voices[i].n < 192000 ? voices[i].n : 192000;

        memcpy(all.at + all.n, voices[i].at, take * sizeof(float));
        all.n += take;
        free(voices[i].at);
    }
    return all;
}

static struct stoi_spoken run(const char *name, const struct uphill_config *cfg)
{
    struct uphill_result r;
    struct stoi_spoken s;

    uphill(cfg, &r);
    s = stoi_spoken(speech.at, speech.n, r.heard.at, r.heard.n, 500);
    print_message("    %-18s STOI %.3f (first phrase %.3f, worst %.3f), longest gap %d ms; %llu of %llu "
                  "lost, %llu copied, %llu again, %llu FEC, %llu made up, target %u ms\n",
                  name, s.stoi, s.first, s.worst, s.gap_ms, (unsigned long long)r.lost,
                  (unsigned long long)r.sent, (unsigned long long)r.way.copied,
                  (unsigned long long)r.way.resent, (unsigned long long)r.way.fec,
                  (unsigned long long)r.way.concealed, r.way.target_ms);
    assert_true(r.way.delay_ms <= 320);
    free(r.heard.at);
    return s;
}

/* 40 ms there and back, a little uneven. */
static struct uphill_config line(double loss, double burst)
{
    struct uphill_config cfg = {
        .voice = &speech, .seconds = (double)speech.n / 48000, .phase_us = 7000,
        .up = { .seed = 3, .delay_us = 20000, .jitter_us = 2000, .loss = loss, .burst = burst },
        .down = { .seed = 4, .delay_us = 20000, .jitter_us = 2000, .loss = loss, .burst = burst },
    };

    cfg.up.seed = link_typical_seed(&cfg.up, (uint32_t)(cfg.seconds * 50));
    return cfg;
}

static void words_come_through(double burst, double bar)
{
    struct uphill_config cfg = line(0.1, burst);
    struct stoi_spoken plain = run("concealment alone", &cfg), s;

    cfg.nack = true;
    cfg.copies = 1; /* Chromium, whose offer has 63 first */
    s = run("RED 1 and NACK", &cfg);
    assert_true(s.stoi >= bar * lossless);
    assert_true(s.stoi > plain.stoi);
    assert_true(s.gap_ms <= 120);
    assert_true(s.first >= 0.9 * lossless);

    cfg.copies = 0;
    cfg.fec = true; /* Firefox, told of its loss */
    s = run("FEC and NACK", &cfg);
    assert_true(s.stoi >= bar * lossless);
    assert_true(s.stoi > plain.stoi);
    assert_true(s.gap_ms <= 120);
    assert_true(s.first >= 0.9 * lossless);
}

static void without_loss_nothing_is_touched(void **state)
{
    struct uphill_config cfg = line(0.0, 1.0);
    struct stoi_spoken s = run("no loss", &cfg);
    (void)state;

    lossless = s.stoi;
    assert_true(lossless > 0.96);
    assert_true(s.gap_ms <= 10);
}

static void a_tenth_lost_at_random_costs_no_words(void **state)
{
    (void)state;
    words_come_through(1.0, RANDOM_BAR);
}

static void a_tenth_lost_in_bursts_costs_few(void **state)
{
    (void)state;
    words_come_through(3.0, BURST_BAR);
}

/* 300 ms there and back: asking again is of no use, the copy has to do. */
static void far_away_copies_do_it_alone(void **state)
{
    struct uphill_config cfg = line(0.1, 1.0);
    struct uphill_result r;
    struct stoi_spoken s;
    (void)state;

    cfg.up.delay_us = cfg.down.delay_us = 150000;
    cfg.nack = true;
    cfg.copies = 1;
    uphill(&cfg, &r);
    s = stoi_spoken(speech.at, speech.n, r.heard.at, r.heard.n, 500);
    print_message("    STOI %.3f, %llu asked for\n", s.stoi, (unsigned long long)r.asked);
    assert_int_equal(r.asked, 0);
    assert_true(s.stoi >= RANDOM_BAR * lossless);
    free(r.heard.at);
}

static bool load_corpus(const char *shared)
{
    static const char *leaves[] = { "librispeech-1995-1837-0001.wav", "lyra-sample1-48k.wav",
                                    "aishell-BAC009S0724W0121.wav" };
    struct hear voices[VTB_COUNT(leaves)];

    for (size_t i = 0; i < VTB_COUNT(leaves); i++) {
        char path[1024];
        FILE *file;

        snprintf(path, sizeof path, "%s/data/speech/%s", shared, leaves[i]);
        file = fopen(path, "rb");
        if (!file)
            return false;
        fclose(file);
        voices[i] = hear_wav(path);
    }
    speech = collect(voices, VTB_COUNT(leaves));
    return true;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_loss_nothing_is_touched),
        cmocka_unit_test(a_tenth_lost_at_random_costs_no_words),
        cmocka_unit_test(a_tenth_lost_in_bursts_costs_few),
        cmocka_unit_test(far_away_copies_do_it_alone),
    };
    const char *shared = getenv("CONSILIUM_SHARED");
    int failed;

    if (argc > 1 && strcmp(argv[1], "corpus") == 0) {
        if (!shared || !load_corpus(shared))
            return 77;
    } else {
        struct hear voices[] = { hear_voice("anna"), hear_voice("ben"), hear_voice("cleo") };

        speech = collect(voices, 3);
    }
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(speech.at);
    return failed;
}
