/* Imports: what is drawn, what is said when it is not, and what is left behind. */
#include "bench.h"

#include "files.h"
#include "publish.h"

#include "base/cursor.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct bench bench;
static struct imported imported, other;

static int set_up(void **state)
{
    (void)state;
    bench_start(&bench, SANDBOX, 640); /* a sixteenth of the work */
    return 0;
}

static int set_up_full_size(void **state)
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

static void import_pdf(struct vtb_id document)
{
    struct vtb_doc_upload upload = bench_upload_file(&bench, document, FIXTURES "/three-pages.pdf");

    bench_import(&bench, document, &upload, &imported);
}

static void use_wayward(const char *name)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/%s", bench.data, name);
    assert_int_equal(symlink(WAYWARD, path), 0);
    bench_restart(&bench, path);
}

/* The digest as documents.h defines it, from the tiles as they are served. */
static void digest_of(struct vtb_id document, const struct vtb_drawn_page *page, char out[65])
{
    EVP_MD_CTX *sha = EVP_MD_CTX_new();
    uint8_t digest[32], number[4];
    enum vtb_err err;

    EVP_DigestInit_ex(sha, EVP_sha256(), NULL);
    vtb_put_u32(number, page->width_px);
    EVP_DigestUpdate(sha, number, 4);
    vtb_put_u32(number, page->height_px);
    EVP_DigestUpdate(sha, number, 4);
    for (uint32_t y = 0; y * 512 < page->height_px; y++) {
        for (uint32_t x = 0; x * 512 < page->width_px; x++) {
            struct vtb_blob *tile = bench_tile(&bench, document, page->digest, page->levels - 1, x,
                                               y, &err);

            assert_int_equal(err, VTB_OK);
            vtb_put_u32(number, (uint32_t)vtb_blob_len(tile));
            EVP_DigestUpdate(sha, number, 4);
            EVP_DigestUpdate(sha, vtb_blob_data(tile), vtb_blob_len(tile));
            vtb_blob_unref(tile);
        }
    }
    EVP_DigestFinal_ex(sha, digest, NULL);
    EVP_MD_CTX_free(sha);
    files_hex(digest, out);
}

static void a_pdf_becomes_pages_of_tiles(void **state)
{
    struct vtb_id document = bench_id();
    char digest[65];
    enum vtb_err err;

    (void)state;
    import_pdf(document);
    assert_int_equal(imported.result.state, VTB_DOC_READY);
    assert_string_equal(imported.result.message, "");
    assert_int_equal(imported.result.n, 3);
    assert_int_equal(imported.progressed, 3);
    assert_int_equal(imported.total, 3);
    assert_true(imported.first_page_shown); /* long before the last */
    for (uint32_t i = 0; i < 3; i++) {
        const struct vtb_drawn_page *page = &imported.pages[i];

        assert_int_equal(page->number, i + 1);
        assert_int_equal(page->width_px, 2560);
        assert_int_equal(page->height_px, 1920);
        assert_int_equal(page->levels, 4);
        assert_false(page->lossy); /* text and lines */
        assert_true(page->has_text);
        assert_true(page->bytes > 0);
        digest_of(document, page, digest);
        assert_string_equal(page->digest, digest);
    }
    assert_string_not_equal(imported.pages[0].digest, imported.pages[1].digest);
    assert_null(bench_tile(&bench, document, imported.pages[0].digest, 3, 5, 0, &err));
    assert_int_equal(err, VTB_ABSENT); /* 2560 px are five tiles, 0 to 4 */
    assert_int_equal(bench_count(&bench, "jobs"), 0);
}

static void the_words_of_a_page_can_be_read(void **state)
{
    struct vtb_id document = bench_id();
    struct vtb_blob *text;
    enum vtb_err err;

    (void)state;
    import_pdf(document);
    text = bench_text(&bench, document, 2, &err);
    assert_int_equal(err, VTB_OK);
    assert_non_null(memmem(vtb_blob_data(text), vtb_blob_len(text), "Node 4R positive", 16));
    assert_null(memmem(vtb_blob_data(text), vtb_blob_len(text), "Marlow", 6)); /* page 1 */
    vtb_blob_unref(text);
    assert_null(bench_text(&bench, document, 4, &err));
    assert_int_equal(err, VTB_ABSENT);
}

static void drawing_twice_gives_the_same_pages(void **state)
{
    struct vtb_id document = bench_id();
    char first[65];

    (void)state;
    import_pdf(document);
    memcpy(first, imported.pages[2].digest, sizeof first);
    import_pdf(document);
    assert_int_equal(imported.result.state, VTB_DOC_READY);
    assert_string_equal(imported.pages[2].digest, first);
}

/* ---- photographs ---- */

/* The fixture with an EXIF block that says how the camera was held, and where it was. */
static uint8_t *oriented(uint8_t orientation, size_t *out_len)
{
    static const uint8_t exif[] = {
        0xff, 0xe1, 0, 36 + 8, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1,
        0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, /* orientation at 29 */
        'S', 'e', 'c', 'r', 'e', 't', 'G', 'P', 'S', 0,
    };
    size_t len;
    uint8_t *plain = bench_read(FIXTURES "/quadrants.jpg", &len);
    uint8_t *made = malloc(len + sizeof exif);

    assert_non_null(made);
    memcpy(made, plain, 2);
    memcpy(made + 2, exif, sizeof exif);
    made[2 + 29] = orientation;
    memcpy(made + 2 + sizeof exif, plain + 2, len - 2);
    free(plain);
    *out_len = len + sizeof exif;
    return made;
}

/* r, g, b or w at a corner of a stored tile, as vips sees it. */
static char colour_at(const char *path, const char *x, const char *y)
{
    char *argv[] = { "/usr/bin/vips", "getpoint", (char *)path, (char *)x, (char *)y, NULL };
    char out[128];
    double r, g, b;

    assert_int_equal(bench_tool(argv, out, sizeof out), 0);
    assert_int_equal(sscanf(out, "%lf %lf %lf", &r, &g, &b), 3);
    return r > 200 && g > 200 ? 'w' : r > 120 ? 'r' : g > 100 ? 'g' : 'b';
}

/* What stands at top left and top right once the picture is upright (EXIF 2.32, 4.6.4.A). */
static void photographs_stand_upright_and_are_never_mirrored(void **state)
{
    static const char corners[9][3] = { "", "rg", "gr", "wb", "bw", "rb", "br", "wg", "gw" };

    (void)state;
    for (uint8_t orientation = 1; orientation <= 8; orientation++) {
        struct vtb_id document = bench_id();
        size_t len;
        uint8_t *jpeg = oriented(orientation, &len);
        struct vtb_doc_upload upload = bench_upload(&bench, document, jpeg, len);
        uint32_t wide = orientation < 5 ? 64 : 48;
        char id[VTB_ID_TEXT], path[PATH_MAX];

        free(jpeg);
        bench_import(&bench, document, &upload, &imported);
        assert_int_equal(imported.result.state, VTB_DOC_READY);
        assert_int_equal(imported.pages[0].width_px, wide);
        assert_int_equal(imported.pages[0].height_px, 64 + 48 - wide);
        vtb_id_write(document, id);
        snprintf(path, sizeof path, "%s/tiles/%s/%s/0/0_0.webp", bench.data, id,
                 imported.pages[0].digest);
        assert_int_equal(colour_at(path, "4", "4"), corners[orientation][0]);
        assert_int_equal(colour_at(path, wide == 64 ? "59" : "43", "4"), corners[orientation][1]);
    }
}

static void metadata_is_not_served(void **state)
{
    struct vtb_id document = bench_id();
    size_t len;
    uint8_t *jpeg = oriented(6, &len);
    struct vtb_doc_upload upload = bench_upload(&bench, document, jpeg, len);
    struct vtb_blob *tile;
    enum vtb_err err;

    (void)state;
    assert_non_null(memmem(jpeg, len, "SecretGPS", 9));
    free(jpeg);
    bench_import(&bench, document, &upload, &imported);
    tile = bench_tile(&bench, document, imported.pages[0].digest, 0, 0, 0, &err);
    assert_int_equal(err, VTB_OK);
    assert_null(memmem(vtb_blob_data(tile), vtb_blob_len(tile), "EXIF", 4));
    assert_null(memmem(vtb_blob_data(tile), vtb_blob_len(tile), "ICCP", 4));
    assert_null(memmem(vtb_blob_data(tile), vtb_blob_len(tile), "SecretGPS", 9));
    vtb_blob_unref(tile);
}

/* Makes a picture with vips and imports it. */
static void import_made(const char *name, char *width, char *height, const char *format)
{
    struct vtb_id document = bench_id();
    char path[PATH_MAX], target[PATH_MAX], out[256];
    char *argv[] = { "/usr/bin/vips", "black", target, width, height, NULL };
    struct vtb_doc_upload upload;

    snprintf(path, sizeof path, "%s/%s", bench.data, name);
    snprintf(target, sizeof target, "%s%s", path, format);
    assert_int_equal(bench_tool(argv, out, sizeof out), 0);
    upload = bench_upload_file(&bench, document, path);
    bench_import(&bench, document, &upload, &imported);
}

static void bombs_are_refused_before_they_are_opened(void **state)
{
    (void)state;
    import_made("wide.png", "20001", "10", "");
    assert_int_equal(imported.result.state, VTB_DOC_FAILED);
    assert_non_null(strstr(imported.result.message, "20001 × 10 pixels"));
    import_made("area.png", "17000", "17000", "[compression=9]");
    assert_int_equal(imported.result.state, VTB_DOC_FAILED);
    assert_non_null(strstr(imported.result.message, "17000 × 17000 pixels"));
    import_made("edge.png", "20000", "600", "");
    assert_int_equal(imported.result.state, VTB_DOC_READY);
    assert_int_equal(imported.pages[0].levels, 7);
}

/* Runs vips with up to six words after it. */
static void vips(char *words[])
{
    char *argv[8] = { "/usr/bin/vips" };
    char out[64];

    for (size_t i = 0; words[i]; i++)
        argv[i + 1] = words[i];
    assert_int_equal(bench_tool(argv, out, sizeof out), 0);
}

/* Black letters on nothing would vanish on the room's dark page. */
static void transparency_becomes_white(void **state)
{
    struct vtb_id document = bench_id();
    char black[80], clear[80], path[PATH_MAX], id[VTB_ID_TEXT], out[128];
    struct vtb_doc_upload upload;
    double r, g, b;

    (void)state;
    snprintf(black, sizeof black, "%s/a.v", bench.data);
    snprintf(clear, sizeof clear, "%s/b.png", bench.data);
    vips((char *[]){ "black", black, "40", "30", "--bands=4", NULL });
    vips((char *[]){ "copy", black, clear, "--interpretation=srgb", NULL });
    upload = bench_upload_file(&bench, document, clear);
    bench_import(&bench, document, &upload, &imported);
    assert_int_equal(imported.result.state, VTB_DOC_READY);
    vtb_id_write(document, id);
    snprintf(path, sizeof path, "%s/tiles/%s/%s/0/0_0.webp", bench.data, id, imported.pages[0].digest);
    char *argv[] = { "/usr/bin/vips", "getpoint", path, "5", "5", NULL };

    assert_int_equal(bench_tool(argv, out, sizeof out), 0);
    assert_int_equal(sscanf(out, "%lf %lf %lf", &r, &g, &b), 3);
    assert_true(r == 255 && g == 255 && b == 255);
}

/* A scanned report of three sheets; and a file whose later images are a copy and a label. */
static void sheets_of_a_tiff_are_pages_but_reduced_copies_are_not(void **state)
{
    struct vtb_id report = bench_id(), slide = bench_id();
    char sheet[80], tall[80], many[96], pyramid[128], plain[80];
    struct vtb_doc_upload upload;

    (void)state;
    snprintf(sheet, sizeof sheet, "%s/a.v", bench.data);
    snprintf(tall, sizeof tall, "%s/b.v", bench.data);
    snprintf(many, sizeof many, "%s/c.tif", bench.data);
    vips((char *[]){ "gaussnoise", sheet, "300", "1200", NULL });
    vips((char *[]){ "cast", sheet, tall, "uchar", NULL });
    snprintf(pyramid, sizeof pyramid, "%s[page_height=400]", many);
    vips((char *[]){ "copy", tall, pyramid, NULL });
    upload = bench_upload_file(&bench, report, many);
    bench_import(&bench, report, &upload, &imported);
    assert_int_equal(imported.result.state, VTB_DOC_READY);
    assert_int_equal(imported.result.n, 3);
    assert_int_equal(imported.pages[2].height_px, 400);
    snprintf(plain, sizeof plain, "%s/d.tif", bench.data);
    snprintf(pyramid, sizeof pyramid, "%s[tile,pyramid]", plain);
    vips((char *[]){ "copy", tall, pyramid, NULL });
    upload = bench_upload_file(&bench, slide, plain);
    bench_import(&bench, slide, &upload, &imported);
    assert_int_equal(imported.result.state, VTB_DOC_READY);
    assert_int_equal(imported.result.n, 1);
    assert_int_equal(imported.pages[0].height_px, 1200);
    assert_true(imported.pages[0].lossy); /* noise is a photograph */
}

static void a_picture_that_ends_early_is_not_shown_grey(void **state)
{
    struct vtb_id document = bench_id();
    size_t len;
    uint8_t *jpeg = bench_read(FIXTURES "/quadrants.jpg", &len);
    struct vtb_doc_upload upload = bench_upload(&bench, document, jpeg, len - 60);

    (void)state;
    free(jpeg);
    bench_import(&bench, document, &upload, &imported);
    assert_int_equal(imported.result.state, VTB_DOC_FAILED);
    assert_int_equal(imported.result.err, VTB_OK); /* the file's fault, not ours */
    assert_non_null(strstr(imported.result.message, "could not be drawn"));
    assert_int_equal(bench_count(&bench, "jobs"), 0);
}

static void a_file_with_501_pages_is_refused(void **state)
{
    struct vtb_id document = bench_id();
    const size_t cap = 80000;
    char *pdf = malloc(cap);
    struct vtb_doc_upload upload;
    FILE *file = fmemopen(pdf, cap, "w");
    long len;

    (void)state;
    assert_non_null(file);
    fputs("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n", file);
    for (int i = 0; i < 501; i++)
        fprintf(file, "%d 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n", i + 3);
    fputs("2 0 obj<</Type/Pages/Count 501/Kids[", file);
    for (int i = 0; i < 501; i++)
        fprintf(file, "%d 0 R ", i + 3);
    fputs("]>>endobj\ntrailer<</Size 504/Root 1 0 R>>\n%%EOF\n", file);
    len = ftell(file);
    fclose(file);
    upload = bench_upload(&bench, document, pdf, (size_t)len);
    free(pdf);
    bench_import(&bench, document, &upload, &imported);
    assert_int_equal(imported.result.state, VTB_DOC_FAILED);
    assert_non_null(strstr(imported.result.message, "501 pages; at most 500"));
}

/* ---- what goes wrong inside ---- */

static void one_bad_page_does_not_hide_the_others(void **state)
{
    struct vtb_id document = bench_id();

    (void)state;
    use_wayward("page2");
    import_pdf(document);
    assert_int_equal(imported.result.state, VTB_DOC_PARTLY);
    assert_string_equal(imported.result.message, "Page 2 of this PDF could not be drawn. The other "
                                                 "2 pages can be shown.");
    assert_string_equal(imported.pages[1].digest, "");
    assert_string_not_equal(imported.pages[2].digest, "");
}

static void tiles_that_are_not_tiles_are_not_published(void **state)
{
    static const char *const names[] = { "odd", "spare" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        use_wayward(names[i]);
        import_pdf(bench_id());
        assert_int_equal(imported.result.state, VTB_DOC_FAILED);
        assert_int_equal(bench_count(&bench, "tiles"), 0);
    }
}

static void a_child_that_fills_the_folder_is_ended(void **state)
{
    (void)state;
    use_wayward("files");
    import_pdf(bench_id());
    assert_int_equal(imported.result.state, VTB_DOC_FAILED);
    assert_int_equal(bench_count(&bench, "jobs"), 0);
}

static void our_own_failure_is_not_blamed_on_the_file(void **state)
{
    (void)state;
    use_wayward("broken");
    import_pdf(bench_id());
    assert_int_equal(imported.result.state, VTB_DOC_FAILED);
    assert_int_equal(imported.result.err, VTB_SYS);
    assert_non_null(strstr(imported.result.message, "not at fault"));
}

/* ---- turns, memory, erasing ---- */

static void a_photograph_does_not_wait_for_a_long_file(void **state)
{
    struct vtb_id deck = bench_id(), photo = bench_id();
    struct vtb_doc_upload pdf = bench_upload_file(&bench, deck, FIXTURES "/three-pages.pdf");
    struct vtb_doc_upload jpeg = bench_upload_file(&bench, photo, FIXTURES "/quadrants.jpg");

    (void)state;
    bench_import_start(&bench, deck, &pdf, &imported);
    bench_import_start(&bench, photo, &jpeg, &other);
    assert_int_equal(vtb_documents_import(bench.docs, photo, jpeg.sha256, jpeg.kind, NULL, NULL, NULL),
                     VTB_AGAIN); /* it is already on its way */
    bench_wait(&bench, &other.done);
    assert_false(imported.done);
    bench_wait(&bench, &imported.done);
    assert_int_equal(imported.result.state, VTB_DOC_READY);
    assert_int_equal(other.result.state, VTB_DOC_READY);
}

static unsigned answers;

static void on_tile(void *ctx, enum vtb_err err, struct vtb_blob *blob)
{
    struct vtb_blob **first = ctx;

    assert_int_equal(err, VTB_OK);
    if (!*first)
        *first = blob;
    assert_ptr_equal(blob, *first); /* the same bytes, shared */
    answers++;
}

static void sixty_four_people_cost_one_read(void **state)
{
    struct vtb_id document = bench_id();
    struct vtb_documents_stats before, after;
    struct vtb_blob *first = NULL;

    (void)state;
    import_pdf(document);
    bench_restart(&bench, SANDBOX); /* with an empty memory */
    answers = 0;
    vtb_documents_stats(bench.docs, &before);
    for (int i = 0; i < 64; i++)
        assert_int_equal(vtb_documents_tile(bench.docs, document, imported.pages[0].digest, 1, 1, 0,
                                            on_tile, &first), VTB_OK);
    while (answers < 64)
        uv_run(&bench.loop, UV_RUN_ONCE);
    vtb_documents_stats(bench.docs, &after);
    assert_int_equal(after.misses - before.misses, 1);
    assert_int_equal(after.hits - before.hits, 63);
    assert_true(after.cache_bytes > 0);
}

static void an_address_is_only_an_address(void **state)
{
    struct vtb_id document = bench_id();
    char bad[65];
    enum vtb_err err;

    (void)state;
    import_pdf(document);
    memcpy(bad, imported.pages[0].digest, sizeof bad);
    memcpy(bad, "../../", 6);
    assert_null(bench_tile(&bench, document, bad, 0, 0, 0, &err));
    assert_int_equal(err, VTB_ABSENT);
    assert_null(bench_tile(&bench, document, "", 0, 0, 0, &err));
    assert_int_equal(err, VTB_ABSENT);
    assert_null(bench_tile(&bench, document, imported.pages[0].digest, 256, 0, 0, &err));
    assert_int_equal(err, VTB_ABSENT);
    assert_null(bench_tile(&bench, bench_id(), imported.pages[0].digest, 0, 0, 0, &err));
    assert_int_equal(err, VTB_ABSENT); /* of another document */
}

static void erasing_leaves_nothing(void **state)
{
    struct vtb_id document = bench_id();
    struct vtb_doc_upload upload = bench_upload_file(&bench, document, FIXTURES "/three-pages.pdf");
    struct vtb_documents_stats stats;
    char path[PATH_MAX];
    enum vtb_err err;

    (void)state;
    bench_import(&bench, document, &upload, &imported);
    vtb_blob_unref(bench_tile(&bench, document, imported.pages[0].digest, 0, 0, 0, &err));
    assert_int_equal(bench_erase(&bench, document, upload.sha256), VTB_OK);
    assert_null(bench_tile(&bench, document, imported.pages[0].digest, 0, 0, 0, &err));
    assert_int_equal(err, VTB_ABSENT);
    assert_int_equal(bench_count(&bench, "tiles"), 0);
    assert_int_equal(vtb_documents_blob_path(bench.docs, upload.sha256, path, sizeof path), VTB_OK);
    assert_int_equal(access(path, F_OK), -1);
    vtb_documents_stats(bench.docs, &stats);
    assert_int_equal(stats.cache_bytes, 0);
}

static void erasing_ends_a_running_import_first(void **state)
{
    struct vtb_id document = bench_id();
    struct vtb_doc_upload upload = bench_upload_file(&bench, document, FIXTURES "/three-pages.pdf");

    (void)state;
    bench_import_start(&bench, document, &upload, &imported);
    while (imported.progressed < 1)
        uv_run(&bench.loop, UV_RUN_ONCE);
    assert_int_equal(bench_erase(&bench, document, NULL), VTB_OK);
    assert_false(imported.done); /* without a word */
    assert_int_equal(bench_count(&bench, "tiles"), 0);
    assert_int_equal(bench_count(&bench, "jobs"), 0);
}

static void a_room_can_be_closed_at_any_moment(void **state)
{
    (void)state;
    for (int turns = 0; turns < 24; turns += 3) {
        struct vtb_id document = bench_id();
        struct vtb_doc_upload upload =
            bench_upload_file(&bench, document, FIXTURES "/three-pages.pdf");

        bench_import_start(&bench, document, &upload, &imported);
        for (int i = 0; i < turns; i++)
            uv_run(&bench.loop, UV_RUN_ONCE);
        bench_restart(&bench, SANDBOX); /* leaks and live handles fail the test */
        assert_int_equal(bench_count(&bench, "jobs"), 0);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_pdf_becomes_pages_of_tiles, set_up_full_size, tear_down),
        TEST(the_words_of_a_page_can_be_read),
        TEST(drawing_twice_gives_the_same_pages),
        TEST(photographs_stand_upright_and_are_never_mirrored),
        TEST(metadata_is_not_served),
        TEST(bombs_are_refused_before_they_are_opened),
        TEST(transparency_becomes_white),
        TEST(sheets_of_a_tiff_are_pages_but_reduced_copies_are_not),
        TEST(a_picture_that_ends_early_is_not_shown_grey),
        TEST(a_file_with_501_pages_is_refused),
        TEST(one_bad_page_does_not_hide_the_others),
        TEST(tiles_that_are_not_tiles_are_not_published),
        TEST(a_child_that_fills_the_folder_is_ended),
        TEST(our_own_failure_is_not_blamed_on_the_file),
        TEST(a_photograph_does_not_wait_for_a_long_file),
        TEST(sixty_four_people_cost_one_read),
        TEST(an_address_is_only_an_address),
        TEST(erasing_leaves_nothing),
        TEST(erasing_ends_a_running_import_first),
        TEST(a_room_can_be_closed_at_any_moment),
    };

    return cmocka_run_group_tests_name("documents, imports", tests, NULL, NULL);
}
