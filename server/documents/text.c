/* The words of one page, read in the pool and handed on. */
#include "files.h"
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>

struct text {
    struct work work;
    char path[PATH_MAX];
    enum vtb_err err;
    struct vtb_blob *blob;
    vtb_doc_blob_fn *done;
    void *ctx;
};

static void text_run(struct work *work)
{
    struct text *text = (struct text *)work;
    uint8_t *data;
    size_t len;

    text->err = files_read(text->path, 1024 * 1024, &data, &len);
    if (text->err)
        return;
    text->blob = vtb_blob_make(data, len);
    text->err = text->blob ? VTB_OK : VTB_NOMEM;
    free(data);
}

static void text_done(struct work *work)
{
    struct text *text = (struct text *)work;

    if (!work->docs->closed)
        text->done(text->ctx, text->err, text->blob);
    vtb_blob_unref(text->blob);
    free(text);
}

enum vtb_err vtb_documents_text(struct vtb_documents *docs, struct vtb_id document, uint32_t page,
                                vtb_doc_blob_fn *done, void *ctx)
{
    struct text *text = calloc(1, sizeof *text);
    char tail[32];
    enum vtb_err err;

    if (!text)
        return VTB_NOMEM;
    text->done = done;
    text->ctx = ctx;
    snprintf(tail, sizeof tail, "/text/%u.txt", page);
    documents_path(docs, text->path, "tiles", document, tail);
    err = documents_work(docs, &text->work, text_run, text_done);
    if (err)
        free(text);
    return err;
}
