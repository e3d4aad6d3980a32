/*
 * plan.h - the record of one case: intake, documents, the plan being written, read-back, signed plans.
 *
 * Pure, like meeting.h. struct vtb_case is plain data (about 2.5 MB, never on the stack); zeroed is the
 * empty case. Folded from the case's stream.
 *
 * A draft is begun when an item starts. Fields and line parts have versions and leases. readback.start
 * locks it and makes the canonical text once; that text plus signer and time is what gets signed.
 */
#ifndef VTB_RECORD_PLAN_H
#define VTB_RECORD_PLAN_H

#include "meeting/meeting.h"
#include "policy/policy.h"
#include "record/rules.h"

#define VTB_MAX_CASE_PLANS 50
#define VTB_MAX_DISSENTS 40
#define VTB_MAX_OBJECTIONS 64
#define VTB_MAX_NOTES 20
#define VTB_MAX_ADDENDA 100
#define VTB_PLAN_CONTENT_BYTES 16384 /* all texts of a draft: they stand in text and wording, which share plan_bytes */

struct vtb_cell {               /* state of one field or line part but for its text */
    int64_t version;            /* 0: never set */
    struct vtb_id seat;         /* last writer */
    char name[121];
    int64_t set_us;
    struct vtb_id lease;        /* who writes now; nil: free */
    char lease_name[121];
    int64_t lease_us;
};
struct vtb_plan_field { struct vtb_cell cell; char text[VTB_MAX_PLAN_FIELD_BYTES + 1]; };
struct vtb_plan_line {
    struct vtb_id id;
    int64_t added_us;
    struct vtb_cell cells[VTB_LINE_PARTS];
    char parts[VTB_LINE_PARTS][VTB_LINE_PART_BYTES + 1];
};
struct vtb_plan_note {          /* to the scribe, waiting */
    struct vtb_id id, seat;
    char name[121], text[601];
    int64_t at_us;
};
struct vtb_plan_dissent {
    struct vtb_id seat, person;
    char name[121], specialty[61], text[VTB_MAX_PLAN_FIELD_BYTES + 1];
    bool in_note;
    int64_t at_us;
};
struct vtb_objection {
    struct vtb_id seat;
    char name[121], text[1001];
    enum vtb_ev_readback_objected_kind kind;
    int64_t at_us;
};
struct vtb_outcomes { enum vtb_ev_plan_outcome_outcome at[9]; size_t n; };

struct vtb_draft {
    enum vtb_plan_state state;  /* NONE, DRAFT, READBACK, SIGNED (the last one of this item) */
    struct vtb_id plan, meeting, item;
    int64_t version, begun_us;
    char supersedes[VTB_ID_TEXT], question[301], question_by[121];
    struct vtb_plan_field fields[VTB_PLAN_FIELDS];
    struct vtb_plan_line lines[VTB_MAX_PLAN_LINES];
    size_t lines_n;
    struct vtb_plan_dissent dissents[VTB_MAX_DISSENTS];
    size_t dissents_n;
    struct vtb_plan_note notes[VTB_MAX_NOTES];
    size_t notes_n;
    struct vtb_outcomes outcome; /* confirmed by a person */
    struct vtb_id outcome_by;
    char outcome_name[121];
    int64_t outcome_us;         /* 0: not confirmed */
};

struct vtb_kept_attendance {
    struct vtb_id person;
    char name[121], specialty[61], site[161];
    enum vtb_t_member_role role;
    int64_t joined_us, left_us;
    bool here, confirmed;
};
struct vtb_kept_picture { struct vtb_id document; char title[201]; uint16_t page; char digest[65]; };

struct vtb_readback {
    int64_t begun_us;
    struct vtb_id begun_by;
    char digest[65];
    char text[VTB_MAX_PLAN_BYTES + 1];
    char wording[VTB_MAX_PLAN_BYTES + 1];
    char referring_plan[2001];
    int64_t lines, line, line_us;
    bool quorum_met;
    char missing[VTB_MAX_DISCIPLINES][61];
    size_t missing_n;
    struct vtb_kept_attendance attendance[VTB_MAX_MEETING_SEATS];
    size_t attendance_n;
    struct vtb_kept_picture pictures[VTB_MAX_PICTURES];
    size_t pictures_n;
    struct vtb_outcomes proposed;
    struct { struct vtb_id seat; int64_t at_us; } acked[VTB_MAX_MEETING_SEATS];
    size_t acked_n;
    bool window_running, window_over;
    int64_t window_left_s, window_us; /* as of window_us; 0: never started */
    struct vtb_objection objections[VTB_MAX_OBJECTIONS];
    size_t objections_n;
};

enum vtb_signed_state { VTB_SIGNED, VTB_AMENDED, VTB_SUPERSEDED, VTB_WITHDRAWN };
struct vtb_signed_plan {
    struct vtb_id plan, meeting, item, case_id, signer, superseded_by;
    int64_t version, signed_us;
    char digest[65], signature[129], key[65], signer_name[121];
    char state_text[1001];      /* reason of withdrawal or supersession */
    enum vtb_signed_state state;
    size_t addenda, cosigned;
    struct vtb_id cosigners[50];
};

struct vtb_case_document {
    struct vtb_doc doc;
    int64_t bytes, added_us;
    char sha256[65];
    struct vtb_id by;
    bool is_removed;
};

struct vtb_case {
    uint64_t seq;
    int64_t version, saved_us;  /* 0: intake never saved */
    struct vtb_id saved_by;
    char saved_by_name[121];
    struct {
        char name[121], birth_date[11], local_id[65], site[161], diagnosis[201], diagnosis_code[21];
        char stage[161], stage_system[61], biomarkers[1001], comorbidity[1001], history[2001], wishes[1001];
        char not_available[501], question[301], referring_plan[2001], referrer_name[121];
        bool is_pseudonym;
        enum vtb_t_case_record_sex sex;
        enum vtb_t_case_record_diagnosis_kind diagnosis_kind;
        enum vtb_t_case_record_question_kind question_kind;
        enum vtb_t_case_record_urgency urgency;
        int64_t ecog;
        struct vtb_id referrer;
    } record;
    struct vtb_case_document documents[VTB_MAX_DOCUMENTS];
    size_t documents_n;
    struct vtb_draft draft;
    struct vtb_readback readback; /* meaning only while draft.state is READBACK */
    struct vtb_signed_plan plans[VTB_MAX_CASE_PLANS]; /* oldest first */
    size_t plans_n;
    char signed_text[VTB_MAX_PLAN_BYTES + 1];         /* of the newest plan */
    bool is_revealed;           /* a read-back of the present draft has begun */
};

/* ---- fold and reading ---- */
void vtb_case_fold(struct vtb_case *record, const struct vtb_event *event); /* cannot fail */
/* Borrows from the case. */
void vtb_case_record_view(const struct vtb_case *record, struct vtb_t_case_record *out);
/* Documents that can be shown, for item.started. Returns how many; arena for the lists. NOMEM gives 0. */
size_t vtb_case_documents(const struct vtb_case *record, struct vtb_arena *arena,
                          struct vtb_t_document *out, size_t cap);
const struct vtb_signed_plan *vtb_case_plan(const struct vtb_case *record, struct vtb_id plan); /* NULL: none */
/* State of the plan for this item: for vtb_meeting_facts.plan. */
enum vtb_plan_state vtb_case_plan_state(const struct vtb_case *record, struct vtb_id item);
/* The referring plan is sealed until a read-back of the present draft has begun. */
bool vtb_case_is_sealed(const struct vtb_case *record);
/* Case events whose fold gives draft, read-back and the newest signature to a seat of the running item (the
 * intake and the sealed plan are not in it). Original times, seq 0. */
VTB_MUST_USE enum vtb_err vtb_case_snapshot(const struct vtb_case *record, struct vtb_arena *arena,
                                            vtb_emit_event *emit, void *ctx);

/* ---- decide ---- */
/* What the meeting knows. vtb_plan_facts_of fills it. */
struct vtb_plan_facts {
    struct vtb_id meeting, item, case_id; /* nil item: this case does not run */
    struct vtb_str board_name;
    int64_t starts_us, objection_s;
    struct vtb_id chair;                /* acting chair's seat; nil: nobody, signing waits */
    bool is_chair_here;                 /* not even "coming back" */
    const struct vtb_id *seats;         /* who keeps a seat now (here or coming back), for leases and objections */
    size_t seats_n;
    const struct vtb_t_attendance *attendance;
    size_t attendance_n;
    bool quorum_met;
    const struct vtb_t_missing *missing;
    size_t missing_n;
    const struct vtb_t_picture *pictures;
    size_t pictures_n;
    uint32_t rules_off;                 /* bit per policy rule a board switched off (rules.h) */
};
/* From the shown meeting, for its running item. Lists in `arena`, texts borrow. NOMEM. */
VTB_MUST_USE enum vtb_err vtb_plan_facts_of(const struct vtb_meeting *meeting, struct vtb_id meeting_id,
                                            struct vtb_arena *arena, struct vtb_plan_facts *out);

bool vtb_case_takes(enum vtb_ask_kind kind); /* plan.* and readback.* */
VTB_MUST_USE enum vtb_err vtb_case_decide(const struct vtb_case *record, const struct vtb_caller *caller,
                                          const struct vtb_ask *ask, int64_t now_us,
                                          const struct vtb_plan_facts *facts, struct vtb_events *out);

/* Made by the server. */
/* Intake saved: base must be the version (STALE), stage and dates must be right (PARSE with message and
 * *out_field a name for problem.field, NULL where it is none). */
VTB_MUST_USE enum vtb_err vtb_case_save(const struct vtb_case *record, int64_t base,
                                        const struct vtb_t_case_record *intake, struct vtb_id by,
                                        struct vtb_str by_name, int64_t now_us, struct vtb_events *out,
                                        const char **out_field);
/* Item start. `plan` is a fresh id. A draft left open of the same item goes on (no event). */
VTB_MUST_USE enum vtb_err vtb_case_begin(const struct vtb_case *record, struct vtb_id plan,
                                         const struct vtb_plan_facts *facts, struct vtb_str question,
                                         struct vtb_str question_by, int64_t now_us, struct vtb_events *out);
/* The seat left or was away for 15 s: its leases end. */
VTB_MUST_USE enum vtb_err vtb_case_seat_gone(const struct vtb_case *record, struct vtb_id seat, int64_t now_us,
                                             struct vtb_events *out);
/* The acting chair is away (6 s), or somebody else speaks: the window stands until the chair goes on. */
VTB_MUST_USE enum vtb_err vtb_case_window_stand(const struct vtb_case *record, int64_t now_us, struct vtb_events *out);
/* Microseconds until the window is over: set the timer; -1: it does not run. */
int64_t vtb_case_window_left_us(const struct vtb_case *record, int64_t now_us);
/* The timer fired: readback.window left_s 0. No event if it does not run or is not over yet. */
VTB_MUST_USE enum vtb_err vtb_case_window_over(const struct vtb_case *record, int64_t now_us, struct vtb_events *out);
/* A seat counts as "no objection" only if it acknowledged this text; others here are "not reached". */
struct vtb_reached { size_t no_objection, objected, not_reached; };
struct vtb_reached vtb_case_reached(const struct vtb_case *record, const struct vtb_plan_facts *facts);

/* ---- signing, in steps: check -> PIN (not here) -> text -> vtb_sign -> signed ---- */
/* `digest` is the read-back digest the chair saw. On refusal out->message says what is missing. */
VTB_MUST_USE enum vtb_err vtb_case_sign_check(const struct vtb_case *record, const struct vtb_caller *caller,
                                              struct vtb_str digest, const struct vtb_plan_facts *facts,
                                              struct vtb_str reason, struct vtb_events *out);
/* The exact bytes to sign: the read-back text with signer, signed_at, readback_digest and the reason. Text in
 * `arena`; `out_digest` is SHA-256 of it in hex. */
VTB_MUST_USE enum vtb_err vtb_case_signed_text(const struct vtb_case *record, const struct vtb_caller *signer,
                                               int64_t signed_us, struct vtb_str reason, struct vtb_arena *arena,
                                               struct vtb_str *out_text, char out_digest[static 65]);
/* plan.signed, and plan.superseded for the plan it takes the place of. `text` from above. */
VTB_MUST_USE enum vtb_err vtb_case_signed(const struct vtb_case *record, const struct vtb_caller *signer,
                                          struct vtb_id case_id, struct vtb_str text, const char *digest,
                                          const char *signature, const char *key, int64_t signed_us,
                                          struct vtb_events *out);
/* Later acts on a signed plan (ABSENT, DENIED with message). Signatures by sign.h over the statements there.
 * The standing is the caller's towards this case and plan (policy.h); `now_us` is what the statement says. */
VTB_MUST_USE enum vtb_err vtb_case_amend(const struct vtb_case *record, const struct vtb_standing *standing,
                                         const struct vtb_ev_plan_amended *amended, int64_t now_us,
                                         struct vtb_events *out);
VTB_MUST_USE enum vtb_err vtb_case_withdraw(const struct vtb_case *record, const struct vtb_standing *standing,
                                            const struct vtb_ev_plan_withdrawn *withdrawn, int64_t now_us,
                                            struct vtb_events *out);
VTB_MUST_USE enum vtb_err vtb_case_cosign(const struct vtb_case *record, const struct vtb_standing *standing,
                                          const struct vtb_ev_plan_cosigned *cosigned, int64_t now_us,
                                          struct vtb_events *out);

#endif
