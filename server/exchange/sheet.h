/*
 * sheet.h - pages of a printed document: rows of cells that break line by line.
 *
 * All lengths in points (1/72 inch), from the top left corner of the page. Positions of cells are
 * relative to the left margin. Text is never markup.
 *
 * Thread:    any, one sheet each.
 * Ownership: the sheet owns cairo's and pango's objects; texts are borrowed for the call.
 * Errors:    are kept inside and told by sheet_end.
 */
#ifndef VTB_EXCHANGE_SHEET_H
#define VTB_EXCHANGE_SHEET_H

#include "base/err.h"

#define SHEET_WIDTH  595.28 /* A4 */
#define SHEET_HEIGHT 841.89
#define SHEET_MARGIN 51.02 /* 18 mm */
#define SHEET_INNER  (SHEET_WIDTH - 2 * SHEET_MARGIN)
#define SHEET_WHOLE  200.0 /* rows up to this height are not torn by the end of a page */

enum sheet_style {
    SHEET_TITLE,  /* serif 16, heavy */
    SHEET_HEAD,   /* sans 8.6, bold */
    SHEET_TEXT,   /* serif 9.6 */
    SHEET_STRONG, /* the same, heavy */
    SHEET_UI,     /* sans 8.2 */
    SHEET_UI_STRONG,
    SHEET_SMALL,   /* sans 7.6 */
    SHEET_MONO,    /* 7.8 */
    SHEET_REVERSE, /* sans 10, bold, white: on sheet_bar only */
};

struct sheet_cell {
    double x, width;
    enum sheet_style style;
    const char *text; /* UTF-8, lines by \n */
    const char *tag;  /* PDF structure: "P", "H2", "TD", ... */
    bool right;       /* flush right */
};

struct sheet;

/* Draws what stands on every page: between sheet_top and the first row, and in the foot. Moves the
 * sheet's position below the head. */
typedef void sheet_frame_fn(void *ctx, struct sheet *sheet, unsigned page, unsigned pages);

struct sheet_config {
    unsigned pages;    /* as known from an earlier run; 0 at first */
    double foot;       /* height kept for the foot of each page */
    const char *title; /* of the document, for the reader's window */
    const char *created; /* ISO 8601, for the metadata */
    sheet_frame_fn *frame;
    void *ctx;
};

VTB_MUST_USE enum vtb_err sheet_begin(const struct sheet_config *cfg, struct sheet **out_sheet);
/* Frees the sheet. *out is by free(). */
VTB_MUST_USE enum vtb_err sheet_end(struct sheet *sheet, uint8_t **out, size_t *out_len,
                                    unsigned *out_pages);

void sheet_row(struct sheet *sheet, const struct sheet_cell *cells, size_t n);
/* A row that stays with what follows: `after` points more must fit on its page. */
void sheet_row_with(struct sheet *sheet, const struct sheet_cell *cells, size_t n, double after);
/* Of the next row only, at a fixed place, without breaking; for frames. */
void sheet_place(struct sheet *sheet, double y, const struct sheet_cell *cell);
double sheet_height_of(struct sheet *sheet, const struct sheet_cell *cell);

void sheet_space(struct sheet *sheet, double height);
void sheet_rule(struct sheet *sheet, double thickness); /* across, at the position; takes 1.5 mm */
void sheet_rule_at(struct sheet *sheet, double y, double thickness);
/* A black bar with white words, across. */
void sheet_bar(struct sheet *sheet, const char *text);
void sheet_box_begin(struct sheet *sheet); /* a frame around the following rows, over pages too */
void sheet_box_end(struct sheet *sheet);
void sheet_tag_begin(struct sheet *sheet, const char *tag); /* around rows; a literal, up to 3 deep */
void sheet_tag_end(struct sheet *sheet);
double sheet_at(const struct sheet *sheet);
void sheet_move(struct sheet *sheet, double y);

#endif
