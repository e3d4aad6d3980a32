/* One JSON line an event on standard error; a flood becomes a number. The clock is the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

static int64_t now_us = INT64_C(1764000000000000);
int64_t vtb_wall_us(void)
{
    return now_us;
}
uint64_t vtb_mono_us(void)
{
    return (uint64_t)now_us;
}

static char text[200000];
static int kept, file;

static void begin(void)
{
    FILE *temporary = tmpfile();

    assert_non_null(temporary);
    file = dup(fileno(temporary));
    fclose(temporary);
    kept = dup(STDERR_FILENO);
    dup2(file, STDERR_FILENO);
}

static size_t end(void)
{
    ssize_t n;
    size_t lines = 0;

    dup2(kept, STDERR_FILENO);
    close(kept);
    lseek(file, 0, SEEK_SET);
    n = read(file, text, sizeof text - 1);
    close(file);
    text[n > 0 ? n : 0] = '\0';
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    return lines;
}

static void an_event_is_one_line_of_json(void **state)
{
    (void)state;
    struct vtb_id id = { { 1, 2, 3 } };

    begin();
    VTB_LOG(VTB_WARN, "test.line", VTB_U64("n", UINT64_MAX), VTB_I64("i", -5), VTB_STR("s", "a\"b\\c\nd"), VTB_ID("id", id),
            VTB_ERR(VTB_LIMIT));
    assert_int_equal(end(), 1);
    assert_string_equal(text, "{\"at\":1764000000000000,\"level\":\"warn\",\"event\":\"test.line\",\"n\":18446744073709551615,"
                              "\"i\":-5,\"s\":\"a\\\"b\\\\cd\",\"id\":\"01020300-0000-0000-0000-000000000000\",\"err\":\"limit\"}\n");
}

static void a_flood_is_folded_into_a_count(void **state)
{
    (void)state;
    now_us += 5000000;
    begin();
    for (int i = 0; i < 1000; i++)
        VTB_LOG(VTB_INFO, "test.flood", VTB_U64("i", (uint64_t)i));
    assert_int_equal(end(), 20);
    assert_null(strstr(text, "folded"));
    now_us += 1000000;
    begin();
    VTB_LOG(VTB_INFO, "test.flood", VTB_U64("i", 7));
    VTB_LOG(VTB_INFO, "test.flood", VTB_U64("i", 8));
    assert_int_equal(end(), 2);
    assert_non_null(strstr(text, "\"folded\":980")); /* said once */
    assert_ptr_equal(strstr(strstr(text, "folded") + 1, "folded"), NULL);
}

static void what_is_below_the_level_is_not_written(void **state)
{
    (void)state;
    begin();
    VTB_LOG(VTB_DEBUG, "test.debug", VTB_U64("i", 1));
    vtb_log_level(VTB_ERROR);
    VTB_LOG(VTB_WARN, "test.warn", VTB_U64("i", 1));
    VTB_LOG(VTB_ERROR, "test.error", VTB_U64("i", 1));
    vtb_log_level(VTB_INFO);
    assert_int_equal(end(), 1);
    assert_non_null(strstr(text, "test.error"));
}

static void a_long_value_makes_no_broken_line(void **state)
{
    (void)state;
    static char big[5000];

    memset(big, '"', sizeof big - 1);
    now_us += 5000000;
    begin();
    VTB_LOG(VTB_INFO, "test.long", VTB_STR("big", big), VTB_U64("after", 5));
    assert_int_equal(end(), 1);
    assert_true(strlen(text) <= 1026);
    assert_string_equal(text + strlen(text) - 2, "}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_one_line_of_json),
        cmocka_unit_test(a_flood_is_folded_into_a_count),
        cmocka_unit_test(what_is_below_the_level_is_not_written),
        cmocka_unit_test(a_long_value_makes_no_broken_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
