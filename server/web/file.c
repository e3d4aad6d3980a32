/*
 * file.c - an answer from a file, or from a reader of the caller's, read by libuv's pool so that no disk
 * and no cipher stops the loop.
 *
 * One piece is in flight at a time: read, write, read. The record outlives its request while a
 * read is under way, and finds by its handle whether anybody still waits.
 */
#include "inner.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct web_file {
    struct vtb_web *web;
    vtb_web_handle handle;
    int fd;                       /* -1: the reader's */
    uv_fs_t read;
    struct vtb_web_reader reader;
    uv_work_t work;
    uint64_t want_at;
    size_t want, got;
    bool is_reading, is_dropped, has_failed;
    size_t ready; /* bytes in the buffer, not yet written */
    uint8_t room[LWS_PRE];
    uint8_t bytes[WEB_PIECE];
};

static void file_free(struct web_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    else
        file->reader.close(file->reader.ctx);
    free(file);
}

void web_file_drop(struct web_file *file)
{
    if (file->is_reading)
        file->is_dropped = true;
    else
        file_free(file);
}

static void have_read(struct web_file *file, ssize_t got)
{
    struct vtb_web_request *req;

    file->is_reading = false;
    if (file->is_dropped) {
        file_free(file);
        return;
    }
    if (got > 0)
        file->ready = (size_t)got;
    else
        file->has_failed = true; /* shorter than it was: the length is promised already */
    req = web_request_find(file->web, file->handle);
    if (req)
        lws_callback_on_writable(req->conn->wsi);
}

static void on_read(uv_fs_t *read)
{
    struct web_file *file = read->data;
    ssize_t got = read->result;

    uv_fs_req_cleanup(read);
    have_read(file, got);
}

static void read_piece(uv_work_t *work)
{
    struct web_file *file = work->data;

    file->got = file->reader.read(file->reader.ctx, file->want_at, file->bytes, file->want);
}

static void on_piece(uv_work_t *work, int status)
{
    struct web_file *file = work->data;

    have_read(file, status ? 0 : (ssize_t)file->got);
}

static int begin_read(struct web_file *file, uint64_t at, size_t n)
{
    uv_buf_t into = uv_buf_init((char *)file->bytes, (unsigned)n);

    if (file->fd >= 0) {
        file->read.data = file;
        return uv_fs_read(file->web->cfg.loop, &file->read, file->fd, &into, 1, (int64_t)at, on_read);
    }
    file->work.data = file;
    file->want_at = at;
    file->want = n;
    return uv_queue_work(file->web->cfg.loop, &file->work, read_piece, on_piece);
}

int web_file_next(struct vtb_web_request *req)
{
    struct web_file *file = req->file;
    size_t n = req->end - req->at < WEB_PIECE ? req->end - req->at : WEB_PIECE;

    if (file->is_reading || file->ready)
        return 0;
    if (begin_read(file, req->at, n) != 0)
        return -1;
    file->is_reading = true;
    return 0;
}

int web_file_write(struct vtb_web_request *req)
{
    struct web_file *file = req->file;
    size_t n = file->ready;

    if (file->has_failed)
        return -1;
    if (n == 0)
        return 0;
    if (web_write_bytes(req->conn, file->bytes, n, LWS_WRITE_HTTP))
        return -1;
    file->ready = 0;
    req->at += n;
    return 0;
}

static void begin(struct web_file *file, struct vtb_web *web, vtb_web_handle handle)
{
    file->web = web;
    file->handle = handle;
    file->fd = -1;
    file->is_reading = file->is_dropped = file->has_failed = false;
    file->ready = 0;
}

void vtb_web_answer_file(struct vtb_web *web, vtb_web_handle handle,
                         const struct vtb_web_header *headers, size_t n_headers, int take_fd)
{
    struct vtb_web_request *req = web_request_find(web, handle);
    struct web_file *file;
    struct stat st;
    size_t total;

    if (!req || req->stage != WEB_HANDLING) {
        close(take_fd);
        return;
    }
    if (fstat(take_fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(take_fd);
        vtb_web_answer_error(web, handle, VTB_SYS, "The file could not be read.");
        return;
    }
    file = malloc(sizeof *file);
    if (!file) {
        close(take_fd);
        vtb_web_answer_error(web, handle, VTB_NOMEM, "The server is out of memory just now.");
        return;
    }
    begin(file, web, handle);
    file->fd = take_fd;
    req->file = file;
    total = (size_t)st.st_size;
    (void)web_answer_set(req, 200, headers, n_headers, NULL, total, 0, total);
    lws_callback_on_writable(req->conn->wsi);
}

void vtb_web_answer_reader(struct vtb_web *web, vtb_web_handle handle, const struct vtb_web_header *headers,
                           size_t n_headers, struct vtb_web_reader take_reader, size_t total)
{
    struct vtb_web_request *req = web_request_find(web, handle);
    struct web_file *file;

    if (!req || req->stage != WEB_HANDLING) {
        take_reader.close(take_reader.ctx);
        return;
    }
    file = malloc(sizeof *file);
    if (!file) {
        take_reader.close(take_reader.ctx);
        vtb_web_answer_error(web, handle, VTB_NOMEM, "The server is out of memory just now.");
        return;
    }
    begin(file, web, handle);
    file->reader = take_reader;
    req->file = file;
    (void)web_answer_set(req, 200, headers, n_headers, NULL, total, 0, total);
    lws_callback_on_writable(req->conn->wsi);
}
