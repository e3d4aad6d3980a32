/*
 * readback.c - the text is locked, shown to all, read aloud, and objected to (decisions 12 and 13).
 *
 * Quorum, attendance and pictures are taken here. The sealed plan of the referring clinician is revealed by
 * readback.begun. A dissent goes into the text and starts the read-back again; a correction ends it.
 */
#include "inner.h"

#include "record/canon.h"

static int64_t count_lines(struct vtb_str text)
{
    int64_t lines = 1;

    for (size_t i = 0; i < text.len; i++)
        lines += text.at[i] == '\n';
    return lines;
}

enum vtb_err vtb_add_readback(const struct vtb_case *record, const struct vtb_draft *draft,
                              const struct vtb_plan_facts *facts, struct vtb_events *out)
{
    const struct vtb_sign_rule *missing = vtb_rules_missing(draft, facts->rules_off);
    struct vtb_outcomes *proposed = vtb_arena_take(&out->arena, sizeof *proposed);
    char *digest = vtb_arena_take(&out->arena, 65);
    struct vtb_str wording = { 0 }, text = { 0 };
    const struct vtb_outcomes *outcome;
    enum vtb_err err;

    if (!proposed || !digest)
        return VTB_NOMEM;
    if (missing)
        return vtb_events_refuse(out, VTB_DENIED, missing->message);
    *proposed = vtb_propose_outcome(record, draft);
    outcome = draft->outcome_us ? &draft->outcome : proposed;
    err = vtb_plan_wording(record, draft, facts, outcome, &out->arena, &wording);
    if (!err)
        err = vtb_plan_text(record, draft, facts, outcome, wording, &out->arena, &text);
    if (err == VTB_LIMIT || text.len > VTB_MAX_PLAN_BYTES - 1024 || (!err && count_lines(wording) > 400))
        return vtb_events_refuse(out, VTB_LIMIT, "The plan is too long to be signed (64 kB with attendance and "
                                                 "pictures). Shorten the texts.");
    if (err)
        return err;
    vtb_sha256_hex(text.at, text.len, digest);
    return vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_READBACK_BEGUN,
        .u.readback_begun = {
            .digest = vtb_str_of(digest), .text = text, .wording = wording, .lines = count_lines(wording),
            .quorum_met = facts->quorum_met, .missing = facts->missing, .missing_n = facts->missing_n,
            .attendance = facts->attendance, .attendance_n = facts->attendance_n,
            .pictures = facts->pictures, .pictures_n = facts->pictures_n,
            .referring_plan = vtb_str_of(record->record.referring_plan),
            .proposed = proposed->at, .proposed_n = proposed->n,
        } });
}

enum vtb_err vtb_readback_start(const struct vtb_plan_question *q, struct vtb_events *out)
{
    return vtb_add_readback(q->record, &q->record->draft, q->facts, out);
}

enum vtb_err vtb_readback_line(const struct vtb_plan_question *q, struct vtb_events *out)
{
    int64_t n = q->ask->u.readback_line.n;

    if (n >= q->record->readback.lines)
        return vtb_events_refuse(out, VTB_ABSENT, "The text has no such line.");
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_READBACK_LINE, .u.readback_line.n = n });
}

enum vtb_err vtb_readback_ack(const struct vtb_plan_question *q, struct vtb_events *out)
{
    const struct vtb_readback *back = &q->record->readback;
    struct vtb_str digest = q->ask->u.readback_ack.digest;

    if (!vtb_str_is(digest, vtb_str_of(back->digest)))
        return vtb_events_refuse(out, VTB_STALE, "The text was read back anew in the meantime.");
    for (size_t i = 0; i < back->acked_n; i++)
        if (vtb_id_is(back->acked[i].seat, q->caller->seat))
            return VTB_OK;
    return vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_READBACK_ACKED, .u.readback_acked = { .seat = q->caller->seat, .digest = digest } });
}

static enum vtb_err end(const struct vtb_plan_question *q, struct vtb_events *out)
{
    return vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_READBACK_ENDED, .u.readback_ended = { .by = q->caller->seat, .name = q->caller->name } });
}

enum vtb_err vtb_readback_end(const struct vtb_plan_question *q, struct vtb_events *out)
{
    return end(q, out);
}

/* The clock stands; a window that was over is open again with its whole length. */
static enum vtb_err stand(const struct vtb_plan_question *q, struct vtb_events *out)
{
    const struct vtb_readback *back = &q->record->readback;
    int64_t left_s = back->window_over ? q->facts->objection_s : vtb_window_left_s(q->record, out->now_us);

    if (!back->window_running && !back->window_over)
        return VTB_OK;
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_READBACK_WINDOW,
                                                   .u.readback_window = { .running = false, .left_s = left_s } });
}

static enum vtb_err object_dissent(const struct vtb_plan_question *q, struct vtb_str text, struct vtb_events *out)
{
    struct vtb_ask ask = { .kind = VTB_ASK_PLAN_DISSENT, .u.plan_dissent = { .text = text, .in_note = false } };
    struct vtb_plan_question dissent = *q;

    dissent.ask = &ask;
    return vtb_plan_dissent(&dissent, out);
}

enum vtb_err vtb_readback_object(const struct vtb_plan_question *q, struct vtb_events *out)
{
    const struct vtb_ask_readback_object *ask = &q->ask->u.readback_object;
    struct vtb_str text = { 0 };
    enum vtb_err err = vtb_nfc(ask->text, &out->arena, &text);

    if (err)
        return vtb_events_refuse(out, err, "This text has characters that cannot be written. Type it again.");
    if (ask->kind != VTB_EV_READBACK_OBJECTED_KIND_NOT_READY && text.len == 0)
        return vtb_events_refuse(out, VTB_PARSE, "Say in your words what is wrong or why you dissent.");
    if (q->record->readback.objections_n == VTB_MAX_OBJECTIONS)
        return vtb_events_refuse(out, VTB_LIMIT, "64 objections stand already. The chair goes back to discussion.");
    err = vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_READBACK_OBJECTED,
        .u.readback_objected = { .seat = q->caller->seat, .name = q->caller->name, .kind = ask->kind,
                                 .text = text } });
    if (err)
        return err;
    switch (ask->kind) {
    case VTB_EV_READBACK_OBJECTED_KIND_CORRECT:
        return end(q, out);
    case VTB_EV_READBACK_OBJECTED_KIND_DISSENT:
        return object_dissent(q, text, out);
    case VTB_EV_READBACK_OBJECTED_KIND_NOT_READY:
        return stand(q, out);
    }
    return VTB_OK;
}
