#include "file.h"

#include "base/cursor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORD_HEAD  4u
#define RECORD_FINAL 0x80000000u

enum vtb_err vtb_file_path(const char *dir, struct vtb_id id, const char *ending, char out[static VTB_FILE_PATH])
{
    char text[VTB_ID_TEXT];
    int len;

    vtb_id_write(id, text);
    len = snprintf(out, VTB_FILE_PATH, "%s/%s%s", dir, text, ending);
    return len > 0 && len < VTB_FILE_PATH ? VTB_OK : VTB_LIMIT;
}

static const char *ending_of(enum vtb_seal_kind kind)
{
    switch (kind) {
    case VTB_SEAL_LIVE:
        return ".live";
    case VTB_SEAL_WHOLE:
        return ".rec";
    case VTB_SEAL_FILM:
        return ".film";
    case VTB_SEAL_MARKS:
        return ".marks";
    }
    return "";
}

static const char *part_of(enum vtb_seal_kind kind)
{
    return kind == VTB_SEAL_FILM ? ".fpart" : ".part";
}

bool vtb_file_is_there(const char *dir, struct vtb_id id, const char *ending)
{
    char path[VTB_FILE_PATH];

    return vtb_file_path(dir, id, ending, path) == VTB_OK && access(path, F_OK) == 0;
}

static enum vtb_err sync_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return good ? VTB_OK : VTB_SYS;
}

static enum vtb_err create(const char *dir, struct vtb_id id, const char *ending, int *out_fd)
{
    char path[VTB_FILE_PATH];
    enum vtb_err err = vtb_file_path(dir, id, ending, path);

    if (err)
        return err;
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return VTB_SYS;
    *out_fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    return *out_fd >= 0 ? VTB_OK : VTB_SYS;
}

static bool write_all(int fd, const uint8_t *bytes, size_t len)
{
    while (len) {
        ssize_t n = write(fd, bytes, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

/* ---- live ---- */

struct vtb_live_file {
    int fd;
    struct vtb_seal *seal;
    bool is_over;
    uint64_t records;
    off_t good; /* bytes of whole records */
    size_t kept;
    uint8_t plain[VTB_SEAL_CHUNK];
    uint8_t sealed[RECORD_HEAD + VTB_SEAL_CHUNK + VTB_SEAL_TAG];
};

static void live_free(struct vtb_live_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    vtb_seal_destroy(file->seal);
    free(file);
}

enum vtb_err vtb_live_file_create(const char *dir, const uint8_t site_key[static VTB_SEAL_SITE_KEY],
                                  struct vtb_id id, enum vtb_seal_kind kind, struct vtb_live_file **out)
{
    struct vtb_seal_about about = { .id = id, .kind = kind };
    uint8_t header[VTB_SEAL_HEADER];
    struct vtb_live_file *file = calloc(1, sizeof *file);
    enum vtb_err err;

    if (!file)
        return VTB_NOMEM;
    file->fd = -1;
    err = vtb_seal_make(&about, site_key, header, &file->seal);
    if (!err)
        err = create(dir, id, ending_of(kind), &file->fd);
    if (!err && (!write_all(file->fd, header, sizeof header) || fsync(file->fd) != 0))
        err = VTB_SYS;
    if (!err)
        err = sync_dir(dir);
    if (err) {
        live_free(file);
        return err;
    }
    file->good = VTB_SEAL_HEADER;
    *out = file;
    return VTB_OK;
}

static enum vtb_err write_record(struct vtb_live_file *file, bool is_final)
{
    size_t len = RECORD_HEAD + file->kept + VTB_SEAL_TAG;
    enum vtb_err err;

    if (file->is_over)
        return VTB_CLOSED;
    vtb_put_u32(file->sealed, (uint32_t)file->kept | (is_final ? RECORD_FINAL : 0));
    err = vtb_seal_close(file->seal, file->records, is_final, file->plain, file->kept, file->sealed + RECORD_HEAD);
    if (err)
        return err;
    if (!write_all(file->fd, file->sealed, len)) {
        /* Half a record goes, and the file ends here: to write this number again over more bytes
         * would be one nonce for two texts. */
        file->is_over = true;
        return ftruncate(file->fd, file->good) == 0 ? VTB_SYS : VTB_CORRUPT;
    }
    file->good += (off_t)len;
    file->records++;
    file->kept = 0;
    return VTB_OK;
}

enum vtb_err vtb_live_file_append(struct vtb_live_file *file, const uint8_t *bytes, size_t len)
{
    if (file->is_over)
        return VTB_CLOSED;
    while (len) {
        size_t n = VTB_SEAL_CHUNK - file->kept < len ? VTB_SEAL_CHUNK - file->kept : len;

        memcpy(file->plain + file->kept, bytes, n);
        file->kept += n;
        bytes += n;
        len -= n;
        if (file->kept == VTB_SEAL_CHUNK) {
            enum vtb_err err = write_record(file, false);

            if (err)
                return err;
        }
    }
    return VTB_OK;
}

enum vtb_err vtb_live_file_flush(struct vtb_live_file *file)
{
    return file->kept ? write_record(file, false) : VTB_OK;
}

enum vtb_err vtb_live_file_sync(struct vtb_live_file *file)
{
    return fdatasync(file->fd) == 0 ? VTB_OK : VTB_SYS;
}

enum vtb_err vtb_live_file_close(struct vtb_live_file *file, bool is_whole)
{
    enum vtb_err err = is_whole ? write_record(file, true) : VTB_OK;

    if (!err)
        err = vtb_live_file_sync(file);
    live_free(file);
    return err;
}

struct records {
    FILE *from;
    struct vtb_seal *seal;
    uint8_t *sealed, *plain;
};

/* Until the end mark: false. True: the file was cut. */
static enum vtb_err read_records(struct records *in, enum vtb_err (*take)(void *, const uint8_t *, size_t),
                                 void *ctx, bool *out_was_cut)
{
    uint8_t head[RECORD_HEAD];

    for (uint64_t n = 0;; n++) {
        struct vtb_cursor cursor = { .at = head, .left = sizeof head };
        uint32_t word;
        size_t len;
        enum vtb_err err;

        *out_was_cut = true;
        if (fread(head, 1, sizeof head, in->from) != sizeof head)
            return VTB_OK;
        word = vtb_cursor_u32(&cursor);
        len = word & ~RECORD_FINAL;
        if (len > VTB_SEAL_CHUNK || fread(in->sealed, 1, len + VTB_SEAL_TAG, in->from) != len + VTB_SEAL_TAG ||
            vtb_seal_open(in->seal, n, word & RECORD_FINAL, in->sealed, len + VTB_SEAL_TAG, in->plain) != VTB_OK)
            return VTB_OK;
        err = len ? take(ctx, in->plain, len) : VTB_OK;
        if (err)
            return err;
        if (word & RECORD_FINAL) {
            *out_was_cut = false;
            return VTB_OK;
        }
    }
}

enum vtb_err vtb_live_file_read(const char *dir, const uint8_t site_key[static VTB_SEAL_SITE_KEY],
                                struct vtb_id id, enum vtb_seal_kind kind,
                                enum vtb_err (*take)(void *, const uint8_t *, size_t), void *ctx, bool *out_was_cut)
{
    uint8_t header[VTB_SEAL_HEADER];
    char path[VTB_FILE_PATH];
    struct vtb_seal_about about;
    struct records in = { 0 };
    enum vtb_err err = vtb_file_path(dir, id, ending_of(kind), path);
    int fd;

    if (err)
        return err;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? VTB_ABSENT : VTB_SYS;
    in.from = fdopen(fd, "r");
    if (!in.from) {
        close(fd);
        return VTB_NOMEM;
    }
    if (fread(header, 1, sizeof header, in.from) != sizeof header)
        err = VTB_PARSE;
    if (!err)
        err = vtb_seal_take(header, site_key, &about, &in.seal);
    if (!err && (about.kind != kind || !vtb_id_is(about.id, id)))
        err = VTB_CORRUPT;
    in.sealed = malloc(VTB_SEAL_CHUNK + VTB_SEAL_TAG);
    in.plain = malloc(VTB_SEAL_CHUNK);
    if (!err)
        err = in.sealed && in.plain ? read_records(&in, take, ctx, out_was_cut) : VTB_NOMEM;
    free(in.sealed);
    free(in.plain);
    vtb_seal_destroy(in.seal);
    fclose(in.from);
    return err;
}

/* ---- whole ---- */

struct vtb_whole_file {
    char dir[VTB_FILE_PATH];
    struct vtb_seal_about about;
    int fd;
    struct vtb_seal *seal;
    uint64_t chunks, written;
    size_t kept;
    uint8_t plain[VTB_SEAL_CHUNK];
    uint8_t sealed[VTB_SEAL_CHUNK + VTB_SEAL_TAG];
};

static void whole_free(struct vtb_whole_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    vtb_seal_destroy(file->seal);
    free(file);
}

enum vtb_err vtb_whole_file_create(const char *dir, const uint8_t site_key[static VTB_SEAL_SITE_KEY],
                                   const struct vtb_seal_about *about, struct vtb_whole_file **out)
{
    uint8_t header[VTB_SEAL_HEADER];
    char path[VTB_FILE_PATH];
    struct vtb_whole_file *file = calloc(1, sizeof *file);
    enum vtb_err err;

    if (!file)
        return VTB_NOMEM;
    file->fd = -1;
    file->about = *about;
    err = vtb_str_copy(vtb_str_of(dir), file->dir, sizeof file->dir);
    if (!err)
        err = vtb_file_path(dir, about->id, part_of(about->kind), path);
    if (!err && unlink(path) != 0 && errno != ENOENT)
        err = VTB_SYS;
    if (!err)
        err = vtb_seal_make(&file->about, site_key, header, &file->seal);
    if (!err)
        err = create(dir, about->id, part_of(about->kind), &file->fd);
    if (!err && !write_all(file->fd, header, sizeof header))
        err = VTB_SYS;
    if (err) {
        whole_free(file);
        return err;
    }
    *out = file;
    return VTB_OK;
}

static enum vtb_err write_chunk(struct vtb_whole_file *file, bool is_final)
{
    enum vtb_err err = vtb_seal_close(file->seal, file->chunks, is_final, file->plain, file->kept, file->sealed);

    if (!err && !write_all(file->fd, file->sealed, file->kept + VTB_SEAL_TAG))
        err = VTB_SYS;
    file->chunks++;
    file->kept = 0;
    return err;
}

/* A full chunk waits until more comes: the last one is sealed as the last. */
enum vtb_err vtb_whole_file_append(struct vtb_whole_file *file, const uint8_t *bytes, size_t len)
{
    file->written += len;
    while (len) {
        size_t n;

        if (file->kept == VTB_SEAL_CHUNK) {
            enum vtb_err err = write_chunk(file, false);

            if (err)
                return err;
        }
        n = VTB_SEAL_CHUNK - file->kept < len ? VTB_SEAL_CHUNK - file->kept : len;
        memcpy(file->plain + file->kept, bytes, n);
        file->kept += n;
        bytes += n;
        len -= n;
    }
    return VTB_OK;
}

enum vtb_err vtb_whole_file_close(struct vtb_whole_file *file, enum vtb_err err)
{
    char part[VTB_FILE_PATH], whole[VTB_FILE_PATH];
    enum vtb_err path_err = vtb_file_path(file->dir, file->about.id, part_of(file->about.kind), part);

    if (!path_err)
        path_err = vtb_file_path(file->dir, file->about.id, ending_of(file->about.kind), whole);
    if (!err)
        err = path_err;
    if (!err && file->written != file->about.plain_bytes)
        err = VTB_CORRUPT;
    if (!err)
        err = write_chunk(file, true);
    if (!err && (fsync(file->fd) != 0 || rename(part, whole) != 0))
        err = VTB_SYS;
    if (!err)
        err = sync_dir(file->dir);
    else if (!path_err)
        unlink(part);
    whole_free(file);
    return err;
}
