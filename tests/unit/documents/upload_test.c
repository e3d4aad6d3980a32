/* Uploads: pieces, limits, resuming, and what is refused. */
#include "bench.h"

#include "limits/limits.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct bench bench;

/* One test forks a server to kill it; ThreadSanitizer would not let the child have a pool. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "die_after_fork=0";
}

static int set_up(void **state)
{
    (void)state;
    bench_start(&bench, SANDBOX, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    bench_stop(&bench);
    return 0;
}

static void a_file_is_kept_under_its_digest(void **state)
{
    struct vtb_doc_upload upload = bench_upload(&bench, bench_id(), "%PDF-1.4\nx", 10);
    char path[PATH_MAX];
    uint8_t *data;
    size_t len;

    (void)state;
    assert_int_equal(upload.err, VTB_OK);
    assert_int_equal(upload.kind, VTB_DOC_PDF);
    /* printf '%%PDF-1.4\nx' | sha256sum */
    assert_string_equal(upload.sha256,
                        "4ddb2587c3af95c6c6acd93009289dad80c834ad939adb69c72e9e9a26bd7acd");
    assert_int_equal(vtb_documents_blob_path(bench.docs, upload.sha256, path, sizeof path), VTB_OK);
    data = bench_read(path, &len);
    assert_int_equal(len, 10);
    assert_memory_equal(data, "%PDF-1.4\nx", 10);
    free(data);
    assert_int_equal(bench_count(&bench, "uploads"), 0);
}

static void pieces_must_follow_each_other(void **state)
{
    struct vtb_id document = bench_id();
    uint64_t offset, size;

    (void)state;
    assert_int_equal(bench_append(&bench, document, 0, "x", 1), VTB_ABSENT);
    assert_int_equal(vtb_documents_begin(bench.docs, document, 6), VTB_OK);
    assert_int_equal(bench_append(&bench, document, 0, "%PD", 3), VTB_OK);
    assert_int_equal(bench_append(&bench, document, 0, "%PD", 3), VTB_STALE);
    assert_int_equal(bench_append(&bench, document, 4, "F-", 2), VTB_STALE);
    assert_int_equal(bench_append(&bench, document, 3, "F-12", 4), VTB_LIMIT);
    assert_int_equal(bench_append(&bench, document, 3, "", 0), VTB_PARSE);
    assert_int_equal(vtb_documents_finish(bench.docs, document, NULL, NULL), VTB_STALE);
    assert_int_equal(vtb_documents_offset(bench.docs, document, &offset, &size), VTB_OK);
    assert_int_equal(offset, 3);
    assert_int_equal(size, 6);
}

static void a_case_takes_two_gigabytes_and_not_one_byte_more(void **state)
{
    const uint64_t most = VTB_MAX_UPLOAD_CASE_BYTES;

    (void)state;
    assert_true(vtb_documents_case_takes(0, most));
    assert_false(vtb_documents_case_takes(0, most + 1));
    assert_true(vtb_documents_case_takes(most - 5, 5));
    assert_false(vtb_documents_case_takes(most - 5, 6));
    assert_true(vtb_documents_case_takes(most, 0));
    assert_false(vtb_documents_case_takes(most + 1, 0)); /* more than allowed is there already */
    assert_false(vtb_documents_case_takes(most, UINT64_MAX));
}

static void limits_hold_at_the_edge(void **state)
{
    struct vtb_id document = bench_id();
    uint8_t *piece = calloc(1, VTB_MAX_UPLOAD_PIECE_BYTES + 1);

    (void)state;
    assert_int_equal(vtb_documents_begin(bench.docs, document, 0), VTB_PARSE);
    assert_int_equal(vtb_documents_begin(bench.docs, document, VTB_MAX_UPLOAD_FILE_BYTES + 1ull),
                     VTB_LIMIT);
    assert_int_equal(vtb_documents_begin(bench.docs, document, VTB_MAX_UPLOAD_FILE_BYTES), VTB_OK);
    assert_int_equal(bench_append(&bench, document, 0, piece, VTB_MAX_UPLOAD_PIECE_BYTES + 1),
                     VTB_LIMIT);
    assert_int_equal(bench_append(&bench, document, 0, piece, VTB_MAX_UPLOAD_PIECE_BYTES), VTB_OK);
    free(piece);
    for (int i = 1; i < 256; i++)
        assert_int_equal(vtb_documents_begin(bench.docs, bench_id(), 10), VTB_OK);
    assert_int_equal(vtb_documents_begin(bench.docs, bench_id(), 10), VTB_AGAIN);
}

static void another_size_starts_anew(void **state)
{
    struct vtb_id document = bench_id();
    uint64_t offset, size;

    (void)state;
    assert_int_equal(vtb_documents_begin(bench.docs, document, 6), VTB_OK);
    assert_int_equal(bench_append(&bench, document, 0, "%PD", 3), VTB_OK);
    assert_int_equal(vtb_documents_begin(bench.docs, document, 6), VTB_OK);
    assert_int_equal(vtb_documents_offset(bench.docs, document, &offset, &size), VTB_OK);
    assert_int_equal(offset, 3); /* the same size goes on */
    assert_int_equal(vtb_documents_begin(bench.docs, document, 7), VTB_OK);
    assert_int_equal(vtb_documents_offset(bench.docs, document, &offset, &size), VTB_OK);
    assert_int_equal(offset, 0);
    assert_int_equal(bench_count(&bench, "uploads"), 0);
}

static void a_file_of_another_kind_is_refused_in_words(void **state)
{
    struct vtb_doc_upload upload = bench_upload(&bench, bench_id(), "PK\3\4slides", 10);

    (void)state;
    assert_int_equal(upload.err, VTB_PARSE);
    assert_non_null(strstr(upload.message, "Save it as a PDF"));
    assert_int_equal(bench_count(&bench, "uploads"), 0);
    assert_int_equal(bench_count(&bench, "blobs"), 0);
}

static void on_append(void *ctx, enum vtb_err err)
{
    (void)ctx;
    if (!err)
        raise(SIGKILL); /* as power loss or kill -9 would */
}

static void a_killed_server_goes_on_where_it_stood(void **state)
{
    struct vtb_id document = bench_id();
    uint64_t offset, size;
    int status;
    pid_t pid;

    (void)state;
    vtb_documents_destroy(bench.docs);
    uv_run(&bench.loop, UV_RUN_DEFAULT);
    pid = fork();
    if (pid == 0) {
        uv_loop_t loop;
        struct vtb_documents_config cfg = { .data_dir = bench.data, .sandbox_path = SANDBOX,
                                            .loop = &loop };
        struct vtb_documents *docs;
        struct vtb_blob *piece = vtb_blob_make("%PDF-1.4 half", 13);

        uv_loop_init(&loop);
        if (vtb_documents_create(&cfg, &docs) || vtb_documents_begin(docs, document, 20) ||
            vtb_documents_append(docs, document, 0, piece, on_append, NULL))
            _exit(1);
        uv_run(&loop, UV_RUN_DEFAULT);
        _exit(2);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    bench.docs = NULL;
    bench_restart(&bench, SANDBOX);
    assert_int_equal(vtb_documents_offset(bench.docs, document, &offset, &size), VTB_OK);
    assert_int_equal(offset, 13);
    assert_int_equal(size, 20);
    assert_int_equal(bench_append(&bench, document, 13, "and it", 7), VTB_OK);
}

static void what_is_not_ours_is_cleared_away(void **state)
{
    char path[PATH_MAX];

    (void)state;
    snprintf(path, sizeof path, "%s/uploads/strange", bench.data);
    assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
    snprintf(path, sizeof path, "%s/uploads/01890000-0000-7000-8000-000000000001.99999999999.part",
             bench.data);
    assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
    snprintf(path, sizeof path, "%s/jobs/half", bench.data);
    assert_int_equal(mkdir(path, 0700), 0);
    bench_restart(&bench, SANDBOX);
    assert_int_equal(bench_count(&bench, "uploads"), 0);
    assert_int_equal(bench_count(&bench, "jobs"), 0);
}

static bool piece_answered;

static void on_late(void *ctx, enum vtb_err err)
{
    *(enum vtb_err *)ctx = err;
    piece_answered = true;
}

static void erasing_stops_a_piece_under_way(void **state)
{
    struct vtb_id document = bench_id();
    struct vtb_blob *piece = vtb_blob_make("%PDF", 4);
    enum vtb_err late = VTB_OK;
    uint64_t offset, size;

    (void)state;
    piece_answered = false;
    assert_int_equal(vtb_documents_begin(bench.docs, document, 9), VTB_OK);
    assert_int_equal(vtb_documents_append(bench.docs, document, 0, piece, on_late, &late), VTB_OK);
    assert_int_equal(vtb_documents_append(bench.docs, document, 0, piece, on_late, &late), VTB_AGAIN);
    vtb_blob_unref(piece);
    assert_int_equal(bench_erase(&bench, document, NULL), VTB_OK);
    bench_wait(&bench, &piece_answered);
    assert_int_equal(late, VTB_ABSENT);
    assert_int_equal(vtb_documents_offset(bench.docs, document, &offset, &size), VTB_ABSENT);
    assert_int_equal(bench_count(&bench, "uploads"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_kept_under_its_digest),
        TEST(pieces_must_follow_each_other),
        TEST(a_case_takes_two_gigabytes_and_not_one_byte_more),
        TEST(limits_hold_at_the_edge),
        TEST(another_size_starts_anew),
        TEST(a_file_of_another_kind_is_refused_in_words),
        TEST(a_killed_server_goes_on_where_it_stood),
        TEST(what_is_not_ours_is_cleared_away),
        TEST(erasing_stops_a_piece_under_way),
    };

    return cmocka_run_group_tests_name("documents, uploads", tests, NULL, NULL);
}
