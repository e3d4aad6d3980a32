#include "internal.h"

#include "files.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const kinds[] = { "pdf", "jpeg", "png", "webp", "tiff" };

const char *vtb_doc_kind_name(enum vtb_doc_kind kind)
{
    return kinds[kind];
}

enum vtb_err vtb_doc_kind_parse(struct vtb_str name, enum vtb_doc_kind *out_kind)
{
    for (size_t i = 0; i < VTB_COUNT(kinds); i++) {
        if (vtb_str_is(name, vtb_str_of(kinds[i]))) {
            *out_kind = (enum vtb_doc_kind)i;
            return VTB_OK;
        }
    }
    return VTB_PARSE;
}

bool documents_is_hex(const char *text, size_t len)
{
    return text && strlen(text) == len && strspn(text, "0123456789abcdef") == len;
}

void documents_path(const struct vtb_documents *docs, char out[static PATH_MAX], const char *folder,
                    struct vtb_id document, const char *tail)
{
    char id[VTB_ID_TEXT];
    int n;

    vtb_id_write(document, id);
    n = snprintf(out, PATH_MAX, "%s/%s/%s%s", docs->data, folder, id, tail);
    if (n < 0 || n >= PATH_MAX)
        abort(); /* data is PATH_MAX - 512 long at most */
}

void documents_hold(struct vtb_documents *docs)
{
    docs->pending++;
}

void documents_release(struct vtb_documents *docs)
{
    if (--docs->pending > 0 || !docs->closed)
        return;
    tiles_destroy(docs->tiles);
    free(docs);
}

static void work_run(uv_work_t *req)
{
    struct work *work = req->data;

    work->run(work);
}

static void work_after(uv_work_t *req, int status)
{
    struct work *work = req->data;
    struct vtb_documents *docs = work->docs;

    (void)status; /* never cancelled */
    work->done(work);
    documents_release(docs);
}

enum vtb_err documents_work(struct vtb_documents *docs, struct work *work,
                            void (*run)(struct work *), void (*done)(struct work *))
{
    work->docs = docs;
    work->run = run;
    work->done = done;
    work->req.data = work;
    if (uv_queue_work(docs->loop, &work->req, work_run, work_after))
        return VTB_SYS;
    documents_hold(docs);
    return VTB_OK;
}

static enum vtb_err make_folders(const struct vtb_documents *docs)
{
    static const char *const folders[] = { "uploads", "blobs", "tiles", "jobs" };
    char path[PATH_MAX];

    /* What a crash left half drawn. */
    snprintf(path, sizeof path, "%s/jobs", docs->data);
    if (files_remove(path))
        return VTB_SYS;
    for (size_t i = 0; i < VTB_COUNT(folders); i++) {
        snprintf(path, sizeof path, "%s/%s", docs->data, folders[i]);
        if (files_make_dir(path))
            return VTB_SYS;
    }
    return files_sync_dir(docs->data);
}

enum vtb_err vtb_documents_create(const struct vtb_documents_config *cfg,
                                  struct vtb_documents **out_docs)
{
    struct vtb_documents *docs = calloc(1, sizeof *docs);
    enum vtb_err err;

    if (!docs)
        return VTB_NOMEM;
    docs->loop = cfg->loop;
    docs->require_landlock = cfg->require_landlock;
    if (geteuid() == 0)
        docs->child_uid = cfg->child_uid ? cfg->child_uid : 65534;
    docs->pdf_page_px = cfg->pdf_page_px ? cfg->pdf_page_px : 2560;
    err = vtb_str_copy(vtb_str_of(cfg->data_dir), docs->data, sizeof docs->data);
    if (!err)
        err = vtb_str_copy(vtb_str_of(cfg->sandbox_path), docs->sandbox, sizeof docs->sandbox);
    if (!err)
        err = make_folders(docs);
    if (!err)
        err = uploads_restore(docs);
    if (!err)
        err = tiles_create(docs, &docs->tiles);
    if (err) {
        free(docs);
        return err;
    }
    *out_docs = docs;
    return VTB_OK;
}

void vtb_documents_destroy(struct vtb_documents *docs)
{
    if (!docs)
        return;
    documents_hold(docs);
    docs->closed = true;
    jobs_stop(docs);
    documents_release(docs);
}

enum vtb_err vtb_documents_blob_path(const struct vtb_documents *docs, const char *sha256,
                                     char *out, size_t cap)
{
    int n;

    if (!documents_is_hex(sha256, 64))
        return VTB_PARSE;
    n = snprintf(out, cap, "%s/blobs/%.2s/%s", docs->data, sha256, sha256);
    return n < 0 || (size_t)n >= cap ? VTB_LIMIT : VTB_OK;
}

void vtb_documents_stats(const struct vtb_documents *docs, struct vtb_documents_stats *out)
{
    *out = (struct vtb_documents_stats){ .imports = (uint32_t)docs->n_jobs };
    for (size_t i = 0; i < MAX_UPLOADS; i++)
        out->uploads += docs->uploads[i].used;
    tiles_stats(docs->tiles, out);
}

/* ---- erase ---- */

struct erase {
    struct work work; /* first */
    struct vtb_documents *docs;
    char tiles[PATH_MAX], blob[PATH_MAX];
    enum vtb_err err;
    vtb_doc_done_fn *done;
    void *ctx;
};

static void erase_run(struct work *work)
{
    struct erase *erase = (struct erase *)work;

    erase->err = files_remove(erase->tiles);
    if (erase->blob[0]) {
        enum vtb_err err = files_remove(erase->blob);

        erase->err = erase->err ? erase->err : err;
    }
}

static void erase_done(struct work *work)
{
    struct erase *erase = (struct erase *)work;

    if (!work->docs->closed)
        erase->done(erase->ctx, erase->err);
    free(erase);
}

/* Once no import writes there any more. */
static void erase_start(void *ctx)
{
    struct erase *erase = ctx;
    struct vtb_documents *docs = erase->docs;

    if (docs->closed) {
        free(erase);
        return;
    }
    if (documents_work(docs, &erase->work, erase_run, erase_done)) {
        erase->done(erase->ctx, VTB_SYS);
        free(erase);
    }
}

enum vtb_err vtb_documents_erase(struct vtb_documents *docs, struct vtb_id document,
                                 const char *sha256, vtb_doc_done_fn *done, void *ctx)
{
    struct erase *erase = calloc(1, sizeof *erase);
    enum vtb_err err = VTB_OK;

    if (!erase)
        return VTB_NOMEM;
    erase->docs = docs;
    erase->done = done;
    erase->ctx = ctx;
    documents_path(docs, erase->tiles, "tiles", document, "");
    if (sha256)
        err = vtb_documents_blob_path(docs, sha256, erase->blob, sizeof erase->blob);
    if (err) {
        free(erase);
        return err;
    }
    uploads_drop(docs, document);
    tiles_forget(docs->tiles, document);
    if (!jobs_drop(docs, document, erase_start, erase))
        erase_start(erase);
    return VTB_OK;
}
