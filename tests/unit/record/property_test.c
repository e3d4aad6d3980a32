/* Random histories of a plan: snapshots agree, signed bytes never change, replay gives the same state. */
#include "board.h"

#include "record/canon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#define SEEDS 12
#define STEPS 250

static uint64_t dice;

static unsigned roll(unsigned sides)
{
    dice ^= dice >> 12;
    dice ^= dice << 25;
    dice ^= dice >> 27;
    return (unsigned)((dice * UINT64_C(2685821657736338717)) >> 33) % sides;
}

static struct vtb_id any_line(const struct board *b)
{
    size_t n = b->record->draft.lines_n;

    return n ? b->record->draft.lines[roll((unsigned)n)].id : id_of(1);
}

static void any_set(struct board *b, enum who who)
{
    static const char *const values[] = { "", "discussed", "2026-12-24", "surgery", "palliative", "some text", "consensus" };
    unsigned at = roll(VTB_PLAN_FIELDS);
    int64_t base = b->record->draft.fields[at].cell.version;

    (void)set_field(b, who, vtb_plan_fields[at].id, roll(8) ? base : base + 1, values[roll(VTB_COUNT(values))]);
}

static void any_part(struct board *b)
{
    static const char *const values[] = { "Lobectomy", "surgery", "curative", "2026-12-24", "" };
    unsigned at = roll(VTB_LINE_PARTS);
    struct vtb_id line = any_line(b);
    struct vtb_field_name name = { .is_part = true, .at = (uint8_t)at, .line = line };

    for (size_t i = 0; i < b->record->draft.lines_n; i++)
        if (vtb_id_is(b->record->draft.lines[i].id, name.line))
            (void)set_part(b, line, vtb_line_parts[at].id, b->record->draft.lines[i].cells[at].version,
                           values[roll(VTB_COUNT(values))]);
}

static void any_ask(struct board *b, enum who who)
{
    struct vtb_ask ask = { .kind = (enum vtb_ask_kind)(VTB_ASK_PLAN_TAKE + (int)roll(17)) };

    switch ((unsigned)ask.kind) {
    case VTB_ASK_PLAN_TAKE:
    case VTB_ASK_PLAN_DROP:
        ask.u.plan_take.field = vtb_str_of(vtb_plan_fields[roll(VTB_PLAN_FIELDS)].id);
        break;
    case VTB_ASK_PLAN_SET:
        any_set(b, who);
        return;
    case VTB_ASK_PLAN_LINE_REMOVE:
        ask.u.plan_line_remove.line = any_line(b);
        break;
    case VTB_ASK_PLAN_LINE_MOVE:
        ask.u.plan_line_move = (struct vtb_ask_plan_line_move){ any_line(b), roll(6) };
        break;
    case VTB_ASK_PLAN_NOTE:
        ask.u.plan_note.text = roll(2) ? VTB_LIT("Ask palliative care") : VTB_LIT("Brain MRI");
        break;
    case VTB_ASK_PLAN_NOTE_TAKE:
    case VTB_ASK_PLAN_NOTE_CLOSE:
        ask.u.plan_note_take.note = b->record->draft.notes_n
            ? b->record->draft.notes[roll((unsigned)b->record->draft.notes_n)].id : id_of(1);
        break;
    case VTB_ASK_PLAN_DISSENT:
        ask.u.plan_dissent = (struct vtb_ask_plan_dissent){ roll(2) ? VTB_LIT("No") : VTB_LIT(""), roll(2) };
        break;
    case VTB_ASK_PLAN_OUTCOME:
        ask.u.plan_outcome = (struct vtb_ask_plan_outcome){ b->record->readback.proposed.at,
                                                            b->record->readback.proposed.n };
        break;
    case VTB_ASK_READBACK_LINE:
        ask.u.readback_line.n = roll(30);
        break;
    case VTB_ASK_READBACK_ACK:
        ask.u.readback_ack.digest = vtb_str_of(b->record->readback.digest);
        break;
    case VTB_ASK_READBACK_WINDOW:
        ask.u.readback_window.running = roll(2);
        break;
    case VTB_ASK_READBACK_OBJECT:
        ask.u.readback_object = (struct vtb_ask_readback_object){ (enum vtb_ev_readback_objected_kind)roll(3),
                                                                  VTB_LIT("Not so") };
        break;
    }
    (void)plan_ask(b, who, ask);
}

/* A plan signed now and then, so that there is something that must not change. */
static void go_on(struct board *b, unsigned *fresh)
{
    struct vtb_caller chair = caller_of(CHAIR);

    if (b->record->draft.state == VTB_PLAN_SIGNED) {
        board_look(b);
        assert_int_equal(vtb_case_begin(b->record, id_of(5000 + ++*fresh), &b->facts, VTB_LIT("Q"), VTB_LIT("R"),
                                        b->world.now_us, b->out), VTB_OK);
        board_fold(b);
        return;
    }
    board_look(b);
    if (vtb_case_sign_check(b->record, &chair, vtb_str_of(b->record->readback.digest), &b->facts, VTB_LIT("r"),
                            b->out) == VTB_OK)
        sign_it(b, "r");
}

static enum vtb_err fold_into(void *ctx, const struct vtb_event *event)
{
    vtb_case_fold(ctx, event);
    return VTB_OK;
}

/* Draft and read-back of a snapshot, by the snapshot of its fold: two lists of events that must be equal. */
static enum vtb_err print_event(void *ctx, const struct vtb_event *event)
{
    json_t *data = vtb_event_write(event);
    char *text = json_dumps(data, JSON_COMPACT | JSON_SORT_KEYS);

    fprintf(ctx, "%s %lld %s\n", vtb_event_name(event->kind), (long long)event->at_us, text);
    free(text);
    json_decref(data);
    return VTB_OK;
}

static char *print_snapshot(const struct vtb_case *record)
{
    struct vtb_arena arena = { 0 };
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    assert_int_equal(vtb_case_snapshot(record, &arena, print_event, to), VTB_OK);
    fclose(to);
    vtb_arena_fini(&arena);
    return text;
}

static void assert_snapshot(const struct vtb_case *record)
{
    struct vtb_case *fresh = calloc(1, sizeof *fresh);
    struct vtb_arena arena = { 0 };
    char *a, *b;

    assert_non_null(fresh);
    assert_int_equal(vtb_case_snapshot(record, &arena, fold_into, fresh), VTB_OK);
    vtb_arena_fini(&arena);
    assert_int_equal(fresh->draft.state, record->draft.state);
    assert_int_equal(fresh->draft.lines_n, record->draft.lines_n);
    assert_int_equal(fresh->readback.window_over, record->draft.state == VTB_PLAN_READBACK && record->readback.window_over);
    a = print_snapshot(record);
    b = print_snapshot(fresh);
    assert_string_equal(a, b);
    free(a);
    free(b);
    free(fresh);
}

static void every_history_of_a_plan_keeps_its_promises(void **state)
{
    size_t signed_plans = 0;

    (void)state;
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        struct board b;
        char digests[VTB_MAX_CASE_PLANS][65];
        size_t known = 0;
        unsigned fresh = 0;

        dice = seed * UINT64_C(0x9e3779b97f4a7c15);
        board_make(&b);
        if (seed % 2)
            fill_plan(&b); /* half of the histories can reach a signature */
        for (unsigned step = 0; step < STEPS; step++) {
            enum who who = roll(2) ? CHAIR : (enum who)roll(PEOPLE);

            any_ask(&b, who);
            if (roll(3) == 0)
                any_part(&b);
            b.world.now_us += (int64_t)roll(12) * SECOND;
            assert_int_equal(vtb_case_window_over(b.record, b.world.now_us, b.out), VTB_OK);
            board_fold(&b);
            go_on(&b, &fresh);
            for (; known < b.record->plans_n; known++)
                memcpy(digests[known], b.record->plans[known].digest, 65);
            for (size_t i = 0; i < known; i++)
                assert_string_equal(b.record->plans[i].digest, digests[i]);
            if (known) {
                char again[65];

                vtb_sha256_hex(b.record->signed_text, strlen(b.record->signed_text), again);
                assert_string_equal(again, digests[known - 1]);
            }
            if (step % 10 == 0)
                assert_snapshot(b.record);
            vtb_arena_fini(&b.arena);
        }
        signed_plans += known;
        board_free(&b);
    }
    printf("%zu plans were signed\n", signed_plans);
}

/* A filled plan goes through read-back at random and is signed in the end: the promise is not empty. */
static void a_plan_read_back_many_times_is_signed_in_the_end(void **state)
{
    struct board b;
    unsigned fresh = 0;

    (void)state;
    dice = 77;
    board_make(&b);
    for (unsigned plan = 0; plan < 3; plan++) {
        fill_plan(&b);
        assert_int_equal(set_field(&b, SCRIBE, "reasons", 0, "Nodes are resectable"), VTB_OK);
        for (unsigned step = 0; step < 60; step++) {
            struct vtb_ask ask = { .kind = (enum vtb_ask_kind)(VTB_ASK_READBACK_START + (int)roll(6)) };

            if (ask.kind == VTB_ASK_READBACK_ACK)
                ask.u.readback_ack.digest = vtb_str_of(b.record->readback.digest);
            if (ask.kind == VTB_ASK_READBACK_OBJECT)
                ask.u.readback_object = (struct vtb_ask_readback_object){ (enum vtb_ev_readback_objected_kind)roll(3),
                                                                          VTB_LIT("Not so") };
            (void)plan_ask(&b, roll(2) ? CHAIR : (enum who)roll(PEOPLE), ask);
            assert_snapshot(b.record);
        }
        if (b.record->draft.state == VTB_PLAN_READBACK)
            assert_int_equal(plan_ask(&b, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_READBACK_END }), VTB_OK);
        read_back(&b);
        sign_it(&b, "Opinion by letter");
        assert_int_equal(b.record->plans_n, plan + 1);
        assert_snapshot(b.record);
        go_on(&b, &fresh);
    }
    board_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_history_of_a_plan_keeps_its_promises),
        cmocka_unit_test(a_plan_read_back_many_times_is_signed_in_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
