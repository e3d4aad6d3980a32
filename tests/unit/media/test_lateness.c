#include "lateness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void one_late_tick_in_a_hundred_is_not_the_p99(void **state)
{
    struct vtb_lateness late = { 0 };
    (void)state;

    assert_int_equal(vtb_lateness_p99_us(&late), 0);
    for (int i = 0; i < 990; i++)
        vtb_lateness_add(&late, 60);
    for (int i = 0; i < 10; i++)
        vtb_lateness_add(&late, 9000);
    assert_int_equal(vtb_lateness_p99_us(&late), 100);
    vtb_lateness_add(&late, 9000);
    assert_int_equal(vtb_lateness_p99_us(&late), 9050);
}

static void only_the_last_3000_count(void **state)
{
    struct vtb_lateness late = { 0 };
    (void)state;

    for (int i = 0; i < 3000; i++)
        vtb_lateness_add(&late, 1000000);
    assert_true(vtb_lateness_p99_us(&late) > 51000);
    for (int i = 0; i < 3000; i++)
        vtb_lateness_add(&late, 10);
    assert_int_equal(vtb_lateness_p99_us(&late), 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_late_tick_in_a_hundred_is_not_the_p99),
        cmocka_unit_test(only_the_last_3000_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
