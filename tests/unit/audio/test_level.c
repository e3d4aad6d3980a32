/* Who is chosen, and who is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "audio/level.h"

#define PLACES 3u

static struct vtb_loudness levels[6];

static int setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < VTB_COUNT(levels); i++) {
        vtb_level_init(&levels[i]);
        levels[i].open = true;
    }
    return 0;
}

/* One step in which the sources have these levels; 0 at the end means they send nothing. */
static void step(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    uint8_t now[] = { a, b, c, d };

    for (size_t i = 0; i < VTB_COUNT(now); i++)
        vtb_level_declare(&levels[i], now[i]);
    vtb_level_choose(levels, VTB_COUNT(levels), PLACES);
}

static void a_free_place_is_given_at_the_first_loud_packet(void **state)
{
    (void)state;
    step(127, 127, 127, 127);
    assert_false(levels[1].chosen);
    step(127, 40, 127, 127);
    assert_true(levels[1].chosen);
}

static void pauses_between_words_stay_in_and_long_ones_do_not(void **state)
{
    (void)state;
    step(30, 127, 127, 127);
    for (int i = 0; i < 23; i++) { /* 460 ms */
        step(127, 127, 127, 127);
        assert_true(levels[0].chosen);
    }
    for (int i = 0; i < 5; i++)
        step(127, 127, 127, 127);
    assert_false(levels[0].chosen);
}

static void a_falling_voice_is_kept_where_a_rising_one_would_not_start(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++)
        step(60, 127, 127, 127); /* a room as loud as that */
    step(56, 127, 127, 127);
    assert_false(levels[0].chosen);
    step(45, 127, 127, 127);
    for (int i = 0; i < 40; i++) /* longer than the hangover */
        step(57, 127, 127, 127);
    assert_true(levels[0].chosen);
}

static void a_fan_does_not_hold_a_place_and_who_speaks_beside_it_does(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++)
        step(i % 2 ? 58 : 60, 127, 127, 127);
    assert_false(levels[0].chosen);
    step(49, 127, 127, 127);
    assert_true(levels[0].chosen);
}

static void a_distant_voice_in_a_quiet_room_is_heard(void **state)
{
    (void)state;
    for (int i = 0; i < 500; i++)
        step(i % 2 ? 76 : 80, 127, 127, 127);
    assert_false(levels[0].chosen);
    for (int i = 0; i < 1500; i++) { /* half a minute of words at -58 and pauses at -78 */
        step(i % 25 < 18 ? 58 : 78, 127, 127, 127);
        assert_true(levels[0].chosen);
    }
}

static void a_fourth_voice_of_equal_loudness_takes_no_place(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++)
        step(30, 30, 30, 127);
    for (int i = 0; i < 100; i++) {
        step(30, 30, 30, 28);
        assert_false(levels[3].chosen);
    }
}

static void a_clearly_louder_voice_takes_the_quietest_place_soon(void **state)
{
    (void)state;
    int steps = 0;

    for (int i = 0; i < 50; i++)
        step(30, 45, 30, 127);
    while (!levels[3].chosen && steps < 50) {
        step(30, 45, 30, 30);
        steps++;
    }
    assert_in_range(steps, 3, 9); /* 60 ms louder, after its smoothed level has risen */
    assert_false(levels[1].chosen);
    assert_true(levels[0].chosen && levels[2].chosen);
}

static void a_pausing_speaker_gives_way_at_once(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++)
        step(30, 30, 30, 127);
    for (int i = 0; i < 8; i++)
        step(30, 127, 30, 127);
    step(30, 127, 30, 40);
    assert_true(levels[3].chosen);
    assert_false(levels[1].chosen);
}

static void never_more_places_than_there_are(void **state)
{
    (void)state;
    uint32_t random = 1;

    for (int i = 0; i < 20000; i++) {
        uint32_t chosen = 0;

        for (size_t s = 0; s < VTB_COUNT(levels); s++) {
            random = random * 1664525u + 1013904223u;
            vtb_level_declare(&levels[s], (uint8_t)(random >> 24));
        }
        vtb_level_choose(levels, VTB_COUNT(levels), PLACES);
        for (size_t s = 0; s < VTB_COUNT(levels); s++)
            chosen += levels[s].chosen;
        assert_true(chosen <= PLACES);
    }
}

static void a_closed_gate_is_never_chosen(void **state)
{
    (void)state;
    levels[0].open = false;
    for (int i = 0; i < 50; i++)
        step(0, 127, 127, 127);
    assert_false(levels[0].chosen);
}

static void a_liar_is_ranked_by_its_sound(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        step(5, 127, 127, 127);
    assert_true(levels[0].chosen);
    assert_false(vtb_level_judge(&levels[0], 0.3, 0.1)); /* a microphone's AGC, not a lie */
    assert_false(vtb_level_judge(&levels[0], 0.3, 0.0001)); /* once may be the edge of a word */
    assert_true(vtb_level_judge(&levels[0], 0.3, 0.0001));
    step(5, 127, 127, 127);
    assert_false(levels[0].chosen);
    assert_true(vtb_level_needs_ear(&levels[0]));
    vtb_level_measure(&levels[0], 33); /* when it really speaks it is heard */
    step(5, 127, 127, 127);
    assert_true(levels[0].chosen);
}

static void who_declares_silence_and_speaks_is_ranked_by_the_sound(void **state)
{
    (void)state;
    step(127, 127, 127, 127);
    levels[0].heavy = true;
    assert_true(vtb_level_may_hide(&levels[0]));
    assert_false(vtb_level_judge(&levels[0], 0.0, 1e-5)); /* soft, and not hidden */
    assert_false(vtb_level_judge(&levels[0], 0.0, 0.003));
    assert_true(vtb_level_judge(&levels[0], 0.0, 0.003));
    assert_true(vtb_level_needs_ear(&levels[0]));
    vtb_level_measure(&levels[0], 25);
    step(127, 127, 127, 127);
    assert_true(levels[0].chosen);
}

static void who_is_found_again_is_doubted_for_longer(void **state)
{
    (void)state;
    uint16_t doubt = 0;

    for (int i = 0; i < 7; i++) {
        (void)vtb_level_judge(&levels[0], 0.3, 0.0001);
        assert_true(vtb_level_judge(&levels[0], 0.3, 0.0001));
        assert_true(levels[0].doubt >= doubt);
        doubt = levels[0].doubt;
        levels[0].doubt = 0; /* it is over */
    }
    assert_int_equal(doubt, 8000); /* 160 s */
}

/* Two who are alike and take turns in being a little louder: nobody loses the place for it. */
static void nobody_flaps(void **state)
{
    (void)state;
    bool was[4] = { false };
    int changes = 0;

    for (int i = 0; i < 3000; i++) { /* one minute; 4 dB up and down, each with a time of its own */
        step((uint8_t)(30 + i / 7 % 5), (uint8_t)(30 + i / 11 % 5), (uint8_t)(30 + i / 13 % 5), (uint8_t)(30 + i / 17 % 5));
        for (int k = 0; k < 4; k++) {
            changes += levels[k].chosen != was[k];
            was[k] = levels[k].chosen;
        }
    }
    assert_int_equal(changes, 3); /* the first three, once */
}

/* The clearer, the sooner; all within what the buffer keeps of the newcomer (VTB_BUFFER_HOLD). */
static void a_louder_newcomer_wins_within_240_ms(void **state)
{
    static const struct { uint8_t level; int most; } came[] = { { 22, 12 }, { 15, 9 }, { 5, 8 } };

    for (size_t c = 0; c < VTB_COUNT(came); c++) {
        int steps = 0;

        setup(state);
        for (int i = 0; i < 100; i++)
            step(30, 30, 30, 127);
        while (!levels[3].chosen && steps < 50) {
            step(30, 30, 30, came[c].level);
            steps++;
        }
        print_message("    %d dB louder: %d ms\n", 30 - came[c].level, steps * 20);
        assert_true(steps <= came[c].most);
    }
}

static void without_level_the_sound_decides(void **state)
{
    (void)state;
    vtb_level_declare(&levels[4], VTB_LEVEL_UNKNOWN);
    assert_true(vtb_level_needs_ear(&levels[4]));
    vtb_level_choose(levels, VTB_COUNT(levels), PLACES);
    assert_false(levels[4].chosen);
    vtb_level_measure(&levels[4], 30);
    vtb_level_choose(levels, VTB_COUNT(levels), PLACES);
    assert_true(levels[4].chosen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_free_place_is_given_at_the_first_loud_packet, setup),
        cmocka_unit_test_setup(pauses_between_words_stay_in_and_long_ones_do_not, setup),
        cmocka_unit_test_setup(a_falling_voice_is_kept_where_a_rising_one_would_not_start, setup),
        cmocka_unit_test_setup(a_fan_does_not_hold_a_place_and_who_speaks_beside_it_does, setup),
        cmocka_unit_test_setup(a_distant_voice_in_a_quiet_room_is_heard, setup),
        cmocka_unit_test_setup(a_fourth_voice_of_equal_loudness_takes_no_place, setup),
        cmocka_unit_test_setup(a_clearly_louder_voice_takes_the_quietest_place_soon, setup),
        cmocka_unit_test_setup(a_pausing_speaker_gives_way_at_once, setup),
        cmocka_unit_test_setup(never_more_places_than_there_are, setup),
        cmocka_unit_test_setup(a_closed_gate_is_never_chosen, setup),
        cmocka_unit_test_setup(a_liar_is_ranked_by_its_sound, setup),
        cmocka_unit_test_setup(who_declares_silence_and_speaks_is_ranked_by_the_sound, setup),
        cmocka_unit_test_setup(who_is_found_again_is_doubted_for_longer, setup),
        cmocka_unit_test_setup(nobody_flaps, setup),
        cmocka_unit_test_setup(a_louder_newcomer_wins_within_240_ms, setup),
        cmocka_unit_test_setup(without_level_the_sound_decides, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
