/*
 * live.h - the room that runs meetings: takes a request, asks policy, has it decided
 * (server/meeting, server/record), made durable (server/store), folded, sent (server/web), and
 * told to media; brings the events of media and time in.
 *
 * Thread: control. Ownership: live owns rooms and connections; the caller owns store, web, media.
 * Blocks: never.
 */
#ifndef VTB_LIVE_LIVE_H
#define VTB_LIVE_LIVE_H

#include "live/log.h"
#include "live/sessions.h"
#include "media/media.h"
#include "store/store.h"
#include "web/web.h"

#include <uv.h>

struct vtb_live;

struct vtb_live_turn { /* relays that browsers may use (RFC 8656), with passwords of limited time */
    const char *const *names; /* outlive live; without port */
    size_t n;                 /* 0: none */
    const char *secret;       /* coturn's static-auth-secret; outlives live */
};

struct vtb_live_config {
    uv_loop_t *loop;
    struct vtb_store *store;
    struct vtb_sessions *sessions;
    const uint8_t *sign_seed; /* 32 bytes of the site key; outlives live */
    const char *record_dir;   /* as in vtb_media_config; NULL: nothing is recorded */
    const uint8_t *record_key;
    uint32_t record_days;     /* a recording is removed after so many, where its board does not say */
    struct vtb_live_turn turn;
};

VTB_MUST_USE enum vtb_err vtb_live_create(const struct vtb_live_config *cfg, struct vtb_live **out);
/* The two planes, once they run. */
void vtb_live_attach(struct vtb_live *live, struct vtb_web *web, struct vtb_media *media);
/* What vtb_web_config.live wants; ctx is the live. */
struct vtb_web_live vtb_live_sockets(struct vtb_live *live);
/* The same for vtb_web_config.audio. */
struct vtb_web_live vtb_live_audio(struct vtb_live *live);
/* After vtb_media notified: takes its events. */
void vtb_live_media_turn(struct vtb_live *live);
/* Closes timers; destroy after the loop has run once more. */
void vtb_live_stop(struct vtb_live *live);
void vtb_live_destroy(struct vtb_live *live);

/* Logs of meetings and cases, for whoever appends outside a room (server/api). */
struct vtb_logs *vtb_live_logs(struct vtb_live *live);
extern const struct vtb_log_kind vtb_meeting_log, vtb_case_log;

/* True while this person sits in a room whose running item has this document (tiles, page text). */
bool vtb_live_shows_document(struct vtb_live *live, struct vtb_id person, struct vtb_id document);
/* True while this case runs in a room where the person sits. */
bool vtb_live_runs_case(struct vtb_live *live, struct vtb_id person, struct vtb_id case_id);

/* The chair signs what is read back (PIN already checked). `message` is for the person when err is set. */
typedef void vtb_live_signed(void *ctx, enum vtb_err err, const char *message, struct vtb_id plan,
                             int64_t version);
void vtb_live_sign(struct vtb_live *live, struct vtb_id meeting, struct vtb_id person,
                   struct vtb_str digest, struct vtb_str reason, vtb_live_signed *done, void *ctx);

/* Sign-out, or an invitation whose device or link was taken back: its sockets close. */
void vtb_live_end_session(struct vtb_live *live, struct vtb_id session);
void vtb_live_end_invitation(struct vtb_live *live, struct vtb_id invitation);

/* Removes a recording (a card of VTB_FIND_RECORDING that is `ended` or `lost`): key destroyed, file gone, then the
 * certificate is written. `person` nil: its day has come. done: OK, SYS (nothing is certified; again later). */
typedef void vtb_live_removed(void *ctx, enum vtb_err err);
VTB_MUST_USE enum vtb_err vtb_live_remove_recording(struct vtb_live *live, json_t *card, struct vtb_id person,
                                                    struct vtb_str reason, vtb_live_removed *done, void *ctx);

/* ---- room systems (device.c): HTTP sessions of a token; server/api/whip.c asks ---- */
enum vtb_live_way { VTB_LIVE_SPEAKS, VTB_LIVE_LISTENS };
#define VTB_LIVE_WAYS 2
struct vtb_live_device {
    struct vtb_id id, meeting;
    struct vtb_id vouched_by; /* nil: nobody acknowledges recordings for it */
    char name[121], site[161];
    int64_t until_us;
    struct vtb_id items[VTB_SESSION_ITEMS]; /* it is a guest of these */
    size_t items_n;                         /* 0: of the whole meeting */
};
struct vtb_live_session {
    char name[VTB_TOKEN_TEXT]; /* in its address; no secret: every call needs the token */
    struct vtb_id device;
    enum vtb_live_way way;
    uint32_t etag; /* of its ICE session */
};
/* OK: `sdp` is the answer. Of the offer: PARSE; ABSENT no Opus in it; CORRUPT it cannot be taken. STALE: another session
 * has this way. DENIED; LIMIT the meeting is full; CLOSED it is over; AGAIN, NOMEM. Once, perhaps inside the
 * call; all borrowed. */
typedef void vtb_live_device_answered(void *ctx, enum vtb_err err, const char *message, const char *sdp,
                                      const struct vtb_live_session *session);
void vtb_live_device_offer(struct vtb_live *live, const struct vtb_live_device *device, enum vtb_live_way way,
                           const char *local, struct vtb_str sdp, vtb_live_device_answered *done, void *ctx);
/* False: more than VTB_MAX_DEVICE_POSTS_MINUTE of this one. Counts. */
bool vtb_live_device_may(struct vtb_live *live, struct vtb_id device);
bool vtb_live_device_session(struct vtb_live *live, struct vtb_str name, struct vtb_live_session *out);
/* Is that ufrag of the session's own ICE, or does it ask for a restart? */
bool vtb_live_device_is_ice(struct vtb_live *live, struct vtb_str name, const char *ufrag);
/* `sdp` is a fragment then, session->etag the new one. */
void vtb_live_device_restart(struct vtb_live *live, struct vtb_str name, const char *ufrag,
                             vtb_live_device_answered *done, void *ctx);
bool vtb_live_device_end(struct vtb_live *live, struct vtb_str name); /* by hand; false: there is none */
/* A revoked token: vtb_live_end_session with the id of the device. */
/* [{urls, username, credential}], NULL: no relay is configured. */
json_t *vtb_live_relays(const struct vtb_live *live, struct vtb_id whom);

struct vtb_live_figures {
    uint32_t rooms, connections, waiting;
    uint64_t requests, refused, snapshots;
};
/* How the sound of each connection travels, as last measured: for operators, by number, no name. */
struct vtb_live_link {
    uint32_t peer; /* number of the media connection; used again after it has gone */
    struct vtb_media_link link;
};
size_t vtb_live_links(const struct vtb_live *live, struct vtb_live_link *out, size_t max);
void vtb_live_figures(const struct vtb_live *live, struct vtb_live_figures *out);

#endif
