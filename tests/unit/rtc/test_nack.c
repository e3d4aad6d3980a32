#include "rtc/nack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define RTT  40000u
#define MOST 150000u

static struct vtb_nack nack;
static uint16_t asked[VTB_NACK_ASKED];

static int setup(void **state)
{
    (void)state;
    memset(&nack, 0, sizeof nack);
    return 0;
}

static size_t due(uint64_t now)
{
    return vtb_nack_due(&nack, RTT, MOST, now, asked);
}

static void nothing_is_asked_for_where_nothing_is_lost(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 70000; i++) { /* over the wrap */
        assert_int_equal(vtb_nack_got(&nack, (uint16_t)(65000 + i), i * 20000ull), VTB_NACK_NEW);
        assert_int_equal(due(i * 20000ull), 0);
    }
}

static void a_gap_is_asked_for_at_once_and_again_a_round_trip_later(void **state)
{
    (void)state;
    vtb_nack_got(&nack, 65534, 0);
    vtb_nack_got(&nack, 1, 60000); /* 65535 and 0 are missing */
    assert_int_equal(due(60000), 2);
    assert_int_equal(asked[0], 65535);
    assert_int_equal(asked[1], 0);
    assert_int_equal(due(80000), 0);
    assert_int_equal(vtb_nack_got(&nack, 0, 100000), VTB_NACK_AGAIN);
    assert_int_equal(nack.rtt_us, 40000);
    assert_int_equal(due(110000), 0);
    assert_int_equal(due(120000), 1);
    assert_int_equal(asked[0], 65535);
    for (uint64_t at = 180000; at <= 300000; at += 60000)
        assert_int_equal(due(at), 1);
    assert_int_equal(due(360000), 0); /* five times, and a quarter of a second, are enough */
    assert_int_equal(nack.n, 0);
    assert_int_equal(vtb_nack_got(&nack, 65535, 370000), VTB_NACK_OLD);
    assert_int_equal(nack.asked, 6);
    assert_int_equal(nack.answered, 1);
}

static void what_was_copied_is_not_asked_for(void **state)
{
    (void)state;
    vtb_nack_got(&nack, 1, 0);
    vtb_nack_got(&nack, 4, 60000);
    vtb_nack_fill(&nack, 3);
    assert_int_equal(due(60000), 1);
    assert_int_equal(asked[0], 2);
}

static void who_is_overtaken_gets_10_ms(void **state)
{
    (void)state;
    vtb_nack_got(&nack, 1, 0);
    vtb_nack_got(&nack, 3, 1000);
    assert_int_equal(vtb_nack_got(&nack, 2, 1500), VTB_NACK_NEW); /* before it was asked for */
    vtb_nack_got(&nack, 5, 2000);
    assert_int_equal(due(2000), 0);
    assert_int_equal(due(11999), 0);
    assert_int_equal(due(12000), 1);
}

static void far_away_nothing_is_asked_for(void **state)
{
    (void)state;
    vtb_nack_got(&nack, 1, 0);
    vtb_nack_got(&nack, 3, 1000);
    assert_int_equal(vtb_nack_due(&nack, 300000, MOST, 1000, asked), 0);
    vtb_nack_got(&nack, 5, 2000);
    assert_int_equal(vtb_nack_due(&nack, 300000, 400000, 2000, asked), 1); /* the buffer waits longer */
}

static void an_unknown_round_trip_is_found_out(void **state)
{
    (void)state;
    vtb_nack_got(&nack, 1, 0);
    vtb_nack_got(&nack, 3, 1000);
    assert_int_equal(vtb_nack_due(&nack, 0, MOST, 1000, asked), 1);
    vtb_nack_got(&nack, 2, 201000);
    vtb_nack_got(&nack, 5, 210000);
    assert_int_equal(vtb_nack_due(&nack, 0, MOST, 210000, asked), 0); /* 200 ms: of no use */
}

static void an_outage_is_no_loss(void **state)
{
    (void)state;
    vtb_nack_got(&nack, 1, 0);
    vtb_nack_got(&nack, 101, 2000000);
    assert_int_equal(due(2000000), 0);
}

/* A sender that leaves out every second number makes us ask no more than 100 times a second. */
static void asking_is_bounded(void **state)
{
    (void)state;
    uint64_t now = 0;

    for (uint32_t i = 0; i < 50000; i++, now += 200) { /* 10 s */
        vtb_nack_got(&nack, (uint16_t)(2 * i), now);
        assert_true(due(now) <= VTB_NACK_ASKED);
        assert_true(nack.n <= VTB_NACK_HOLES);
    }
    assert_true(nack.asked <= 50 + 1000 + 1);
    assert_true(nack.asked > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_is_asked_for_where_nothing_is_lost, setup),
        cmocka_unit_test_setup(a_gap_is_asked_for_at_once_and_again_a_round_trip_later, setup),
        cmocka_unit_test_setup(what_was_copied_is_not_asked_for, setup),
        cmocka_unit_test_setup(who_is_overtaken_gets_10_ms, setup),
        cmocka_unit_test_setup(far_away_nothing_is_asked_for, setup),
        cmocka_unit_test_setup(an_unknown_round_trip_is_found_out, setup),
        cmocka_unit_test_setup(an_outage_is_no_loss, setup),
        cmocka_unit_test_setup(asking_is_bounded, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
