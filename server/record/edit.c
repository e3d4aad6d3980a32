/* edit.c - who writes a field and what is written (decision 11). */
#include "inner.h"

#include "record/canon.h"

static bool is_chair(const struct vtb_plan_question *q)
{
    return vtb_id_is(q->facts->chair, q->caller->seat);
}

/* Somebody else writes here and is still in the room. */
static bool is_taken(const struct vtb_plan_question *q, const struct vtb_cell *cell)
{
    return !vtb_id_is_nil(cell->lease) && !vtb_id_is(cell->lease, q->caller->seat) &&
           vtb_is_seated(q->facts, cell->lease);
}

static enum vtb_err find(const struct vtb_plan_question *q, struct vtb_str field, struct vtb_field_name *out_name,
                         const struct vtb_cell **out_cell, struct vtb_events *out)
{
    if (vtb_field_name_parse(field, out_name))
        return vtb_events_refuse(out, VTB_ABSENT, "The plan has no such field.");
    *out_cell = vtb_draft_cell(&q->record->draft, *out_name);
    if (!*out_cell)
        return vtb_events_refuse(out, VTB_ABSENT, "This recommendation was taken out. Your text is still here.");
    return VTB_OK;
}

enum vtb_err vtb_plan_take(const struct vtb_plan_question *q, struct vtb_events *out)
{
    struct vtb_str field = q->ask->u.plan_take.field;
    struct vtb_field_name name;
    const struct vtb_cell *cell;
    enum vtb_err err = find(q, field, &name, &cell, out);

    if (err)
        return err;
    if (vtb_id_is(cell->lease, q->caller->seat))
        return VTB_OK;
    if (is_taken(q, cell) && !is_chair(q))
        return vtb_events_refuse_for(out, VTB_DENIED, cell->lease_name, " writes here now. The chair can take it.");
    return vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_PLAN_TAKEN,
        .u.plan_taken = { .field = field, .seat = q->caller->seat, .name = q->caller->name } });
}

enum vtb_err vtb_plan_drop(const struct vtb_plan_question *q, struct vtb_events *out)
{
    struct vtb_field_name name;
    const struct vtb_cell *cell;

    if (vtb_field_name_parse(q->ask->u.plan_drop.field, &name))
        return vtb_events_refuse(out, VTB_ABSENT, "The plan has no such field.");
    cell = vtb_draft_cell(&q->record->draft, name);
    if (!cell || !vtb_id_is(cell->lease, q->caller->seat))
        return VTB_OK; /* taken over or removed in the meantime */
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_PLAN_DROPPED,
                                                   .u.plan_dropped.field = q->ask->u.plan_drop.field });
}

enum vtb_err vtb_plan_set(const struct vtb_plan_question *q, struct vtb_events *out)
{
    const struct vtb_ask_plan_set *ask = &q->ask->u.plan_set;
    const struct vtb_draft *draft = &q->record->draft;
    struct vtb_field_name name;
    const struct vtb_cell *cell;
    const char *message = NULL;
    struct vtb_str value = { 0 };
    enum vtb_err err = find(q, ask->field, &name, &cell, out);

    if (err)
        return err;
    if (is_taken(q, cell))
        return vtb_events_refuse_for(out, VTB_DENIED, cell->lease_name,
                                     " writes here now. Your text is still beside the field.");
    if (ask->base != cell->version)
        return vtb_events_refuse_for(out, VTB_STALE, cell->name[0] ? cell->name : "Somebody",
                                     " changed this in the meantime. Keep yours or take theirs.");
    err = vtb_nfc(ask->value, &out->arena, &value);
    if (err)
        return vtb_events_refuse(out, err, "This text has characters that cannot be written. Type it again.");
    err = vtb_field_check(vtb_field_spec_of(name), value, &message);
    if (err)
        return vtb_events_refuse(out, err, message);
    if (vtb_draft_bytes(draft) - strlen(vtb_draft_text(draft, name)) + value.len > VTB_PLAN_CONTENT_BYTES)
        return vtb_events_refuse(out, VTB_LIMIT, "The plan is full (16 kB of text). Shorten something first.");
    return vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_PLAN_SET,
        .u.plan_set = { .field = ask->field, .version = cell->version + 1, .value = value, .seat = q->caller->seat,
                        .name = q->caller->name } });
}

/* ---- lines ---- */
/* A UUIDv7 made of what is known here, since nothing here may ask for randomness: the time, and a digest of the plan
 * and its place in the log, which is another one at every line. */
struct vtb_id vtb_line_id(const struct vtb_case *record, int64_t now_us)
{
    struct { struct vtb_id plan; uint64_t seq; int64_t now_us; uint64_t lines_n; } from = {
        record->draft.plan, record->seq, now_us, record->draft.lines_n };
    char hex[65];
    struct vtb_id id;
    int64_t ms = now_us / 1000;

    vtb_sha256_hex(&from, sizeof from, hex);
    if (vtb_hex_read((struct vtb_str){ hex, 32 }, id.b, sizeof id.b))
        memset(&id, 0, sizeof id); /* cannot be: it is hex */
    for (int i = 0; i < 6; i++)
        id.b[i] = (uint8_t)(ms >> (40 - 8 * i));
    id.b[6] = (uint8_t)(0x70 | (id.b[6] & 0x0f));
    id.b[8] = (uint8_t)(0x80 | (id.b[8] & 0x3f));
    return id;
}

enum vtb_err vtb_plan_line_add(const struct vtb_plan_question *q, struct vtb_events *out)
{
    const struct vtb_ask_plan_line_add *ask = &q->ask->u.plan_line_add;
    int64_t end = (int64_t)q->record->draft.lines_n;

    if (q->record->draft.lines_n == VTB_MAX_PLAN_LINES)
        return vtb_events_refuse(out, VTB_LIMIT, "A plan has at most 40 recommendations.");
    return vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_PLAN_LINE_ADDED,
        .u.plan_line_added = { .line = vtb_line_id(q->record, out->now_us),
                                .at = ask->has_at && ask->at < end ? ask->at : end } });
}

/* A line that somebody else writes in stays where it is, unless the chair wants it. */
static enum vtb_err free_line(const struct vtb_plan_question *q, struct vtb_id line, struct vtb_events *out)
{
    int at = vtb_line_place(&q->record->draft, line);

    if (at < 0)
        return vtb_events_refuse(out, VTB_ABSENT, "This recommendation was taken out already.");
    for (size_t i = 0; i < VTB_LINE_PARTS; i++) {
        const struct vtb_cell *cell = &q->record->draft.lines[at].cells[i];

        if (is_taken(q, cell) && !is_chair(q))
            return vtb_events_refuse_for(out, VTB_DENIED, cell->lease_name, " writes in this recommendation now.");
    }
    return VTB_OK;
}

enum vtb_err vtb_plan_line_remove(const struct vtb_plan_question *q, struct vtb_events *out)
{
    struct vtb_id line = q->ask->u.plan_line_remove.line;
    enum vtb_err err = free_line(q, line, out);

    if (err)
        return err;
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_PLAN_LINE_REMOVED,
                                                   .u.plan_line_removed.line = line });
}

enum vtb_err vtb_plan_line_move(const struct vtb_plan_question *q, struct vtb_events *out)
{
    const struct vtb_ask_plan_line_move *ask = &q->ask->u.plan_line_move;
    int64_t last = (int64_t)q->record->draft.lines_n - 1;
    int at = vtb_line_place(&q->record->draft, ask->line);

    if (at < 0)
        return vtb_events_refuse(out, VTB_ABSENT, "This recommendation was taken out already.");
    return vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_PLAN_LINE_MOVED,
        .u.plan_line_moved = { .line = ask->line, .to = ask->to < last ? ask->to : last } });
}
