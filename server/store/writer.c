/*
 * writer.c - the one thread that writes: takes all that waits, one transaction, one sync.
 *
 * There is no delay timer: while a sync runs the next group gathers. A command that fails alone (an
 * older version, an absent thing) is rolled back to its savepoint and the others go on. If the disk
 * or SQL fails, the whole group is rolled back and each of it is answered with that error.
 */
#include "inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "sqlite/project.h"

#include <assert.h>
#include <stdlib.h>

/* ---- streams whose epoch failed ---- */

static struct vtb_poison *poison_of(struct vtb_writer *writer, struct vtb_id stream)
{
    for (size_t i = 0; i < writer->poisons_n; i++)
        if (vtb_id_is(writer->poisons[i].stream, stream))
            return &writer->poisons[i];
    return NULL;
}

/* What an earlier failure says about this command. */
static enum vtb_err check_epochs(struct vtb_writer *writer, const struct vtb_job *job)
{
    enum vtb_err err = VTB_OK;

    for (size_t i = 0; job->kind == VTB_JOB_APPEND && i < job->u.append.n && !err; i++) {
        const struct vtb_part *part = &job->u.append.parts[i];
        struct vtb_poison *at = part->epoch ? poison_of(writer, part->stream) : NULL;

        if (at && part->epoch <= at->epoch)
            err = at->err;
        else if (at)
            *at = writer->poisons[--writer->poisons_n]; /* the caller has rebuilt its tail */
    }
    return err;
}

static void poison(struct vtb_writer *writer, const struct vtb_job *job)
{
    for (size_t i = 0; job->kind == VTB_JOB_APPEND && i < job->u.append.n; i++) {
        const struct vtb_part *part = &job->u.append.parts[i];
        struct vtb_poison *at = part->epoch ? poison_of(writer, part->stream) : NULL;

        if (!part->epoch || (at && at->epoch >= part->epoch))
            continue;
        if (!at && writer->poisons_n == writer->poisons_cap) {
            size_t cap = writer->poisons_cap ? writer->poisons_cap * 2 : 64;
            struct vtb_poison *more = realloc(writer->poisons, cap * sizeof *more);

            /* Without a note of the failure, events decided on what never was could follow. */
            if (!more)
                abort();
            writer->poisons = more;
            writer->poisons_cap = cap;
        }
        if (!at)
            at = &writer->poisons[writer->poisons_n++];
        *at = (struct vtb_poison){ part->stream, part->epoch, job->err };
    }
}

/* ---- one command ---- */

static enum vtb_err write_part(struct vtb_writer *writer, const struct vtb_part *part,
                               uint64_t *out_first)
{
    struct vtb_tail tail;
    enum vtb_err err = vtb_chain_tail(&writer->db, part->stream, &tail);

    *out_first = tail.seq + 1;
    for (size_t i = 0; i < part->n && !err; i++) {
        err = vtb_chain_add(&writer->db, writer->keys, part->stream, part->kind, &part->records[i],
                          &tail);
        if (!err)
            err = vtb_project(&writer->db, part->stream, &part->records[i]);
    }
    return err;
}

static enum vtb_err write_job(struct vtb_writer *writer, struct vtb_job *job)
{
    enum vtb_err err = VTB_OK;

    switch (job->kind) {
    case VTB_JOB_APPEND:
        for (size_t i = 0; i < job->u.append.n && !err; i++)
            err = write_part(writer, &job->u.append.parts[i], &job->u.append.first_seq[i]);
        return err;
    case VTB_JOB_ERASE:
        return vtb_chain_erase(&writer->db, job->u.erase.stream, job->u.erase.compartment);
    case VTB_JOB_PROBE: /* as much room as a plan needs, or it would answer too soon */
        return vtb_db_run(&writer->db,
                          "INSERT OR REPLACE INTO probe (id, bytes) VALUES (1, randomblob(131072))", "");
    case VTB_JOB_LOAD:
    case VTB_JOB_ASK:
        break;
    }
    assert(!"a reader's job");
    return VTB_SYS;
}

/* The disk's errors are everybody's; the caller's own are the caller's. */
static bool is_everybodys(enum vtb_err err)
{
    return err == VTB_SYS || err == VTB_NOMEM || err == VTB_CORRUPT;
}

/* Answers only what concerns the whole group. */
static enum vtb_err write_one(struct vtb_writer *writer, struct vtb_job *job)
{
    enum vtb_err err = VTB_OK;

    job->err = check_epochs(writer, job);
    if (job->err) {
        poison(writer, job); /* its other streams too */
        return VTB_OK;
    }
    err = vtb_db_run(&writer->db, "SAVEPOINT command", "");
    if (err)
        return err;
    job->err = write_job(writer, job);
    if (job->err && (is_everybodys(job->err) || sqlite3_get_autocommit(writer->db.handle)))
        return is_everybodys(job->err) ? job->err : VTB_SYS; /* SQLite rolled all back by itself */
    if (job->err) {
        /* Now, so that a later command of the same stream in this very group fails as well. */
        poison(writer, job);
        err = vtb_db_run(&writer->db, "ROLLBACK TO command", "");
    }
    return err ? err : vtb_db_run(&writer->db, "RELEASE command", "");
}

static enum vtb_err write_group(struct vtb_writer *writer, struct vtb_job **jobs, size_t n)
{
    enum vtb_err err = vtb_db_run(&writer->db, "BEGIN IMMEDIATE", "");

    for (size_t i = 0; i < n && !err; i++)
        err = write_one(writer, jobs[i]);
    if (!err)
        err = vtb_db_run(&writer->db, "COMMIT", "");
    if (err && !sqlite3_get_autocommit(writer->db.handle) &&
        sqlite3_exec(writer->db.handle, "ROLLBACK", NULL, NULL, NULL) != SQLITE_OK)
        VTB_LOG(VTB_ERROR, "store.rollback", VTB_I64("code", sqlite3_errcode(writer->db.handle)));
    return err;
}

static void answer_group(struct vtb_writer *writer, struct vtb_job **jobs, size_t n,
                         enum vtb_err err, uint64_t took_us)
{
    bool wrote = err != VTB_OK;

    /* A transaction in which every command was refused wrote nothing: it says nothing of the disk. */
    for (size_t i = 0; i < n && !wrote; i++)
        wrote = jobs[i]->err == VTB_OK;
    for (size_t i = 0; i < n; i++) {
        struct vtb_back back = { .job = jobs[i], .is_group = i == 0 && wrote, .is_failed = err != VTB_OK,
                                 .commit_us = (uint32_t)took_us };

        if (err) {
            jobs[i]->err = err;
            poison(writer, jobs[i]);
        }
        enum vtb_err full = vtb_mailbox_post(writer->back, &back);
        assert(full == VTB_OK); /* as many slots as jobs may be under way */
        (void)full;
    }
}

static int count_wal(void *writer, sqlite3 *handle, const char *name, int pages)
{
    (void)handle;
    (void)name;
    ((struct vtb_writer *)writer)->wal_pages = pages;
    return SQLITE_OK;
}

static void nudge_checkpoint(struct vtb_writer *writer)
{
    const char nudge = 1;

    /* A full box is a nudge that was not taken yet. */
    if (writer->checkpoints && writer->wal_pages >= 1000 &&
        vtb_mailbox_post(writer->checkpoints, &nudge) == VTB_OK)
        writer->wal_pages = 0;
}

void *vtb_writer_run(void *arg)
{
    struct vtb_writer *writer = arg;
    struct vtb_job *jobs[VTB_STORE_GROUP];
    size_t n;

    if (writer->checkpoints)
        sqlite3_wal_hook(writer->db.handle, count_wal, writer); /* replaces SQLite's own checkpoints */
    while ((n = vtb_mailbox_wait(writer->box, jobs, VTB_COUNT(jobs))) > 0) {
        uint64_t from_us = vtb_mono_us();
        enum vtb_err err = write_group(writer, jobs, n);

        answer_group(writer, jobs, n, err, vtb_mono_us() - from_us);
        nudge_checkpoint(writer);
    }
    return NULL;
}
