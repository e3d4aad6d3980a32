/* What a file is, what the tools say, what people read: no disk, no child. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decoders.h"
#include "publish.h"
#include "sniff.h"

#define SNIFF(bytes, kind, words) sniff((const uint8_t *)(bytes), sizeof(bytes) - 1, kind, words)

static void a_file_is_known_by_its_content(void **state)
{
    enum vtb_doc_kind kind;
    const char *words;

    (void)state;
    assert_int_equal(SNIFF("%PDF-1.7", &kind, &words), VTB_OK);
    assert_int_equal(kind, VTB_DOC_PDF);
    assert_int_equal(SNIFF("junk before\n%PDF-1.4", &kind, &words), VTB_OK);
    assert_int_equal(kind, VTB_DOC_PDF);
    assert_int_equal(SNIFF("\xff\xd8\xff\xe0", &kind, &words), VTB_OK);
    assert_int_equal(kind, VTB_DOC_JPEG);
    assert_int_equal(SNIFF("\x89PNG\r\n\x1a\n", &kind, &words), VTB_OK);
    assert_int_equal(kind, VTB_DOC_PNG);
    assert_int_equal(SNIFF("RIFF\x10\0\0\0WEBP", &kind, &words), VTB_OK);
    assert_int_equal(kind, VTB_DOC_WEBP);
    assert_int_equal(SNIFF("II*\0", &kind, &words), VTB_OK);
    assert_int_equal(kind, VTB_DOC_TIFF);
    assert_int_equal(SNIFF("MM\0*", &kind, &words), VTB_OK);
    assert_int_equal(kind, VTB_DOC_TIFF);
}

static void a_refused_file_is_called_what_it_is(void **state)
{
    static const char dicom[133] = { [128] = 'D', [129] = 'I', [130] = 'C', [131] = 'M' };
    enum vtb_doc_kind kind;
    const char *words;

    (void)state;
    assert_int_equal(SNIFF("PK\3\4deck", &kind, &words), VTB_PARSE);
    assert_non_null(strstr(words, "Save it as a PDF"));
    assert_int_equal(SNIFF(dicom, &kind, &words), VTB_PARSE);
    assert_non_null(strstr(words, "DICOM"));
    assert_int_equal(SNIFF("\0\0\0\x18" "ftypheic", &kind, &words), VTB_PARSE);
    assert_non_null(strstr(words, "JPEG"));
    assert_int_equal(SNIFF("GIF89a", &kind, &words), VTB_PARSE);
    assert_non_null(strstr(words, "PNG"));
    assert_int_equal(SNIFF("<svg onload=alert(1)>", &kind, &words), VTB_PARSE);
    assert_int_equal(SNIFF("", &kind, &words), VTB_PARSE);
    assert_non_null(strstr(words, "empty"));
    assert_int_equal(SNIFF("%PD", &kind, &words), VTB_PARSE);
}

/* Every prefix of every header is read without passing its end. */
static void short_headers_are_refused(void **state)
{
    static const uint8_t webp[] = "RIFF\x16\0\0\0WEBPVP8L\x0a\0\0\0\x2f\xff\xc1\x7f\0aaaaa";
    static const uint8_t png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x05\0\0\0\x07\x08\x06";
    struct sniff_webp tile;
    struct sniff_png read;

    (void)state;
    for (size_t len = 0; len < 30; len++)
        assert_int_equal(sniff_webp(webp, len, &tile), VTB_PARSE);
    assert_int_equal(sniff_webp(webp, 30, &tile), VTB_OK);
    assert_int_equal(tile.width, 512);
    assert_int_equal(tile.height, 512);
    assert_int_equal(tile.image_len, 18);
    for (size_t len = 0; len < 26; len++)
        assert_int_equal(sniff_png(png, len, &read), VTB_PARSE);
    assert_int_equal(sniff_png(png, 26, &read), VTB_OK);
    assert_int_equal(read.width, 5);
    assert_int_equal(read.height, 7);
    assert_true(read.alpha);
}

static void an_extended_tile_gives_its_pixels(void **state)
{
    static const uint8_t good[] = "RIFF\x32\0\0\0WEBPVP8X\x0a\0\0\0\x08\0\0\0\xff\1\0\xff\1\0"
                                  "VP8L\x09\0\0\0\x2f\xff\xc1\x7f\0aaaaaEXIF\2\0\0\0ab";
    uint8_t bad[sizeof good];
    struct sniff_webp tile;

    (void)state;
    assert_int_equal(sniff_webp(good, sizeof good - 1, &tile), VTB_PARSE); /* 9 bytes are no image */
    memcpy(bad, good, sizeof bad);
    bad[34] = 10;
    assert_int_equal(sniff_webp(bad, sizeof bad - 1, &tile), VTB_OK);
    assert_int_equal(tile.image_len, 18);
    assert_memory_equal(tile.image, "VP8L", 4);
    bad[34] = 0xff; /* a chunk longer than the file */
    bad[37] = 0xff;
    assert_int_equal(sniff_webp(bad, sizeof bad - 1, &tile), VTB_PARSE);
    memcpy(bad, good, sizeof bad);
    bad[34] = 10;
    memcpy(bad + 48, "ALPH", 4); /* a page has no transparency */
    assert_int_equal(sniff_webp(bad, sizeof bad - 1, &tile), VTB_PARSE);
}

static enum vtb_err ask(enum vtb_doc_kind kind, const char *output, const char *errors, int code,
                        struct decoder_shape *shape, enum fault *fault)
{
    struct child_end end = { .exit = code, .output = output, .errors = errors };

    return decoder_read(kind, &end, shape, fault);
}

static void the_page_limit_is_500(void **state)
{
    struct decoder_shape shape;
    enum fault fault = FAULT_NONE;

    (void)state;
    assert_int_equal(ask(VTB_DOC_PDF, "Title: x\nPages:          500\n", "", 0, &shape, &fault), VTB_OK);
    assert_int_equal(shape.pages, 500);
    assert_int_equal(ask(VTB_DOC_PDF, "Pages: 501\n", "", 0, &shape, &fault), VTB_LIMIT);
    assert_int_equal(fault, FAULT_PAGES);
    assert_int_equal(ask(VTB_DOC_PDF, "Pages: 99999999999999999999\n", "", 0, &shape, &fault), VTB_LIMIT);
    /* A title cannot speak for the tool. */
    assert_int_equal(ask(VTB_DOC_PDF, "Title: x\nPages: 2\nPages:  3\n", "", 0, &shape, &fault), VTB_OK);
    assert_int_equal(shape.pages, 3);
    assert_int_equal(ask(VTB_DOC_TIFF, "width: 5\nheight: 5\nn-pages: 501\n", "", 0, &shape, &fault),
                     VTB_LIMIT);
}

static void pictures_have_limits_in_pixels(void **state)
{
    struct decoder_shape shape;
    enum fault fault = FAULT_NONE;

    (void)state;
    assert_true(decoder_fits(20000, 5000));
    assert_false(decoder_fits(20001, 1));
    assert_false(decoder_fits(1, 20001));
    assert_true(decoder_fits(10000, 10000));
    assert_false(decoder_fits(10001, 10000));
    assert_int_equal(ask(VTB_DOC_PNG, "a.png: x\nwidth: 17000\nheight: 17000\n", "", 0, &shape, &fault),
                     VTB_LIMIT);
    assert_int_equal(fault, FAULT_SIZE);
    /* A comment in the file comes later and is not believed. */
    assert_int_equal(ask(VTB_DOC_PNG, "width: 30000\nheight: 4\nwidth: 3\n", "", 0, &shape, &fault),
                     VTB_LIMIT);
}

static void faults_are_told_apart(void **state)
{
    struct decoder_shape shape;
    enum fault fault = FAULT_NONE;

    (void)state;
    assert_int_equal(ask(VTB_DOC_PDF, "", "Command Line Error: Incorrect password\n", 1, &shape, &fault),
                     VTB_PARSE);
    assert_int_equal(fault, FAULT_PASSWORD);
    assert_int_equal(ask(VTB_DOC_PDF, "", "Syntax Error: Couldn't read xref table\n", 1, &shape, &fault),
                     VTB_PARSE);
    assert_int_equal(fault, FAULT_DAMAGED_PDF);
    assert_int_equal(ask(VTB_DOC_PDF, "Pages: 0\n", "", 0, &shape, &fault), VTB_PARSE);
    assert_int_equal(ask(VTB_DOC_JPEG, "", "not a known file format\n", 1, &shape, &fault), VTB_PARSE);
    assert_int_equal(fault, FAULT_DAMAGED_PICTURE);
}

static void levels_double_up_to_full_size(void **state)
{
    uint32_t width, height;

    (void)state;
    assert_int_equal(publish_levels(512, 512), 1);
    assert_int_equal(publish_levels(513, 1), 2);
    assert_int_equal(publish_levels(2560, 1440), 4);
    publish_level_size(2560, 1440, 4, 3, &width, &height);
    assert_true(width == 2560 && height == 1440);
    publish_level_size(1979, 2560, 4, 0, &width, &height);
    assert_true(width == 248 && height == 320);
    assert_int_equal(publish_levels(20000, 1), 7);
}

static void sentences_name_the_pages(void **state)
{
    struct vtb_drawn_page pages[12] = { 0 };
    char text[VTB_DOC_MESSAGE];

    (void)state;
    for (uint32_t i = 0; i < 12; i++) {
        pages[i].number = i + 1;
        pages[i].digest[0] = i == 3 ? 0 : 'd';
    }
    words_pages(true, pages, 12, false, text);
    assert_string_equal(text, "Page 4 of this PDF could not be drawn. The other 11 pages can be shown.");
    pages[6].digest[0] = pages[11].digest[0] = '\0';
    words_pages(true, pages, 12, false, text);
    assert_string_equal(text, "Pages 4, 7 and 12 of this PDF could not be drawn. The other 9 pages "
                              "can be shown.");
    pages[7].digest[0] = pages[8].digest[0] = '\0';
    pages[0].faulty = true;
    words_pages(true, pages, 12, false, text);
    assert_string_equal(text, "Pages 4, 7, 8 and 2 more of this PDF could not be drawn. The other 7 "
                              "pages can be shown. Page 1 is damaged in the file and may lack "
                              "something. Compare with the original.");
    words_pages(true, pages + 3, 1, false, text);
    assert_non_null(strstr(text, "This PDF could not be drawn"));
    pages[0].faulty = false;
    words_pages(true, pages, 3, false, text);
    assert_string_equal(text, "");
}

/* The longest sentences end where they should, not in the middle. */
static void sentences_fit(void **state)
{
    struct fault_numbers most = { UINT32_MAX, UINT32_MAX, UINT32_MAX };
    char text[VTB_DOC_MESSAGE];

    (void)state;
    for (int fault = FAULT_PASSWORD; fault <= FAULT_OURS; fault++) {
        words_failed((enum fault)fault, &most, text);
        assert_true(strlen(text) < VTB_DOC_MESSAGE - 1);
        assert_int_equal(text[strlen(text) - 1], '.');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_known_by_its_content),
        cmocka_unit_test(a_refused_file_is_called_what_it_is),
        cmocka_unit_test(short_headers_are_refused),
        cmocka_unit_test(an_extended_tile_gives_its_pixels),
        cmocka_unit_test(the_page_limit_is_500),
        cmocka_unit_test(pictures_have_limits_in_pixels),
        cmocka_unit_test(faults_are_told_apart),
        cmocka_unit_test(levels_double_up_to_full_size),
        cmocka_unit_test(sentences_name_the_pages),
        cmocka_unit_test(sentences_fit),
    };

    return cmocka_run_group_tests_name("documents, pure", tests, NULL, NULL);
}
