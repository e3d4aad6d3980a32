/* Each allocation fails in turn: an error, no event, and the next try works. */
#include "board.h"

#include "record/canon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

static long left = -1; /* allocations until one fails; -1: none does */

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size) /* arenas */
{
    if (left == 0)
        return NULL;
    left -= left > 0;
    return __real_calloc(n, size);
}

static void *json_alloc(size_t size)
{
    if (left == 0)
        return NULL;
    left -= left > 0;
    return malloc(size);
}

static void a_read_back_without_memory_adds_nothing(void **state)
{
    struct board b;
    struct vtb_ask start = { .kind = VTB_ASK_READBACK_START };
    struct vtb_caller chair = caller_of(CHAIR);
    enum vtb_err err = VTB_NOMEM;
    long tries = 0;

    (void)state;
    board_make(&b);
    fill_plan(&b);
    board_look(&b);
    for (; err; tries++) {
        left = tries;
        err = vtb_case_decide(b.record, &chair, &start, b.world.now_us, &b.facts, b.out);
        left = -1;
        if (err) {
            assert_int_equal(err, VTB_NOMEM);
            assert_int_equal(b.out->n, 0);
            vtb_events_fini(b.out);
        }
        assert_true(tries < 20000);
    }
    assert_true(tries > 50); /* it does allocate: this test can fail */
    assert_int_equal(b.out->n, 1);
    board_free(&b);
}

static void a_signature_without_memory_is_none(void **state)
{
    struct board b;
    struct vtb_caller chair = caller_of(CHAIR);
    enum vtb_err err = VTB_NOMEM;
    long tries = 0;

    (void)state;
    board_make(&b);
    read_back(&b);
    for (; err; tries++) {
        struct vtb_arena arena = { 0 };
        struct vtb_str text = { NULL, 77 };
        char digest[65] = "untouched";

        left = tries;
        err = vtb_case_signed_text(b.record, &chair, b.world.now_us, VTB_LIT("why"), &arena, &text, digest);
        left = -1;
        if (err) {
            assert_true(err == VTB_NOMEM || err == VTB_PARSE); /* jansson calls it a fault of the text */
            assert_int_equal(text.len, 77);
            assert_string_equal(digest, "untouched");
        }
        vtb_arena_fini(&arena);
        assert_true(tries < 20000);
    }
    assert_true(tries > 50);
    board_free(&b);
}

static enum vtb_err count_event(void *ctx, const struct vtb_event *event)
{
    (void)event;
    ++*(int *)ctx;
    return VTB_OK;
}

static void a_snapshot_without_memory_says_so(void **state)
{
    struct board b;
    struct vtb_watcher staff = { 0 };
    enum vtb_err err = VTB_NOMEM;
    long tries = 0;
    int events = 0;

    (void)state;
    board_make(&b);
    read_back(&b);
    for (; err; tries++) {
        struct vtb_arena arena = { 0 };

        events = 0;
        left = tries;
        err = vtb_meeting_snapshot(b.world.shown, &staff, &arena, count_event, &events);
        if (!err)
            err = vtb_case_snapshot(b.record, &arena, count_event, &events);
        left = -1;
        assert_true(!err || err == VTB_NOMEM);
        vtb_arena_fini(&arena);
    }
    assert_true(tries > 1 && events > 20);
    board_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_read_back_without_memory_adds_nothing),
        cmocka_unit_test(a_signature_without_memory_is_none),
        cmocka_unit_test(a_snapshot_without_memory_says_so),
    };

    json_set_alloc_funcs(json_alloc, free);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
