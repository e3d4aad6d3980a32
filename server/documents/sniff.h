/*
 * sniff.h - what a file is, by its first bytes and never by its name.
 *
 * Pure: any thread. Only the beginning is looked at; whether the rest holds is the decoder's to say.
 */
#ifndef VTB_DOCUMENTS_SNIFF_H
#define VTB_DOCUMENTS_SNIFF_H

#include "documents.h"

#define SNIFF_BYTES 1024 /* enough to see */

/* PARSE with *out_words (a literal) saying to people what it is and what to do instead. */
VTB_MUST_USE enum vtb_err sniff(const uint8_t *data, size_t len, enum vtb_doc_kind *out_kind,
                                const char **out_words);

struct sniff_webp {
    uint32_t width, height;
    const uint8_t *image; /* the chunk of pixels, header and padding included; borrows the input */
    size_t image_len;
};

/* A still WebP without transparency (RFC 9649): simple, or extended with chunks we do not want. The
 * length in the header must match `len`. */
VTB_MUST_USE enum vtb_err sniff_webp(const uint8_t *data, size_t len, struct sniff_webp *out_webp);

struct sniff_png {
    uint32_t width, height;
    bool alpha;
};

/* The header of a PNG file (RFC 2083, 4.1.1). */
VTB_MUST_USE enum vtb_err sniff_png(const uint8_t *data, size_t len, struct sniff_png *out_png);

#endif
