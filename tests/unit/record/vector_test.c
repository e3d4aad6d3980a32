/* The log of a case, as version 1 wrote it, folds for ever: tests/vectors/record/case-v1.jsonl. */
#include "board.h"

#include "record/canon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#define FOLDER VTB_SOURCE_DIR "/tests/vectors/record/"

static enum vtb_err print_event(void *ctx, const struct vtb_event *event)
{
    json_t *data = vtb_event_write(event);
    char *text = json_dumps(data, JSON_COMPACT | JSON_SORT_KEYS);

    fprintf(ctx, "%s %lld %s\n", vtb_event_name(event->kind), (long long)event->at_us, text);
    free(text);
    json_decref(data);
    return VTB_OK;
}

/* Draft, read-back and plans as text, and its SHA-256. */
static void digest_of(const struct vtb_case *record, char out[static 65])
{
    struct vtb_arena arena = { 0 };
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    assert_int_equal(vtb_case_snapshot(record, &arena, print_event, to), VTB_OK);
    fprintf(to, "%s %s %lld %d\n", record->record.name, record->record.stage, (long long)record->version,
            (int)record->draft.state);
    for (size_t i = 0; i < record->plans_n; i++)
        fprintf(to, "%s %d %s\n", record->plans[i].digest, (int)record->plans[i].state, record->plans[i].state_text);
    fclose(to);
    vtb_arena_fini(&arena);
    vtb_sha256_hex(text, len, out);
    free(text);
}

/* Two plans signed, the second after a dissent, and a third being read back. */
static void record_log(void)
{
    FILE *log = fopen(FOLDER "case-v1.jsonl", "w"), *sum = fopen(FOLDER "case-v1.digest", "w");
    struct board b;
    char digest[65];

    assert_true(log && sum);
    board_make_logged(&b, log);
    for (unsigned plan = 1; plan <= 2; plan++) {
        read_back(&b);
        sign_it(&b, "Opinion by letter");
        board_look(&b);
        assert_int_equal(vtb_case_begin(b.record, id_of(2000 + plan), &b.facts, VTB_LIT("Again?"), VTB_LIT("Dr Okafor"),
                                        b.world.now_us, b.out), VTB_OK);
        board_fold(&b);
        fill_plan(&b);
        assert_int_equal(set_field(&b, SCRIBE, "reasons", 0, "Nodes are resectable"), VTB_OK);
        assert_int_equal(plan_ask(&b, PATHOLOGIST, (struct vtb_ask){ .kind = VTB_ASK_PLAN_DISSENT,
                                  .u.plan_dissent = { VTB_LIT("Sampling error"), true } }), VTB_OK);
    }
    assert_int_equal(plan_ask(&b, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_READBACK_START }), VTB_OK);
    assert_int_equal(plan_ask(&b, SURGEON, (struct vtb_ask){ .kind = VTB_ASK_READBACK_ACK,
                              .u.readback_ack.digest = vtb_str_of(b.record->readback.digest) }), VTB_OK);
    digest_of(b.record, digest);
    fprintf(sum, "%s\n", digest);
    fclose(log);
    fclose(sum);
    board_free(&b);
}

static void the_case_log_of_version_1_folds_to_the_state_it_had(void **state)
{
    static char line[400000];
    struct vtb_case *record = calloc(1, sizeof *record);
    char want[80] = "", have[66];
    FILE *log, *sum;
    size_t lines = 0;

    (void)state;
    if (getenv("VTB_RECORD_VECTORS"))
        record_log();
    log = fopen(FOLDER "case-v1.jsonl", "r");
    sum = fopen(FOLDER "case-v1.digest", "r");
    assert_true(record && log && sum);
    while (fgets(line, sizeof line, log)) {
        struct vtb_arena arena = { 0 };
        struct vtb_event event;
        json_t *root = json_loads(line, 0, NULL);

        assert_non_null(root);
        assert_int_equal(vtb_event_parse(json_string_value(json_object_get(root, "k")), json_object_get(root, "d"),
                                         &arena, &event), VTB_OK);
        event.seq = (uint64_t)json_integer_value(json_object_get(root, "n"));
        event.at_us = json_integer_value(json_object_get(root, "at"));
        vtb_case_fold(record, &event);
        vtb_arena_fini(&arena);
        json_decref(root);
        lines++;
    }
    assert_true(lines > 50);
    assert_int_equal(record->plans_n, 2);
    assert_int_equal(record->plans[0].state, VTB_SUPERSEDED);
    assert_non_null(fgets(want, sizeof want, sum));
    digest_of(record, have);
    have[64] = '\n';
    have[65] = '\0';
    assert_string_equal(have, want);
    free(record);
    fclose(log);
    fclose(sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_case_log_of_version_1_folds_to_the_state_it_had),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
