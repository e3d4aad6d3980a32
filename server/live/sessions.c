#include "live/sessions.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

#define CACHE    1024
#define FRESH_US (20u * 1000000u) /* roles and invitations may change elsewhere */

struct entry {
    bool used;
    uint64_t asked_us;
    struct vtb_session session;
};

struct vtb_sessions {
    struct vtb_store *store;
    uint32_t forgotten; /* counts up with every forget: an answer asked for before is not kept */
    struct entry entries[CACHE];
};

struct lookup {
    struct vtb_sessions *sessions;
    vtb_session_found *found;
    void *ctx;
    uint32_t forgotten;
    char digest[VTB_DIGEST_TEXT];
};

enum vtb_err vtb_sessions_create(struct vtb_store *store, struct vtb_sessions **out)
{
    struct vtb_sessions *sessions = calloc(1, sizeof *sessions);

    if (!sessions)
        return VTB_NOMEM;
    sessions->store = store;
    *out = sessions;
    return VTB_OK;
}

void vtb_sessions_destroy(struct vtb_sessions *sessions)
{
    free(sessions);
}

static size_t slot_of(const char *digest)
{
    size_t h = 5381;

    for (int i = 0; i < 16 && digest[i]; i++)
        h = h * 33 + (unsigned char)digest[i];
    return h % CACHE;
}

static void take_text(char *to, size_t cap, json_t *from)
{
    const char *text = json_string_value(from);

    if (vtb_str_copy(vtb_str_of(text ? text : ""), to, cap) != VTB_OK)
        to[0] = '\0';
}

static struct vtb_id take_id(json_t *from)
{
    struct vtb_id id = { { 0 } };

    if (json_is_string(from) && vtb_id_parse(vtb_str_of(json_string_value(from)), &id) != VTB_OK)
        memset(&id, 0, sizeof id);
    return id;
}

static size_t take_ids(json_t *list, struct vtb_id *to, size_t cap)
{
    size_t n = 0, i;
    json_t *at;

    json_array_foreach (list, i, at)
        if (n < cap)
            to[n++] = take_id(at);
    return n;
}

static enum vtb_role role_of(const char *word)
{
    for (int i = 0; i <= VTB_T_MEMBER_ROLE_GUEST; i++)
        if (word && strcmp(vtb_t_member_role_name((enum vtb_t_member_role)i), word) == 0)
            return vtb_role_of((enum vtb_t_member_role)i);
    return VTB_ROLE_NONE;
}

static void take_session(struct vtb_session *to, const char *digest, json_t *from)
{
    json_t *invitation = json_object_get(from, "invitation"), *board;
    const char *how = json_string_value(json_object_get(from, "how"));
    size_t i;

    memset(to, 0, sizeof *to);
    memcpy(to->digest, digest, sizeof to->digest);
    to->id = take_id(json_object_get(from, "session"));
    to->person = take_id(json_object_get(from, "person"));
    take_text(to->name, sizeof to->name, json_object_get(from, "name"));
    take_text(to->specialty, sizeof to->specialty, json_object_get(from, "specialty"));
    take_text(to->site, sizeof to->site, json_object_get(from, "site"));
    to->administrator = json_is_true(json_object_get(from, "administrator"));
    to->has_pin = json_is_true(json_object_get(from, "has_pin"));
    to->is_demo = how && strcmp(how, "demo") == 0;
    to->until_us = json_integer_value(json_object_get(from, "until_us"));
    if (json_is_object(invitation)) {
        to->is_guest = true;
        to->invitation = take_id(json_object_get(invitation, "invitation"));
        to->meeting = take_id(json_object_get(invitation, "meeting"));
        to->board = take_id(json_object_get(invitation, "board"));
        to->items_n = take_ids(json_object_get(invitation, "items"), to->items, VTB_SESSION_ITEMS);
        to->cases_n = take_ids(json_object_get(invitation, "cases"), to->cases, VTB_SESSION_ITEMS);
        return; /* whoever came by an invitation is a guest, whatever else they are */
    }
    json_array_foreach (json_object_get(from, "boards"), i, board) {
        if (to->boards_n == VTB_SESSION_BOARDS)
            break;
        to->boards[to->boards_n].board = take_id(json_object_get(board, "board"));
        take_text(to->boards[to->boards_n].name, sizeof to->boards[0].name,
                  json_object_get(board, "name"));
        to->boards[to->boards_n].role = role_of(json_string_value(json_object_get(board, "role")));
        to->boards_n++;
    }
}

static void answered(void *ctx, enum vtb_err err, json_t *answer)
{
    struct lookup *lookup = ctx;
    struct entry *entry = &lookup->sessions->entries[slot_of(lookup->digest)];

    if (!err) {
        take_session(&entry->session, lookup->digest, answer);
        entry->used = lookup->forgotten == lookup->sessions->forgotten;
        entry->asked_us = vtb_mono_us();
        if (entry->session.until_us <= vtb_wall_us())
            err = VTB_ABSENT;
    } else if (entry->used && strcmp(entry->session.digest, lookup->digest) == 0) {
        entry->used = false;
    }
    lookup->found(lookup->ctx, err, err ? NULL : &entry->session);
    free(lookup);
}

void vtb_sessions_find_digest(struct vtb_sessions *sessions, const char *digest,
                              vtb_session_found *found, void *ctx)
{
    struct entry *entry = &sessions->entries[slot_of(digest)];
    struct lookup *lookup;
    enum vtb_err err;

    if (entry->used && strcmp(entry->session.digest, digest) == 0 &&
        vtb_mono_us() - entry->asked_us < FRESH_US && entry->session.until_us > vtb_wall_us()) {
        found(ctx, VTB_OK, &entry->session);
        return;
    }
    lookup = calloc(1, sizeof *lookup);
    if (!lookup) {
        found(ctx, VTB_NOMEM, NULL);
        return;
    }
    *lookup = (struct lookup){ .sessions = sessions, .found = found, .ctx = ctx,
                               .forgotten = sessions->forgotten };
    memcpy(lookup->digest, digest, sizeof lookup->digest);
    err = vtb_store_ask(sessions->store, VTB_FIND_SESSION, json_pack("{s:s}", "token", digest),
                        answered, lookup);
    if (err) {
        free(lookup);
        found(ctx, err, NULL);
    }
}

void vtb_sessions_find(struct vtb_sessions *sessions, struct vtb_str cookie_header,
                       vtb_session_found *found, void *ctx)
{
    char token[VTB_TOKEN_TEXT], digest[VTB_DIGEST_TEXT];

    if (vtb_cookie_read(cookie_header, VTB_COOKIE_SESSION, token) != VTB_OK ||
        vtb_token_digest(vtb_str_of(token), digest) != VTB_OK) {
        found(ctx, VTB_ABSENT, NULL);
        return;
    }
    vtb_sessions_find_digest(sessions, digest, found, ctx);
}

void vtb_sessions_forget(struct vtb_sessions *sessions, const char *digest)
{
    struct entry *entry = &sessions->entries[slot_of(digest)];

    sessions->forgotten++;
    if (entry->used && strcmp(entry->session.digest, digest) == 0)
        entry->used = false;
}

void vtb_sessions_forget_invitation(struct vtb_sessions *sessions, struct vtb_id invitation)
{
    sessions->forgotten++;
    for (size_t i = 0; i < CACHE; i++)
        if (vtb_id_is(sessions->entries[i].session.invitation, invitation))
            sessions->entries[i].used = false;
}

enum vtb_role vtb_session_role(const struct vtb_session *session, struct vtb_id board)
{
    if (session->is_guest)
        return vtb_id_is(session->board, board) ? VTB_ROLE_GUEST : VTB_ROLE_NONE;
    for (size_t i = 0; i < session->boards_n; i++)
        if (vtb_id_is(session->boards[i].board, board))
            return session->boards[i].role;
    return VTB_ROLE_NONE;
}

enum vtb_role vtb_session_highest(const struct vtb_session *session)
{
    enum vtb_role best = session->is_guest ? VTB_ROLE_GUEST : VTB_ROLE_NONE;

    for (size_t i = 0; i < session->boards_n; i++)
        if (best == VTB_ROLE_NONE || (session->boards[i].role != VTB_ROLE_NONE && session->boards[i].role < best))
            best = session->boards[i].role;
    return best;
}
