/* What a room promises its members, with real codecs and three voices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cast.h"
#include "talk.h"

#define WHOLE 600u /* steps: the length of a voice */

static struct talk talk;

static int close_room(void **state)
{
    (void)state;
    talk_close(&talk);
    return 0;
}

static uint64_t encodes(void)
{
    struct vtb_mix_figures figures;

    vtb_mix_figures(talk.mix, &figures);
    return figures.encodes;
}

/* r between what was heard and the sum of everybody but `without`. */
static struct hear_match match(const struct hear *heard, const struct talk_speaker *without)
{
    struct hear sum = talk_sum(&talk, talk.step, without);
    struct hear ref = hear_band(sum.at, sum.n), got = hear_band(heard->at, heard->n);
    struct hear_match m = hear_compare(&ref, &got, 150);

    print_message("    mean r %.3f, worst %.3f, %zu of %zu windows, %d ms\n", m.mean, m.worst,
                  m.good, m.windows, m.delay_ms);
    free(sum.at);
    free(ref.at);
    free(got.at);
    return m;
}

/* r of one voice in what was heard, at the delay of the mix. */
static double presence(const struct talk_speaker *who, const struct hear *heard, int delay_ms)
{
    struct hear ref = hear_band(who->voice->at, who->voice->n);
    struct hear got = hear_band(heard->at, heard->n);
    double best = 0.0;

    for (int d = (delay_ms - 5) * 8; d <= (delay_ms + 5) * 8; d++)
        best = fmax(best, fabs(hear_r(&ref, &got, d + (int)(who->from * VTB_MIX_FRAME / 6))));
    free(ref.at);
    free(got.at);
    return best;
}

static void three_voices_at_once_are_all_heard_and_nobody_hears_themselves(void **state)
{
    (void)state;
    struct hear_match m;
    float peak = 0.0f;

    talk_open(&talk, 3, 24000);
    talk_join(&talk, &anna, 0);
    talk_join(&talk, &ben, 0);
    talk_join(&talk, &cleo, 0);
    talk_step(&talk, WHOLE);
    m = match(&talk.heard, NULL);
    assert_true(hear_is_heard(&m));
    for (size_t i = 0; i < talk.heard.n; i++)
        peak = fmaxf(peak, fabsf(talk.heard.at[i]));
    print_message("    peak as decoded %.3f\n", (double)peak);
    /* Three voices at -3 dBFS: the limiter's ceiling and what the codec adds, nothing is clipped. */
    assert_true(peak < 0.95f);
    for (size_t i = 0; i < 3; i++) /* each is there, none is covered by the others */
        assert_true(presence(&talk.who[i], &talk.heard, m.delay_ms) > 0.35);
    for (size_t i = 0; i < 3; i++) {
        struct talk_speaker *who = &talk.who[i];

        m = match(&who->heard, who);
        assert_true(hear_is_heard(&m));
        assert_true(presence(who, &who->heard, m.delay_ms) < 0.2);
    }
}

static void a_source_without_levels_is_heard_like_the_others(void **state)
{
    (void)state;
    struct hear_match m;

    talk_open(&talk, 3, 24000);
    talk_join(&talk, &anna, 0)->sends_level = false;
    talk_step(&talk, WHOLE);
    m = match(&talk.heard, NULL);
    assert_true(hear_is_heard(&m));
}

/* The cheap uplink of a rural line: a third of the packets. */
static void packets_of_60_ms_are_heard_like_those_of_20(void **state)
{
    (void)state;
    struct vtb_mix_figures figures;
    struct hear_match m;

    talk_open(&talk, 3, 24000);
    talk_join(&talk, &cleo, 0)->steps = 3;
    talk_step(&talk, WHOLE);
    m = match(&talk.heard, NULL);
    assert_true(hear_is_heard(&m));
    vtb_mix_figures(talk.mix, &figures);
    /* Every packet that was decoded came in time; only after the last one there is nothing. */
    assert_true(figures.concealed <= 5);
}

/* The first 300 ms of speech of somebody who was silent, compared with what was said. */
static void the_first_syllable_is_whole(void **state)
{
    (void)state;
    struct hear sum, ref, got;
    size_t begin = 0;
    double r = 0.0;

    talk_open(&talk, 1, 32000); /* one place, and somebody has it */
    talk_join(&talk, &ben, 0);
    talk_join(&talk, &anna, 250);
    ben.n /= 3; /* ben stops after 4 s and has the place for 500 ms more; anna begins after 5 s */
    talk_step(&talk, 400);
    sum = talk_sum(&talk, 400, &talk.who[0]);
    ref = hear_band(sum.at, sum.n);
    got = hear_band(talk.heard.at, talk.heard.n);
    while (begin < ref.n && fabsf(ref.at[begin]) < 0.003f)
        begin++;
    assert_true(begin + 2400 < ref.n);
    for (int d = 0; d < 1200; d++) { /* delays up to 150 ms */
        struct hear a = { ref.at + begin, 2400 }, b = { got.at + begin + d, 2400 };

        r = fmax(r, hear_r(&a, &b, 0));
    }
    print_message("    r of the first 300 ms: %.3f\n", r);
    assert_true(r > 0.9);
    ben.n *= 3;
    free(sum.at);
    free(ref.at);
    free(got.at);
}

/* Anna waits for a place while ben still talks: the pre-roll keeps what she said meanwhile. */
static void a_syllable_that_had_to_wait_for_a_place_is_whole(void **state)
{
    (void)state;
    struct hear quiet = { malloc(ben.n * sizeof(float)), ben.n }, ref, got, sum;
    size_t begin = 0;
    double r = 0.0;

    for (size_t i = 0; i < ben.n; i++)
        quiet.at[i] = ben.at[i] * 0.06f;
    talk_open(&talk, 1, 32000);
    talk_join(&talk, &quiet, 0);
    talk_join(&talk, &anna, 200);
    talk_step(&talk, 400);
    sum = talk_sum(&talk, 400, &talk.who[0]);
    ref = hear_band(sum.at, sum.n);
    got = hear_band(talk.heard.at, talk.heard.n);
    while (begin < ref.n && fabsf(ref.at[begin]) < 0.003f)
        begin++;
    for (int d = 0; d < 1600; d++) {
        struct hear a = { ref.at + begin, 2400 }, b = { got.at + begin + d, 2400 };

        r = fmax(r, hear_r(&a, &b, 0));
    }
    print_message("    r of the first 300 ms: %.3f\n", r);
    assert_true(r > 0.85);
    free(quiet.at);
    free(sum.at);
    free(ref.at);
    free(got.at);
}

static void silence_encodes_nothing(void **state)
{
    (void)state;
    uint64_t before;
    struct hear_match m;

    talk_open(&talk, 3, 24000);
    talk_join(&talk, NULL, 0);
    talk_join(&talk, NULL, 0);
    talk_join(&talk, &cleo, 300);
    talk_step(&talk, 200);
    assert_int_equal(encodes(), 0);
    assert_true(talk.out.shared.silent);
    talk_step(&talk, 750); /* cleo speaks and ends */
    before = encodes();
    assert_true(before > 300);
    talk_step(&talk, 100);
    assert_int_equal(encodes(), before);
    assert_true(talk.out.shared.silent);
    assert_int_equal(talk.out.own_n, 0);
    m = match(&talk.heard, NULL);
    assert_true(hear_is_heard(&m));
}

/* One who talks alone hears nobody: their own mix is silence and costs no encode. */
static void a_lone_talker_costs_one_encode(void **state)
{
    (void)state;
    uint64_t before;

    talk_open(&talk, 3, 24000);
    talk_join(&talk, &anna, 0);
    talk_join(&talk, NULL, 0);
    talk_step(&talk, 100);
    before = encodes();
    talk_step(&talk, 100);
    assert_in_range(encodes() - before, 80, 100);
    assert_int_equal(talk.who[0].own_packets, 0);
}

static void a_closed_gate_lets_no_sample_through(void **state)
{
    (void)state;
    float after = 0.0f;
    size_t from;

    talk_open(&talk, 3, 32000);
    talk_join(&talk, &anna, 0)->loops = true;
    talk_join(&talk, NULL, 0);
    talk_step(&talk, 150);
    vtb_mix_set_heard(talk.mix, talk.who[0].source, false);
    from = talk.heard.n;
    talk_step(&talk, 100);
    /* 2 ms of fade and what was under way inside the codec, then digital silence. */
    for (size_t i = from + 2 * VTB_MIX_FRAME; i < talk.heard.n; i++)
        after = fmaxf(after, fabsf(talk.heard.at[i]));
    assert_true(after < 0.002f);
    assert_true(talk.out.shared.silent);
    assert_int_equal(talk.out.talkers_n, 0);

    talk.who[0].voice = NULL; /* its encoder runs out before the gate opens */
    talk_step(&talk, 20);
    from = talk.heard.n; /* opened again, nothing of the closed time comes out */
    vtb_mix_set_heard(talk.mix, talk.who[0].source, true);
    talk.who[0].lie = 20; /* chosen at once, so whatever the buffer kept would be played */
    talk_step(&talk, 50);
    for (size_t i = from; i < talk.heard.n; i++)
        assert_true(fabsf(talk.heard.at[i]) < 0.002f);
}

static void a_packet_for_a_closed_gate_is_refused_and_not_kept(void **state)
{
    (void)state;
    uint8_t bytes[3] = { 0x78, 0, 0 };
    struct vtb_mix_packet packet = { .payload = bytes, .len = 3, .level = 10 };

    talk_open(&talk, 3, 24000);
    talk_join(&talk, NULL, 0);
    vtb_mix_set_heard(talk.mix, 0, false);
    assert_int_equal(vtb_mix_push(talk.mix, 0, &packet, 0), VTB_DENIED);
    assert_int_equal(vtb_mix_push(talk.mix, 7, &packet, 0), VTB_ABSENT);
    vtb_mix_set_heard(talk.mix, 0, true);
    assert_int_equal(vtb_mix_push(talk.mix, 0, &packet, 0), VTB_OK);
}

static void what_is_no_opus_is_refused(void **state)
{
    (void)state;
    static uint8_t bytes[1276];
    struct vtb_mix_packet packet = { .payload = bytes, .level = 10 };
    struct vtb_mix_figures figures;

    talk_open(&talk, 3, 24000);
    talk_join(&talk, NULL, 0);
    packet.len = 0;
    assert_int_equal(vtb_mix_push(talk.mix, 0, &packet, 0), VTB_PARSE);
    packet.len = 1275;
    bytes[0] = 0x78;
    assert_int_equal(vtb_mix_push(talk.mix, 0, &packet, 0), VTB_OK);
    packet.len = 1276; /* RFC 6716: no frame is longer than 1275 bytes */
    assert_int_equal(vtb_mix_push(talk.mix, 0, &packet, 0), VTB_PARSE);
    packet.len = 10;
    bytes[0] = 0x1b; /* 60 ms frames, three of them: 180 ms */
    bytes[1] = 3;
    assert_int_equal(vtb_mix_push(talk.mix, 0, &packet, 0), VTB_PARSE);
    vtb_mix_figures(talk.mix, &figures);
    assert_int_equal(figures.refused, 3);
}

static void nothing_wraps_when_three_shout_at_once(void **state)
{
    (void)state;
    struct hear loud[3] = { { 0 } };
    const struct hear *calm[3] = { &anna, &ben, &cleo };
    float jump = 0.0f, peak = 0.0f, said = 0.0f;

    talk_open(&talk, 3, 32000);
    for (size_t v = 0; v < 3; v++) { /* all peaks at -3 dBFS and a voice that is all peaks */
        loud[v] = (struct hear){ malloc(calm[v]->n * sizeof(float)), calm[v]->n };
        for (size_t i = 0; i < calm[v]->n; i++) {
            loud[v].at[i] = 0.707f * tanhf(calm[v]->at[i] * 6.0f);
            if (i)
                said = fmaxf(said, fabsf(loud[v].at[i] - loud[v].at[i - 1]));
        }
        talk_join(&talk, &loud[v], 0);
    }
    talk_step(&talk, 500);
    for (size_t i = 1; i < talk.heard.n; i++) {
        jump = fmaxf(jump, fabsf(talk.heard.at[i] - talk.heard.at[i - 1]));
        peak = fmaxf(peak, fabsf(talk.heard.at[i]));
    }
    print_message("    peak %.3f, largest step %.3f (said %.3f)\n", peak, jump, said);
    assert_true(peak > 0.5f);
    assert_true(jump < 1.0f); /* a wrap is a step of almost 2 */
    for (size_t v = 0; v < 3; v++)
        free(loud[v].at);
}

static void ten_per_cent_of_lost_packets_are_concealed(void **state)
{
    (void)state;
    static const uint32_t losses[] = { 5, 10 };
    struct vtb_mix_figures figures;
    struct hear_match m;

    for (size_t i = 0; i < VTB_COUNT(losses); i++) {
        if (i)
            talk_close(&talk);
        talk_open(&talk, 3, 32000);
        talk_join(&talk, &anna, 0)->drop_mod = losses[i];
        opus_encoder_ctl(talk.who[0].encoder, OPUS_SET_PACKET_LOSS_PERC(10));
        talk_step(&talk, WHOLE);
        m = match(&talk.heard, NULL);
        assert_true(hear_is_heard(&m));
        vtb_mix_figures(talk.mix, &figures);
        assert_true(figures.repaired > 2); /* from in-band FEC */
    }
}

/* The delay of two seconds of speech that begin at step `from`. */
static int delay_at(size_t from)
{
    struct hear said = talk_sum(&talk, talk.step, NULL), ref = hear_band(said.at, said.n);
    struct hear got = hear_band(talk.heard.at, talk.heard.n);
    struct hear a = { ref.at + from * 160, 16000 }, b = { got.at + from * 160, 16000 + 8000 };
    struct hear_match m = hear_compare(&a, &b, 400);

    free(said.at);
    free(ref.at);
    free(got.at);
    assert_true(m.mean > 0.7);
    return m.delay_ms;
}

static void after_a_stall_of_two_seconds_the_delay_is_as_before(void **state)
{
    (void)state;
    struct talk_speaker *who;
    int before, after;

    talk_open(&talk, 3, 32000);
    who = talk_join(&talk, &anna, 0);
    who->loops = true;
    who->backlog = calloc(100, sizeof *who->backlog);
    who->stall_from = 200;
    who->stall_to = 300;
    talk_step(&talk, 950);
    before = delay_at(60);
    after = delay_at(800); /* 10 s after its end */
    print_message("    %d ms before, %d ms after\n", before, after);
    assert_in_range(after, before - 20, before + 20);
}

/* The worker was busy: five steps at once, then five packets. */
static void steps_that_come_late_do_not_leave_their_delay_behind(void **state)
{
    (void)state;
    struct talk_speaker *who;
    int before, after;

    talk_open(&talk, 3, 32000);
    who = talk_join(&talk, &anna, 0);
    who->loops = true;
    who->backlog = calloc(5, sizeof *who->backlog);
    talk_step(&talk, 250);
    before = delay_at(60);
    for (int i = 0; i < 4; i++) {
        who->stall_from = talk.step;
        who->stall_to = talk.step + 5;
        talk_step(&talk, 25);
    }
    talk_step(&talk, 950 - talk.step);
    after = delay_at(800);
    print_message("    %d ms before, %d ms after\n", before, after);
    assert_in_range(after, before - 20, before + 20);
}

static void a_liar_does_not_keep_a_place(void **state)
{
    (void)state;
    struct vtb_mix_figures figures;
    struct hear_match m;

    talk_open(&talk, 1, 24000);
    talk_join(&talk, NULL, 0)->lie = 3; /* silence that calls itself a shout */
    talk_join(&talk, &ben, 100);
    talk_step(&talk, 100 + WHOLE - 100);
    vtb_mix_figures(talk.mix, &figures);
    assert_true(figures.liars >= 1);
    m = match(&talk.heard, NULL);
    assert_true(hear_is_heard(&m));
}

/* Its own words say silence; the room finds out and hears it from then on. */
static void who_hides_a_voice_is_heard_after_some_seconds(void **state)
{
    (void)state;
    struct vtb_mix_figures figures;
    uint64_t decodes;
    double late = 0.0;

    talk_open(&talk, 3, 24000);
    talk_join(&talk, &anna, 0)->lie = 127;
    talk.who[0].loops = true;
    talk_join(&talk, NULL, 0);
    talk_step(&talk, 700);
    vtb_mix_figures(talk.mix, &figures);
    assert_int_equal(figures.liars, 1);
    for (size_t i = 500 * VTB_MIX_FRAME; i < talk.heard.n; i++)
        late += (double)talk.heard.at[i] * (double)talk.heard.at[i];
    assert_true(late / (200.0 * VTB_MIX_FRAME) > 1e-3);
    decodes = figures.decodes; /* doubted: every step */
    talk.who[0].lie = 255;
    talk.who[0].voice = NULL;
    talk_step(&talk, 1000);
    vtb_mix_figures(talk.mix, &figures);
    assert_true(figures.decodes - decodes < 700); /* and no longer */
}

/* Soft by nature, with a fan, in packets of which the network loses some. */
static void an_honest_soft_speaker_is_never_taken_for_a_liar(void **state)
{
    (void)state;
    struct hear soft[3] = { { 0 } };
    const struct hear *voices[3] = { &anna, &ben, &cleo };
    static const float by[3] = { 0.05f, 0.02f, 0.5f };
    struct vtb_mix_figures figures;
    uint32_t random = 3;

    talk_open(&talk, 3, 24000);
    for (size_t v = 0; v < 3; v++) {
        soft[v] = (struct hear){ malloc(voices[v]->n * sizeof(float)), voices[v]->n };
        for (size_t i = 0; i < soft[v].n; i++) {
            random = random * 1664525u + 1013904223u;
            soft[v].at[i] = voices[v]->at[i] * by[v] + 0.001f * ((float)(random >> 8) / 8388608.0f - 1.0f);
        }
        talk_join(&talk, &soft[v], 0)->loops = true;
        talk.who[v].drop_mod = (uint32_t)v * 5;
    }
    talk_step(&talk, 1500);
    vtb_mix_figures(talk.mix, &figures);
    for (size_t v = 0; v < 3; v++)
        free(soft[v].at);
    assert_int_equal(figures.liars, 0);
}

static void a_source_that_floods_disturbs_nobody(void **state)
{
    (void)state;
    uint8_t bytes[3] = { 0x78, 0, 0 };
    struct vtb_mix_packet packet = { .payload = bytes, .len = 3, .level = 127 };
    struct hear_match m;
    uint32_t flooder;

    talk_open(&talk, 3, 24000);
    talk_join(&talk, &anna, 0);
    assert_int_equal(vtb_mix_add(talk.mix, &flooder), VTB_OK);
    vtb_mix_set_heard(talk.mix, flooder, true);
    for (size_t s = 0; s < WHOLE; s++) {
        for (int i = 0; i < 200; i++) {
            packet.seq++;
            packet.timestamp += 960;
            assert_int_equal(vtb_mix_push(talk.mix, flooder, &packet, s * 20000), VTB_OK);
        }
        talk_step(&talk, 1);
    }
    m = match(&talk.heard, NULL);
    assert_true(hear_is_heard(&m));
}

static void talkers_are_named_loudest_first(void **state)
{
    (void)state;
    struct hear quiet = { malloc(cleo.n * sizeof(float)), cleo.n };

    for (size_t i = 0; i < cleo.n; i++)
        quiet.at[i] = 0.2f * cleo.at[i];
    talk_open(&talk, 3, 24000);
    talk_join(&talk, &quiet, 0);
    talk_join(&talk, NULL, 0);
    talk_join(&talk, &anna, 0);
    talk_step(&talk, 120);
    assert_int_equal(talk.out.talkers_n, 2);
    assert_int_equal(talk.out.talkers[0].source_index, talk.who[2].source);
    assert_int_equal(talk.out.talkers[1].source_index, talk.who[0].source);
    assert_true(talk.out.talkers[0].level < talk.out.talkers[1].level);
    free(quiet.at);
}

static void members_come_and_go_up_to_4096(void **state)
{
    (void)state;
    uint32_t at = 0;

    talk_open(&talk, 3, 24000);
    for (uint32_t i = 0; i < VTB_MIX_SOURCES_MAX; i++) {
        assert_int_equal(vtb_mix_add(talk.mix, &at), VTB_OK);
        assert_int_equal(at, i);
    }
    assert_int_equal(vtb_mix_add(talk.mix, &at), VTB_LIMIT);
    vtb_mix_drop(talk.mix, 77);
    vtb_mix_drop(talk.mix, 77);
    talk_step(&talk, 1);
    assert_int_equal(vtb_mix_add(talk.mix, &at), VTB_OK);
    assert_int_equal(at, 77);
}

static void a_bad_configuration_is_refused(void **state)
{
    (void)state;
    struct vtb_mix *mix = NULL;

    assert_int_equal(vtb_mix_create(&(struct vtb_mix_config){ 0, 24000 }, &mix), VTB_PARSE);
    assert_int_equal(vtb_mix_create(&(struct vtb_mix_config){ 5, 24000 }, &mix), VTB_PARSE);
    assert_int_equal(vtb_mix_create(&(struct vtb_mix_config){ 3, 5999 }, &mix), VTB_PARSE);
    assert_null(mix);
    vtb_mix_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(three_voices_at_once_are_all_heard_and_nobody_hears_themselves,
                                  close_room),
        cmocka_unit_test_teardown(a_source_without_levels_is_heard_like_the_others, close_room),
        cmocka_unit_test_teardown(packets_of_60_ms_are_heard_like_those_of_20, close_room),
        cmocka_unit_test_teardown(the_first_syllable_is_whole, close_room),
        cmocka_unit_test_teardown(a_syllable_that_had_to_wait_for_a_place_is_whole, close_room),
        cmocka_unit_test_teardown(silence_encodes_nothing, close_room),
        cmocka_unit_test_teardown(a_lone_talker_costs_one_encode, close_room),
        cmocka_unit_test_teardown(a_closed_gate_lets_no_sample_through, close_room),
        cmocka_unit_test_teardown(a_packet_for_a_closed_gate_is_refused_and_not_kept, close_room),
        cmocka_unit_test_teardown(what_is_no_opus_is_refused, close_room),
        cmocka_unit_test_teardown(nothing_wraps_when_three_shout_at_once, close_room),
        cmocka_unit_test_teardown(ten_per_cent_of_lost_packets_are_concealed, close_room),
        cmocka_unit_test_teardown(after_a_stall_of_two_seconds_the_delay_is_as_before, close_room),
        cmocka_unit_test_teardown(steps_that_come_late_do_not_leave_their_delay_behind,
                                  close_room),
        cmocka_unit_test_teardown(a_liar_does_not_keep_a_place, close_room),
        cmocka_unit_test_teardown(who_hides_a_voice_is_heard_after_some_seconds, close_room),
        cmocka_unit_test_teardown(an_honest_soft_speaker_is_never_taken_for_a_liar, close_room),
        cmocka_unit_test_teardown(a_source_that_floods_disturbs_nobody, close_room),
        cmocka_unit_test_teardown(talkers_are_named_loudest_first, close_room),
        cmocka_unit_test_teardown(members_come_and_go_up_to_4096, close_room),
        cmocka_unit_test(a_bad_configuration_is_refused),
    };

    return cmocka_run_group_tests(tests, cast_load, cast_unload);
}
