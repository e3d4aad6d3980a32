/* Uploads in pieces: one file each, named so that a crash loses nothing but the piece under way. */
#include "files.h"
#include "internal.h"
#include "sniff.h"

#include "base/log.h"
#include "limits/limits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct upload *find(const struct vtb_documents *docs, struct vtb_id document)
{
    for (size_t i = 0; i < MAX_UPLOADS; i++) {
        const struct upload *upload = &docs->uploads[i];

        if (upload->used && vtb_id_is(upload->document, document))
            return (struct upload *)upload;
    }
    return NULL;
}

static struct upload *find_free(struct vtb_documents *docs)
{
    for (size_t i = 0; i < MAX_UPLOADS; i++)
        if (!docs->uploads[i].used)
            return &docs->uploads[i];
    return NULL;
}

static void part_path(const struct vtb_documents *docs, const struct upload *upload,
                      char out[static PATH_MAX])
{
    char tail[40];

    snprintf(tail, sizeof tail, ".%llu.part", (unsigned long long)upload->size);
    documents_path(docs, out, "uploads", upload->document, tail);
}

/* <document>.<size>.part */
static bool read_name(const char *name, struct vtb_id *out_document, uint64_t *out_size)
{
    unsigned long long size;
    int end = 0;

    if (strlen(name) < VTB_ID_TEXT ||
        vtb_id_parse((struct vtb_str){ name, VTB_ID_TEXT - 1 }, out_document))
        return false;
    if (sscanf(name + VTB_ID_TEXT - 1, ".%12llu.part%n", &size, &end) != 1 || end == 0 ||
        name[VTB_ID_TEXT - 1 + end])
        return false;
    *out_size = size;
    return size > 0 && size <= VTB_MAX_UPLOAD_FILE_BYTES;
}

static void restore_one(struct vtb_documents *docs, int dir, const char *name)
{
    struct upload upload = { .used = true };
    struct upload *free_one = find_free(docs);
    struct stat st;

    if (!read_name(name, &upload.document, &upload.size) ||
        fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode) ||
        (uint64_t)st.st_size > upload.size || !free_one || find(docs, upload.document)) {
        VTB_LOG(VTB_WARN, "documents.upload_dropped", VTB_STR("why", "not_ours"));
        unlinkat(dir, name, 0);
        return;
    }
    upload.offset = (uint64_t)st.st_size;
    *free_one = upload;
}

enum vtb_err uploads_restore(struct vtb_documents *docs)
{
    char path[PATH_MAX];
    struct dirent *entry;
    DIR *dir;

    snprintf(path, sizeof path, "%s/uploads", docs->data);
    dir = opendir(path);
    if (!dir)
        return VTB_SYS;
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            restore_one(docs, dirfd(dir), entry->d_name);
    closedir(dir);
    return VTB_OK;
}

static void forget(struct vtb_documents *docs, struct upload *upload)
{
    char path[PATH_MAX];

    part_path(docs, upload, path);
    if (unlink(path) && errno != ENOENT)
        VTB_LOG(VTB_ERROR, "documents.unlink", VTB_ID("document", upload->document),
                VTB_I64("errno", errno));
    *upload = (struct upload){ 0 };
}

void uploads_drop(struct vtb_documents *docs, struct vtb_id document)
{
    struct upload *upload = find(docs, document);

    if (!upload)
        return;
    if (upload->busy)
        upload->dropped = true;
    else
        forget(docs, upload);
}

void vtb_documents_forget_uploads(struct vtb_documents *docs)
{
    for (size_t i = 0; i < MAX_UPLOADS; i++)
        if (docs->uploads[i].used && !docs->uploads[i].busy)
            forget(docs, &docs->uploads[i]);
}

bool vtb_documents_case_takes(uint64_t there, uint64_t more)
{
    return there <= VTB_MAX_UPLOAD_CASE_BYTES && more <= VTB_MAX_UPLOAD_CASE_BYTES - there;
}

enum vtb_err vtb_documents_begin(struct vtb_documents *docs, struct vtb_id document, uint64_t size)
{
    struct upload *upload = find(docs, document);

    if (size == 0)
        return VTB_PARSE;
    if (size > VTB_MAX_UPLOAD_FILE_BYTES)
        return VTB_LIMIT;
    if (upload && (upload->busy || upload->size == size))
        return upload->busy ? VTB_AGAIN : VTB_OK;
    if (upload)
        forget(docs, upload);
    upload = find_free(docs);
    if (!upload)
        return VTB_AGAIN;
    *upload = (struct upload){ .document = document, .size = size, .used = true };
    return VTB_OK;
}

enum vtb_err vtb_documents_offset(const struct vtb_documents *docs, struct vtb_id document,
                                  uint64_t *out_offset, uint64_t *out_size)
{
    const struct upload *upload = find(docs, document);

    if (!upload || upload->dropped)
        return VTB_ABSENT;
    *out_offset = upload->offset;
    *out_size = upload->size;
    return VTB_OK;
}

/* ---- one piece ---- */

struct append {
    struct work work;
    struct upload *upload; /* the slot stays ours while busy */
    char path[PATH_MAX];
    struct vtb_blob *piece;
    uint64_t offset;
    enum vtb_err err;
    vtb_doc_done_fn *done;
    void *ctx;
};

static enum vtb_err write_piece(int fd, const uint8_t *data, size_t len, uint64_t offset)
{
    size_t at = 0;

    if (ftruncate(fd, (off_t)offset)) /* a torn piece of before the crash */
        return VTB_SYS;
    while (at < len) {
        ssize_t n = pwrite(fd, data + at, len - at, (off_t)(offset + at));

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return VTB_SYS;
        at += (size_t)n;
    }
    return fdatasync(fd) ? VTB_SYS : VTB_OK;
}

static void append_run(struct work *work)
{
    struct append *append = (struct append *)work;
    int fd = open(append->path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    append->err = VTB_SYS;
    if (fd < 0)
        return;
    append->err = write_piece(fd, vtb_blob_data(append->piece), vtb_blob_len(append->piece),
                              append->offset);
    if (append->err && ftruncate(fd, (off_t)append->offset))
        append->err = VTB_SYS; /* the next piece cuts again */
    close(fd);
}

static void append_done(struct work *work)
{
    struct append *append = (struct append *)work;
    struct vtb_documents *docs = work->docs;
    struct upload *upload = append->upload;

    upload->busy = false;
    if (!append->err)
        upload->offset += vtb_blob_len(append->piece);
    if (upload->dropped) {
        forget(docs, upload);
        append->err = VTB_ABSENT;
    }
    vtb_blob_unref(append->piece);
    if (!docs->closed)
        append->done(append->ctx, append->err);
    free(append);
}

enum vtb_err vtb_documents_append(struct vtb_documents *docs, struct vtb_id document,
                                  uint64_t offset, struct vtb_blob *piece, vtb_doc_done_fn *done,
                                  void *ctx)
{
    struct upload *upload = find(docs, document);
    size_t len = vtb_blob_len(piece);
    struct append *append;
    enum vtb_err err;

    if (!upload || upload->dropped)
        return VTB_ABSENT;
    if (upload->busy)
        return VTB_AGAIN;
    if (offset != upload->offset)
        return VTB_STALE;
    if (len == 0)
        return VTB_PARSE;
    if (len > VTB_MAX_UPLOAD_PIECE_BYTES || len > upload->size - upload->offset)
        return VTB_LIMIT;
    append = calloc(1, sizeof *append);
    if (!append)
        return VTB_NOMEM;
    append->upload = upload;
    append->piece = vtb_blob_ref(piece);
    append->offset = offset;
    append->done = done;
    append->ctx = ctx;
    part_path(docs, upload, append->path);
    err = documents_work(docs, &append->work, append_run, append_done);
    if (err) {
        vtb_blob_unref(piece);
        free(append);
        return err;
    }
    upload->busy = true;
    return VTB_OK;
}

/* ---- the whole ---- */

struct finish {
    struct work work;
    struct upload *upload;
    char part[PATH_MAX], blobs[PATH_MAX];
    struct vtb_doc_upload result;
    vtb_doc_upload_fn *done;
    void *ctx;
};

/* Digest of the whole file, and what its beginning says it is. */
static enum vtb_err read_whole(int fd, uint64_t size, struct vtb_doc_upload *result)
{
    static const size_t room = 256 * 1024;
    EVP_MD_CTX *sha = EVP_MD_CTX_new();
    uint8_t *buffer = malloc(room), digest[32];
    const char *words = "";
    enum vtb_err err = VTB_NOMEM;
    uint64_t left = size;

    if (!sha || !buffer)
        goto done;
    err = VTB_SYS;
    if (EVP_DigestInit_ex(sha, EVP_sha256(), NULL) != 1)
        goto done;
    while (left > 0) {
        ssize_t n = read(fd, buffer, left < room ? (size_t)left : room);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 || EVP_DigestUpdate(sha, buffer, (size_t)n) != 1)
            goto done;
        if (left == size && sniff(buffer, (size_t)n, &result->kind, &words)) {
            snprintf(result->message, sizeof result->message, "%s", words);
            err = VTB_PARSE;
            goto done;
        }
        left -= (uint64_t)n;
    }
    if (EVP_DigestFinal_ex(sha, digest, NULL) != 1)
        goto done;
    files_hex(digest, result->sha256);
    err = VTB_OK;
done:
    EVP_MD_CTX_free(sha);
    free(buffer);
    return err;
}

static enum vtb_err keep(const struct finish *finish)
{
    char folder[PATH_MAX + 8], path[PATH_MAX + 80];

    snprintf(folder, sizeof folder, "%s/%.2s", finish->blobs, finish->result.sha256);
    snprintf(path, sizeof path, "%s/%s", folder, finish->result.sha256);
    if (files_make_dir(folder) || rename(finish->part, path) || files_sync_dir(folder) ||
        files_sync_dir(finish->blobs))
        return VTB_SYS;
    return VTB_OK;
}

static void finish_run(struct work *work)
{
    struct finish *finish = (struct finish *)work;
    struct vtb_doc_upload *result = &finish->result;
    struct stat st;
    int fd = open(finish->part, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    result->err = VTB_SYS;
    if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode)) {
        result->err = read_whole(fd, (uint64_t)st.st_size, result);
        if (!result->err)
            result->err = fsync(fd) ? VTB_SYS : keep(finish);
    }
    if (fd >= 0)
        close(fd);
    if (result->err && result->err != VTB_PARSE)
        snprintf(result->message, sizeof result->message,
                 "The file arrived but could not be stored on the server. What was sent is kept. "
                 "Try again; if it fails again, tell the administrator that the disk may be full.");
}

static void finish_done(struct work *work)
{
    struct finish *finish = (struct finish *)work;
    struct vtb_documents *docs = work->docs;
    struct upload *upload = finish->upload;

    upload->busy = false;
    if (upload->dropped && !finish->result.err)
        finish->result.err = VTB_ABSENT; /* with the name: only the caller knows who shares it */
    if (!finish->result.err || finish->result.err == VTB_PARSE || upload->dropped)
        forget(docs, upload);
    if (!docs->closed)
        finish->done(finish->ctx, &finish->result);
    free(finish);
}

enum vtb_err vtb_documents_finish(struct vtb_documents *docs, struct vtb_id document,
                                  vtb_doc_upload_fn *done, void *ctx)
{
    struct upload *upload = find(docs, document);
    struct finish *finish;
    enum vtb_err err;

    if (!upload || upload->dropped)
        return VTB_ABSENT;
    if (upload->busy)
        return VTB_AGAIN;
    if (upload->offset != upload->size)
        return VTB_STALE;
    finish = calloc(1, sizeof *finish);
    if (!finish)
        return VTB_NOMEM;
    finish->upload = upload;
    finish->done = done;
    finish->ctx = ctx;
    part_path(docs, upload, finish->part);
    snprintf(finish->blobs, sizeof finish->blobs, "%s/blobs", docs->data);
    err = documents_work(docs, &finish->work, finish_run, finish_done);
    if (err) {
        free(finish);
        return err;
    }
    upload->busy = true;
    return VTB_OK;
}
