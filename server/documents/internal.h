/*
 * internal.h - what the files of this room share; nobody else includes it.
 *
 * Thread: the loop's, but for `run` functions of struct work, which see only their own fields.
 */
#ifndef VTB_DOCUMENTS_INTERNAL_H
#define VTB_DOCUMENTS_INTERNAL_H

#include "documents.h"

#include <limits.h>
#include <uv.h>

#define MAX_UPLOADS 256
#define MAX_JOBS    64

struct upload {
    struct vtb_id document;
    uint64_t size, offset;
    bool used, busy, dropped; /* dropped: erase when the work in flight is done */
};

struct job;
struct tiles;

struct vtb_documents {
    uv_loop_t *loop;
    char data[PATH_MAX - 512];
    char sandbox[PATH_MAX];
    uid_t child_uid; /* 0: as ourselves */
    uint32_t pdf_page_px;
    bool require_landlock;
    bool closed;
    uint32_t pending; /* works and children under way */

    struct upload uploads[MAX_UPLOADS];
    struct job *jobs[MAX_JOBS]; /* jobs[0] has its turn; then in the order of turns */
    size_t n_jobs;
    struct tiles *tiles;
};

/* Work in the pool: `run` there, then `done` on the loop, which frees it. `done` is called also
 * after destroy and must then call nobody back. */
struct work {
    uv_work_t req;
    struct vtb_documents *docs;
    void (*run)(struct work *work);
    void (*done)(struct work *work);
};

VTB_MUST_USE enum vtb_err documents_work(struct vtb_documents *docs, struct work *work,
                                         void (*run)(struct work *), void (*done)(struct work *));
void documents_hold(struct vtb_documents *docs);
void documents_release(struct vtb_documents *docs); /* frees when closed and nothing is pending */

/* DATA/<folder>/<document><tail>; aborts if it does not fit, which create has made impossible. */
void documents_path(const struct vtb_documents *docs, char out[static PATH_MAX], const char *folder,
                    struct vtb_id document, const char *tail);

bool documents_is_hex(const char *text, size_t len);

enum vtb_err uploads_restore(struct vtb_documents *docs);
void uploads_drop(struct vtb_documents *docs, struct vtb_id document);

void jobs_stop(struct vtb_documents *docs); /* at destroy: all jobs, without a word */
/* True: the document's import is being ended, and then `gone` is called, also at destroy. */
bool jobs_drop(struct vtb_documents *docs, struct vtb_id document, void (*gone)(void *ctx),
               void *ctx);

enum vtb_err tiles_create(struct vtb_documents *docs, struct tiles **out_tiles);
void tiles_destroy(struct tiles *tiles);
void tiles_forget(struct tiles *tiles, struct vtb_id document);
void tiles_stats(const struct tiles *tiles, struct vtb_documents_stats *out);

#endif
