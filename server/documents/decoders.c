#include "decoders.h"

#include "limits/limits.h"

#include <stdio.h>
#include <stdlib.h>

/* pdftocairo packs a PNG of this size in 2.2 s and writes a TIFF in 0.04 s; vips packs that in 0.2 s.
 * WebP without loss at effort 2 takes 0.7 of the time of effort 4 and is no larger (measured on decks). */
/* Up to 0.12 byte a pixel as PNG a page is text and lines, or nearly. */
#define LOSSLESS_PNG_BYTES_100_PIXELS 12u

#define ARGS(spec, cpu, wall, ...)                                                                 \
    do {                                                                                           \
        const char *const list[] = { __VA_ARGS__, NULL };                                          \
        _Static_assert(VTB_COUNT(list) <= CHILD_ARGS, "too many arguments");                       \
        memcpy((spec)->argv, list, sizeof list);                                                   \
        (spec)->cpu_s = (cpu);                                                                     \
        (spec)->wall_s = (wall);                                                                   \
    } while (0)

/* libvips reads standard input as "stdin"; its pages count from 0. A file that ends early is an
 * error, or the missing part would be shown grey. */
static const char *picture(enum vtb_doc_kind kind, uint32_t page, struct decoder_words *words)
{
    if (kind == VTB_DOC_TIFF)
        snprintf(words->source, sizeof words->source, "stdin[page=%u,fail_on=error]", page - 1);
    else
        snprintf(words->source, sizeof words->source, "stdin[fail_on=error]");
    return words->source;
}

void decoder_ask(enum vtb_doc_kind kind, uint32_t page, struct decoder_words *words,
                 struct child_spec *spec)
{
    if (kind == VTB_DOC_PDF)
        ARGS(spec, 20, 40, "/usr/bin/pdfinfo", "-");
    else
        ARGS(spec, 20, 40, "/usr/bin/vipsheader", "-a", picture(kind, page, words));
}

/* The size asked for is the picture's own: with "only ever shrink" libvips 8.14 takes the smallest
 * level of a pyramid TIFF. A square, since a photograph may be turned. */
void decoder_draw(enum vtb_doc_kind kind, uint32_t page, uint32_t side_px,
                  struct decoder_words *words, struct child_spec *spec)
{
    snprintf(words->size, sizeof words->size, kind == VTB_DOC_PDF ? "%u" : "%ux%u", side_px, side_px);
    snprintf(words->page, sizeof words->page, "%u", page);
    if (kind == VTB_DOC_PDF)
        ARGS(spec, 30, 60, "/usr/bin/pdftocairo", "-tiff", "-tiffcompression", "none", "-singlefile",
             "-f", words->page, "-l", words->page, "-scale-to", words->size, "-", "p");
    else
        ARGS(spec, 90, 180, "/usr/bin/vipsthumbnail", picture(kind, page, words), "--size",
             words->size, "--export-profile", "srgb", "-o", "p.png[compression=1,strip]");
}

void decoder_pack(struct child_spec *spec)
{
    ARGS(spec, 30, 60, "/usr/bin/vips", "copy", "p.tif", "p.png[compression=4,strip]");
}

void decoder_flatten(struct child_spec *spec)
{
    ARGS(spec, 60, 120, "/usr/bin/vips", "flatten", "p.png", "q.png[compression=1,strip]",
         "--background", "255 255 255");
}

void decoder_text(uint32_t page, struct decoder_words *words, struct child_spec *spec)
{
    snprintf(words->page, sizeof words->page, "%u", page);
    ARGS(spec, 20, 40, "/usr/bin/pdftotext", "-f", words->page, "-l", words->page, "-enc", "UTF-8",
         "-nopgbrk", "-", "text.txt");
}

void decoder_tile(bool flattened, bool lossy, struct decoder_words *words, struct child_spec *spec)
{
    snprintf(words->suffix, sizeof words->suffix, ".webp[%s,strip]",
             lossy ? "Q=88,smart_subsample" : "lossless,effort=2");
    ARGS(spec, 120, 240, "/usr/bin/vips", "dzsave", flattened ? "q.png" : "p.png", "p", "--layout",
         "dz", "--depth", "onetile", "--tile-size", "512", "--overlap", "0", "--suffix",
         words->suffix);
}

/* The number after the first line that begins with `name`; 0 if there is none. Later lines may
 * come from the file's own metadata and are not believed. */
static uint32_t number_after(const char *text, const char *name)
{
    size_t len = strlen(name);

    for (const char *line = text; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
        if (strncmp(line, name, len) == 0) {
            unsigned long long value = strtoull(line + len, NULL, 10);

            return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
        }
    }
    return 0;
}

/* "Pages:" follows the titles in pdfinfo's answer, so here the last line counts. */
static uint32_t number_after_last(const char *text, const char *name)
{
    uint32_t value = 0;

    for (const char *at = strstr(text, name); at; at = strstr(at + 1, name))
        if (at == text || at[-1] == '\n')
            value = number_after(at, name);
    return value;
}

static enum vtb_err read_pdf(const struct child_end *end, struct decoder_shape *out_shape,
                             enum fault *out_fault)
{
    struct decoder_shape shape = { 0 };

    if (strstr(end->errors, "Incorrect password")) {
        *out_fault = FAULT_PASSWORD;
        return VTB_PARSE;
    }
    if (end->exit == 0)
        shape.pages = number_after_last(end->output, "Pages:");
    if (shape.pages == 0) {
        *out_fault = FAULT_DAMAGED_PDF;
        return VTB_PARSE;
    }
    *out_shape = shape;
    if (shape.pages > VTB_MAX_PDF_PAGES) {
        *out_fault = FAULT_PAGES;
        return VTB_LIMIT;
    }
    return VTB_OK;
}

enum vtb_err decoder_read(enum vtb_doc_kind kind, const struct child_end *end,
                          struct decoder_shape *out_shape, enum fault *out_fault)
{
    struct decoder_shape shape = { .pages = 1 };

    if (end->too_long || end->over_quota) {
        *out_fault = FAULT_TOO_LONG;
        return VTB_LIMIT;
    }
    if (kind == VTB_DOC_PDF)
        return read_pdf(end, out_shape, out_fault);
    shape.width = number_after(end->output, "width: ");
    shape.height = number_after(end->output, "height: ");
    if (end->exit != 0 || shape.width == 0 || shape.height == 0) {
        *out_fault = FAULT_DAMAGED_PICTURE;
        return VTB_PARSE;
    }
    if (kind == VTB_DOC_TIFF) {
        uint32_t n = number_after(end->output, "n-pages: ");

        shape.pages = n > 1 ? n : 1;
    }
    *out_shape = shape;
    if (shape.pages > VTB_MAX_PDF_PAGES)
        *out_fault = FAULT_PAGES;
    else if (!decoder_fits(shape.width, shape.height))
        *out_fault = FAULT_SIZE;
    else
        return VTB_OK;
    return VTB_LIMIT;
}

bool decoder_fits(uint32_t width, uint32_t height)
{
    return width <= VTB_MAX_IMAGE_SIDE_PX && height <= VTB_MAX_IMAGE_SIDE_PX &&
           (uint64_t)width * height <= VTB_MAX_IMAGE_PIXELS;
}

bool decoder_wants_loss(uint32_t width, uint32_t height, uint64_t png_bytes)
{
    return png_bytes * 100 > (uint64_t)width * height * LOSSLESS_PNG_BYTES_100_PIXELS;
}
