/*
 * meeting.h - the state of one meeting, folded from its log, and what may be asked of it.
 *
 * Pure: no clock, no I/O, no heap but the arenas of the caller. Thread: the one that owns the
 * meeting. struct vtb_meeting is plain data without pointers (about 2 MB: allocate it, never on the
 * stack): `tail = *shown` rebuilds the tail. Zeroed is the empty meeting; fold gives the rest.
 *
 *   decide reads the tail and adds events  ->  they become durable  ->  fold into shown  ->  send
 */
#ifndef VTB_MEETING_MEETING_H
#define VTB_MEETING_MEETING_H

#include "meeting/document.h"
#include "meeting/events.h"
#include "policy/policy.h"

#define VTB_MAX_DISCIPLINES 12
#define VTB_MAX_MEMBERS 100
#define VTB_MAX_PICTURES 500 /* shown in a meeting and remembered for its plans */
#define VTB_NO_SEAT (-1)
#define VTB_NO_ITEM (-1)

enum vtb_meeting_phase { VTB_MEETING_PLANNED, VTB_MEETING_OPEN, VTB_MEETING_CLOSED };
enum vtb_seat_state { VTB_SEAT_LEFT, VTB_SEAT_HERE, VTB_SEAT_AWAY };
enum vtb_item_state { VTB_ITEM_PLANNED, VTB_ITEM_RUNNING, VTB_ITEM_SIGNED, VTB_ITEM_DEFERRED, VTB_ITEM_LEFT_OPEN };

struct vtb_seat {
    struct vtb_id id, person;
    char name[121], specialty[61], site[161];
    enum vtb_t_member_role role;
    bool confirmed;       /* the specialty counts for quorum */
    bool is_confirmed_here; /* chair or coordinator said so in this meeting; else board or invitation fixed it */
    struct vtb_id items[VTB_MAX_MEETING_ITEMS]; /* of a guest */
    uint8_t items_n;
    enum vtb_seat_state state;
    int64_t joined_us;    /* first time in this meeting */
    int64_t stay_us;      /* begin of the present or last stay */
    int64_t left_us;      /* end of the last stay, 0: none ended */
    int64_t gap_us;       /* end of the stay before the first one in the running item */
    int64_t away_us;
    int64_t acknowledged_us; /* was told of the recording that runs, and goes on; 0: not yet */
    bool muted;
    struct vtb_id muted_by;
    int64_t muted_us;     /* 0: muted since arrival */
    bool spoke;           /* in the running item */
    int64_t spoke_us;
    bool is_device;       /* a room system (device.c) */
    struct vtb_id vouched_by;  /* of a device: who acknowledges recordings for that room; nil: nobody */
    struct vtb_id silenced_by; /* of a device: who closed its microphone and not itself, also before it came
                                  back; nil: nobody. No snapshot tells of it: it matters to decide alone */
};

struct vtb_stay {         /* presence of one seat at one item */
    int64_t joined_us;    /* 0: never here in this item */
    int64_t left_us;      /* 0: here until the item's end, or now */
};

struct vtb_agenda_item {
    struct vtb_id id, case_id, presenter, referrer;
    int64_t minutes;
    char presenter_name[121], referrer_name[121], name[121], birth_date[11], local_id[65];
    char diagnosis[201], stage[161], question[301];
    enum vtb_item_state state;
    int64_t started_us, ended_us;       /* of the last run: an item left open can be started again */
    int64_t extended_min, extended_us;
    struct vtb_id plan;                 /* signed plan, nil: none */
    int64_t plan_version, plan_us;
    uint32_t run;                       /* 1 at the first start; orders past items */
    struct vtb_stay stays[VTB_MAX_MEETING_SEATS]; /* of the last run, by place of the seat */
};

struct vtb_shown_picture {
    struct vtb_id item, document;
    char title[201];
    uint16_t page;
    char digest[65];
    int64_t at_us;
};

/* The last press that can be taken back: next case, more minutes, floor, mute. No snapshot tells of it, so whoever
 * was restored from one takes nothing back. */
enum vtb_press { VTB_PRESS_NONE, VTB_PRESS_ITEM, VTB_PRESS_MINUTES, VTB_PRESS_FLOOR, VTB_PRESS_MUTE };
struct vtb_undo {
    enum vtb_press press;
    struct vtb_id by;
    int64_t at_us;
    struct vtb_id item, back;     /* ITEM: that was started, that was ended (nil: none); MINUTES: item */
    struct vtb_agenda_item was;   /* ITEM: the started one as it was before */
    uint32_t runs;                /* ITEM: before */
    int64_t minutes;              /* MINUTES */
    struct vtb_id seat, floor;    /* FLOOR: who got it, who had it */
    int64_t hand_us;              /* FLOOR: since when that hand was up */
    uint16_t hand;                /* FLOOR: its place + 1; 0: was not up */
    /* ITEM: what belonged to the one that was ended */
    struct vtb_id presenter, shown_document;
    int64_t presenter_us, shown_us;
    uint16_t shown_page;
    char shown_digest[65];
    struct { int64_t x, y, w, h, at_us; } view;
    struct { int64_t spoke_us, gap_us; } seats[VTB_MAX_MEETING_SEATS];
    size_t seats_n;
};

struct vtb_required {
    char name[61];
    char counts[16][61];
    uint8_t counts_n;
    int64_t min;
};

struct vtb_meeting_member {
    struct vtb_id person;
    char name[121], specialty[61], site[161];
    enum vtb_t_member_role role;
};

struct vtb_meeting {
    uint64_t seq;
    bool is_planned;      /* meeting.planned was folded */
    int64_t planned_us, agenda_us, opened_us, closed_us;
    struct vtb_id board;
    char board_name[121], timezone[61];
    int64_t starts_us, minutes, objection_s;
    struct vtb_required required[VTB_MAX_DISCIPLINES];
    size_t required_n;
    struct vtb_meeting_member members[VTB_MAX_MEMBERS];
    size_t members_n;
    enum vtb_meeting_phase phase;
    bool may_record;      /* the board's policy, as it was when the meeting was planned or as it was changed since */
    int64_t record_days;  /* its recordings are kept so long; 0: as the site is set */
    enum vtb_ev_recording_set_state recording; /* what the board wants; sound is kept while an item runs */
    int64_t recording_us;                      /* 0: never set, so off */
    bool is_archived;     /* over, and listed nowhere any more */

    int64_t agenda_version;
    struct vtb_agenda_item items[VTB_MAX_MEETING_ITEMS];
    size_t items_n;
    int running;          /* index + 1 into items; 0: none. Use vtb_meeting_running() */
    uint32_t runs;
    struct vtb_doc documents[VTB_MAX_DOCUMENTS]; /* of the running item's case */
    size_t documents_n;

    struct vtb_seat seats[VTB_MAX_MEETING_SEATS];
    size_t seats_n;
    struct { struct vtb_id seat; int64_t at_us; } hands[VTB_MAX_MEETING_HANDS];
    size_t hands_n;
    struct vtb_id floor;     int64_t floor_us;
    struct vtb_id presenter; int64_t presenter_us; /* nil: the chair; us 0: nobody was passed it yet */
    struct vtb_id chair;     int64_t chair_us;     /* who acts as chair; nil: nobody yet */
    bool is_handed;                                /* was handed the chair: keeps it while here */
    struct vtb_id offered;   int64_t offered_us;   /* who is offered the chair; nil: nobody */
    struct vtb_undo undo;

    struct vtb_id shown_document;
    uint16_t shown_page;  /* 0: nothing is shown */
    char shown_digest[65];
    int64_t shown_us;
    struct { int64_t x, y, w, h, at_us; } view; /* at_us 0: the whole page */
    struct vtb_shown_picture pictures[VTB_MAX_PICTURES];
    size_t pictures_n;
};

/* ---- fold ---- */
/* Folds one durable event of the meeting's stream; others are ignored. Cannot fail. */
void vtb_meeting_fold(struct vtb_meeting *meeting, const struct vtb_event *event);

/* ---- decide: requests from browsers ---- */
enum vtb_plan_state { VTB_PLAN_NONE, VTB_PLAN_DRAFT, VTB_PLAN_READBACK, VTB_PLAN_SIGNED };

/* What live looked up before it asks. Needed by item.start, item.next and press.undo alone; zeroed otherwise. */
struct vtb_meeting_facts {
    const struct vtb_t_document *documents; /* ready ones of the case of the item to start (borrowed) */
    size_t documents_n;                     /* that item: vtb_meeting_item_for() */
    enum vtb_plan_state plan;               /* of the running item's case, for this item (VTB_PLAN_NONE: none runs) */
};

/* Is this request for the meeting (true), or for the case (plan.*, readback.*) or live itself? */
bool vtb_meeting_takes(enum vtb_ask_kind kind);
/* What is true of the caller in this meeting, for vtb_policy_may. `about`: the seat asked about, nil: none. Live
 * asks it for pointer, view.live and media.ask itself. */
struct vtb_standing vtb_meeting_standing(const struct vtb_meeting *meeting, const struct vtb_caller *caller,
                                         struct vtb_id about);
/* OK with no event: already so. DENIED, ABSENT, STALE, LIMIT, CLOSED with out->message. Nothing is added
 * on failure. `now_us` is the wall clock. */
VTB_MUST_USE enum vtb_err vtb_meeting_decide(const struct vtb_meeting *meeting, const struct vtb_caller *caller,
                                             const struct vtb_ask *ask, int64_t now_us,
                                             const struct vtb_meeting_facts *facts, struct vtb_events *out);

/* ---- decide: requests made by the server ---- */
/* First hello of a person, a return after seat.left, or another device (takeover): the same seat, muted. A
 * reconnect of the same device whose seat is not VTB_SEAT_LEFT is vtb_meeting_back: nobody is muted by it.
 * `join->seat` is used only if the person has no seat yet (make a fresh id). LIMIT at 500 seats; a guest
 * whose items do not run is DENIED (send `waiting`). Adds chair.acting and presenter.passed where they follow. */
VTB_MUST_USE enum vtb_err vtb_meeting_join(const struct vtb_meeting *meeting, const struct vtb_ev_seat_joined *join,
                                           int64_t now_us, struct vtb_events *out);
VTB_MUST_USE enum vtb_err vtb_meeting_away(const struct vtb_meeting *meeting, struct vtb_id seat, int64_t now_us,
                                           struct vtb_events *out); /* 6 s without a beat */
VTB_MUST_USE enum vtb_err vtb_meeting_back(const struct vtb_meeting *meeting, struct vtb_id seat, int64_t now_us,
                                           struct vtb_events *out);
/* 15 s without a beat: seat.left; presenter to the chair; co-chair or coordinator acts. */
VTB_MUST_USE enum vtb_err vtb_meeting_gone(const struct vtb_meeting *meeting, struct vtb_id seat, int64_t now_us,
                                           struct vtb_events *out);
VTB_MUST_USE enum vtb_err vtb_meeting_spoke(const struct vtb_meeting *meeting, struct vtb_id seat, int64_t now_us,
                                            struct vtb_events *out); /* first voice in the running item */
/* A device's sound comes up; it ended: in its room by hand, or the link broke (device.c). OK with no event: nothing changes. */
VTB_MUST_USE enum vtb_err vtb_meeting_device_opens(const struct vtb_meeting *meeting, struct vtb_id seat, int64_t now_us,
                                                   struct vtb_events *out);
VTB_MUST_USE enum vtb_err vtb_meeting_device_closes(const struct vtb_meeting *meeting, struct vtb_id seat, bool by_hand,
                                                    int64_t now_us, struct vtb_events *out);
/* The parts of talk time that have come together since the last call, ms by the place of the seat, as
 * item.talked; what is under half a second is left out. */
VTB_MUST_USE enum vtb_err vtb_meeting_talked(const struct vtb_meeting *meeting, struct vtb_id item, const uint32_t *ms,
                                             int64_t now_us, struct vtb_events *out);
/* A document of the running item's case became ready (ABSENT: not the running case). */
VTB_MUST_USE enum vtb_err vtb_meeting_share(const struct vtb_meeting *meeting, struct vtb_id case_id,
                                            const struct vtb_t_document *document, int64_t now_us,
                                            struct vtb_events *out);
VTB_MUST_USE enum vtb_err vtb_meeting_item_signed(const struct vtb_meeting *meeting, struct vtb_id item,
                                                  struct vtb_id plan, int64_t version, int64_t now_us,
                                                  struct vtb_events *out);
/* From the schedule: checks the frame and the version (STALE), then meeting.planned / agenda.set. An
 * agenda that drops the running item or one already heard is DENIED. */
VTB_MUST_USE enum vtb_err vtb_meeting_plan(const struct vtb_meeting *meeting, const struct vtb_ev_meeting_planned *frame,
                                           int64_t now_us, struct vtb_events *out);
/* The board's policy was changed: recording.policy, unless the meeting is over or knows it. days 0: as the site is set. */
VTB_MUST_USE enum vtb_err vtb_meeting_record_policy(const struct vtb_meeting *meeting, bool may_record, int64_t days,
                                                    struct vtb_events *out);
VTB_MUST_USE enum vtb_err vtb_meeting_agenda(const struct vtb_meeting *meeting, int64_t base,
                                             const struct vtb_t_item *items, size_t n, int64_t now_us,
                                             struct vtb_events *out);

/* Takes a meeting that is over out of every list. `may_hide_plans`: false where a plan signed in it must stay to be
 * found by its meeting (anywhere but in the demo). DENIED with message; OK with no event: archived already. */
VTB_MUST_USE enum vtb_err vtb_meeting_archive(const struct vtb_meeting *meeting, bool may_hide_plans, int64_t now_us,
                                              struct vtb_events *out);

/* ---- what others read ---- */
const struct vtb_seat *vtb_meeting_seat(const struct vtb_meeting *meeting, struct vtb_id seat);     /* NULL: none */
const struct vtb_seat *vtb_meeting_person(const struct vtb_meeting *meeting, struct vtb_id person); /* NULL: none */
const struct vtb_agenda_item *vtb_meeting_item(const struct vtb_meeting *meeting, struct vtb_id item);
const struct vtb_agenda_item *vtb_meeting_running(const struct vtb_meeting *meeting); /* NULL: none runs */
/* Which item item.next would start; nil: none left. */
struct vtb_id vtb_meeting_next(const struct vtb_meeting *meeting);
/* Whose documents this request needs: the item it would start or go back to; nil: none. */
struct vtb_id vtb_meeting_item_for(const struct vtb_meeting *meeting, const struct vtb_ask *ask);
/* The seat that acts as chair and is not gone; NULL: nobody acts. */
const struct vtb_seat *vtb_meeting_chair(const struct vtb_meeting *meeting);
/* The presenter's seat, or the acting chair's when nobody else has the role; NULL: nobody. */
const struct vtb_seat *vtb_meeting_presenter(const struct vtb_meeting *meeting);
/* May this seat be heard: always, but while it is recorded, when it has acknowledged that. */
bool vtb_meeting_may_be_heard(const struct vtb_meeting *meeting, const struct vtb_seat *seat);

struct vtb_quorum {
    bool met;
    struct vtb_t_missing missing[VTB_MAX_DISCIPLINES]; /* borrow from the meeting */
    size_t missing_n;
};
/* Confirmed seats present now, of whatever role, guests only for their own item. */
void vtb_meeting_quorum(const struct vtb_meeting *meeting, struct vtb_id item, struct vtb_quorum *out);
/* Who was here during the item; chair first, then by role and time. Borrows names. Returns how many. */
size_t vtb_meeting_attendance(const struct vtb_meeting *meeting, struct vtb_id item,
                              struct vtb_t_attendance *out, size_t cap);
size_t vtb_meeting_pictures(const struct vtb_meeting *meeting, struct vtb_id item,
                            struct vtb_t_picture *out, size_t cap);

/* ---- who may see what ---- */
struct vtb_watcher {
    bool is_guest;
    const struct vtb_id *items; /* of a guest */
    size_t items_n;
};
/* A guest belongs in the room only while one of these items runs. */
bool vtb_meeting_guest_may_be_in(const struct vtb_meeting *meeting, const struct vtb_id *items, size_t n);
struct vtb_wait {
    int position;  /* items before the own one; 0: it runs, is next, or is over */
    int minutes;   /* expected; -1 unknown */
    bool over;     /* all own items were heard */
};
struct vtb_wait vtb_meeting_wait(const struct vtb_meeting *meeting, const struct vtb_id *items, size_t n,
                                 int64_t now_us);
/* May this watcher get this event (state: after its fold)? *out is what to send: `event`, or a copy whose
 * lists are cut to what the watcher may know (in `arena`). false: send nothing. NOMEM also gives false. */
bool vtb_meeting_view(const struct vtb_meeting *meeting, const struct vtb_event *event,
                      const struct vtb_watcher *watcher, struct vtb_arena *arena, struct vtb_event *out);
/* Ordinary events with the times they had (seq 0) whose fold from the empty meeting gives what the watcher
 * may see. Strings borrow from `meeting` and `arena`, for the call only if `emit` does not copy. Stops at
 * the first error of emit and returns it. A guest outside the own items gets DENIED and no event. */
typedef enum vtb_err vtb_emit_event(void *ctx, const struct vtb_event *event);
VTB_MUST_USE enum vtb_err vtb_meeting_snapshot(const struct vtb_meeting *meeting, const struct vtb_watcher *watcher,
                                               struct vtb_arena *arena, vtb_emit_event *emit, void *ctx);

#endif
