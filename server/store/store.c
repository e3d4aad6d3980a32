/* store.c - the control thread's side: makes jobs, sends them, runs the callbacks of what came back. */
#include "inside.h"

#include "base/clock.h"
#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOOK     1024 /* commits remembered for p99 */
#define PROBE_US 1000000
#define A_TURN   1024 /* callbacks before the loop gets to its sockets again */

struct vtb_store {
    struct vtb_keys keys;
    struct vtb_writer writer;
    struct vtb_reader reader;
    struct vtb_checkpointer checkpointer;
    struct vtb_mailbox *back;
    void (*wake)(void *ctx);
    void *wake_ctx;
    pthread_t writer_thread, reader_thread, checkpoint_thread;
    bool writer_runs, reader_runs, checkpoint_runs;
    int lock_fd;
    size_t writes, reads; /* under way: posted and not yet called back */
    bool probes;          /* a probe is under way */
    uint64_t probed_us;   /* monotonic */
    struct vtb_store_figures figures;
    uint32_t took_us[TOOK];
};

/* ---- start and stop ---- */

static enum vtb_err lock_folder(const char *data_dir, int *out_fd)
{
    char path[4096];

    if (mkdir(data_dir, 0700) != 0 && errno != EEXIST)
        return VTB_SYS;
    if (snprintf(path, sizeof path, "%s/lock", data_dir) >= (int)sizeof path)
        return VTB_LIMIT;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return VTB_SYS;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        VTB_LOG(VTB_ERROR, "store.in_use"); /* another server serves this folder */
        return VTB_SYS;
    }
    *out_fd = fd;
    return VTB_OK;
}

/* The writer's connection first: it makes the file and brings the schema up to date. */
static enum vtb_err open_all(struct vtb_store *store, const char *data_dir)
{
    char path[4096];
    int64_t has_events = 0;
    enum vtb_err err;

    if (snprintf(path, sizeof path, "%s/consilium.db", data_dir) >= (int)sizeof path)
        return VTB_LIMIT;
    err = vtb_db_open(path, VTB_DB_WRITE, &store->writer.db);
    if (!err)
        err = vtb_db_number(&store->writer.db, &has_events, "SELECT EXISTS (SELECT 1 FROM events)", "");
    if (!err)
        err = vtb_keys_load(data_dir, !has_events, &store->keys);
    if (!err)
        err = vtb_db_open(path, VTB_DB_READ, &store->reader.db);
    /* A disk that cannot be measured (it may be full) counts as slow; the server starts all the same. */
    if (!err && vtb_sync_measure(data_dir, &store->figures.sync_us) != VTB_OK)
        store->figures.sync_us = 2 * VTB_SLOW_SYNC_US;
    if (!err && store->figures.sync_us > VTB_SLOW_SYNC_US)
        err = vtb_db_open(path, VTB_DB_WRITE, &store->checkpointer.db);
    return err;
}

static enum vtb_err make_boxes(struct vtb_store *store, const struct vtb_store_config *cfg)
{
    const size_t back = VTB_STORE_BOX + VTB_STORE_READS + VTB_STORE_PROBES;
    enum vtb_err err = vtb_mailbox_create(sizeof(struct vtb_back), back, cfg->wake, cfg->wake_ctx,
                                          &store->back);

    if (!err)
        err = vtb_mailbox_create(sizeof(struct vtb_job *), VTB_STORE_BOX + VTB_STORE_PROBES, NULL,
                                 NULL, &store->writer.box);
    if (!err)
        err = vtb_mailbox_create(sizeof(struct vtb_job *), VTB_STORE_READS, NULL, NULL,
                                 &store->reader.box);
    if (!err && store->checkpointer.db.handle)
        err = vtb_mailbox_create(sizeof(char), 1, NULL, NULL, &store->checkpointer.box);
    store->writer.back = store->reader.back = store->back;
    store->writer.keys = store->reader.keys = &store->keys;
    store->writer.checkpoints = store->checkpointer.box;
    return err;
}

static enum vtb_err start_threads(struct vtb_store *store)
{
    store->writer_runs =
        pthread_create(&store->writer_thread, NULL, vtb_writer_run, &store->writer) == 0;
    store->reader_runs =
        pthread_create(&store->reader_thread, NULL, vtb_reader_run, &store->reader) == 0;
    if (store->checkpointer.box)
        store->checkpoint_runs = pthread_create(&store->checkpoint_thread, NULL, vtb_checkpoint_run,
                                                &store->checkpointer) == 0;
    return store->writer_runs && store->reader_runs && store->checkpoint_runs == !!store->checkpointer.box
               ? VTB_OK
               : VTB_SYS;
}

enum vtb_err vtb_store_start(const struct vtb_store_config *cfg, struct vtb_store **out_store)
{
    struct vtb_store *store = calloc(1, sizeof *store);
    enum vtb_err err;

    if (!store)
        return VTB_NOMEM;
    store->lock_fd = -1;
    store->wake = cfg->wake;
    store->wake_ctx = cfg->wake_ctx;
    err = lock_folder(cfg->data_dir, &store->lock_fd);
    if (!err)
        err = open_all(store, cfg->data_dir);
    if (!err)
        err = make_boxes(store, cfg);
    if (!err)
        err = start_threads(store);
    if (err) {
        vtb_store_stop(store);
        return err;
    }
    *out_store = store;
    return VTB_OK;
}

static bool run_callbacks(struct vtb_store *store, size_t most);

static void end_thread(bool runs, struct vtb_mailbox *box, pthread_t thread)
{
    if (box)
        vtb_mailbox_close(box);
    if (runs)
        pthread_join(thread, NULL);
}

void vtb_store_stop(struct vtb_store *store)
{
    if (!store)
        return;
    end_thread(store->writer_runs, store->writer.box, store->writer_thread);
    end_thread(store->reader_runs, store->reader.box, store->reader_thread);
    end_thread(store->checkpoint_runs, store->checkpointer.box, store->checkpoint_thread);
    if (store->back)
        (void)run_callbacks(store, SIZE_MAX);
    vtb_mailbox_destroy(store->writer.box);
    vtb_mailbox_destroy(store->reader.box);
    vtb_mailbox_destroy(store->checkpointer.box);
    vtb_mailbox_destroy(store->back);
    free(store->writer.poisons);
    vtb_db_close(&store->checkpointer.db);
    vtb_db_close(&store->reader.db);
    vtb_db_close(&store->writer.db); /* the last one: folds the WAL into the file */
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    vtb_keys_wipe(&store->keys);
    free(store);
}

/* ---- jobs ---- */

void vtb_job_free(struct vtb_job *job)
{
    if (!job)
        return;
    switch (job->kind) {
    case VTB_JOB_APPEND:
        for (size_t i = 0; i < job->u.append.n; i++) {
            struct vtb_part *part = &job->u.append.parts[i];

            for (size_t k = 0; part->records && k < part->n; k++)
                free((char *)part->records[k].payload);
            free(part->records);
        }
        break;
    case VTB_JOB_LOAD:
        json_decref(job->u.load.events);
        break;
    case VTB_JOB_ASK:
        json_decref(job->u.ask.params);
        json_decref(job->u.ask.answer);
        break;
    case VTB_JOB_ERASE:
    case VTB_JOB_PROBE:
        break;
    }
    free(job);
}

static enum vtb_err copy_part(const struct vtb_append *from, struct vtb_part *to)
{
    *to = (struct vtb_part){ .stream = from->stream, .kind = from->kind, .epoch = from->epoch };
    if (from->n == 0 || from->n > VTB_APPEND_EVENTS)
        return VTB_LIMIT;
    to->records = calloc(from->n, sizeof *to->records);
    if (!to->records)
        return VTB_NOMEM;
    to->n = from->n;
    for (size_t i = 0; i < from->n; i++) {
        const struct vtb_event *event = &from->events[i];
        json_t *data = vtb_event_write(event);
        char *text = data ? json_dumps(data, JSON_COMPACT) : NULL;

        assert(vtb_event_stream(event->kind) == from->kind);
        json_decref(data);
        if (!text)
            return VTB_NOMEM;
        to->records[i] = (struct vtb_record){ event->kind, event->at_us, event->by, text, strlen(text) };
    }
    return VTB_OK;
}

/* Frees the job where it cannot be posted. */
static enum vtb_err post(struct vtb_mailbox *box, size_t *under_way, size_t most,
                         struct vtb_job *job, enum vtb_err err)
{
    if (!err && *under_way >= most)
        err = VTB_AGAIN;
    if (!err)
        err = vtb_mailbox_post(box, &job);
    if (err)
        vtb_job_free(job);
    else
        ++*under_way;
    return err;
}

enum vtb_err vtb_store_append_many(struct vtb_store *store, const struct vtb_append *parts, size_t n,
                                   vtb_append_done done, void *ctx)
{
    struct vtb_job *job;
    enum vtb_err err = VTB_OK;

    assert(n > 0 && n <= VTB_APPEND_PARTS);
    if (store->writes >= VTB_STORE_BOX)
        return VTB_AGAIN; /* before the work of writing JSON */
    job = calloc(1, sizeof *job);
    if (!job)
        return VTB_NOMEM;
    job->kind = VTB_JOB_APPEND;
    job->ctx = ctx;
    job->u.append.done = done;
    job->u.append.n = n;
    for (size_t i = 0; i < n && !err; i++)
        err = copy_part(&parts[i], &job->u.append.parts[i]);
    return post(store->writer.box, &store->writes, VTB_STORE_BOX, job, err);
}

enum vtb_err vtb_store_append(struct vtb_store *store, struct vtb_append part, vtb_append_done done,
                              void *ctx)
{
    return vtb_store_append_many(store, &part, 1, done, ctx);
}

enum vtb_err vtb_store_erase(struct vtb_store *store, struct vtb_id stream,
                             enum vtb_compartment compartment, vtb_append_done done, void *ctx)
{
    struct vtb_job *job = calloc(1, sizeof *job);

    if (!job)
        return VTB_NOMEM;
    *job = (struct vtb_job){ .kind = VTB_JOB_ERASE, .ctx = ctx,
                             .u.erase = { stream, compartment, done } };
    return post(store->writer.box, &store->writes, VTB_STORE_BOX, job, VTB_OK);
}

enum vtb_err vtb_store_load(struct vtb_store *store, struct vtb_id stream, uint64_t after_seq,
                            vtb_load_done done, void *ctx)
{
    struct vtb_job *job = calloc(1, sizeof *job);

    if (!job)
        return VTB_NOMEM;
    *job = (struct vtb_job){ .kind = VTB_JOB_LOAD, .ctx = ctx,
                             .u.load = { .stream = stream, .after_seq = after_seq, .done = done } };
    return post(store->reader.box, &store->reads, VTB_STORE_READS, job, VTB_OK);
}

enum vtb_err vtb_store_ask(struct vtb_store *store, enum vtb_question question, json_t *take_params,
                           vtb_ask_done done, void *ctx)
{
    struct vtb_job *job = calloc(1, sizeof *job);

    if (!job || !take_params) {
        json_decref(take_params);
        free(job);
        return VTB_NOMEM;
    }
    *job = (struct vtb_job){ .kind = VTB_JOB_ASK, .ctx = ctx,
                             .u.ask = { .question = question, .params = take_params, .done = done } };
    return post(store->reader.box, &store->reads, VTB_STORE_READS, job, VTB_OK);
}

/* ---- what came back ---- */

static void note_group(struct vtb_store *store, const struct vtb_back *back)
{
    struct vtb_store_figures *figures = &store->figures;

    if (!back->is_group)
        return;
    if (back->is_failed) {
        if (!figures->failing_since_us) {
            figures->failing_since_us = vtb_wall_us();
            VTB_LOG(VTB_ERROR, "store.failing", VTB_ERR(back->job->err));
        }
        store->probed_us = vtb_mono_us();
        return;
    }
    if (figures->failing_since_us)
        VTB_LOG(VTB_WARN, "store.works", VTB_I64("since", figures->failing_since_us));
    figures->failing_since_us = 0;
    store->took_us[figures->commits++ % TOOK] = back->commit_us;
}

static void call_back(struct vtb_store *store, struct vtb_job *job)
{
    switch (job->kind) {
    case VTB_JOB_APPEND:
        store->writes--;
        for (size_t i = 0; !job->err && i < job->u.append.n; i++)
            store->figures.events += job->u.append.parts[i].n;
        if (job->u.append.done)
            job->u.append.done(job->ctx, job->err, job->err ? NULL : job->u.append.first_seq);
        break;
    case VTB_JOB_ERASE:
        store->writes--;
        if (job->u.erase.done)
            job->u.erase.done(job->ctx, job->err, NULL);
        break;
    case VTB_JOB_PROBE:
        store->probes = false;
        break;
    case VTB_JOB_LOAD:
        store->reads--;
        job->u.load.done(job->ctx, job->err, job->u.load.events);
        break;
    case VTB_JOB_ASK:
        store->reads--;
        job->u.ask.done(job->ctx, job->err, job->u.ask.answer);
        break;
    }
}

/* While the disk fails nobody writes, so nobody would notice that it works again. */
static void probe(struct vtb_store *store)
{
    struct vtb_job *job;
    uint64_t now_us = vtb_mono_us();

    if (!store->figures.failing_since_us || store->probes || now_us - store->probed_us < PROBE_US)
        return;
    job = calloc(1, sizeof *job);
    if (!job)
        return;
    job->kind = VTB_JOB_PROBE;
    if (vtb_mailbox_post(store->writer.box, &job) != VTB_OK) {
        free(job);
        return;
    }
    store->probes = true;
}

/* False if more waits. */
static bool run_callbacks(struct vtb_store *store, size_t most)
{
    struct vtb_back backs[64];
    size_t n, ran = 0;

    while (ran < most && (n = vtb_mailbox_take(store->back, backs, VTB_COUNT(backs))) > 0) {
        ran += n;
        for (size_t i = 0; i < n; i++) {
            note_group(store, &backs[i]);
            store->figures.failures += backs[i].is_failed && backs[i].job->kind != VTB_JOB_PROBE;
            call_back(store, backs[i].job);
            vtb_job_free(backs[i].job);
        }
    }
    return ran < most;
}

void vtb_store_turn(struct vtb_store *store)
{
    /* A box that is not empty does not wake again by itself. */
    if (!run_callbacks(store, A_TURN) && store->wake)
        store->wake(store->wake_ctx);
    probe(store);
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

struct vtb_store_figures vtb_store_figures(const struct vtb_store *store)
{
    struct vtb_store_figures figures = store->figures;
    uint32_t took[TOOK];
    size_t n = figures.commits < TOOK ? (size_t)figures.commits : TOOK;

    memcpy(took, store->took_us, n * sizeof took[0]);
    qsort(took, n, sizeof took[0], by_size);
    figures.commit_p99_us = n ? took[(n - 1) * 99 / 100] : 0;
    figures.waiting = (uint32_t)store->writes;
    return figures;
}
