/* window.c - the objection window: it runs, it stands, it is over. Time comes from the caller. */
#include "inner.h"

#define SECOND INT64_C(1000000)

/* Left of the window in microseconds, whether it runs or stands. */
static int64_t left_us(const struct vtb_readback *back, int64_t now_us)
{
    int64_t left = back->window_left_s * SECOND;

    if (back->window_running)
        left -= now_us > back->window_us ? now_us - back->window_us : 0;
    return left > 0 ? left : 0;
}

/* Rounded up: a window that stands never loses a second to rounding, and 0 is said only by the timer. */
int64_t vtb_window_left_s(const struct vtb_case *record, int64_t now_us)
{
    int64_t left = (left_us(&record->readback, now_us) + SECOND - 1) / SECOND;

    return left < 1 ? 1 : left;
}

int64_t vtb_case_window_left_us(const struct vtb_case *record, int64_t now_us)
{
    if (record->draft.state != VTB_PLAN_READBACK || !record->readback.window_running)
        return -1;
    return left_us(&record->readback, now_us);
}

static enum vtb_err say(bool running, int64_t left_s, struct vtb_events *out)
{
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_READBACK_WINDOW,
                                                   .u.readback_window = { .running = running, .left_s = left_s } });
}

enum vtb_err vtb_readback_window(const struct vtb_plan_question *q, struct vtb_events *out)
{
    const struct vtb_readback *back = &q->record->readback;
    bool running = q->ask->u.readback_window.running;

    if (back->window_over || back->window_running == running)
        return VTB_OK;
    if (running && back->window_us == 0)
        return say(true, q->facts->objection_s, out);
    return say(running, vtb_window_left_s(q->record, out->now_us), out);
}

static void begin(struct vtb_events *out, int64_t now_us)
{
    out->now_us = now_us;
    out->by = (struct vtb_id){ { 0 } };
    out->message = NULL;
}

enum vtb_err vtb_case_window_stand(const struct vtb_case *record, int64_t now_us, struct vtb_events *out)
{
    begin(out, now_us);
    if (vtb_case_window_left_us(record, now_us) < 0)
        return VTB_OK;
    return say(false, vtb_window_left_s(record, now_us), out);
}

enum vtb_err vtb_case_window_over(const struct vtb_case *record, int64_t now_us, struct vtb_events *out)
{
    begin(out, now_us);
    if (vtb_case_window_left_us(record, now_us) != 0)
        return VTB_OK;
    return say(false, 0, out);
}

struct vtb_reached vtb_case_reached(const struct vtb_case *record, const struct vtb_plan_facts *facts)
{
    const struct vtb_readback *back = &record->readback;
    struct vtb_reached reached = { 0 };

    for (size_t i = 0; i < facts->seats_n; i++) {
        bool acked = false, objected = false;

        for (size_t j = 0; j < back->acked_n; j++)
            acked = acked || vtb_id_is(back->acked[j].seat, facts->seats[i]);
        for (size_t j = 0; j < back->objections_n; j++)
            objected = objected || vtb_id_is(back->objections[j].seat, facts->seats[i]);
        for (size_t j = 0; j < record->draft.dissents_n; j++)
            objected = objected || vtb_id_is(record->draft.dissents[j].seat, facts->seats[i]);
        reached.objected += objected;
        reached.no_objection += acked && !objected;
        reached.not_reached += !acked && !objected;
    }
    return reached;
}
