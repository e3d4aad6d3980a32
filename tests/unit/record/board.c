#include "board.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

void board_look(struct board *b)
{
    enum vtb_err err = vtb_plan_facts_of(b->world.shown, id_of(1), &b->arena, &b->facts);

    assert(err == VTB_OK);
}

static void write_line(FILE *to, const struct vtb_event *event)
{
    json_t *line = json_pack("{s:s, s:I, s:I, s:o}", "k", vtb_event_name(event->kind), "n", (json_int_t)event->seq,
                             "at", (json_int_t)event->at_us, "d", vtb_event_write(event));
    char *text = json_dumps(line, JSON_COMPACT);

    fprintf(to, "%s\n", text);
    free(text);
    json_decref(line);
}

void board_fold(struct board *b)
{
    for (size_t i = 0; i < b->out->n; i++) {
        b->out->at[i].seq = ++b->seq;
        if (b->log)
            write_line(b->log, &b->out->at[i]);
        vtb_case_fold(b->record, &b->out->at[i]);
    }
    vtb_events_fini(b->out);
}

void save_case(struct board *b, const char *referring_plan)
{
    struct vtb_t_case_record intake = {
        .name = VTB_LIT("Marlow"), .birth_date = VTB_LIT("1962-03-04"), .local_id = VTB_LIT("12-345"),
        .site = VTB_LIT("Prairie Fork"), .diagnosis = VTB_LIT("Adenocarcinoma of the lung"),
        .stage = VTB_LIT("cT2a N1 M0"), .ecog = 1, .question = VTB_LIT("Operate first?"),
        .referring_plan = vtb_str_of(referring_plan), .referrer = person_id(GUEST_A),
        .referrer_name = VTB_LIT("Dr Okafor") };
    const char *field = NULL;
    enum vtb_err err = vtb_case_save(b->record, b->record->version, &intake, person_id(GUEST_A), VTB_LIT("Dr Okafor"),
                                     b->world.now_us, b->out, &field);

    assert(err == VTB_OK);
    board_fold(b);
}

void board_make(struct board *b)
{
    board_make_logged(b, NULL);
}

void board_make_logged(struct board *b, FILE *log)
{
    enum vtb_err err;

    memset(b, 0, sizeof *b);
    b->log = log;
    assert(vtb_sign_init() == VTB_OK);
    world_make(&b->world);
    open_room(&b->world);
    start_item(&b->world, 0);
    b->record = calloc(1, sizeof *b->record);
    b->out = calloc(1, sizeof *b->out);
    assert(b->record && b->out);
    save_case(b, "Lobectomy, then adjuvant chemotherapy");
    board_look(b);
    err = vtb_case_begin(b->record, id_of(2000), &b->facts, VTB_LIT("Operate first?"), VTB_LIT("Dr Okafor"),
                         b->world.now_us, b->out);
    assert(err == VTB_OK);
    board_fold(b);
}

void board_free(struct board *b)
{
    vtb_events_fini(b->out);
    vtb_arena_fini(&b->arena);
    free(b->record);
    free(b->out);
    world_free(&b->world);
}

enum vtb_err plan_ask(struct board *b, enum who who, struct vtb_ask ask)
{
    struct vtb_caller caller = caller_of(who);
    enum vtb_err err;

    board_look(b);
    err = vtb_case_decide(b->record, &caller, &ask, b->world.now_us, &b->facts, b->out);
    assert(!err || b->out->n == 0); /* a refused request leaves no trace */
    b->message = NULL;
    if (b->out->message) {
        snprintf(b->message_text, sizeof b->message_text, "%s", b->out->message);
        b->message = b->message_text;
    }
    board_fold(b);
    return err;
}

enum vtb_err set_field(struct board *b, enum who who, const char *field, int64_t base, const char *value)
{
    return plan_ask(b, who, (struct vtb_ask){ .kind = VTB_ASK_PLAN_SET,
                                              .u.plan_set = { vtb_str_of(field), base, vtb_str_of(value) } });
}

struct vtb_id add_line(struct board *b)
{
    enum vtb_err err = plan_ask(b, SCRIBE, (struct vtb_ask){ .kind = VTB_ASK_PLAN_LINE_ADD });

    assert(err == VTB_OK);
    return b->record->draft.lines[b->record->draft.lines_n - 1].id;
}

enum vtb_err set_part(struct board *b, struct vtb_id line, const char *part, int64_t base, const char *value)
{
    char id[VTB_ID_TEXT], field[80];

    vtb_id_write(line, id);
    snprintf(field, sizeof field, "line.%s.%s", id, part);
    return set_field(b, SCRIBE, field, base, value);
}

void fill_plan(struct board *b)
{
    static const char *const fields[][2] = {
        { "answered", "Yes, after staging" }, { "kind", "pre_treatment" }, { "decision", "consensus" },
        { "wishes", "She wants to be home at Christmas" }, { "tells_who", "Dr Okafor" },
        { "tells_when", "2026-12-01" }, { "guideline", "discussed: NCCN 4.2026" },
        { "genetics", "not_applicable: tested in 2025" }, { "trials", "discussed" }, { "supportive", "not_discussed" },
    };
    static const char *const parts[][2] = {
        { "what", "Lobectomy" }, { "kind", "surgery" }, { "intent", "curative" }, { "owner", "Dr Brandt" },
        { "due", "2026-12-10" },
    };
    struct vtb_id line;

    for (size_t i = 0; i < VTB_COUNT(fields); i++)
        assert(set_field(b, SCRIBE, fields[i][0], 0, fields[i][1]) == VTB_OK);
    line = add_line(b);
    for (size_t i = 0; i < VTB_COUNT(parts); i++)
        assert(set_part(b, line, parts[i][0], 0, parts[i][1]) == VTB_OK);
}

void read_back(struct board *b)
{
    struct vtb_outcomes proposed;

    if (b->record->draft.lines_n == 0)
        fill_plan(b);
    assert(plan_ask(b, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_READBACK_START }) == VTB_OK);
    proposed = b->record->readback.proposed;
    assert(plan_ask(b, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_PLAN_OUTCOME,
                    .u.plan_outcome = { proposed.at, proposed.n } }) == VTB_OK);
    assert(plan_ask(b, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_READBACK_WINDOW,
                    .u.readback_window.running = true }) == VTB_OK);
    b->world.now_us += 20 * SECOND;
    assert(vtb_case_window_over(b->record, b->world.now_us, b->out) == VTB_OK);
    assert(b->out->n == 1);
    board_fold(b);
}

const uint8_t *seed_of(unsigned n)
{
    static uint8_t seeds[4][VTB_SIGN_SEED];

    memset(seeds[n % 4], (int)n + 1, VTB_SIGN_SEED);
    return seeds[n % 4];
}

void sign_it(struct board *b, const char *reason)
{
    struct vtb_caller chair = caller_of(CHAIR);
    char digest[65], signature[VTB_SIGNATURE_TEXT], key[VTB_KEY_TEXT];
    struct vtb_str text;

    board_look(b);
    assert(vtb_case_sign_check(b->record, &chair, vtb_str_of(b->record->readback.digest), &b->facts,
                               vtb_str_of(reason), b->out) == VTB_OK);
    assert(vtb_case_signed_text(b->record, &chair, b->world.now_us, vtb_str_of(reason), &b->arena, &text, digest) ==
           VTB_OK);
    assert(vtb_sign(seed_of(1), VTB_SEAL_PLAN, vtb_str_of(digest), signature) == VTB_OK);
    vtb_key_of_seed(seed_of(1), key);
    assert(vtb_case_signed(b->record, &chair, case_id(0), text, digest, signature, key, b->world.now_us, b->out) ==
           VTB_OK);
    board_fold(b);
}

const char *field_text(const struct board *b, unsigned at)
{
    return b->record->draft.fields[at].text;
}
