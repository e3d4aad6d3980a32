/*
 * inner.h - what the files of this folder share and nobody else sees.
 */
#ifndef VTB_MEETING_INNER_H
#define VTB_MEETING_INNER_H

#include "meeting/meeting.h"

/* Place of a seat or item, or VTB_NO_SEAT / VTB_NO_ITEM. */
int vtb_seat_place(const struct vtb_meeting *meeting, struct vtb_id seat);
int vtb_item_place(const struct vtb_meeting *meeting, struct vtb_id item);
static inline bool vtb_seat_is_present(const struct vtb_seat *seat)
{
    return seat->state != VTB_SEAT_LEFT; /* "coming back" keeps the seat for 15 s */
}
bool vtb_has_id(const struct vtb_id *list, size_t n, struct vtb_id id);
const struct vtb_doc *vtb_meeting_document(const struct vtb_meeting *meeting, struct vtb_id document);

/* Parts of fold. */
void vtb_fold_frame(struct vtb_meeting *meeting, const struct vtb_ev_meeting_planned *frame);
void vtb_fold_agenda(struct vtb_meeting *meeting, const struct vtb_ev_agenda_set *agenda);
void vtb_fold_item_started(struct vtb_meeting *meeting, const struct vtb_ev_item_started *started, int64_t at_us);
void vtb_fold_item_ended(struct vtb_meeting *meeting, const struct vtb_ev_item_ended *ended, int64_t at_us);
void vtb_fold_document(struct vtb_meeting *meeting, const struct vtb_ev_document_shared *shared);
void vtb_fold_seat_joined(struct vtb_meeting *meeting, const struct vtb_ev_seat_joined *joined, int64_t at_us);
void vtb_fold_seat_left(struct vtb_meeting *meeting, struct vtb_id seat, int64_t at_us);
void vtb_fold_nothing_shown(struct vtb_meeting *meeting);
/* Before the event is folded: what the press of a person would have to bring back. */
void vtb_fold_press(struct vtb_meeting *meeting, const struct vtb_event *event);
void vtb_fold_item_undone(struct vtb_meeting *meeting, const struct vtb_ev_item_undone *undone);
void vtb_fold_hand_lowered(struct vtb_meeting *meeting, struct vtb_id seat);

/* What recording.set and recording.acknowledged leave behind. */
void vtb_fold_recording(struct vtb_meeting *meeting, const struct vtb_event *event);

/* One request a function; see the table in decide.c. */
struct vtb_question {
    const struct vtb_meeting *meeting;
    const struct vtb_caller *caller;
    const struct vtb_ask *ask;
    const struct vtb_meeting_facts *facts;
};
typedef enum vtb_err vtb_decide_one(const struct vtb_question *q, struct vtb_events *out);
vtb_decide_one vtb_decide_hand_raise, vtb_decide_hand_lower, vtb_decide_floor_give, vtb_decide_sound_mute,
    vtb_decide_seat_mute, vtb_decide_seats_mute, vtb_decide_open, vtb_decide_close, vtb_decide_leave,
    vtb_decide_item_start, vtb_decide_item_next, vtb_decide_item_extend, vtb_decide_presenter_pass,
    vtb_decide_page_show, vtb_decide_view_settle, vtb_decide_seat_confirm, vtb_decide_chair_offer,
    vtb_decide_chair_decline, vtb_decide_chair_take, vtb_decide_picture_hide, vtb_decide_followers_call,
    vtb_decide_press_undo, vtb_decide_recording_start, vtb_decide_recording_pause, vtb_decide_recording_go_on,
    vtb_decide_recording_stop, vtb_decide_recording_acknowledge;

/* seat.left and what follows from it; the seat is present. */
VTB_MUST_USE enum vtb_err vtb_add_seat_left(const struct vtb_meeting *meeting, const struct vtb_seat *seat,
                                            struct vtb_events *out);
/* Is this seat's person a guest who has no business at that item (nil: no item)? */
bool vtb_is_stray_guest(const struct vtb_seat *seat, struct vtb_id item);

void vtb_fold_silenced(struct vtb_seat *seat, const struct vtb_ev_sound_muted *muted); /* device.c */
/* device.c: by the person who vouched for its room */
VTB_MUST_USE enum vtb_err vtb_device_acknowledge(const struct vtb_seat *seat, struct vtb_events *out);

#endif
