/* Ids, borrowed text, the arena and the cursor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cursor.h"
#include "base/id.h"

static void ids_are_version_seven_and_sort_by_time(void **state)
{
    (void)state;
    struct vtb_id before = vtb_id_make(1764000000000000), after;

    for (int i = 1; i < 2000; i++) {
        after = vtb_id_make(1764000000000000 + i * 1000);
        assert_true(memcmp(before.b, after.b, sizeof before.b) < 0);
        assert_int_equal(after.b[6] >> 4, 7);  /* RFC 9562, 4.2 */
        assert_int_equal(after.b[8] >> 6, 2);  /* and 4.1 */
        before = after;
    }
    /* The first 48 bits are milliseconds. */
    uint64_t ms = 0;
    for (int i = 0; i < 6; i++)
        ms = ms << 8 | vtb_id_make(1764000000123999).b[i];
    assert_int_equal(ms, 1764000000123u);
    assert_false(vtb_id_is(vtb_id_make(5), vtb_id_make(5)));
}

static void an_id_reads_as_it_was_written(void **state)
{
    (void)state;
    char text[VTB_ID_TEXT], upper[VTB_ID_TEXT];
    struct vtb_id id = vtb_id_make(1764000000000000), back;

    vtb_id_write(id, text);
    assert_int_equal(strlen(text), 36);
    assert_int_equal(vtb_id_parse(vtb_str_of(text), &back), VTB_OK);
    assert_true(vtb_id_is(id, back));
    for (int i = 0; i < VTB_ID_TEXT; i++)
        upper[i] = (char)(text[i] >= 'a' && text[i] <= 'f' ? text[i] - 32 : text[i]);
    assert_int_equal(vtb_id_parse(vtb_str_of(upper), &back), VTB_OK);
    assert_true(vtb_id_is(id, back));
}

static void what_is_no_id_is_refused_and_nothing_is_touched(void **state)
{
    (void)state;
    static const char good[] = "019a0000-0000-7000-8000-00000000002a";
    char text[80];
    struct vtb_id kept = { { 42 } };

    for (size_t at = 0; at < 36; at++) { /* every place, wrong in its own way */
        memcpy(text, good, sizeof good);
        text[at] = good[at] == '-' ? '0' : 'g';
        assert_int_equal(vtb_id_parse(vtb_str_of(text), &kept), VTB_PARSE);
    }
    for (size_t len = 0; len < 36; len++)
        assert_int_equal(vtb_id_parse((struct vtb_str){ good, len }, &kept), VTB_PARSE);
    assert_int_equal(vtb_id_parse(VTB_LIT("019a0000-0000-7000-8000-00000000002a "), &kept), VTB_PARSE);
    assert_int_equal(kept.b[0], 42);
}

static void text_that_does_not_fit_is_empty_and_said_so(void **state)
{
    (void)state;
    char to[4] = "xxx";

    assert_int_equal(vtb_str_copy(VTB_LIT("abc"), to, sizeof to), VTB_OK);
    assert_string_equal(to, "abc");
    assert_int_equal(vtb_str_copy(VTB_LIT("abcd"), to, sizeof to), VTB_LIMIT);
    assert_string_equal(to, "");
    assert_int_equal(vtb_str_copy((struct vtb_str){ NULL, 0 }, to, sizeof to), VTB_OK);
    assert_int_equal(vtb_str_copy(VTB_LIT("a"), to, 0), VTB_LIMIT);
    assert_true(vtb_str_is(VTB_LIT("ab"), vtb_str_of("ab")));
    assert_false(vtb_str_is(VTB_LIT("ab"), VTB_LIT("abc")));
    assert_true(vtb_str_is((struct vtb_str){ NULL, 0 }, VTB_LIT("")));
    assert_int_equal(vtb_str_of(NULL).len, 0);
}

static void secrets_are_compared_whole(void **state)
{
    (void)state;
    char a[32] = "same", b[32] = "same";

    assert_true(vtb_secret_is(a, sizeof a, b, sizeof b));
    for (size_t i = 0; i < sizeof a; i++) {
        b[i] = (char)(b[i] ^ 1);
        assert_false(vtb_secret_is(a, sizeof a, b, sizeof b));
        b[i] = (char)(b[i] ^ 1);
    }
    assert_false(vtb_secret_is(a, 31, b, 32));
    assert_true(vtb_secret_is("", 0, "", 0));
}

static void the_arena_gives_zeroed_aligned_memory_of_any_size(void **state)
{
    (void)state;
    struct vtb_arena arena = { 0 };
    unsigned char *at[200];
    size_t size[200];

    for (size_t i = 0; i < 200; i++) {
        size[i] = i % 7 == 0 ? 5000 + i : 1 + i * 13 % 900; /* some larger than a page of it */
        at[i] = vtb_arena_take(&arena, size[i]);
        assert_non_null(at[i]);
        assert_int_equal((uintptr_t)at[i] % alignof(max_align_t), 0);
        for (size_t k = 0; k < size[i]; k++)
            assert_int_equal(at[i][k], 0);
        memset(at[i], (int)i + 1, size[i]);
    }
    for (size_t i = 0; i < 200; i++) /* nobody wrote into another's */
        for (size_t k = 0; k < size[i]; k++)
            assert_int_equal(at[i][k], (unsigned char)(i + 1));
    assert_null(vtb_arena_take(&arena, SIZE_MAX - 3)); /* rounding up would wrap */
    assert_non_null(vtb_arena_take(&arena, 0));
    vtb_arena_fini(&arena);
    vtb_arena_fini(&arena); /* empty again, and so usable */
    assert_non_null(vtb_arena_take(&arena, 8));
    vtb_arena_fini(&arena);
}

static void the_cursor_never_passes_the_end(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 7; len++) {
        static const uint8_t all[7] = { 1, 2, 3, 4, 5, 6, 7 };
        uint8_t *exact = malloc(len ? len : 1); /* a read past it is seen */
        struct vtb_cursor in;

        memcpy(exact, all, len);
        in = (struct vtb_cursor){ .at = exact, .left = len };
        unsigned one = vtb_cursor_u8(&in), two = vtb_cursor_u16(&in), four = vtb_cursor_u32(&in);
        assert_int_equal(in.bad, len < 7);
        assert_int_equal(one, len >= 1 ? 1 : 0);
        assert_int_equal(two, len >= 3 ? 0x0203 : 0);
        assert_int_equal(four, len >= 7 ? 0x04050607 : 0);
        vtb_cursor_skip(&in, SIZE_MAX);
        assert_true(in.bad);
        assert_null(vtb_cursor_take(&in, 0)); /* once bad, always bad */
        free(exact);
    }
}

static void every_error_has_a_word(void **state)
{
    (void)state;
    for (int err = VTB_OK; err <= VTB_CORRUPT; err++) {
        assert_true(strlen(vtb_err_name((enum vtb_err)err)) > 1);
        for (int other = VTB_OK; other < err; other++)
            assert_string_not_equal(vtb_err_name((enum vtb_err)err), vtb_err_name((enum vtb_err)other));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_version_seven_and_sort_by_time),
        cmocka_unit_test(an_id_reads_as_it_was_written),
        cmocka_unit_test(what_is_no_id_is_refused_and_nothing_is_touched),
        cmocka_unit_test(text_that_does_not_fit_is_empty_and_said_so),
        cmocka_unit_test(secrets_are_compared_whole),
        cmocka_unit_test(the_arena_gives_zeroed_aligned_memory_of_any_size),
        cmocka_unit_test(the_cursor_never_passes_the_end),
        cmocka_unit_test(every_error_has_a_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
