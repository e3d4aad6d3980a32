/*
 * whip.c - WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep): HTTP for room systems, OBS, GStreamer.
 *
 *     POST /whip, /whep   an offer; 201, the answer, Location, ETag, Link (relays)
 *     PATCH session       ICE: candidates 204 (learnt from checks, so stepped over), restart 200
 *     DELETE session      200: the end, by the hand of the room
 *     OPTIONS             CORS; no cookie is read here, so any origin may ask
 *
 * The token is a Bearer (RFC 6750, 2.1) in every call but OPTIONS: addresses hold no secret. Errors are problem
 * bodies with a sentence for the person who sets up the room.
 */
#include "api/inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SDP          "application/sdp"
#define FRAGMENT     "application/trickle-ice-sdpfrag"
#define LINKS        6
#define HEADERS      (LINKS + 8)
#define CORS_ORIGIN  { "access-control-allow-origin", "*" }
#define CORS_EXPOSE  { "access-control-expose-headers", "Location, ETag, Link, Retry-After, WWW-Authenticate" }

/* ---- refusals ---- */

static void refuse(struct call *call, int status, const char *word, const char *message)
{
    json_t *problem = json_pack("{s:s,s:s}", "error", word, "message", message);
    char *text = json_dumps(problem, JSON_COMPACT);
    struct vtb_web_header headers[6] = { CORS_ORIGIN, CORS_EXPOSE, { "content-type", "application/json" } };
    size_t n = 3;

    if (status == 401)
        headers[n++] = (struct vtb_web_header){ "www-authenticate", "Bearer realm=\"consilium\", error=\"invalid_token\"" };
    if (status == 409 || status == 429 || status == 503)
        headers[n++] = (struct vtb_web_header){ "retry-after", status == 503 ? "5" : "30" };
    if (status == 415)
        headers[n++] = (struct vtb_web_header){ "accept-post", SDP };
    json_decref(problem);
    call_answer_with(call, status, headers, n, text ? text : "", text ? strlen(text) : 0);
    free(text);
}

static void refuse_err(struct call *call, enum vtb_err err, const char *message)
{
    int status = 500;

    switch (err) {
    case VTB_PARSE:
        status = 400;
        break;
    case VTB_DENIED:
        status = 403;
        break;
    case VTB_ABSENT: /* nothing in the offer that is taken here */
        status = 406;
        break;
    case VTB_STALE:
    case VTB_CLOSED:
        status = 409;
        break;
    case VTB_CORRUPT: /* well-formed, and of no use */
        status = 422;
        break;
    case VTB_LIMIT:
    case VTB_AGAIN:
    case VTB_NOMEM:
    case VTB_TIMEOUT:
        status = 503;
        break;
    case VTB_OK:
    case VTB_SYS:
        break;
    }
    refuse(call, status, status == 422 ? "unprocessable" : vtb_err_name(err), message ? message : "That cannot be done now.");
}

/* ---- whose token ---- */

static void unknown(struct call *call, enum vtb_ev_signin_refused_why why)
{
    call_audit_refused(call, VTB_EV_SIGNIN_REFUSED_HOW_DEVICE, why);
    refuse(call, 401, "unauthorized", why == VTB_EV_SIGNIN_REFUSED_WHY_EXPIRED
           ? "This token has ended or was revoked. The coordinator of the board makes a new one."
           : "Send a token of this server: \"Authorization: Bearer ...\". The coordinator of the board makes one.");
}

static void device_found(struct call *call, enum vtb_err err, json_t *answer)
{
    int64_t now = now_us();

    if (err == VTB_ABSENT) {
        unknown(call, VTB_EV_SIGNIN_REFUSED_WHY_UNKNOWN);
    } else if (err) {
        refuse(call, 503, "again", "The record cannot be read just now. Try again.");
    } else if (json_integer_value(json_object_get(answer, "revoked_us")) ||
               json_integer_value(json_object_get(answer, "until_us")) <= now) {
        unknown(call, VTB_EV_SIGNIN_REFUSED_WHY_EXPIRED);
    } else {
        call->facts = json_incref(answer);
        call->made = json_id(json_object_get(answer, "device"));
        call->worked(call);
    }
}

/* Goes on in `next` with the device in call->facts and its id in call->made. */
static void with_token(struct call *call, struct vtb_web_request *req, call_next *next)
{
    struct vtb_str field = vtb_web_request_field(req, VTB_WEB_AUTHORIZATION);
    char digest[VTB_DIGEST_TEXT];

    call->worked = next;
    if (field.len < 7 || strncasecmp(field.at, "Bearer ", 7) != 0 ||
        vtb_token_digest((struct vtb_str){ field.at + 7, field.len - 7 }, digest) != VTB_OK) {
        unknown(call, VTB_EV_SIGNIN_REFUSED_WHY_UNKNOWN);
        return;
    }
    call_ask(call, VTB_FIND_DEVICE, json_pack("{s:s,s:I}", "token", digest, "now_us", (json_int_t)now_us()), device_found);
}

/* Is this media type what the field says, whatever its parameters? */
static bool is_type(struct vtb_str field, const char *type)
{
    size_t n = strlen(type);

    return field.len >= n && strncasecmp(field.at, type, n) == 0 &&
           (field.len == n || field.at[n] == ';' || field.at[n] == ' ');
}

static bool accepts_sdp(struct vtb_str field)
{
    static const char *const fine[] = { SDP, "application/*", "*/*" };

    if (field.len == 0)
        return true;
    for (size_t at = 0; at < field.len; at++) {
        struct vtb_str rest = { field.at + at, field.len - at };

        if (at > 0 && field.at[at - 1] != ',' && field.at[at - 1] != ' ')
            continue;
        for (size_t i = 0; i < VTB_COUNT(fine); i++)
            if (is_type(rest, fine[i]) || (rest.len > strlen(fine[i]) && rest.at[strlen(fine[i])] == ',' &&
                                           strncasecmp(rest.at, fine[i], strlen(fine[i])) == 0))
                return true;
    }
    return false;
}

static enum vtb_live_way way_of(struct vtb_web_request *req)
{
    return vtb_web_request_path(req).at[3] == 'i' ? VTB_LIVE_SPEAKS : VTB_LIVE_LISTENS; /* "/whip", "/whep" */
}

/* ---- POST ---- */

/* RFC 9725, 4.6: relays, with names and passwords that end by themselves. */
static size_t link_headers(struct call *call, struct vtb_web_header *headers, char texts[LINKS][400])
{
    json_t *relays = vtb_live_relays(call->api->cfg.live, call->made), *relay, *url;
    size_t n = 0, i, k;

    json_array_foreach (relays, i, relay)
        json_array_foreach (json_object_get(relay, "urls"), k, url)
            if (n < LINKS) {
                snprintf(texts[n], sizeof texts[n],
                         "<%s>; rel=\"ice-server\"; username=\"%s\"; credential=\"%s\"; credential-type=\"password\"",
                         json_string_value(url), json_text(relay, "username"), json_text(relay, "credential"));
                headers[n] = (struct vtb_web_header){ "link", texts[n] };
                n++;
            }
    json_decref(relays);
    return n;
}

static void answered(void *ctx, enum vtb_err err, const char *message, const char *sdp,
                     const struct vtb_live_session *session)
{
    struct call *call = ctx;
    char location[64], etag[16], links[LINKS][400];
    struct vtb_web_header headers[HEADERS] = { CORS_ORIGIN, CORS_EXPOSE, { "content-type", SDP },
                                               { "location", location }, { "etag", etag } };
    size_t n = 5;

    if (call_is_late(call))
        return;
    if (err) {
        refuse_err(call, err, message);
        return;
    }
    snprintf(location, sizeof location, "/%s/%s", session->way == VTB_LIVE_SPEAKS ? "whip" : "whep", session->name);
    snprintf(etag, sizeof etag, "\"%u\"", session->etag);
    n += link_headers(call, headers + n, links);
    call_answer_with(call, 201, headers, n, sdp, strlen(sdp));
}

static void offer(struct call *call)
{
    vtb_live_device_offer(call->api->cfg.live, &call->body.device, (enum vtb_live_way)call->number, call->message,
                          (struct vtb_str){ (const char *)call->piece, call->piece_len }, answered, call);
}

/* What live has to know of it. */
static void read_device(const struct call *call, struct vtb_live_device *out)
{
    json_t *facts = call->facts, *item;
    size_t i;

    *out = (struct vtb_live_device){ .id = call->made, .meeting = json_id(json_object_get(facts, "now")),
                                     .until_us = json_integer_value(json_object_get(facts, "until_us")) };
    if (json_is_true(json_object_get(facts, "vouches")))
        out->vouched_by = json_id(json_object_get(facts, "by"));
    snprintf(out->name, sizeof out->name, "%s", json_text(facts, "name"));
    snprintf(out->site, sizeof out->site, "%s", json_text(facts, "site"));
    json_array_foreach (json_object_get(facts, "items"), i, item)
        if (out->items_n < VTB_SESSION_ITEMS)
            out->items[out->items_n++] = json_id(item);
}

static void admitted(struct call *call)
{
    struct vtb_event used = { .kind = VTB_EVENT_DEVICE_USED, .at_us = now_us() };
    bool is_of_one = json_text(call->facts, "meeting")[0] != '\0';

    if (json_text(call->facts, "now")[0] == '\0') {
        refuse(call, 409, "no_meeting", is_of_one ? "The meeting of this token is over."
               : "No meeting of this board is open or begins within 30 minutes. Try again then.");
        return;
    }
    if (!vtb_live_device_may(call->api->cfg.live, call->made)) {
        refuse(call, 429, "limit", "This room has called too often. It may call again in a minute.");
        return;
    }
    read_device(call, &call->body.device);
    used.u.device_used = (struct vtb_ev_device_used){ .device = call->made, .meeting = call->body.device.meeting,
        .way = call->number == VTB_LIVE_SPEAKS ? VTB_EV_DEVICE_USED_WAY_SPEAK : VTB_EV_DEVICE_USED_WAY_LISTEN };
    call_site(call, &used, 1, offer); /* nobody listens who is not written down */
}

void whip_post(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (!call)
        return;
    call->number = way_of(req);
    if (!is_type(vtb_web_request_field(req, VTB_WEB_CONTENT_TYPE), SDP)) {
        refuse(call, 415, "type", "Send the offer as application/sdp.");
        return;
    }
    if (!accepts_sdp(vtb_web_request_field(req, VTB_WEB_ACCEPT))) {
        refuse(call, 406, "accept", "The answer is application/sdp, and this request does not take that.");
        return;
    }
    snprintf(call->message, sizeof call->message, "%s", vtb_web_request_local(req));
    call->piece = vtb_web_request_body_take(req, &call->piece_len);
    if (!call->piece) {
        refuse(call, 400, "parse", "The offer is missing.");
        return;
    }
    with_token(call, req, admitted);
}

/* ---- the session ---- */

/* The session of the path is this device's: false and answered 404 else. */
static bool own_session(struct call *call, struct vtb_live_session *out)
{
    if (vtb_live_device_session(call->api->cfg.live, vtb_str_of(call->text), out) && vtb_id_is(out->device, call->made) &&
        out->way == (enum vtb_live_way)call->number)
        return true;
    refuse(call, 404, "absent", "This session has ended. Begin a new one.");
    return false;
}

static void restarted(void *ctx, enum vtb_err err, const char *message, const char *sdp,
                      const struct vtb_live_session *session)
{
    struct call *call = ctx;
    char etag[16];
    struct vtb_web_header headers[] = { CORS_ORIGIN, CORS_EXPOSE, { "content-type", FRAGMENT }, { "etag", etag } };

    if (call_is_late(call))
        return;
    if (err) {
        refuse_err(call, err, message);
        return;
    }
    snprintf(etag, sizeof etag, "\"%u\"", session->etag);
    call_answer_with(call, 200, headers, VTB_COUNT(headers), sdp, strlen(sdp));
}

/* RFC 9725, 4.3: a fragment of the running ICE session brings candidates, one of another restarts it. */
static void patch(struct call *call)
{
    struct vtb_web_header headers[] = { CORS_ORIGIN, CORS_EXPOSE };
    struct vtb_live *live = call->api->cfg.live;
    struct vtb_media_fragment fragment;
    struct vtb_live_session session;
    char etag[16];

    if (!own_session(call, &session))
        return;
    snprintf(etag, sizeof etag, "\"%u\"", session.etag);
    if (!call->piece || vtb_media_fragment((const char *)call->piece, call->piece_len, &fragment) != VTB_OK) {
        refuse(call, 400, "parse", "This is no ICE fragment.");
    } else if (call->message[0] == '\0') {
        refuse(call, 428, "precondition", "Say which ICE session this is for: If-Match with its ETag, or * to restart it.");
    } else if (strcmp(call->message, "*") != 0 && strcmp(call->message, etag) != 0) {
        refuse(call, 412, "stale", "ICE was restarted meanwhile.");
    } else if (fragment.ufrag[0] == '\0' || vtb_live_device_is_ice(live, vtb_str_of(call->text), fragment.ufrag)) {
        call_answer_with(call, 204, headers, VTB_COUNT(headers), "", 0);
    } else if (!fragment.has_pwd) {
        refuse(call, 400, "parse", "A restart brings ice-ufrag and ice-pwd.");
    } else {
        vtb_live_device_restart(live, vtb_str_of(call->text), fragment.ufrag, restarted, call);
    }
}

static void end(struct call *call)
{
    struct vtb_web_header headers[] = { CORS_ORIGIN };
    struct vtb_live_session session;

    if (!own_session(call, &session))
        return;
    (void)vtb_live_device_end(call->api->cfg.live, vtb_str_of(call->text));
    call_answer_with(call, 200, headers, VTB_COUNT(headers), "", 0);
}

/* False and answered: there is no such path. */
static bool session_call(struct call *call, struct vtb_web_request *req)
{
    call->number = way_of(req);
    if (vtb_str_copy(vtb_web_request_param(req, "session"), call->text, VTB_TOKEN_TEXT) == VTB_OK)
        return true;
    refuse(call, 404, "absent", "This session has ended. Begin a new one.");
    return false;
}

void whip_patch(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (!call || !session_call(call, req))
        return;
    if (!is_type(vtb_web_request_field(req, VTB_WEB_CONTENT_TYPE), FRAGMENT)) {
        refuse(call, 415, "type", "Send candidates as " FRAGMENT ".");
        return;
    }
    if (vtb_str_copy(vtb_web_request_field(req, VTB_WEB_IF_MATCH), call->message, 32) != VTB_OK)
        snprintf(call->message, sizeof call->message, "?"); /* longer than any of ours */
    call->piece = vtb_web_request_body_take(req, &call->piece_len);
    with_token(call, req, patch);
}

void whip_delete(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && session_call(call, req))
        with_token(call, req, end);
}

/* ---- OPTIONS ---- */

static void options(struct vtb_api *api, struct vtb_web_request *req, const char *methods, const char *takes,
                    const char *type)
{
    struct vtb_web_header headers[] = { CORS_ORIGIN, CORS_EXPOSE, { "allow", methods },
                                        { "access-control-allow-methods", methods },
                                        { "access-control-allow-headers", "Authorization, Content-Type, If-Match" },
                                        { "access-control-max-age", "600" }, { takes, type } };

    vtb_web_answer(api->web, vtb_web_request_handle(req), 200, headers, VTB_COUNT(headers), NULL);
}

void whip_options(void *ctx, struct vtb_web_request *req)
{
    options(ctx, req, "POST, OPTIONS", "accept-post", SDP);
}

void whip_session_options(void *ctx, struct vtb_web_request *req)
{
    options(ctx, req, "PATCH, DELETE, OPTIONS", "accept-patch", FRAGMENT);
}
