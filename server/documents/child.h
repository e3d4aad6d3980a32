/*
 * child.h - one sandboxed child: started, watched, ended, its words gathered.
 *
 * Thread:    the loop's.
 * Ownership: argv and paths are copied or used during start only. The child frees itself after
 *            `done`, which is always called, but for a destroyed room.
 * Limits:    CPU seconds and wall clock by the caller; 2 GB of memory, 1 GB a file, 4,096 files
 *            and 1 GB in the folder; the first 64 kB of output and 4 kB of errors are kept.
 */
#ifndef VTB_DOCUMENTS_CHILD_H
#define VTB_DOCUMENTS_CHILD_H

#include "internal.h"

#define CHILD_ARGS    24
#define CHILD_OUTPUT  65536
#define CHILD_ERRORS  4096

struct child;

struct child_spec {
    const char *folder;            /* the job's; working folder and the only one written */
    const char *source;            /* path opened as standard input, or NULL for none */
    const char *argv[CHILD_ARGS];  /* /usr/bin/tool, arguments, NULL */
    uint32_t cpu_s, wall_s;
};

struct child_end {
    int exit;             /* the tool's, or -1 if it was ended by a signal */
    bool too_long;        /* wall clock or CPU */
    bool over_quota;      /* files or bytes */
    bool broken;          /* our side: it could not be started as it should */
    const char *output;   /* terminated; borrowed */
    const char *errors;
};

typedef void child_done_fn(void *ctx, const struct child_end *end);

VTB_MUST_USE enum vtb_err child_start(struct vtb_documents *docs, const struct child_spec *spec,
                                      child_done_fn *done, void *ctx, struct child **out_child);
/* Ends it; `done` follows. */
void child_kill(struct child *child);
/* Ends it without calling `done`. */
void child_abandon(struct child *child);

#endif
