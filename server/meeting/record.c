/* record.c - whether the meeting is recorded: what the board wants, told to everybody. */
#include "inner.h"

enum vtb_err vtb_meeting_record(const struct vtb_meeting *meeting, enum vtb_ev_recording_set_state state,
                                struct vtb_id by, int64_t now_us, struct vtb_events *out)
{
    out->now_us = now_us;
    out->by = by;
    if (meeting->recording == state)
        return VTB_OK;
    if (meeting->phase != VTB_MEETING_OPEN)
        return vtb_events_refuse(out, VTB_DENIED, "Only an open meeting is recorded.");
    if (state == VTB_EV_RECORDING_SET_STATE_PAUSED && meeting->recording == VTB_EV_RECORDING_SET_STATE_OFF)
        return vtb_events_refuse(out, VTB_DENIED, "Nothing is being recorded.");
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_RECORDING_SET,
                                                   .u.recording_set.state = state });
}
