/*
 * inside.h - what the files of the store share: jobs, and the boxes they travel in.
 *
 * A job is made on the control thread, moves by pointer to the writer or the reader, and comes back
 * by the box `done` to have its callback run; it has one owner at a time, so nothing is locked.
 */
#ifndef VTB_STORE_INSIDE_H
#define VTB_STORE_INSIDE_H

#include "base/mailbox.h"
#include "store/keys.h"
#include "sqlite/chain.h"
#include "store/store.h"

#include <pthread.h>

#define VTB_STORE_BOX    4096 /* appends that wait */
#define VTB_STORE_READS  1024 /* questions and loads that wait */
#define VTB_STORE_GROUP  256  /* appends a transaction */
#define VTB_STORE_PROBES 1
#define VTB_SLOW_SYNC_US 1000

struct vtb_part {
    struct vtb_id stream;
    enum vtb_stream kind;
    uint32_t epoch;
    struct vtb_record *records; /* payloads are owned */
    size_t n;
};

enum vtb_job_kind { VTB_JOB_APPEND, VTB_JOB_ERASE, VTB_JOB_PROBE, VTB_JOB_LOAD, VTB_JOB_ASK };

struct vtb_job {
    enum vtb_job_kind kind;
    enum vtb_err err;
    void *ctx;
    union {
        struct {
            struct vtb_part parts[VTB_APPEND_PARTS];
            size_t n;
            uint64_t first_seq[VTB_APPEND_PARTS];
            vtb_append_done done;
        } append;
        struct {
            struct vtb_id stream;
            enum vtb_compartment compartment;
            vtb_append_done done;
        } erase;
        struct {
            struct vtb_id stream;
            uint64_t after_seq;
            json_t *events;
            vtb_load_done done;
        } load;
        struct {
            enum vtb_question question;
            json_t *params, *answer;
            vtb_ask_done done;
        } ask;
    } u;
};

/* What comes back: a job; the first one of a group also says how the commit went. */
struct vtb_back {
    struct vtb_job *job;
    bool is_group, is_failed;
    uint32_t commit_us;
};

/* ---- the writer (writer.c) ---- */
struct vtb_poison { /* a stream whose epoch failed: what was decided on it fails too */
    struct vtb_id stream;
    uint32_t epoch;
    enum vtb_err err;
};

struct vtb_writer {
    struct vtb_mailbox *box, *back; /* of struct vtb_job *, of struct vtb_back */
    struct vtb_mailbox *checkpoints; /* NULL: SQLite's own checkpoints are fast enough */
    const struct vtb_keys *keys;
    struct vtb_db db;
    struct vtb_poison *poisons;
    size_t poisons_n, poisons_cap;
    int wal_pages; /* after the last commit */
};
void *vtb_writer_run(void *writer); /* until its box is closed and empty */

/* ---- the reader (reader.c) ---- */
struct vtb_reader {
    struct vtb_mailbox *box, *back;
    const struct vtb_keys *keys;
    struct vtb_db db;
};
void *vtb_reader_run(void *reader);

/* ---- checkpoints in a thread of their own, for disks that are slow to sync (checkpoint.c) ---- */
struct vtb_checkpointer {
    struct vtb_mailbox *box; /* of char: a nudge */
    struct vtb_db db;
};
void *vtb_checkpoint_run(void *checkpointer);
/* Median of 15 syncs of a small file in this folder. */
VTB_MUST_USE enum vtb_err vtb_sync_measure(const char *data_dir, uint32_t *out_us);

void vtb_job_free(struct vtb_job *job);

#endif
