/* Recorded logs fold for ever: tests/vectors/meeting/v1.jsonl and the digest of the state it gives. */
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#define FOLDER VTB_SOURCE_DIR "/tests/vectors/meeting/"

/* FNV-1a, 64 bits: enough to notice a change, and no library more. */
static uint64_t digest_of(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return hash;
}

static void write_line(void *ctx, const struct vtb_event *event)
{
    json_t *line = json_pack("{s:s, s:I, s:I, s:o}", "k", vtb_event_name(event->kind), "n", (json_int_t)event->seq,
                             "at", (json_int_t)event->at_us, "d", vtb_event_write(event));
    char *text = json_dumps(line, JSON_COMPACT);

    fprintf(ctx, "%s\n", text);
    free(text);
    json_decref(line);
}

static enum vtb_err write_emitted(void *ctx, const struct vtb_event *event)
{
    write_line(ctx, event);
    return VTB_OK;
}

static void record(void)
{
    struct dice dice = { 20261124 };
    FILE *log = fopen(FOLDER "v1.jsonl", "w"), *sum = fopen(FOLDER "v1.digest", "w");
    struct world w;
    bool wrong = false;
    char *text;

    assert_true(log && sum);
    world_make(&w);
    w.heard = write_line;
    w.heard_ctx = log;
    /* Planned and put on the agenda before anybody listens: told again by a snapshot's first two events. */
    {
        struct vtb_watcher staff = { 0 };
        struct vtb_arena arena = { 0 };

        assert_int_equal(vtb_meeting_snapshot(w.shown, &staff, &arena, write_emitted, log), VTB_OK);
        vtb_arena_fini(&arena);
    }
    open_room(&w);
    for (unsigned step = 0; step < 400; step++)
        happen(&w, &dice, &wrong);
    text = dump(w.shown);
    fprintf(sum, "%016llx\n", (unsigned long long)digest_of(text));
    free(text);
    fclose(log);
    fclose(sum);
    world_free(&w);
}

static void the_log_of_version_1_folds_to_the_state_it_had(void **state)
{
    struct vtb_meeting *m = calloc(1, sizeof *m);
    char line[200000], want[32] = "", have[32], *text;
    FILE *log, *sum;
    size_t lines = 0;

    (void)state;
    if (getenv("VTB_RECORD_VECTORS"))
        record();
    log = fopen(FOLDER "v1.jsonl", "r");
    sum = fopen(FOLDER "v1.digest", "r");
    assert_true(m && log && sum);
    while (fgets(line, sizeof line, log)) {
        struct vtb_arena arena = { 0 };
        struct vtb_event event;
        json_t *root = json_loads(line, 0, NULL);

        assert_non_null(root);
        assert_int_equal(vtb_event_parse(json_string_value(json_object_get(root, "k")), json_object_get(root, "d"),
                                         &arena, &event), VTB_OK);
        event.seq = (uint64_t)json_integer_value(json_object_get(root, "n"));
        event.at_us = json_integer_value(json_object_get(root, "at"));
        vtb_meeting_fold(m, &event);
        vtb_arena_fini(&arena);
        json_decref(root);
        lines++;
    }
    assert_true(lines > 100);
    assert_non_null(fgets(want, sizeof want, sum));
    text = dump(m);
    snprintf(have, sizeof have, "%016llx\n", (unsigned long long)digest_of(text));
    assert_string_equal(have, want);
    free(text);
    free(m);
    fclose(log);
    fclose(sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_log_of_version_1_folds_to_the_state_it_had),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
