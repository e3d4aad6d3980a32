/*
 * record.c - whether the meeting is recorded, and who was told.
 *
 * The rule that needs no trust: while it is on, no microphone is open but of a seat that acknowledged it. Who
 * begins it, acknowledges by that; every other open microphone closes with the same decision, and opens again
 * by its owner's hand, after the acknowledgement. Off the record everybody may speak: nothing of it is kept. An
 * acknowledgement holds until the recording ends, on whatever device; the next one asks anew.
 */
#include "inner.h"

bool vtb_meeting_may_be_heard(const struct vtb_meeting *meeting, const struct vtb_seat *seat)
{
    return meeting->recording != VTB_EV_RECORDING_SET_STATE_ON || seat->acknowledged_us != 0;
}

void vtb_fold_recording(struct vtb_meeting *meeting, const struct vtb_event *event)
{
    if (event->kind == VTB_EVENT_RECORDING_ACKNOWLEDGED) {
        int at = vtb_seat_place(meeting, event->u.recording_acknowledged.seat);

        if (at != VTB_NO_SEAT)
            meeting->seats[at].acknowledged_us = event->at_us;
        return;
    }
    if (event->kind == VTB_EVENT_RECORDING_POLICY) { /* what runs goes on until the chair ends it */
        meeting->may_record = event->u.recording_policy.recording == VTB_EV_MEETING_PLANNED_RECORDING_ALLOWED;
        meeting->record_days = event->u.recording_policy.has_days ? event->u.recording_policy.days : 0;
        return;
    }
    meeting->recording = event->u.recording_set.state;
    meeting->recording_us = event->at_us;
    for (size_t i = 0; i < meeting->seats_n && meeting->recording == VTB_EV_RECORDING_SET_STATE_OFF; i++)
        meeting->seats[i].acknowledged_us = 0;
}

enum vtb_err vtb_meeting_record_policy(const struct vtb_meeting *meeting, bool may_record, int64_t days,
                                       struct vtb_events *out)
{
    if (meeting->phase == VTB_MEETING_CLOSED || (meeting->may_record == may_record && meeting->record_days == days))
        return VTB_OK;
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_RECORDING_POLICY, .u.recording_policy = {
        .recording = may_record ? VTB_EV_MEETING_PLANNED_RECORDING_ALLOWED : VTB_EV_MEETING_PLANNED_RECORDING_OFF,
        .has_days = days != 0, .days = days } });
}

static enum vtb_err set(enum vtb_ev_recording_set_state state, struct vtb_events *out)
{
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_RECORDING_SET,
                                                   .u.recording_set.state = state });
}

static enum vtb_err acknowledge(struct vtb_id seat, struct vtb_events *out)
{
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_RECORDING_ACKNOWLEDGED,
                                                   .u.recording_acknowledged.seat = seat });
}

/* On the record: whoever asks was told, and whoever was not falls silent. */
static enum vtb_err put_on(const struct vtb_question *q, struct vtb_events *out)
{
    enum vtb_err err;

    if (q->meeting->recording == VTB_EV_RECORDING_SET_STATE_ON)
        return VTB_OK;
    err = set(VTB_EV_RECORDING_SET_STATE_ON, out);
    for (size_t i = 0; i < q->meeting->seats_n && !err; i++) {
        const struct vtb_seat *seat = &q->meeting->seats[i];

        if (seat->acknowledged_us || !vtb_seat_is_present(seat))
            continue;
        if (vtb_id_is(seat->id, q->caller->seat))
            err = acknowledge(seat->id, out);
        else if (seat->is_device && !vtb_id_is_nil(seat->vouched_by))
            err = vtb_device_acknowledge(seat, out);
        else if (!seat->muted) /* in its own name: nobody is blamed, and nobody takes it back */
            err = vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_SOUND_MUTED,
                .u.sound_muted = { .seat = seat->id, .muted = true, .by = seat->id } });
    }
    return err;
}

enum vtb_err vtb_decide_recording_start(const struct vtb_question *q, struct vtb_events *out)
{
    return put_on(q, out);
}

enum vtb_err vtb_decide_recording_go_on(const struct vtb_question *q, struct vtb_events *out)
{
    if (q->meeting->recording == VTB_EV_RECORDING_SET_STATE_OFF)
        return vtb_events_refuse(out, VTB_DENIED, "Nothing is being recorded. Begin a recording first.");
    return put_on(q, out);
}

enum vtb_err vtb_decide_recording_pause(const struct vtb_question *q, struct vtb_events *out)
{
    if (q->meeting->recording == VTB_EV_RECORDING_SET_STATE_OFF)
        return vtb_events_refuse(out, VTB_DENIED, "Nothing is being recorded.");
    return q->meeting->recording == VTB_EV_RECORDING_SET_STATE_PAUSED ? VTB_OK
                                                                       : set(VTB_EV_RECORDING_SET_STATE_PAUSED, out);
}

enum vtb_err vtb_decide_recording_stop(const struct vtb_question *q, struct vtb_events *out)
{
    return q->meeting->recording == VTB_EV_RECORDING_SET_STATE_OFF ? VTB_OK : set(VTB_EV_RECORDING_SET_STATE_OFF, out);
}

enum vtb_err vtb_decide_recording_acknowledge(const struct vtb_question *q, struct vtb_events *out)
{
    const struct vtb_seat *seat = vtb_meeting_seat(q->meeting, q->caller->seat);

    if (q->meeting->recording == VTB_EV_RECORDING_SET_STATE_OFF)
        return vtb_events_refuse(out, VTB_STALE, "The recording has ended. There is nothing to acknowledge.");
    return seat && seat->acknowledged_us ? VTB_OK : acknowledge(q->caller->seat, out);
}
