/*
 * device.c - a room system in the meeting: a seat without a person.
 *
 * It has no screen, so nobody in its room can press a button of ours. Three things follow:
 *
 * Its microphone is open while its program sends, and is shown as open. Whoever may mute a person mutes it
 * too. It opens again by the hand of its room, as with everybody: the program is ended there and
 * started anew (DELETE, then POST). A link that broke and came back is no hand: it stays as silent as it was.
 *
 * It cannot be asked about a recording. Who made its token said then, or did not, that they tell those in the room
 * and acknowledge it for them; that person's name stands in each acknowledgement. Without it the
 * room hears and is not heard while it is recorded: silence harms less than a voice that was recorded unasked.
 *
 * It counts for no quorum and is in no attendance: who sits in the room is for the plan to say.
 */
#include "inner.h"

static void begin(struct vtb_events *out, struct vtb_id seat, int64_t now_us)
{
    out->now_us = now_us;
    out->by = seat;
    out->message = NULL;
}

static enum vtb_err mute(struct vtb_id seat, bool muted, struct vtb_id by, struct vtb_events *out)
{
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_SOUND_MUTED,
                                                   .u.sound_muted = { .seat = seat, .muted = muted, .by = by } });
}

void vtb_fold_silenced(struct vtb_seat *seat, const struct vtb_ev_sound_muted *muted)
{
    if (seat->is_device)
        seat->silenced_by = muted->muted && !vtb_id_is(muted->by, seat->id) ? muted->by : (struct vtb_id){ { 0 } };
}

enum vtb_err vtb_device_acknowledge(const struct vtb_seat *seat, struct vtb_events *out)
{
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_RECORDING_ACKNOWLEDGED,
        .u.recording_acknowledged = { .seat = seat->id, .has_by = true, .by = seat->vouched_by } });
}

enum vtb_err vtb_meeting_device_opens(const struct vtb_meeting *meeting, struct vtb_id id, int64_t now_us,
                                      struct vtb_events *out)
{
    const struct vtb_seat *seat = vtb_meeting_seat(meeting, id);
    size_t before = out->n;
    enum vtb_err err = VTB_OK;

    begin(out, id, now_us);
    if (!seat || !seat->is_device || !vtb_seat_is_present(seat) || !seat->muted)
        return VTB_OK;
    if (!vtb_id_is_nil(seat->silenced_by)) /* said again, so that everybody sees why this room is silent */
        return seat->muted_us ? VTB_OK : mute(id, true, seat->silenced_by, out);
    if (!vtb_meeting_may_be_heard(meeting, seat)) {
        if (vtb_id_is_nil(seat->vouched_by))
            return VTB_OK;
        err = vtb_device_acknowledge(seat, out);
    }
    if (!err)
        err = mute(id, false, id, out);
    if (err)
        out->n = before;
    return err;
}

enum vtb_err vtb_meeting_device_closes(const struct vtb_meeting *meeting, struct vtb_id id, bool by_hand,
                                       int64_t now_us, struct vtb_events *out)
{
    const struct vtb_seat *seat = vtb_meeting_seat(meeting, id);

    begin(out, id, now_us);
    if (!seat || !seat->is_device || !vtb_seat_is_present(seat) || (seat->muted && (!by_hand || vtb_id_is_nil(seat->silenced_by))))
        return VTB_OK;
    return mute(id, true, id, out);
}
