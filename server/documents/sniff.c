#include "sniff.h"

#include "base/cursor.h"

static bool begins(const uint8_t *data, size_t len, const void *with, size_t n)
{
    return len >= n && memcmp(data, with, n) == 0;
}

static bool has_at(const uint8_t *data, size_t len, size_t at, const void *what, size_t n)
{
    return len >= at + n && memcmp(data + at, what, n) == 0;
}

/* Readers accept a PDF header within the first 1024 bytes (ISO 32000-1, annex H 3.4.1). */
static bool is_pdf(const uint8_t *data, size_t len)
{
    size_t end = len < SNIFF_BYTES ? len : SNIFF_BYTES;

    for (size_t at = 0; at + 5 <= end; at++)
        if (memcmp(data + at, "%PDF-", 5) == 0)
            return true;
    return false;
}

static bool is_tiff(const uint8_t *data, size_t len)
{
    return begins(data, len, "II*\0", 4) || begins(data, len, "MM\0*", 4) ||
           begins(data, len, "II+\0", 4) || begins(data, len, "MM\0+", 4); /* BigTIFF */
}

static const char *words_for(const uint8_t *data, size_t len)
{
    if (len == 0)
        return "This file is empty. Nothing was kept. Choose the file again.";
    if (begins(data, len, "PK\3\4", 4))
        return "This looks like a PowerPoint, Word or ZIP file, which cannot be shown. Nothing was "
               "kept. Save it as a PDF and upload that.";
    if (begins(data, len, "\xd0\xcf\x11\xe0", 4))
        return "This looks like an older PowerPoint or Word file, which cannot be shown. Nothing "
               "was kept. Save it as a PDF and upload that.";
    if (has_at(data, len, 128, "DICM", 4))
        return "This is a DICOM file, which cannot be shown as a document. Nothing was kept. "
               "Export the slices the board needs as PNG or PDF and upload those.";
    if (has_at(data, len, 4, "ftyphei", 7) || has_at(data, len, 4, "ftypmif1", 8) ||
        has_at(data, len, 4, "ftypavif", 8))
        return "This is a HEIC or AVIF photograph, which cannot be shown. Nothing was kept. Save "
               "it as JPEG and upload that; on an iPhone choose Camera, Formats, Most Compatible.";
    if (begins(data, len, "GIF8", 4) || begins(data, len, "BM", 2))
        return "GIF and BMP pictures cannot be shown. Nothing was kept. Save it as PNG and upload "
               "that.";
    return "This is not a PDF, JPEG, PNG, WebP or TIFF file. Nothing was kept. Save it as a PDF "
           "and upload that.";
}

enum vtb_err sniff(const uint8_t *data, size_t len, enum vtb_doc_kind *out_kind,
                   const char **out_words)
{
    if (begins(data, len, "\xff\xd8\xff", 3))
        *out_kind = VTB_DOC_JPEG;
    else if (begins(data, len, "\x89PNG\r\n\x1a\n", 8))
        *out_kind = VTB_DOC_PNG;
    else if (begins(data, len, "RIFF", 4) && has_at(data, len, 8, "WEBP", 4))
        *out_kind = VTB_DOC_WEBP;
    else if (is_tiff(data, len))
        *out_kind = VTB_DOC_TIFF;
    else if (is_pdf(data, len))
        *out_kind = VTB_DOC_PDF;
    else {
        *out_words = words_for(data, len);
        return VTB_PARSE;
    }
    return VTB_OK;
}

static uint32_t le(const uint8_t *at, size_t bytes)
{
    uint32_t v = 0;

    for (size_t i = bytes; at && i > 0; i--)
        v = v << 8 | at[i - 1];
    return v;
}

static bool read_image(const uint8_t *name, const uint8_t *body, size_t len,
                       struct sniff_webp *webp)
{
    if (len < 10)
        return false;
    if (!memcmp(name, "VP8L", 4) && body[0] == 0x2f) {
        uint32_t bits = le(body + 1, 4);

        webp->width = (bits & 0x3fff) + 1;
        webp->height = (bits >> 14 & 0x3fff) + 1;
        return true;
    }
    if (memcmp(name, "VP8 ", 4) != 0 || memcmp(body + 3, "\x9d\x01\x2a", 3) != 0)
        return false;
    webp->width = le(body + 6, 2) & 0x3fff;
    webp->height = le(body + 8, 2) & 0x3fff;
    return true;
}

enum vtb_err sniff_webp(const uint8_t *data, size_t len, struct sniff_webp *out_webp)
{
    struct vtb_cursor in = { .at = data, .left = len };
    const uint8_t *riff = vtb_cursor_take(&in, 12);
    struct sniff_webp webp = { 0 };

    if (in.bad || memcmp(riff, "RIFF", 4) != 0 || memcmp(riff + 8, "WEBP", 4) != 0 ||
        le(riff + 4, 4) != len - 8)
        return VTB_PARSE;
    while (in.left > 0 && !in.bad) {
        const uint8_t *head = vtb_cursor_take(&in, 8);
        size_t size = le(head ? head + 4 : NULL, 4);
        const uint8_t *body = vtb_cursor_take(&in, size + (size & 1));

        if (in.bad || !memcmp(head, "ALPH", 4) || !memcmp(head, "ANIM", 4))
            return VTB_PARSE;
        if (memcmp(head, "VP8 ", 4) != 0 && memcmp(head, "VP8L", 4) != 0)
            continue;
        if (webp.image || !read_image(head, body, size, &webp))
            return VTB_PARSE;
        webp.image = head;
        webp.image_len = 8 + size + (size & 1);
    }
    if (in.bad || !webp.image)
        return VTB_PARSE;
    *out_webp = webp;
    return VTB_OK;
}

enum vtb_err sniff_png(const uint8_t *data, size_t len, struct sniff_png *out_png)
{
    struct vtb_cursor in = { .at = data, .left = len };
    const uint8_t *mark = vtb_cursor_take(&in, 8);
    uint32_t size = vtb_cursor_u32(&in);
    const uint8_t *chunk = vtb_cursor_take(&in, 4);
    struct sniff_png png = { 0 };
    uint8_t colour;

    png.width = vtb_cursor_u32(&in);
    png.height = vtb_cursor_u32(&in);
    vtb_cursor_skip(&in, 1); /* depth */
    colour = vtb_cursor_u8(&in);
    if (in.bad || memcmp(mark, "\x89PNG\r\n\x1a\n", 8) != 0 || size != 13 ||
        memcmp(chunk, "IHDR", 4) != 0 || png.width == 0 || png.height == 0)
        return VTB_PARSE;
    png.alpha = colour & 4;
    *out_png = png;
    return VTB_OK;
}
