/* Properties of every history, checked on seeded random ones. */
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#define SEEDS 40
#define STEPS 300

static enum vtb_err fold_into(void *ctx, const struct vtb_event *event)
{
    vtb_meeting_fold(ctx, event);
    return VTB_OK;
}

static void assert_same(const struct vtb_meeting *a, const struct vtb_meeting *b, unsigned seed, unsigned step)
{
    char *x = dump(a), *y = dump(b);

    if (strcmp(x, y) != 0) {
        fprintf(stderr, "seed %u step %u\n--- state\n%s--- snapshot\n%s", seed, step, x, y);
        fail();
    }
    free(x);
    free(y);
}

static void assert_snapshot_is_the_state(const struct vtb_meeting *m, unsigned seed, unsigned step)
{
    struct vtb_meeting *fresh = calloc(1, sizeof *fresh);
    struct vtb_watcher staff = { 0 };
    struct vtb_arena arena = { 0 };

    assert_non_null(fresh);
    assert_int_equal(vtb_meeting_snapshot(m, &staff, &arena, fold_into, fresh), VTB_OK);
    assert_same(m, fresh, seed, step);
    vtb_arena_fini(&arena);
    free(fresh);
}

/* The guest's picture of the room holds no id of another item, whatever happened. */
static void assert_island(const struct vtb_meeting *m, unsigned own)
{
    struct vtb_id item = item_id(own);
    struct vtb_watcher guest = { .is_guest = true, .items = &item, .items_n = 1 };
    struct vtb_meeting *fresh = calloc(1, sizeof *fresh);
    struct vtb_arena arena = { 0 };

    assert_non_null(fresh);
    if (vtb_meeting_snapshot(m, &guest, &arena, fold_into, fresh) == VTB_OK) {
        char *text = dump(fresh), id[VTB_ID_TEXT];

        for (unsigned i = 0; i < 4; i++) {
            vtb_id_write(item_id(i), id);
            assert_true(i == own || !strstr(text, id));
            vtb_id_write(case_id(i), id);
            assert_true(i == own || !strstr(text, id));
        }
        free(text);
    }
    vtb_arena_fini(&arena);
    free(fresh);
}

static void every_history_keeps_its_promises(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        struct dice dice = { seed * UINT64_C(0x9e3779b97f4a7c15) };
        struct world w;
        bool wrong = false;

        world_make(&w);
        open_room(&w);
        for (unsigned step = 0; step < STEPS; step++) {
            happen(&w, &dice, &wrong);
            assert_false(wrong); /* nothing is decided that policy refuses */
            if (step % 10 == 0) {
                assert_int_equal(memcmp(w.tail, w.shown, sizeof *w.tail), 0);
                assert_snapshot_is_the_state(w.shown, seed, step);
                assert_island(w.shown, 0);
                assert_island(w.shown, 1);
            }
        }
        assert_true(w.seq > 40);
        world_free(&w);
    }
}

/* As the store keeps it: kind and data, in a JSON text. */
struct log {
    char *lines[4000];
    size_t n;
};

static void keep(void *ctx, const struct vtb_event *event)
{
    struct log *log = ctx;
    json_t *data = vtb_event_write(event), *line = json_object();
    char by[VTB_ID_TEXT];

    assert_non_null(data);
    json_object_set_new(line, "k", json_string(vtb_event_name(event->kind)));
    json_object_set_new(line, "n", json_integer((json_int_t)event->seq));
    json_object_set_new(line, "at", json_integer(event->at_us));
    vtb_id_write(event->by, by);
    json_object_set_new(line, "by", json_string(by));
    json_object_set_new(line, "d", data);
    assert_true(log->n < VTB_COUNT(log->lines));
    log->lines[log->n++] = json_dumps(line, JSON_COMPACT);
    json_decref(line);
}

static void fold_line(struct vtb_meeting *m, const char *text)
{
    struct vtb_arena arena = { 0 };
    struct vtb_event event;
    json_t *line = json_loads(text, 0, NULL);

    assert_non_null(line);
    assert_int_equal(vtb_event_parse(json_string_value(json_object_get(line, "k")), json_object_get(line, "d"),
                                     &arena, &event), VTB_OK);
    event.seq = (uint64_t)json_integer_value(json_object_get(line, "n"));
    event.at_us = json_integer_value(json_object_get(line, "at"));
    assert_int_equal(vtb_id_parse(vtb_str_of(json_string_value(json_object_get(line, "by"))), &event.by), VTB_OK);
    vtb_meeting_fold(m, &event);
    json_decref(line);
    vtb_arena_fini(&arena);
}

static void a_replay_from_the_store_gives_the_same_bytes(void **state)
{
    struct dice dice = { 4711 };
    struct log *log = calloc(1, sizeof *log);
    struct vtb_meeting *again = calloc(1, sizeof *again), *base = calloc(1, sizeof *base);
    struct world w;
    bool wrong = false;

    (void)state;
    world_make(&w);
    *again = *w.shown; /* planned, with an agenda */
    w.heard = keep;
    w.heard_ctx = log;
    open_room(&w);
    for (unsigned step = 0; step < STEPS; step++)
        happen(&w, &dice, &wrong);
    for (size_t i = 0; i < log->n; i++) {
        fold_line(again, log->lines[i]);
        free(log->lines[i]);
    }
    assert_int_equal(again->seq, w.shown->seq);
    assert_int_equal(memcmp(again, w.shown, sizeof *again), 0);
    *base = *w.shown; /* the tail is rebuilt by assignment */
    assert_int_equal(memcmp(base, w.tail, sizeof *base), 0);
    free(base);
    free(again);
    free(log);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_history_keeps_its_promises),
        cmocka_unit_test(a_replay_from_the_store_gives_the_same_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
