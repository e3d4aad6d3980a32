/*
 * policy.c - the table. A row lists facts, any one of which is enough.
 *
 * Facts are made from the standing first, and that is where the island of the guests lives: a
 * guest without a running item of theirs has the fact WAITS and no other, so no row can let them
 * in by mistake.
 */
#include "policy/policy.h"

#include <assert.h>

enum { /* facts */
    ANYONE = 1 << 0,
    SIGNED_IN = 1 << 1, /* any session */
    ACCOUNT = 1 << 2,   /* signed in, and not by an invitation */
    ADMIN = 1 << 3,
    CHAIR = 1 << 4,
    CO_CHAIR = 1 << 5,
    COORD = 1 << 6,
    SCRIBE = 1 << 7,
    MEMBER = 1 << 8,
    OBSERVER = 1 << 9,
    WAITS = 1 << 10, /* a guest, outside their items */
    GUEST = 1 << 11, /* a guest, for an item of theirs */
    ACTING = 1 << 12,
    PRESENTER = 1 << 13,
    OWN_SEAT = 1 << 14,
    RUNNING_SEAT = 1 << 15,
    REFERRER = 1 << 16,
    AUTHOR = 1 << 17,
    UPLOADER = 1 << 18,
    TAKES_UP = 1 << 19, /* head of a board, and the case waits for one */
    ATTENDED = 1 << 20, /* of the board, and was present */
    RECORDS = 1 << 21,  /* board's or acting chair, and the board allows it */

    /* Observers watch: they have no hand, no word in the plan, and no record outside the meeting. */
    STAFF = CHAIR | CO_CHAIR | COORD | SCRIBE | MEMBER,
    HEAD = CHAIR | CO_CHAIR | COORD,
    VOICE = STAFF | GUEST,
    ROOM = VOICE | OBSERVER,
    MODERATES = ACTING | COORD,
    WRITES = ACTING | HEAD | SCRIBE,
    SEES_CASE = STAFF | REFERRER | AUTHOR | TAKES_UP,
    HEARS = STAFF | REFERRER | AUTHOR, /* guests heard it live, and no more */
    EDITS_CASE = COORD | REFERRER | AUTHOR,
};

struct row {
    const char *name;
    unsigned who;
    const char *refusal;
};

#define ONLY_PRESENTER "Only the presenter moves the shared picture. Look around alone, or ask for the presenter role."
#define ONLY_MODERATOR "Only the chair or the coordinator can do this."
#define ONLY_WRITER    "Only the chair, co-chair, coordinator or scribe writes the plan."
#define ONLY_MEMBER    "Only a member of the board takes the chair."
#define ONLY_CHAIR     "Only the acting chair can do this."
#define ONLY_RECORDS   "Only the chair records a meeting, and only where the board's policy allows it."
#define ONLY_STOPS     "Only the chair takes the meeting off the record or ends the recording."
#define ONLY_CASE      "You have no access to this case."
#define ONLY_EDITOR    "Only the author, the referring clinician or the coordinator changes this case."
#define ONLY_SIGNED_IN "Sign in first."
#define ONLY_ROOM      "You are not in this meeting just now."
#define ONLY_VOICE     "Observers watch this meeting; they do not take part in it."

static const struct row table[VTB_DEEDS] = {
    [VTB_DEED_HELLO] = { "hello", ROOM | WAITS, "You are not invited to this meeting." },
    [VTB_DEED_BEAT] = { "beat", ROOM | WAITS, ONLY_ROOM },
    [VTB_DEED_MEDIA_ASK] = { "media.ask", ROOM, ONLY_ROOM },
    [VTB_DEED_MEDIA_ANSWER] = { "media.answer", ROOM, ONLY_ROOM },
    [VTB_DEED_POINTER] = { "pointer", PRESENTER, ONLY_PRESENTER },
    [VTB_DEED_VIEW_LIVE] = { "view.live", PRESENTER, ONLY_PRESENTER },
    [VTB_DEED_HAND_RAISE] = { "hand.raise", VOICE, ONLY_VOICE },
    [VTB_DEED_HAND_LOWER] = { "hand.lower", OWN_SEAT | MODERATES, ONLY_MODERATOR },
    [VTB_DEED_FLOOR_GIVE] = { "floor.give", MODERATES, ONLY_MODERATOR },
    [VTB_DEED_SOUND_MUTE] = { "sound.mute", ROOM, ONLY_ROOM },
    [VTB_DEED_SEAT_MUTE] = { "seat.mute", MODERATES | HEAD, ONLY_MODERATOR },
    [VTB_DEED_SEATS_MUTE] = { "seats.mute", MODERATES | HEAD, ONLY_MODERATOR },
    [VTB_DEED_MEETING_OPEN] = { "meeting.open", ACTING | HEAD, ONLY_MODERATOR },
    [VTB_DEED_MEETING_CLOSE] = { "meeting.close", MODERATES, ONLY_MODERATOR },
    [VTB_DEED_LEAVE] = { "leave", ROOM | WAITS, ONLY_ROOM },
    [VTB_DEED_ITEM_START] = { "item.start", MODERATES, ONLY_MODERATOR },
    [VTB_DEED_ITEM_NEXT] = { "item.next", MODERATES, ONLY_MODERATOR },
    [VTB_DEED_ITEM_EXTEND] = { "item.extend", MODERATES, ONLY_MODERATOR },
    [VTB_DEED_PRESENTER_PASS] = { "presenter.pass", MODERATES | PRESENTER,
                                  "Only the chair, the coordinator or the presenter passes the presenter role." },
    [VTB_DEED_PAGE_SHOW] = { "page.show", PRESENTER, ONLY_PRESENTER },
    [VTB_DEED_VIEW_SETTLE] = { "view.settle", PRESENTER, ONLY_PRESENTER },
    [VTB_DEED_SEAT_CONFIRM] = { "seat.confirm", MODERATES | CHAIR,
                                "Only the chair or the coordinator confirms a specialty." },
    [VTB_DEED_CHAIR_OFFER] = { "chair.offer", ACTING, "Only the acting chair hands over the chair." },
    [VTB_DEED_CHAIR_DECLINE] = { "chair.decline", STAFF, ONLY_MEMBER },
    [VTB_DEED_CHAIR_TAKE] = { "chair.take", STAFF, ONLY_MEMBER },
    [VTB_DEED_PICTURE_HIDE] = { "picture.hide", PRESENTER | ACTING, "Only the presenter or the chair hides the picture." },
    [VTB_DEED_FOLLOWERS_CALL] = { "followers.call", PRESENTER | MODERATES,
                                  "Only the presenter, the chair or the coordinator calls everyone back." },
    [VTB_DEED_PRESS_UNDO] = { "press.undo", MODERATES | HEAD, ONLY_MODERATOR },
    [VTB_DEED_RECORDING_START] = { "recording.start", RECORDS, ONLY_RECORDS },
    [VTB_DEED_RECORDING_PAUSE] = { "recording.pause", CHAIR | ACTING, ONLY_STOPS },
    [VTB_DEED_RECORDING_GO_ON] = { "recording.go_on", RECORDS, ONLY_RECORDS },
    [VTB_DEED_RECORDING_STOP] = { "recording.stop", CHAIR | ACTING, ONLY_STOPS },
    [VTB_DEED_RECORDING_ACKNOWLEDGE] = { "recording.acknowledge", ROOM, ONLY_ROOM },
    [VTB_DEED_PLAN_TAKE] = { "plan.take", WRITES, ONLY_WRITER },
    [VTB_DEED_PLAN_DROP] = { "plan.drop", WRITES, ONLY_WRITER },
    [VTB_DEED_PLAN_SET] = { "plan.set", WRITES, ONLY_WRITER },
    [VTB_DEED_PLAN_LINE_ADD] = { "plan.line_add", WRITES, ONLY_WRITER },
    [VTB_DEED_PLAN_LINE_REMOVE] = { "plan.line_remove", WRITES, ONLY_WRITER },
    [VTB_DEED_PLAN_LINE_MOVE] = { "plan.line_move", WRITES, ONLY_WRITER },
    [VTB_DEED_PLAN_NOTE] = { "plan.note", VOICE, ONLY_VOICE },
    [VTB_DEED_PLAN_NOTE_TAKE] = { "plan.note_take", WRITES, ONLY_WRITER },
    [VTB_DEED_PLAN_NOTE_CLOSE] = { "plan.note_close", VOICE, ONLY_VOICE },
    [VTB_DEED_PLAN_DISSENT] = { "plan.dissent", VOICE, ONLY_VOICE },
    [VTB_DEED_PLAN_OUTCOME] = { "plan.outcome", ACTING | REFERRER,
                                "Only the acting chair or the referring clinician confirms the outcome." },
    [VTB_DEED_READBACK_START] = { "readback.start", ACTING, "Only the acting chair reads the plan back." },
    [VTB_DEED_READBACK_LINE] = { "readback.line", ACTING, "Only the acting chair reads the plan back." },
    [VTB_DEED_READBACK_ACK] = { "readback.ack", ROOM, ONLY_ROOM },
    [VTB_DEED_READBACK_WINDOW] = { "readback.window", ACTING, ONLY_CHAIR },
    [VTB_DEED_READBACK_OBJECT] = { "readback.object", VOICE, ONLY_VOICE },
    [VTB_DEED_READBACK_END] = { "readback.end", ACTING, ONLY_CHAIR },

    [VTB_DEED_SIGN_IN] = { "sign_in", ANYONE, "" },
    [VTB_DEED_SITE_KEY] = { "site.key", ANYONE, "" },
    [VTB_DEED_SIGN_OUT] = { "sign_out", SIGNED_IN, ONLY_SIGNED_IN },
    [VTB_DEED_ME] = { "me", SIGNED_IN, ONLY_SIGNED_IN },
    [VTB_DEED_SECRET_SET] = { "me.secret", ACCOUNT, "An invitation has no PIN and no password. Sign in." },
    [VTB_DEED_TODAY] = { "today", SIGNED_IN, ONLY_SIGNED_IN },
    [VTB_DEED_RECORDS] = { "records", SIGNED_IN, ONLY_SIGNED_IN },
    [VTB_DEED_RECORDS_COUNT] = { "records.count", HEAD, ONLY_MODERATOR },
    [VTB_DEED_PEOPLE] = { "people", STAFF, "Only members of a board look people up." },
    [VTB_DEED_BOARD_VIEW] = { "board.view", STAFF | OBSERVER, "Only members see this board." },
    [VTB_DEED_MEETING_MAKE] = { "meeting.make", HEAD, ONLY_MODERATOR },
    [VTB_DEED_MEETING_ARCHIVE] = { "meeting.archive", HEAD, ONLY_MODERATOR },
    [VTB_DEED_MEETING_VIEW] = { "meeting.view", STAFF | OBSERVER, "Only members see this meeting." },
    [VTB_DEED_AGENDA_SAVE] = { "agenda.save", HEAD, ONLY_MODERATOR },
    [VTB_DEED_INVITATION_MAKE] = { "invitation.make", HEAD, ONLY_MODERATOR },
    [VTB_DEED_INVITATION_FREE] = { "invitation.free", COORD,
                                   "Only the coordinator lets an invitation be used on another device." },
    [VTB_DEED_INVITATION_LINK] = { "invitation.link", COORD, "Only the coordinator makes a new link." },
    [VTB_DEED_CASE_MAKE] = { "case.make", ACCOUNT, "An invitation does not let you enter a case. Sign in." },
    [VTB_DEED_CASE_VIEW] = { "case.view", SEES_CASE, ONLY_CASE },
    [VTB_DEED_CASE_SAVE] = { "case.save", EDITS_CASE | TAKES_UP, ONLY_EDITOR },
    [VTB_DEED_CASE_AUDIT] = { "case.audit", HEAD | AUTHOR | REFERRER, ONLY_CASE },
    [VTB_DEED_DOCUMENT_BEGIN] = { "document.begin", EDITS_CASE | TAKES_UP, ONLY_EDITOR },
    [VTB_DEED_DOCUMENT_WRITE] = { "document.write", UPLOADER, "Only who began this upload goes on with it." },
    [VTB_DEED_DOCUMENT_VIEW] = { "document.view", SEES_CASE, ONLY_CASE },
    [VTB_DEED_DOCUMENT_TEXT] = { "document.text", SEES_CASE | RUNNING_SEAT, ONLY_CASE },
    [VTB_DEED_DOCUMENT_REMOVE] = { "document.remove", EDITS_CASE | TAKES_UP, ONLY_EDITOR },
    [VTB_DEED_TILE] = { "tile", SEES_CASE | RUNNING_SEAT, ONLY_CASE },
    [VTB_DEED_PLAN_VIEW] = { "plan.view", SEES_CASE | GUEST, ONLY_CASE },
    [VTB_DEED_PLAN_SIGN] = { "plan.sign", ACTING, "Only the acting chair signs the plan." },
    [VTB_DEED_PLAN_AMEND] = { "plan.amend", STAFF | REFERRER,
                              "Only members of the board and the referring clinician add to a signed plan." },
    [VTB_DEED_PLAN_WITHDRAW] = { "plan.withdraw", CHAIR | COORD,
                                 "Only the chair or the coordinator of the board withdraws a plan." },
    [VTB_DEED_PLAN_COSIGN] = { "plan.cosign", ATTENDED, "Only members who were present sign with the chair." },
    [VTB_DEED_RECORDING_LIST] = { "recording.list", HEARS, ONLY_CASE },
    [VTB_DEED_RECORDING_PLAY] = { "recording.play", HEARS, ONLY_CASE },
    [VTB_DEED_RECORDING_KEEP] = { "recording.keep", CHAIR | COORD,
                                  "Only the chair or the coordinator of the board says how long a recording is kept." },
    [VTB_DEED_RECORDING_REMOVE] = { "recording.remove", CHAIR | COORD,
                                    "Only the chair or the coordinator of the board removes a recording." },
    [VTB_DEED_DEVICE_LIST] = { "device.list", HEAD, ONLY_MODERATOR },
    [VTB_DEED_DEVICE_MAKE] = { "device.make", HEAD, "Only the chair or the coordinator lets a room system in." },
    [VTB_DEED_DEVICE_REVOKE] = { "device.revoke", HEAD, "Only the chair or the coordinator shuts a room system out." },
    /* A film leaves this server for good: those have it made who answer for how long a recording is kept. */
    [VTB_DEED_RECORDING_FILM] = { "recording.film", CHAIR | COORD,
                                  "Only the chair or the coordinator of the board makes a film of a recording." },
    [VTB_DEED_BOARD_RECORDING] = { "board.recording", CHAIR | COORD,
                                   "Only the chair or the coordinator of the board says whether it may be recorded." },
    [VTB_DEED_BOARD_RECORDINGS] = { "board.recordings", HEAD, ONLY_MODERATOR },
    [VTB_DEED_SITE_ADMINISTER] = { "site.administer", ADMIN, "Only an administrator of this site can do this." },
};

enum vtb_role vtb_role_of(enum vtb_t_member_role role)
{
    switch (role) {
    case VTB_T_MEMBER_ROLE_CHAIR:
        return VTB_ROLE_CHAIR;
    case VTB_T_MEMBER_ROLE_CO_CHAIR:
        return VTB_ROLE_CO_CHAIR;
    case VTB_T_MEMBER_ROLE_COORDINATOR:
        return VTB_ROLE_COORDINATOR;
    case VTB_T_MEMBER_ROLE_SCRIBE:
        return VTB_ROLE_SCRIBE;
    case VTB_T_MEMBER_ROLE_MEMBER:
        return VTB_ROLE_MEMBER;
    case VTB_T_MEMBER_ROLE_OBSERVER:
        return VTB_ROLE_OBSERVER;
    case VTB_T_MEMBER_ROLE_GUEST:
        return VTB_ROLE_GUEST;
    }
    return VTB_ROLE_NONE;
}

static unsigned fact_of_role(const struct vtb_standing *standing)
{
    switch (standing->role) {
    case VTB_ROLE_NONE:
        return 0;
    case VTB_ROLE_CHAIR:
        return CHAIR;
    case VTB_ROLE_CO_CHAIR:
        return CO_CHAIR;
    case VTB_ROLE_COORDINATOR:
        return COORD;
    case VTB_ROLE_SCRIBE:
        return SCRIBE;
    case VTB_ROLE_MEMBER:
        return MEMBER;
    case VTB_ROLE_OBSERVER:
        return OBSERVER;
    case VTB_ROLE_GUEST:
        return standing->own_item ? GUEST : WAITS;
    }
    return 0;
}

static unsigned facts_of(const struct vtb_standing *standing)
{
    unsigned role = fact_of_role(standing);
    unsigned facts = ANYONE;

    if (!standing->signed_in)
        return facts; /* whatever else is said about a stranger does not count */
    facts |= SIGNED_IN | role;
    if (role == WAITS)
        return facts;
    /* A guest's rights end with the item: no account, no board, no case but the own one. */
    if (role != GUEST) {
        facts |= ACCOUNT;
        facts |= standing->administrator ? ADMIN : 0;
        facts |= standing->acting_chair ? ACTING : 0;
        facts |= standing->author ? AUTHOR : 0;
    }
    if (standing->waiting && (role & HEAD)) {
        /* The role is of any board here, so it stands for nothing but taking the case up. */
        facts = (facts & ~(unsigned)(STAFF | OBSERVER)) | TAKES_UP;
    }
    facts |= standing->may_record && (facts & (CHAIR | ACTING)) ? RECORDS : 0;
    facts |= standing->presenter ? PRESENTER : 0;
    facts |= standing->own_seat ? OWN_SEAT : 0;
    facts |= standing->running_seat ? RUNNING_SEAT : 0;
    facts |= standing->referrer ? REFERRER : 0;
    facts |= standing->uploader ? UPLOADER : 0;
    facts |= standing->was_present && (role & STAFF) ? ATTENDED : 0;
    return facts;
}

bool vtb_policy_may(enum vtb_deed deed, const struct vtb_standing *standing)
{
    assert((unsigned)deed < VTB_DEEDS);
    return (table[deed].who & facts_of(standing)) != 0;
}

const char *vtb_deed_name(enum vtb_deed deed)
{
    return (unsigned)deed < VTB_DEEDS ? table[deed].name : "unknown";
}

const char *vtb_deed_refusal(enum vtb_deed deed)
{
    return (unsigned)deed < VTB_DEEDS ? table[deed].refusal : "";
}
