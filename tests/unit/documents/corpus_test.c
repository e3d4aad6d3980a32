/*
 * Malformed and real files. $CONSILIUM_SHARED names the folder of test data; without it these tests
 * skip and say so.
 */
#include "bench.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALL 1000u

static struct bench bench;
static struct imported imported;

static const char *shared(void)
{
    const char *folder = getenv("CONSILIUM_SHARED");

    if (!folder)
        print_message("CONSILIUM_SHARED is unset: corpora are not tested\n");
    return folder;
}

static int set_up(void **state)
{
    (void)state;
    bench_start(&bench, SANDBOX, 640); /* here files are read; import_test looks at sizes */
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    bench_stop(&bench);
    return 0;
}

static enum vtb_err try_file(const char *path, struct vtb_doc_upload *out_upload)
{
    struct vtb_id document = bench_id();

    imported = (struct imported){ 0 };
    *out_upload = bench_upload_file(&bench, document, path);
    if (out_upload->err)
        return out_upload->err;
    bench_import(&bench, document, out_upload, &imported);
    return VTB_OK;
}

typedef void check_fn(const char *path, const struct vtb_doc_upload *upload);

static unsigned each_file(const char *folder, unsigned most, check_fn *check)
{
    char path[PATH_MAX];
    struct dirent **names;
    int n;
    unsigned seen = 0;

    snprintf(path, sizeof path, "%s/%s", shared(), folder);
    n = scandir(path, &names, NULL, alphasort);
    assert_true(n > 0);
    for (int i = 0; i < n; i++) {
        struct vtb_doc_upload upload;

        if (names[i]->d_type == DT_REG && seen < most) {
            snprintf(path, sizeof path, "%s/%s/%s", shared(), folder, names[i]->d_name);
            try_file(path, &upload);
            print_message("%-44s %-6s %zu pages, state %d: %s\n", names[i]->d_name,
                          upload.err ? "-" : vtb_doc_kind_name(upload.kind), imported.result.n,
                          upload.err ? -1 : (int)imported.result.state,
                          upload.err ? upload.message : imported.result.message);
            check(path, &upload);
            seen++;
        }
        free(names[i]);
    }
    free(names);
    return seen;
}

/* Whatever the file: an answer in words or pages, never our own failure, nothing left behind. */
static void is_answered(const char *path, const struct vtb_doc_upload *upload)
{
    (void)path;
    if (upload->err) {
        assert_int_equal(upload->err, VTB_PARSE);
        assert_true(strlen(upload->message) > 20);
        return;
    }
    assert_int_equal(imported.result.err, VTB_OK);
    if (imported.result.state == VTB_DOC_READY)
        assert_true(imported.result.n > 0);
    else
        assert_true(strlen(imported.result.message) > 20);
    assert_int_equal(bench_count(&bench, "jobs"), 0);
}

static void is_shown(const char *path, const struct vtb_doc_upload *upload)
{
    if (strstr(path, ".pptx") || strstr(path, ".jp2")) {
        assert_int_equal(upload->err, VTB_PARSE);
        return;
    }
    assert_int_equal(upload->err, VTB_OK);
    assert_int_equal(imported.result.state, VTB_DOC_READY);
}

static void malformed_files_get_an_answer(void **state)
{
    (void)state;
    if (!shared())
        skip();
    assert_true(each_file("data/malformed/pdf", ALL, is_answered) > 20);
    assert_true(each_file("data/malformed/images", ALL, is_answered) > 2);
    assert_true(each_file("data/malformed/tiff", ALL, is_answered) > 2);
    assert_true(each_file("data/malformed/pptx", ALL, is_answered) > 0);
    assert_true(each_file("data/malformed/dicom", ALL, is_answered) > 10);
}

static void good_files_are_shown(void **state)
{
    (void)state;
    if (!shared())
        skip();
    assert_true(each_file("data/documents", ALL, is_shown) > 5);
    assert_true(each_file("data/photos", ALL, is_shown) > 5);
    assert_true(each_file("demo/decks", 2, is_shown) == 2); /* one program made them all */
}

static void message_of(const char *name, const char *words)
{
    struct vtb_doc_upload upload;
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/data/malformed/%s", shared(), name);
    assert_int_equal(try_file(path, &upload), VTB_OK);
    assert_int_equal(imported.result.state, VTB_DOC_FAILED);
    if (!strstr(imported.result.message, words))
        fail_msg("%s: %s", name, imported.result.message);
}

static void the_reason_is_told(void **state)
{
    (void)state;
    if (!shared())
        skip();
    message_of("pdf/pr6531_1.pdf", "protected by a password");
    message_of("pdf/libreoffice-writer-password.pdf", "protected by a password");
    message_of("pdf/pages-5000.pdf", "5000 pages; at most 500");
    message_of("pdf/bug1020226.pdf", "no readable pages");
    message_of("images/truncated.jpg", "could not be drawn");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(malformed_files_get_an_answer),
        TEST(good_files_are_shown),
        TEST(the_reason_is_told),
    };

    return cmocka_run_group_tests_name("documents, corpora", tests, NULL, NULL);
}
