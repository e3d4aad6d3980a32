/*
 * policy.h - who may do what: one table of deeds and standings, asked by everything.
 *
 * A deed is one call of the HTTP interface (protocols/http/README.md) or one request of the
 * socket (protocols/signal/requests.json). A standing is what is true of the caller towards the thing
 * asked about; the caller of this function fills it, and leaves false what it does not know.
 * The table says who; whether it can be done now (a read-back runs, the base is stale) is decided
 * where the state is. tests/vectors/policy.txt is the table printed.
 *
 * Pure: any thread, no allocation.
 */
#ifndef VTB_POLICY_POLICY_H
#define VTB_POLICY_POLICY_H

#include "base/err.h"
#include "signal/signal.h"

enum vtb_deed {
    /* the socket: VTB_DEED_<REQUEST>, in the order of requests.json */
    VTB_DEED_HELLO,
    VTB_DEED_BEAT,
    VTB_DEED_MEDIA_ASK,
    VTB_DEED_MEDIA_ANSWER,
    VTB_DEED_POINTER,
    VTB_DEED_VIEW_LIVE,
    VTB_DEED_HAND_RAISE,
    VTB_DEED_HAND_LOWER, /* own_seat: the hand is the caller's */
    VTB_DEED_FLOOR_GIVE,
    VTB_DEED_SOUND_MUTE, /* own microphone */
    VTB_DEED_SEAT_MUTE,
    VTB_DEED_SEATS_MUTE,
    VTB_DEED_MEETING_OPEN,
    VTB_DEED_MEETING_CLOSE,
    VTB_DEED_LEAVE,
    VTB_DEED_ITEM_START,
    VTB_DEED_ITEM_NEXT,
    VTB_DEED_ITEM_EXTEND,
    VTB_DEED_PRESENTER_PASS,
    VTB_DEED_PAGE_SHOW,
    VTB_DEED_VIEW_SETTLE,
    VTB_DEED_SEAT_CONFIRM,
    VTB_DEED_CHAIR_OFFER,
    VTB_DEED_CHAIR_DECLINE, /* who was offered it; decided where the offer is known */
    VTB_DEED_CHAIR_TAKE,
    VTB_DEED_PICTURE_HIDE,
    VTB_DEED_FOLLOWERS_CALL,
    VTB_DEED_PRESS_UNDO, /* the own press only */
    VTB_DEED_RECORDING_START,
    VTB_DEED_RECORDING_PAUSE,
    VTB_DEED_RECORDING_GO_ON,
    VTB_DEED_RECORDING_STOP,
    VTB_DEED_RECORDING_ACKNOWLEDGE, /* for the own seat */
    VTB_DEED_PLAN_TAKE,
    VTB_DEED_PLAN_DROP,
    VTB_DEED_PLAN_SET,
    VTB_DEED_PLAN_LINE_ADD,
    VTB_DEED_PLAN_LINE_REMOVE,
    VTB_DEED_PLAN_LINE_MOVE,
    VTB_DEED_PLAN_NOTE,
    VTB_DEED_PLAN_NOTE_TAKE,
    VTB_DEED_PLAN_NOTE_CLOSE, /* another's: only with PLAN_NOTE_TAKE; decided where the notes are */
    VTB_DEED_PLAN_DISSENT,
    VTB_DEED_PLAN_OUTCOME,
    VTB_DEED_READBACK_START,
    VTB_DEED_READBACK_LINE,
    VTB_DEED_READBACK_ACK,
    VTB_DEED_READBACK_WINDOW,
    VTB_DEED_READBACK_OBJECT,
    VTB_DEED_READBACK_END,
    /* HTTP */
    VTB_DEED_SIGN_IN, /* demo link, password, preview and exchange of an invitation */
    VTB_DEED_SITE_KEY,
    VTB_DEED_SIGN_OUT,
    VTB_DEED_ME,
    VTB_DEED_SECRET_SET, /* the own PIN or password */
    VTB_DEED_TODAY,
    VTB_DEED_RECORDS, /* search; the store finds only what the person may see */
    VTB_DEED_RECORDS_COUNT, /* how many more were found that are not shared with the caller */
    VTB_DEED_PEOPLE,
    VTB_DEED_BOARD_VIEW,
    VTB_DEED_MEETING_MAKE,
    VTB_DEED_MEETING_ARCHIVE,
    VTB_DEED_MEETING_VIEW,
    VTB_DEED_AGENDA_SAVE,
    VTB_DEED_INVITATION_MAKE,
    VTB_DEED_INVITATION_FREE,
    VTB_DEED_INVITATION_LINK,
    VTB_DEED_CASE_MAKE,
    VTB_DEED_CASE_VIEW,
    VTB_DEED_CASE_SAVE,
    VTB_DEED_CASE_AUDIT,
    VTB_DEED_DOCUMENT_BEGIN,
    VTB_DEED_DOCUMENT_WRITE, /* a piece of the content, and finish */
    VTB_DEED_DOCUMENT_VIEW,
    VTB_DEED_DOCUMENT_TEXT,
    VTB_DEED_DOCUMENT_REMOVE,
    VTB_DEED_TILE,
    VTB_DEED_PLAN_VIEW, /* screen, .json and .pdf */
    VTB_DEED_PLAN_SIGN,
    VTB_DEED_PLAN_AMEND,
    VTB_DEED_PLAN_WITHDRAW,
    VTB_DEED_PLAN_COSIGN,
    VTB_DEED_RECORDING_LIST, /* that there is one; of a case */
    VTB_DEED_RECORDING_PLAY, /* listen, who spoke when, take it out */
    VTB_DEED_RECORDING_KEEP, /* its day of removal */
    VTB_DEED_RECORDING_REMOVE,
    VTB_DEED_DEVICE_LIST, /* room systems of a board */
    VTB_DEED_DEVICE_MAKE,
    VTB_DEED_DEVICE_REVOKE,
    VTB_DEED_RECORDING_FILM, /* have a film made of it, take it out, remove it */
    VTB_DEED_BOARD_RECORDING, /* whether a board's meetings may be recorded, and how long recordings are kept */
    VTB_DEED_BOARD_RECORDINGS, /* which there are and were, with the certificates of removal */
    /* the command line and later the screens of administration */
    VTB_DEED_SITE_ADMINISTER, /* people, boards, retention; sees no case by it */
};
#define VTB_DEEDS ((unsigned)VTB_DEED_SITE_ADMINISTER + 1u)

enum vtb_role {
    VTB_ROLE_NONE,
    VTB_ROLE_CHAIR,
    VTB_ROLE_CO_CHAIR,
    VTB_ROLE_COORDINATOR,
    VTB_ROLE_SCRIBE,
    VTB_ROLE_MEMBER,
    VTB_ROLE_OBSERVER,
    VTB_ROLE_GUEST,
};
#define VTB_ROLES ((unsigned)VTB_ROLE_GUEST + 1u)
enum vtb_role vtb_role_of(enum vtb_t_member_role role);

struct vtb_standing {
    /* Board of the meeting or of the meeting where the case is heard. Site-wide calls (people, case.make):
     * the highest role on any board. Whoever came by an invitation has VTB_ROLE_GUEST, always. */
    enum vtb_role role;
    bool signed_in;     /* has a session, of an account or by an invitation; true for every seat */
    bool administrator; /* of the site */
    /* Guests: an item of the invitation runs (socket), or is the thing asked about, before the
     * invitation ends (HTTP). Without it a guest waits: nothing else below counts for them. */
    bool own_item;
    /* in the meeting */
    bool acting_chair; /* the chair; while away the co-chair, else the coordinator (decision 8) */
    bool presenter;    /* has the presenter role now */
    bool own_seat;     /* the seat asked about is the caller's */
    bool running_seat; /* has a seat where an item of this case runs now */
    bool may_record;   /* the board's policy allows a recording of this meeting */
    /* towards the case */
    bool referrer;    /* the case's referring clinician */
    bool author;      /* entered the case */
    bool uploader;    /* began this upload */
    bool waiting;     /* the case is on no coming agenda yet: heads of boards may take it up; role is the
                         highest on any board then */
    bool was_present; /* in the attendance of the signed plan */
};

bool vtb_policy_may(enum vtb_deed deed, const struct vtb_standing *standing);
/* Stable lower-case word with dots, e.g. "plan.set"; requests have their own names. */
const char *vtb_deed_name(enum vtb_deed deed);
/* Words for a person who was refused: who may do it. "Only the chair reads the plan back." */
const char *vtb_deed_refusal(enum vtb_deed deed);

#endif
