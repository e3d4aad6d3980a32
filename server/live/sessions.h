/*
 * sessions.h - who is behind a cookie, answered from memory after the first time.
 *
 * Thread: control. A found session is borrowed for the callback; copy what must stay. The
 * callback may run inside the call when the answer is in memory.
 */
#ifndef VTB_LIVE_SESSIONS_H
#define VTB_LIVE_SESSIONS_H

#include "base/id.h"
#include "base/str.h"
#include "identity/identity.h"
#include "policy/policy.h"
#include "store/store.h"

#define VTB_SESSION_BOARDS 50
#define VTB_SESSION_ITEMS  30

struct vtb_session {
    char digest[VTB_DIGEST_TEXT]; /* of the cookie's token */
    struct vtb_id id, person;
    char name[121], specialty[61], site[161];
    bool administrator, has_pin, is_demo;
    int64_t until_us;
    struct { struct vtb_id board; char name[121]; enum vtb_role role; } boards[VTB_SESSION_BOARDS];
    size_t boards_n;
    bool is_guest; /* came by an invitation */
    struct vtb_id invitation, meeting, board;
    struct vtb_id items[VTB_SESSION_ITEMS], cases[VTB_SESSION_ITEMS];
    size_t items_n, cases_n;
};

struct vtb_sessions;
VTB_MUST_USE enum vtb_err vtb_sessions_create(struct vtb_store *store, struct vtb_sessions **out);
void vtb_sessions_destroy(struct vtb_sessions *sessions);

/* err: ABSENT (no cookie, unknown, ended), SYS. */
typedef void vtb_session_found(void *ctx, enum vtb_err err, const struct vtb_session *session);
void vtb_sessions_find(struct vtb_sessions *sessions, struct vtb_str cookie_header,
                       vtb_session_found *found, void *ctx);
void vtb_sessions_find_digest(struct vtb_sessions *sessions, const char *digest,
                              vtb_session_found *found, void *ctx);
/* Sign-out, or something about the person changed: asked anew next time. */
void vtb_sessions_forget(struct vtb_sessions *sessions, const char *digest);
void vtb_sessions_forget_invitation(struct vtb_sessions *sessions, struct vtb_id invitation);

enum vtb_role vtb_session_role(const struct vtb_session *session, struct vtb_id board);
enum vtb_role vtb_session_highest(const struct vtb_session *session);

#endif
