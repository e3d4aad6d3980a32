/*
 * decoders.h - how the tools are asked, and what their answers mean.
 *
 * Pure: any thread.
 */
#ifndef VTB_DOCUMENTS_DECODERS_H
#define VTB_DOCUMENTS_DECODERS_H

#include "child.h"
#include "words.h"

/* Scratch that the argument lists point into. */
struct decoder_words {
    char page[16], source[48], size[32], suffix[48];
};

/* What is this? Answer on standard output. `page` from 1; only TIFF has more than one. */
void decoder_ask(enum vtb_doc_kind kind, uint32_t page, struct decoder_words *words,
                 struct child_spec *spec);
/* Draws one page to p.png: a PDF at `side_px` on its long side; a picture at its own size, upright,
 * in sRGB, without metadata: there `side_px` is its longer side, as asked. */
void decoder_draw(enum vtb_doc_kind kind, uint32_t page, uint32_t side_px,
                  struct decoder_words *words, struct child_spec *spec);
/* p.tif, as a PDF page is drawn, to p.png. */
void decoder_pack(struct child_spec *spec);
/* p.png, which has transparency, onto white: q.png. */
void decoder_flatten(struct child_spec *spec);
/* The words of a PDF page to text.txt. */
void decoder_text(uint32_t page, struct decoder_words *words, struct child_spec *spec);
/* p.png or q.png to p_files/<z>/<x>_<y>.webp. */
void decoder_tile(bool flattened, bool lossy, struct decoder_words *words, struct child_spec *spec);

struct decoder_shape {
    uint32_t pages;
    uint32_t width, height; /* of a picture; 0 for a PDF */
};

/* Reads the answer to decoder_ask. A fault that people can understand goes to *out_fault. */
VTB_MUST_USE enum vtb_err decoder_read(enum vtb_doc_kind kind, const struct child_end *end,
                                       struct decoder_shape *out_shape, enum fault *out_fault);

/* Within the limits of a picture? */
bool decoder_fits(uint32_t width, uint32_t height);
/* Tiles without loss unless that would be too heavy; see README.md for what was measured. */
bool decoder_wants_loss(uint32_t width, uint32_t height, uint64_t png_bytes);

#endif
