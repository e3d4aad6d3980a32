/*
 * checkpoint.c - checkpoints beside the writer, for disks whose sync takes over a millisecond.
 *
 * SQLite's own checkpoint at 1,000 pages stalls the writer (72 ms where a sync takes 5); a PASSIVE
 * one in another thread does not. On a fast disk it is slightly slower, hence the measurement.
 */
#include "inside.h"

#include "base/clock.h"
#include "base/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SYNCS 15

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

enum vtb_err vtb_sync_measure(const char *data_dir, uint32_t *out_us)
{
    char path[4096], block[4096] = { 0 };
    uint32_t took[SYNCS];
    enum vtb_err err = VTB_OK;

    if (snprintf(path, sizeof path, "%s/.sync", data_dir) >= (int)sizeof path)
        return VTB_LIMIT;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return VTB_SYS;
    for (size_t i = 0; i < SYNCS && !err; i++) {
        uint64_t from_us = vtb_mono_us();

        if (pwrite(fd, block, sizeof block, (off_t)(i * sizeof block)) != (ssize_t)sizeof block ||
            fdatasync(fd) != 0)
            err = VTB_SYS;
        took[i] = (uint32_t)(vtb_mono_us() - from_us);
    }
    close(fd);
    unlink(path);
    if (err)
        return err;
    qsort(took, SYNCS, sizeof took[0], by_size);
    *out_us = took[SYNCS / 2];
    return VTB_OK;
}

void *vtb_checkpoint_run(void *arg)
{
    struct vtb_checkpointer *self = arg;
    char nudge;

    while (vtb_mailbox_wait(self->box, &nudge, 1) > 0) {
        int in_wal = 0, done = 0;
        int64_t streams = 0;

        /* A fresh connection's checkpoint does nothing until it has read once. */
        if (vtb_db_number(&self->db, &streams, "SELECT count(*) FROM meta", "") == VTB_OK &&
            sqlite3_wal_checkpoint_v2(self->db.handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_wal, &done) != SQLITE_OK)
            VTB_LOG(VTB_WARN, "store.checkpoint", VTB_I64("pages", in_wal));
    }
    return NULL;
}
