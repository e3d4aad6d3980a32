/*
 * inner.h - one call of the HTTP interface, from the request to the answer.
 *
 * A call copies what it needs of the request, since it is answered later; call_answer* frees it,
 * exactly once, on every path.
 */
#ifndef VTB_API_INNER_H
#define VTB_API_INNER_H

#include "api/api.h"
#include "limits/limits.h"
#include "policy/policy.h"
#include "record/plan.h"
#include "signal/json.h"

struct vtb_api {
    struct vtb_api_config cfg;
    struct vtb_web *web;
    struct vtb_throttle *throttle;
    struct vtb_events events; /* of the decision in hand */
    struct vtb_case *scratch; /* for gates of cards */
    char key[65];             /* public key, hex */
    struct import *imports;
    uint32_t passwords_running;
    bool is_stopped; /* the store is closed: what the pool still works on is for nobody */
    struct { struct vtb_id person, recording; bool is_film; uint64_t until_us; } listeners[64]; /* written down of late */
    struct { uint64_t since_us; uint32_t n; } refusals; /* sign-ins refused in the running minute */
};

struct call;
typedef void call_next(struct call *call);
typedef void call_answered(struct call *call, enum vtb_err err, json_t *answer);

struct call {
    struct vtb_api *api;
    vtb_web_handle handle;
    struct vtb_session session;
    call_next *next;
    call_answered *answered;
    struct vtb_id id;        /* {id} of the path */
    int64_t number;          /* page, offset or page number */
    char text[256];          /* q, or another segment */
    char form[8];            /* "", "json", "pdf" */
    char origin[280], device[VTB_TOKEN_TEXT]; /* the web has compared Origin with our own hosts */
    json_t *root;            /* body */
    struct vtb_arena arena;
    uint8_t *piece;          /* body of an upload */
    size_t piece_len;
    struct vtb_standing standing; /* towards the case asked about */
    struct vtb_id case_id, meeting;
    json_t *facts;           /* kept between two questions */
    struct vtb_log *log;     /* open while the call lives */
    char secret[VTB_SECRET_TEXT], message[400];
    union {
        struct vtb_body_session_demo demo;
        struct vtb_body_session_password password;
        struct vtb_body_secret_set secret_set;
        struct vtb_body_invitation_token token;
        struct vtb_body_case_save case_save;
        struct vtb_body_document_begin document_begin;
        struct vtb_body_agenda_save agenda_save;
        struct vtb_body_meeting_make meeting_make;
        struct vtb_body_invitation_make invitation_make;
        struct vtb_body_plan_sign plan_sign;
        struct vtb_body_plan_amend plan_amend;
        struct vtb_body_plan_withdraw plan_withdraw;
        struct vtb_body_plan_cosign plan_cosign;
        struct vtb_body_recording_keep recording_keep;
        struct vtb_body_recording_remove recording_remove;
        struct vtb_body_device_make device_make;
        struct vtb_live_device device;
        struct vtb_body_board_recording board_recording;
    } body;
    struct vtb_id made;      /* id of what this call makes */
    bool is_made;            /* the case is new: its log may begin */
    vtb_log_done *written;
    uv_work_t work;          /* thread pool: secret_ok, or a PDF */
    call_next *worked;
    struct vtb_str work_secret;
    enum vtb_err work_err;
    char *out;               /* bytes made in the pool */
    size_t out_len;
    struct vtb_id bound;     /* invitation */
    struct vtb_recording *recording; /* open, until the answer takes it */
    struct vtb_film_order order;
    json_t *list;            /* what is gone through, by `place` */
    size_t place;
};

/* ---- call.c ---- */
/* NULL: answered already (no memory). Reads {id}, the body if `parse` wants one. */
struct call *call_make(void *ctx, struct vtb_web_request *req);
/* Body of the request: false and answered when it does not fit. */
#define CALL_BODY(call, req, type, member) \
    call_body((call), (req), (call_parse *)vtb_body_##type##_parse, &(call)->body.member)
typedef enum vtb_err call_parse(json_t *in, struct vtb_arena *arena, void *out);
bool call_body(struct call *call, struct vtb_web_request *req, call_parse *parse, void *out);
/* Goes on in `next` when the cookie's session is known; else 401. */
void call_session(struct call *call, struct vtb_web_request *req, call_next *next);
/* {id} (or another name) as an id; false and answered 404. */
bool call_id(struct call *call, struct vtb_web_request *req, const char *name, struct vtb_id *out);

void call_ask(struct call *call, enum vtb_question question, json_t *take_params, call_answered *next);
/* Standing of the caller towards case_id, in call->standing; ABSENT when there is no such case. */
void call_standing(struct call *call, struct vtb_id case_id, call_next *next);
/* Appends to the site's stream; `next` when durable. */
void call_site(struct call *call, const struct vtb_event *events, size_t n, call_next *next);
/* The same, after the answer: who viewed what. Failure is logged. */
void call_audit(struct call *call, struct vtb_event event);
void call_audit_refused(struct call *call, enum vtb_ev_signin_refused_how how, enum vtb_ev_signin_refused_why why);
/* Opens a log into call->log. */
void call_log(struct call *call, const struct vtb_log_kind *kind, struct vtb_id id, bool may_begin,
              call_next *next);
/* Appends api->events to call->log, then `next`; err: answers with api->events.message. */
void call_append(struct call *call, enum vtb_err decided, call_next *next);
/* The person's PIN against `pin`, in the thread pool; refused calls are answered. */
void call_pin(struct call *call, struct vtb_str pin, call_next *next);

void call_answer(struct call *call, json_t *take_answer);
void call_answer_empty(struct call *call);
void call_answer_error(struct call *call, enum vtb_err err, const char *message);
void call_answer_refusal(struct call *call, int status, const char *word, const char *message);
void call_answer_with(struct call *call, int status, const struct vtb_web_header *headers, size_t n,
                      const void *bytes, size_t len);
void call_free(struct call *call);
/* Back from the pool after the stop: freed, and nothing else may be done. */
bool call_is_late(struct call *call);
bool call_may(struct call *call, enum vtb_deed deed); /* false: answered */

json_t *id_json(struct vtb_id id);
struct vtb_id json_id(json_t *from); /* nil if it is none */
const char *json_text(json_t *object, const char *key); /* "" if absent */
int64_t now_us(void);
/* site-wide standing of the session: highest role */
struct vtb_standing session_standing(const struct vtb_session *session);
/* Sets gaps, complete and needed from record and documents_ready, by the gate of the intake screen. */
void card_judge(struct vtb_api *api, json_t *card);
/* The same for a case card, which keeps only what the answer has: no intake, the sealed plan stays sealed. */
void card_finish(struct vtb_api *api, json_t *card);
/* Removes every member that is not named. */
void json_only(json_t *object, const char *const *keys, size_t n);

/* Goes on in `next` with the plan in call->facts and the standing towards its case. */
void with_plan(struct call *call, call_next *next);

/* ---- handlers, by file ---- */
typedef void api_handler(void *ctx, struct vtb_web_request *req);
api_handler session_demo, session_password, session_end, session_me, secret_put;
api_handler invitation_preview, invitation_exchange, invitation_make, invitation_free, invitation_link;
api_handler today_get, people_get, board_get, meeting_make, meeting_get, meeting_delete, agenda_put;
api_handler case_make, case_get, case_put, records_get;
api_handler document_begin, document_piece, document_finish, document_get, document_text, document_remove;
api_handler tile_get;
/* timeline.c. events: the whole log of the recording's meeting. A new list of recording_moment. */
json_t *recording_moments(json_t *events, json_t *card);
/* events: the whole log of its case. */
void recording_add_read_backs(json_t *moments, json_t *events, json_t *card);
api_handler case_recordings, meeting_recordings, board_recordings, recording_get, recording_sound, recording_marks,
    recording_keep, recording_remove;
/* film.c, policy.c */
api_handler film_get, film_make, film_drop, film_bytes, board_recording_put;
/* recording.c: the path's {id}, the session, then `next` with the card in call->facts and the standing towards its case. */
void with_recording(struct call *call, struct vtb_web_request *req, call_next *next);
bool recording_is(const struct call *call, const char *state);
/* True: this person has not been written down of late as listening to it, or taking out its film; is now. */
bool recording_is_new_listener(struct vtb_api *api, struct vtb_id person, struct vtb_id recording, bool is_film);
void recording_answer_bytes(struct call *call, const char *type, const char *etag, const char *disposition);
json_t *film_json(struct call *call); /* of the card in call->facts */
/* board.c: an answer of VTB_FIND_BOARD as its event; texts borrow from it and the arena. */
enum vtb_err board_of(json_t *answer, struct vtb_arena *arena, struct vtb_ev_board_saved *out);
api_handler plan_get, plan_sign, plan_amend, plan_withdraw, plan_cosign, site_key;
api_handler device_make, device_list, device_revoke;
api_handler whip_post, whip_patch, whip_delete, whip_options, whip_session_options;
void imports_free(struct vtb_api *api);
/* The card of an upload of this person that is not finished; NULL: none. */
json_t *document_uploading(struct vtb_api *api, struct vtb_id document, struct vtb_id person);
json_t *document_progress(struct vtb_api *api, json_t *card); /* pages drawn so far */

#endif
