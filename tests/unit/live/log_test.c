/* The open log: tail at append, shown when durable, and what a failure does to both (decision 2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "fakes.h"

/* A state small enough to read: how many pages were shown, and the last. */
struct state {
    int64_t pages, last;
};

static void fold(void *at, const struct vtb_event *event)
{
    struct state *state = at;

    if (event->kind == VTB_EVENT_PAGE_SHOWN) {
        state->pages++;
        state->last = event->u.page_shown.page;
    }
}

static const struct vtb_log_kind kind = { VTB_STREAM_MEETING, sizeof(struct state), fold };
static const struct vtb_id one = { { 1 } }, two = { { 2 } };
static struct vtb_logs *logs;
static struct vtb_log *opened;
static enum vtb_err open_err;
static unsigned answers;

static void ready(void *ctx, enum vtb_err err, struct vtb_log *log)
{
    (void)ctx;
    answers++;
    open_err = err;
    opened = log;
}

static struct vtb_log *open_log(struct vtb_id id)
{
    assert_int_equal(vtb_log_open(logs, &kind, id, true, ready, NULL), VTB_OK);
    fake_store_run();
    assert_int_equal(open_err, VTB_OK);
    return opened;
}

static int set_up(void **state)
{
    (void)state;
    fake_store_open();
    answers = 0;
    return vtb_logs_create(NULL, &logs) != VTB_OK;
}
static int tear_down(void **state)
{
    (void)state;
    fake_store.failing = false;
    fake_store_run();
    vtb_logs_destroy(logs);
    fake_store_close();
    return 0;
}

static struct vtb_event page(int64_t n)
{
    return (struct vtb_event){ .kind = VTB_EVENT_PAGE_SHOWN, .at_us = 5,
                               .u.page_shown = { .document = one, .page = n, .digest = VTB_LIT("d") } };
}

struct answer { unsigned n; enum vtb_err err; };
static void answered(void *ctx, enum vtb_err err)
{
    struct answer *answer = ctx;

    answer->n++;
    answer->err = err;
}

static enum vtb_err append(struct vtb_log *log, int64_t n, struct answer *answer)
{
    static struct vtb_events events;

    events.n = 0;
    events.at[events.n++] = page(n);
    return vtb_log_append(log, &events, answered, answer);
}

static const struct state *tail(struct vtb_log *log)
{
    return vtb_log_tail(log);
}
static const struct state *shown(struct vtb_log *log)
{
    return vtb_log_shown(log);
}

static void tail_runs_ahead_and_shown_follows_the_disk(void **state)
{
    (void)state;
    struct vtb_log *log = open_log(one);
    struct answer answer = { 0 };

    assert_int_equal(append(log, 3, &answer), VTB_OK);
    assert_int_equal(append(log, 4, &answer), VTB_OK);
    assert_int_equal(tail(log)->last, 4);
    assert_int_equal(shown(log)->pages, 0);
    assert_int_equal(answer.n, 0);
    fake_store_run();
    assert_int_equal(shown(log)->last, 4);
    assert_int_equal(vtb_log_seq(log), 2);
    assert_int_equal(answer.n, 2);
    assert_int_equal(answer.err, VTB_OK);
    vtb_log_close(log);
}

static void a_failure_takes_back_everything_decided_on_it(void **state)
{
    (void)state;
    struct vtb_log *log = open_log(one);
    struct answer good = { 0 }, bad = { 0 }, later = { 0 };

    assert_int_equal(append(log, 1, &good), VTB_OK);
    fake_store_run();
    fake_store.fail_next = 1;
    assert_int_equal(append(log, 2, &bad), VTB_OK);
    assert_int_equal(append(log, 3, &later), VTB_OK); /* stands on the one that fails */
    fake_store_run();
    assert_int_equal(bad.err, VTB_SYS);
    assert_int_equal(later.err, VTB_SYS);
    assert_int_equal(tail(log)->last, 1);
    assert_int_equal(shown(log)->last, 1);
    assert_int_equal(fake_store_length(one), 1);
    assert_int_equal(append(log, 4, &good), VTB_OK); /* the next stands on firm ground */
    fake_store_run();
    assert_int_equal(good.err, VTB_OK);
    assert_int_equal(shown(log)->last, 4);
    assert_int_equal(fake_store_length(one), 2);
    vtb_log_close(log);
}

static void what_is_appended_between_failure_and_answer_fails_too(void **state)
{
    (void)state;
    struct vtb_log *log = open_log(one);
    struct answer first = { 0 }, second = { 0 }, third = { 0 };

    fake_store.failing = true;
    assert_int_equal(append(log, 1, &first), VTB_OK);
    assert_int_equal(append(log, 2, &second), VTB_OK);
    fake_store_run();
    fake_store.failing = false;
    assert_int_equal(append(log, 3, &third), VTB_OK);
    fake_store_run();
    assert_int_equal(first.err, VTB_SYS);
    assert_int_equal(second.err, VTB_SYS);
    assert_int_equal(third.err, VTB_OK);
    assert_int_equal(shown(log)->pages, 1);
    assert_int_equal(tail(log)->pages, 1);
    vtb_log_close(log);
}

static void two_logs_are_written_together_or_not_at_all(void **state)
{
    (void)state;
    struct vtb_log *first = open_log(one), *second = open_log(two);
    static struct vtb_events a, b;
    struct answer answer = { 0 };

    a.n = b.n = 0;
    a.at[a.n++] = page(7);
    b.at[b.n++] = page(8);
    fake_store.fail_next = 1;
    assert_int_equal(vtb_log_append_both(first, &a, second, &b, answered, &answer), VTB_OK);
    fake_store_run();
    assert_int_equal(answer.err, VTB_SYS);
    assert_int_equal(tail(first)->pages + tail(second)->pages + shown(first)->pages + shown(second)->pages, 0);
    assert_int_equal(vtb_log_append_both(first, &a, second, &b, answered, &answer), VTB_OK);
    fake_store_run();
    assert_int_equal(answer.err, VTB_OK);
    assert_int_equal(shown(first)->last, 7);
    assert_int_equal(shown(second)->last, 8);
    vtb_log_close(first);
    vtb_log_close(second);
}

static void a_full_store_says_so_and_nothing_has_happened(void **state)
{
    (void)state;
    struct vtb_log *log = open_log(one);
    struct answer answer = { 0 };

    fake_store.full = true;
    assert_int_equal(append(log, 1, &answer), VTB_AGAIN);
    fake_store.full = false;
    fake_store_run();
    assert_int_equal(answer.n, 0);
    assert_int_equal(tail(log)->pages, 0);
    vtb_log_close(log);
}

struct seen { uint64_t seq[400]; size_t n; };
static void see(void *ctx, const struct vtb_event *event)
{
    struct seen *seen = ctx;

    seen->seq[seen->n++] = event->seq;
}

static void the_last_256_events_are_at_hand_and_the_257th_is_not(void **state)
{
    (void)state;
    struct vtb_log *log = open_log(one);
    struct answer answer = { 0 };
    struct seen seen = { 0 };

    for (int64_t i = 1; i <= 300; i++) {
        assert_int_equal(append(log, i, &answer), VTB_OK);
        fake_store_run();
    }
    assert_int_equal(vtb_log_since(log, 300, see, &seen), VTB_OK);
    assert_int_equal(seen.n, 0);
    assert_int_equal(vtb_log_since(log, 44, see, &seen), VTB_OK);
    assert_int_equal(seen.n, 256);
    assert_int_equal(seen.seq[0], 45);
    assert_int_equal(seen.seq[255], 300);
    seen.n = 0;
    assert_int_equal(vtb_log_since(log, 43, see, &seen), VTB_ABSENT);
    assert_int_equal(vtb_log_since(log, 301, see, &seen), VTB_ABSENT); /* from the future */
    assert_int_equal(seen.n, 0);
    vtb_log_close(log);
}

static void watch(void *ctx, struct vtb_log *log, const struct vtb_event *event, json_t *data)
{
    struct seen *seen = ctx;

    assert_int_equal(shown(log)->last, event->u.page_shown.page); /* folded before it is told */
    assert_int_equal(json_integer_value(json_object_get(data, "page")), event->u.page_shown.page);
    seen->seq[seen->n++] = event->seq;
}

static void the_watcher_hears_of_durable_events_in_order(void **state)
{
    (void)state;
    struct vtb_log *log = open_log(one);
    struct answer answer = { 0 };
    struct seen seen = { 0 };

    vtb_log_watched(log, watch, &seen);
    for (int64_t i = 1; i <= 3; i++)
        assert_int_equal(append(log, i, &answer), VTB_OK);
    assert_int_equal(seen.n, 0);
    fake_store_run();
    assert_int_equal(seen.n, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(seen.seq[i], i + 1);
    vtb_log_watched(log, NULL, NULL);
    vtb_log_close(log);
}

static void a_log_is_read_once_and_an_absent_one_is_absent(void **state)
{
    (void)state;
    struct vtb_event event = page(9);
    struct vtb_log *log;

    assert_int_equal(vtb_log_open(logs, &kind, two, false, ready, NULL), VTB_OK);
    assert_int_equal(answers, 0); /* never inside the call */
    fake_store_run();
    assert_int_equal(open_err, VTB_ABSENT);
    assert_null(opened);

    fake_store_put(one, &event);
    assert_int_equal(vtb_log_open(logs, &kind, one, false, ready, NULL), VTB_OK);
    assert_int_equal(vtb_log_open(logs, &kind, one, false, ready, NULL), VTB_OK);
    fake_store_run();
    assert_int_equal(answers, 3);
    log = opened;
    assert_int_equal(shown(log)->last, 9);
    assert_int_equal(tail(log)->last, 9);
    assert_int_equal(vtb_log_seq(log), 1);
    vtb_log_close(log);
    vtb_log_close(log);
    vtb_logs_sweep(logs, fake_mono_us + 61000000); /* nobody uses it: forgotten, and read anew */
    fake_store_put(one, &event);
    log = open_log(one);
    assert_int_equal(vtb_log_seq(log), 2);
    vtb_log_close(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tail_runs_ahead_and_shown_follows_the_disk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failure_takes_back_everything_decided_on_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_appended_between_failure_and_answer_fails_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_logs_are_written_together_or_not_at_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_store_says_so_and_nothing_has_happened, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_last_256_events_are_at_hand_and_the_257th_is_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_watcher_hears_of_durable_events_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_log_is_read_once_and_an_absent_one_is_absent, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
