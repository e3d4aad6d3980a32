/*
 * One import after the other, a page at a time: a list of steps, each a sandboxed child or a piece of
 * work in the pool. Jobs take turns after each page, so that one photograph does not wait for five
 * hundred pages of somebody else's.
 */
#include "child.h"
#include "decoders.h"
#include "internal.h"
#include "publish.h"
#include "words.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>
#include <unistd.h>

#define MAX_OVERRUNS 5u                     /* pages that took too long; then the rest is not tried */
#define MAX_JOB_US   (45ull * 60 * 1000000) /* 500 pages at 5 s each */

enum step {
    STEP_PREPARE, /* work: an empty folder */
    STEP_ASK,     /* child: what is it, how large? */
    STEP_DRAW,    /* child: p.png, or p.tif of a PDF */
    STEP_PACK,    /* child: p.png, of a PDF */
    STEP_MEASURE, /* work */
    STEP_FLATTEN, /* child: q.png, if p.png has transparency */
    STEP_TEXT,    /* child: text.txt, of a PDF */
    STEP_TILE,    /* child: p_files */
    STEP_PUBLISH, /* work: checked and moved */
    STEP_END,     /* work: synced, folder removed */
};

struct job {
    struct vtb_documents *docs;
    struct vtb_id document;
    enum vtb_doc_kind kind;
    vtb_doc_progress_fn *progress;
    vtb_doc_result_fn *done;
    void *ctx;
    void (*gone)(void *ctx); /* who erases waits for this */
    void *gone_ctx;

    char source[PATH_MAX];
    struct publish publish;
    enum step step;
    struct child *child; /* at most one of child and busy */
    bool busy, dropped, asked;

    struct decoder_shape shape; /* of the whole, and of the first page of a TIFF */
    uint32_t number;            /* page being drawn */
    uint32_t side_px;           /* its longer side, of a picture */
    struct vtb_drawn_page *pages;
    size_t n;
    uint32_t left_out, overruns;
    uint64_t used_us, turn_us;
    bool out_of_time;

    struct publish_drawing drawing; /* of this page */
    bool flattened, faulty;
    enum fault fault; /* why the whole failed */
};

struct job_work {
    struct work work;
    struct job *job;
    enum vtb_err err;
    struct publish_drawing drawing;
    struct vtb_drawn_page page;
};

static void go(struct job *job, enum step step);
static void take_turn(struct vtb_documents *docs);

static bool is_active(const struct job *job)
{
    return job->child || job->busy;
}

static void job_free(struct job *job)
{
    if (job->gone)
        job->gone(job->gone_ctx);
    free(job->pages);
    free(job);
}

/* ---- the end of a job ---- */

static void remove_from_queue(struct job *job)
{
    struct vtb_documents *docs = job->docs;
    size_t i = 0;

    while (docs->jobs[i] != job)
        i++;
    docs->n_jobs--;
    memmove(&docs->jobs[i], &docs->jobs[i + 1], (docs->n_jobs - i) * sizeof docs->jobs[0]);
}

static void judge(const struct job *job, struct vtb_doc_result *out)
{
    struct fault_numbers numbers = { job->shape.pages, job->shape.width, job->shape.height };
    size_t drawn = 0;

    out->pages = job->pages;
    out->n = job->n;
    for (size_t i = 0; i < job->n; i++)
        drawn += job->pages[i].digest[0] != '\0';
    out->state = drawn == 0 ? VTB_DOC_FAILED : drawn < job->n ? VTB_DOC_PARTLY : VTB_DOC_READY;
    if (job->fault) {
        out->state = VTB_DOC_FAILED;
        out->err = job->fault == FAULT_OURS ? VTB_SYS : VTB_OK;
        words_failed(job->fault, &numbers, out->message);
    } else {
        words_pages(job->kind == VTB_DOC_PDF, job->pages, job->n, job->out_of_time, out->message);
    }
}

static void finish(struct job *job)
{
    struct vtb_documents *docs = job->docs;
    struct vtb_doc_result result = { .state = VTB_DOC_FAILED };

    remove_from_queue(job);
    judge(job, &result);
    VTB_LOG(VTB_INFO, "documents.import", VTB_ID("document", job->document),
            VTB_STR("kind", vtb_doc_kind_name(job->kind)), VTB_U64("pages", job->n),
            VTB_U64("state", (uint64_t)result.state), VTB_U64("fault", (uint64_t)job->fault),
            VTB_U64("used_us", job->used_us));
    if (!job->dropped)
        job->done(job->ctx, &result);
    job_free(job);
    take_turn(docs);
}

static void fail(struct job *job, enum fault fault)
{
    job->fault = fault;
    go(job, STEP_END);
}

/* ---- a page is done ---- */

static void page_is_done(struct job *job, const struct vtb_drawn_page *page)
{
    struct vtb_documents *docs = job->docs;
    uint64_t now = vtb_mono_us();

    if (page)
        job->pages[job->n++] = *page;
    else
        job->left_out++;
    job->used_us += now - job->turn_us;
    if (page && job->progress && !job->dropped)
        job->progress(job->ctx, (uint32_t)job->n, job->shape.pages - job->left_out, page);
    if (is_active(job))
        return; /* erased by that call, and on its way out */
    if (job->overruns >= MAX_OVERRUNS || job->used_us > MAX_JOB_US)
        job->out_of_time = true;
    while (job->out_of_time && job->number < job->shape.pages)
        job->pages[job->n++] = (struct vtb_drawn_page){ .number = ++job->number };
    if (job->dropped || job->number == job->shape.pages) {
        go(job, STEP_END);
        return;
    }
    /* The next in the queue has its turn. */
    memmove(&docs->jobs[0], &docs->jobs[1], (docs->n_jobs - 1) * sizeof docs->jobs[0]);
    docs->jobs[docs->n_jobs - 1] = job;
    take_turn(docs);
}

static void page_failed(struct job *job)
{
    page_is_done(job, &(struct vtb_drawn_page){ .number = job->number });
}

/* ---- what a child's end means ---- */

static void has_asked(struct job *job, const struct child_end *end)
{
    struct decoder_shape shape = { 0 };
    enum fault fault = FAULT_NONE;
    enum vtb_err err = decoder_read(job->kind, end, &shape, &fault);

    if (!job->asked) {
        job->shape = shape;
        if (err) {
            fail(job, fault);
            return;
        }
        job->asked = true;
        job->pages = calloc(shape.pages, sizeof *job->pages);
        if (!job->pages) {
            fail(job, FAULT_OURS);
            return;
        }
    } else if (err) {
        page_failed(job);
        return;
    } else if ((uint64_t)shape.width * shape.height * 3 <
               (uint64_t)job->shape.width * job->shape.height) {
        page_is_done(job, NULL); /* a reduced copy, a slide's label: see README.md */
        return;
    }
    job->side_px = shape.width > shape.height ? shape.width : shape.height;
    go(job, STEP_DRAW);
}

/* Text and faults are extras: the page is shown without. */
static void child_has_ended(void *ctx, const struct child_end *end)
{
    struct job *job = ctx;

    job->child = NULL;
    if (job->dropped) {
        go(job, STEP_END);
        return;
    }
    if (end->broken) {
        VTB_LOG(VTB_ERROR, "documents.sandbox", VTB_I64("exit", end->exit));
        fail(job, FAULT_OURS);
        return;
    }
    if (end->too_long || end->over_quota)
        job->overruns++;
    if (job->step == STEP_ASK) {
        has_asked(job, end);
        return;
    }
    if (job->step == STEP_TEXT) {
        go(job, STEP_TILE);
        return;
    }
    if (end->exit != 0 || end->over_quota) {
        page_failed(job);
        return;
    }
    if (job->step == STEP_DRAW)
        job->faulty = job->kind == VTB_DOC_PDF && strstr(end->errors, "Syntax Error");
    if (job->step == STEP_FLATTEN)
        job->flattened = true;
    if (job->step == STEP_DRAW && job->kind == VTB_DOC_PDF)
        go(job, STEP_PACK);
    else
        go(job, job->step == STEP_TILE ? STEP_PUBLISH : STEP_MEASURE);
}

/* ---- what a work's end means ---- */

static void has_measured(struct job *job, const struct job_work *done)
{
    if (done->err || !decoder_fits(done->drawing.width, done->drawing.height)) {
        page_failed(job);
        return;
    }
    job->drawing = done->drawing;
    if (done->drawing.alpha && !job->flattened)
        go(job, STEP_FLATTEN);
    else
        go(job, job->kind == VTB_DOC_PDF ? STEP_TEXT : STEP_TILE);
}

static void work_is_done(struct work *work)
{
    struct job_work *done = (struct job_work *)work;
    struct job *job = done->job;
    enum step step = job->step;

    job->busy = false;
    if (work->docs->closed) {
        job_free(job);
    } else if (step == STEP_END) {
        if (done->err)
            job->fault = FAULT_OURS;
        finish(job);
    } else if (job->dropped) {
        go(job, STEP_END);
    } else if (done->err && done->err != VTB_PARSE && done->err != VTB_ABSENT) {
        fail(job, FAULT_OURS);
    } else if (step == STEP_PREPARE) {
        go(job, job->asked && job->kind == VTB_DOC_PDF ? STEP_DRAW : STEP_ASK);
    } else if (step == STEP_MEASURE) {
        has_measured(job, done);
    } else if (done->err) {
        page_failed(job);
    } else {
        page_is_done(job, &done->page);
    }
    free(done);
}

static void work_run(struct work *work)
{
    struct job_work *todo = (struct job_work *)work;
    const struct publish *publish = &todo->job->publish; /* does not change after the start */

    switch (todo->job->step) { /* nor does this while we are busy */
    case STEP_PREPARE:
        todo->err = publish_prepare(publish);
        break;
    case STEP_MEASURE:
        todo->err = publish_measure(publish, todo->job->flattened ? "q.png" : "p.png",
                                    &todo->drawing);
        break;
    case STEP_PUBLISH:
        todo->err = publish_page(publish, &todo->page);
        break;
    case STEP_END:
        todo->err = publish_end(publish);
        break;
    case STEP_ASK:
    case STEP_DRAW:
    case STEP_PACK:
    case STEP_FLATTEN:
    case STEP_TEXT:
    case STEP_TILE:
        break; /* children */
    }
}

/* ---- a step ---- */

static enum vtb_err start_work(struct job *job)
{
    struct job_work *todo = calloc(1, sizeof *todo);
    enum vtb_err err;

    if (!todo)
        return VTB_NOMEM;
    todo->job = job;
    todo->page = (struct vtb_drawn_page){
        .number = job->number,
        .width_px = job->drawing.width,
        .height_px = job->drawing.height,
        .lossy = decoder_wants_loss(job->drawing.width, job->drawing.height,
                                    job->drawing.png_bytes),
        .faulty = job->faulty,
    };
    err = documents_work(job->docs, &todo->work, work_run, work_is_done);
    if (err)
        free(todo);
    else
        job->busy = true;
    return err;
}

static enum vtb_err start_child(struct job *job)
{
    struct decoder_words words;
    struct child_spec spec = { .folder = job->publish.folder };
    bool lossy = decoder_wants_loss(job->drawing.width, job->drawing.height,
                                    job->drawing.png_bytes);

    if (job->step == STEP_ASK || job->step == STEP_DRAW || job->step == STEP_TEXT)
        spec.source = job->source;
    if (job->step == STEP_ASK)
        decoder_ask(job->kind, job->number, &words, &spec);
    else if (job->step == STEP_DRAW)
        decoder_draw(job->kind, job->number,
                     job->kind == VTB_DOC_PDF ? job->docs->pdf_page_px : job->side_px, &words, &spec);
    else if (job->step == STEP_PACK)
        decoder_pack(&spec);
    else if (job->step == STEP_FLATTEN)
        decoder_flatten(&spec);
    else if (job->step == STEP_TEXT)
        decoder_text(job->number, &words, &spec);
    else
        decoder_tile(job->flattened, lossy, &words, &spec);
    return child_start(job->docs, &spec, child_has_ended, job, &job->child);
}

static void go(struct job *job, enum step step)
{
    bool is_work = step == STEP_PREPARE || step == STEP_MEASURE || step == STEP_PUBLISH ||
                   step == STEP_END;
    enum vtb_err err;

    job->step = step;
    err = is_work ? start_work(job) : start_child(job);
    if (!err)
        return;
    VTB_LOG(VTB_ERROR, "documents.step", VTB_U64("step", (uint64_t)step), VTB_ERR(err));
    job->fault = FAULT_OURS;
    if (step == STEP_END)
        finish(job); /* what is left in the folder goes at the next create */
    else
        go(job, STEP_END);
}

static void take_turn(struct vtb_documents *docs)
{
    struct job *job = docs->n_jobs ? docs->jobs[0] : NULL;

    if (!job || docs->closed || is_active(job))
        return;
    job->turn_us = vtb_mono_us();
    job->number++;
    job->flattened = job->faulty = false;
    job->drawing = (struct publish_drawing){ 0 };
    go(job, STEP_PREPARE);
}

/* ---- from outside ---- */

static struct job *find(const struct vtb_documents *docs, struct vtb_id document)
{
    for (size_t i = 0; i < docs->n_jobs; i++)
        if (vtb_id_is(docs->jobs[i]->document, document))
            return docs->jobs[i];
    return NULL;
}

enum vtb_err vtb_documents_import(struct vtb_documents *docs, struct vtb_id document,
                                  const char *sha256, enum vtb_doc_kind kind,
                                  vtb_doc_progress_fn *progress, vtb_doc_result_fn *done, void *ctx)
{
    struct job *job;
    enum vtb_err err;

    if (docs->n_jobs == MAX_JOBS || find(docs, document))
        return VTB_AGAIN;
    job = calloc(1, sizeof *job);
    if (!job)
        return VTB_NOMEM;
    err = vtb_documents_blob_path(docs, sha256, job->source, sizeof job->source);
    if (!err && access(job->source, R_OK))
        err = VTB_ABSENT;
    if (err) {
        free(job);
        return err;
    }
    job->docs = docs;
    job->document = document;
    job->kind = kind;
    job->progress = progress;
    job->done = done;
    job->ctx = ctx;
    documents_path(docs, job->publish.folder, "jobs", document, "");
    documents_path(docs, job->publish.tiles, "tiles", document, "");
    job->publish.child_uid = docs->child_uid;
    docs->jobs[docs->n_jobs++] = job;
    take_turn(docs);
    return VTB_OK;
}

bool jobs_drop(struct vtb_documents *docs, struct vtb_id document, void (*gone)(void *ctx),
               void *ctx)
{
    struct job *job = find(docs, document);

    if (!job || job->gone)
        return false;
    job->dropped = true;
    job->gone = gone;
    job->gone_ctx = ctx;
    if (job->child)
        child_kill(job->child);
    else if (!job->busy)
        go(job, STEP_END); /* it was waiting for its turn */
    return true;
}

void jobs_stop(struct vtb_documents *docs)
{
    for (size_t i = 0; i < docs->n_jobs; i++) {
        struct job *job = docs->jobs[i];

        if (job->child)
            child_abandon(job->child);
        if (!job->busy) /* else the work's end frees it */
            job_free(job);
    }
    docs->n_jobs = 0;
}
