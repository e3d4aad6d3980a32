/*
 * api.h - the HTTP interface (protocols/http/README.md): one file a resource; each handler parses,
 * asks policy, calls one function, answers.
 *
 * Thread: control. Ownership: the caller owns everything in the config. Blocks: never; passwords,
 * PINs and PDF notes go to the thread pool.
 */
#ifndef VTB_API_API_H
#define VTB_API_API_H

#include "documents/documents.h"
#include "films/films.h"
#include "live/live.h"
#include "live/sessions.h"
#include "store/store.h"
#include "web/web.h"

struct vtb_api;

struct vtb_api_config {
    uv_loop_t *loop;
    struct vtb_store *store;
    struct vtb_sessions *sessions;
    struct vtb_live *live;
    struct vtb_documents *documents;
    const uint8_t *sign_seed; /* 32 bytes; outlives the api */
    bool is_demo;             /* demo sign-in links work */
    const char *record_dir;   /* as in vtb_media_config; both outlive the api; NULL: no recordings */
    const uint8_t *record_key;
    uint32_t record_days;     /* where a board does not say */
    struct vtb_films *films;  /* NULL: none are made */
};

VTB_MUST_USE enum vtb_err vtb_api_create(const struct vtb_api_config *cfg, struct vtb_api **out);
void vtb_api_attach(struct vtb_api *api, struct vtb_web *web);
/* Imports that a stop or crash left unfinished are queued again. */
void vtb_api_resume(struct vtb_api *api);
/* vtb_films_config.done: what became of a film is written down. ctx: the api. */
void vtb_api_film_over(void *ctx, const struct vtb_film_end *end);
/* Before the store stops; what the thread pool brings back later is dropped. */
void vtb_api_stop(struct vtb_api *api);
void vtb_api_destroy(struct vtb_api *api); /* after the loop has run out */
extern const struct vtb_web_route vtb_api_routes[]; /* handlers' ctx is the api */
/* vtb_web_config.gate: pieces of an upload that nobody began are refused before a byte is taken in. */
int vtb_api_gate(void *api, struct vtb_web_request *req);

#endif
