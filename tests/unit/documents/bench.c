#include "bench.h"

#include "files.h"

#include "base/clock.h"
#include "base/log.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* libuv closes descriptors by a bare system call, which ThreadSanitizer does not see; the next owner
 * of the number then seems to race with the last. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "race:closedir\nrace:count_below\n";
}

static void create(struct bench *bench, const char *sandbox)
{
    struct vtb_documents_config cfg = { .data_dir = bench->data, .sandbox_path = sandbox,
                                        .loop = &bench->loop, .pdf_page_px = bench->pdf_page_px };

    assert_int_equal(vtb_documents_create(&cfg, &bench->docs), VTB_OK);
}

static void destroy(struct bench *bench)
{
    vtb_documents_destroy(bench->docs);
    uv_run(&bench->loop, UV_RUN_DEFAULT);
}

void bench_start(struct bench *bench, const char *sandbox, uint32_t pdf_page_px)
{
    *bench = (struct bench){ .pdf_page_px = pdf_page_px };
    vtb_log_level(VTB_ERROR);
    snprintf(bench->data, sizeof bench->data, "/tmp/vtb-documents-XXXXXX");
    assert_non_null(mkdtemp(bench->data));
    assert_int_equal(uv_loop_init(&bench->loop), 0);
    create(bench, sandbox);
}

void bench_restart(struct bench *bench, const char *sandbox)
{
    destroy(bench);
    create(bench, sandbox);
}

void bench_stop(struct bench *bench)
{
    destroy(bench);
    assert_int_equal(uv_loop_close(&bench->loop), 0); /* no handle was forgotten */
    assert_int_equal(files_remove(bench->data), VTB_OK);
}

struct vtb_id bench_id(void)
{
    return vtb_id_make(vtb_wall_us());
}

void bench_wait(struct bench *bench, const bool *flag)
{
    while (!*flag)
        assert_true(uv_run(&bench->loop, UV_RUN_ONCE) || *flag);
}

struct one {
    bool done;
    enum vtb_err err;
    struct vtb_doc_upload upload;
    struct vtb_blob *blob;
};

static void on_done(void *ctx, enum vtb_err err)
{
    struct one *one = ctx;

    one->err = err;
    one->done = true;
}

static void on_upload(void *ctx, const struct vtb_doc_upload *upload)
{
    struct one *one = ctx;

    one->upload = *upload;
    one->done = true;
}

static void on_blob(void *ctx, enum vtb_err err, struct vtb_blob *blob)
{
    struct one *one = ctx;

    one->err = err;
    one->blob = blob ? vtb_blob_ref(blob) : NULL;
    one->done = true;
}

enum vtb_err bench_append(struct bench *bench, struct vtb_id document, uint64_t offset,
                          const void *data, size_t len)
{
    struct vtb_blob *blob = vtb_blob_make(data, len);
    struct one one = { 0 };
    enum vtb_err err = vtb_documents_append(bench->docs, document, offset, blob, on_done, &one);

    vtb_blob_unref(blob);
    if (err)
        return err;
    bench_wait(bench, &one.done);
    return one.err;
}

enum vtb_err bench_erase(struct bench *bench, struct vtb_id document, const char *sha256)
{
    struct one one = { 0 };
    enum vtb_err err = vtb_documents_erase(bench->docs, document, sha256, on_done, &one);

    if (err)
        return err;
    bench_wait(bench, &one.done);
    return one.err;
}

struct vtb_doc_upload bench_upload(struct bench *bench, struct vtb_id document, const void *data,
                                   size_t len)
{
    struct one one = { 0 };

    assert_int_equal(vtb_documents_begin(bench->docs, document, len), VTB_OK);
    for (size_t at = 0; at < len;) {
        size_t n = len - at < 8388608 ? len - at : 8388608;

        assert_int_equal(bench_append(bench, document, at, (const uint8_t *)data + at, n), VTB_OK);
        at += n;
    }
    assert_int_equal(vtb_documents_finish(bench->docs, document, on_upload, &one), VTB_OK);
    bench_wait(bench, &one.done);
    return one.upload;
}

struct vtb_doc_upload bench_upload_file(struct bench *bench, struct vtb_id document,
                                        const char *path)
{
    size_t len;
    uint8_t *data = bench_read(path, &len);
    struct vtb_doc_upload upload = bench_upload(bench, document, data, len);

    free(data);
    return upload;
}

static void on_first_tile(void *ctx, enum vtb_err err, struct vtb_blob *blob)
{
    struct imported *imported = ctx;

    imported->first_page_shown = !err && vtb_blob_len(blob) > 0 && !imported->done;
}

static void on_progress(void *ctx, uint32_t done, uint32_t total, const struct vtb_drawn_page *page)
{
    struct imported *imported = ctx;

    assert_int_equal(done, imported->progressed + 1);
    imported->progressed = done;
    imported->total = total;
    if (done == 1 && page->digest[0])
        assert_int_equal(vtb_documents_tile(imported->bench->docs, imported->document, page->digest,
                                            0, 0, 0, on_first_tile, imported), VTB_OK);
}

static void on_result(void *ctx, const struct vtb_doc_result *result)
{
    struct imported *imported = ctx;

    imported->result = *result;
    if (result->n)
        memcpy(imported->pages, result->pages, result->n * sizeof *result->pages);
    imported->result.pages = imported->pages;
    imported->done = true;
}

void bench_import_start(struct bench *bench, struct vtb_id document,
                        const struct vtb_doc_upload *upload, struct imported *out)
{
    *out = (struct imported){ .bench = bench, .document = document };
    assert_int_equal(upload->err, VTB_OK);
    assert_int_equal(vtb_documents_import(bench->docs, document, upload->sha256, upload->kind,
                                          on_progress, on_result, out), VTB_OK);
}

void bench_import(struct bench *bench, struct vtb_id document, const struct vtb_doc_upload *upload,
                  struct imported *out)
{
    bench_import_start(bench, document, upload, out);
    bench_wait(bench, &out->done);
}

struct vtb_blob *bench_tile(struct bench *bench, struct vtb_id document, const char *digest,
                            uint32_t z, uint32_t x, uint32_t y, enum vtb_err *out_err)
{
    struct one one = { 0 };
    enum vtb_err err = vtb_documents_tile(bench->docs, document, digest, z, x, y, on_blob, &one);

    if (!err) {
        bench_wait(bench, &one.done);
        err = one.err;
    }
    *out_err = err;
    return one.blob;
}

struct vtb_blob *bench_text(struct bench *bench, struct vtb_id document, uint32_t page,
                            enum vtb_err *out_err)
{
    struct one one = { 0 };

    assert_int_equal(vtb_documents_text(bench->docs, document, page, on_blob, &one), VTB_OK);
    bench_wait(bench, &one.done);
    *out_err = one.err;
    return one.blob;
}

uint8_t *bench_read(const char *path, size_t *out_len)
{
    uint8_t *data = NULL;

    if (files_read(path, 210000000, &data, out_len))
        fail_msg("cannot read %s", path);
    return data;
}

int bench_tool(char *const argv[], char *out, size_t cap)
{
    int pipes[2], status;
    size_t len = 0;
    ssize_t n;
    pid_t pid;

    assert_int_equal(pipe(pipes), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(pipes[1], 1);
        close(pipes[0]);
        execv(argv[0], argv);
        _exit(126);
    }
    close(pipes[1]);
    while (len + 1 < cap && (n = read(pipes[0], out + len, cap - 1 - len)) > 0)
        len += (size_t)n;
    out[len] = '\0';
    close(pipes[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

unsigned bench_count(const struct bench *bench, const char *folder)
{
    char path[PATH_MAX];
    struct dirent *entry;
    unsigned n = 0;
    DIR *dir;

    snprintf(path, sizeof path, "%s/%s", bench->data, folder);
    dir = opendir(path);
    while (dir && (entry = readdir(dir)))
        n += entry->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return n;
}
