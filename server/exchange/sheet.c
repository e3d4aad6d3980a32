#include "sheet.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CELLS 6
#define MAX_TAGS  3
#define BOX_INSET 8.5
#define MAX_BYTES (16u * 1024 * 1024) /* no plan of 64 kB comes near */

struct sheet {
    struct sheet_config cfg;
    cairo_surface_t *surface;
    cairo_t *cr;
    PangoFontMap *fonts;
    PangoContext *pango;
    double y;
    unsigned page;
    bool in_frame, boxed;
    const char *tags[MAX_TAGS]; /* open around rows */
    size_t tags_n;
    double box_from;
    uint8_t *bytes;
    size_t len, cap;
    bool failed;
};

static cairo_status_t take_bytes(void *ctx, const unsigned char *data, unsigned int n)
{
    struct sheet *sheet = ctx;

    if (sheet->len + n > sheet->cap) {
        size_t cap = sheet->cap ? 2 * sheet->cap : 65536;
        uint8_t *grown;

        while (cap < sheet->len + n)
            cap *= 2;
        grown = cap > MAX_BYTES ? NULL : realloc(sheet->bytes, cap);
        if (!grown) {
            sheet->failed = true;
            return CAIRO_STATUS_WRITE_ERROR;
        }
        sheet->bytes = grown;
        sheet->cap = cap;
    }
    memcpy(sheet->bytes + sheet->len, data, n);
    sheet->len += n;
    return CAIRO_STATUS_SUCCESS;
}

/* ---- text ---- */

#define SERIF "Source Serif 4,Source Serif Pro,Noto Serif,Charis SIL,DejaVu Serif,serif"
#define SANS  "Atkinson Hyperlegible Next,Atkinson Hyperlegible,Noto Sans,DejaVu Sans,sans-serif"
#define MONO  "Atkinson Hyperlegible Mono,Noto Sans Mono,DejaVu Sans Mono,monospace"

static const struct {
    const char *family;
    double size;
    PangoWeight weight;
    double line; /* of the font's own */
} styles[] = {
    [SHEET_TITLE] = { SERIF, 16, PANGO_WEIGHT_SEMIBOLD, 1 },
    [SHEET_HEAD] = { SANS, 8.6, PANGO_WEIGHT_BOLD, 1 },
    [SHEET_TEXT] = { SERIF, 9.2, PANGO_WEIGHT_NORMAL, 1 },
    [SHEET_STRONG] = { SERIF, 9.2, PANGO_WEIGHT_SEMIBOLD, 1 },
    [SHEET_UI] = { SANS, 8.2, PANGO_WEIGHT_NORMAL, 1 },
    [SHEET_UI_STRONG] = { SANS, 8.2, PANGO_WEIGHT_BOLD, 1 },
    [SHEET_SMALL] = { SANS, 7.6, PANGO_WEIGHT_NORMAL, 1 },
    [SHEET_MONO] = { MONO, 7.8, PANGO_WEIGHT_NORMAL, 1.1 },
    [SHEET_REVERSE] = { SANS, 10, PANGO_WEIGHT_BOLD, 1 },
};

static PangoLayout *lay_out(struct sheet *sheet, const struct sheet_cell *cell)
{
    PangoLayout *layout = pango_layout_new(sheet->pango);
    PangoFontDescription *font = pango_font_description_new();
    PangoAttrList *attrs = pango_attr_list_new();

    pango_font_description_set_family_static(font, styles[cell->style].family);
    pango_font_description_set_absolute_size(font, styles[cell->style].size * PANGO_SCALE);
    pango_font_description_set_weight(font, styles[cell->style].weight);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_width(layout, (int)(cell->width * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR); /* a word of 4 kB breaks too */
    pango_layout_set_auto_dir(layout, FALSE); /* a cell keeps its side, whatever is typed */
    /* No hyphen that was not signed: it could be read as a minus or as part of a variant. */
    pango_attr_list_insert(attrs, pango_attr_insert_hyphens_new(FALSE));
    pango_layout_set_attributes(layout, attrs);
    pango_attr_list_unref(attrs);
    pango_layout_set_line_spacing(layout, (float)styles[cell->style].line);
    if (cell->right)
        pango_layout_set_alignment(layout, PANGO_ALIGN_RIGHT);
    pango_layout_set_text(layout, cell->text, -1); /* never markup */
    return layout;
}

static double height_of(PangoLayout *layout)
{
    int height;

    pango_layout_get_size(layout, NULL, &height);
    return (double)height / PANGO_SCALE;
}

double sheet_height_of(struct sheet *sheet, const struct sheet_cell *cell)
{
    PangoLayout *layout = lay_out(sheet, cell);
    double height = height_of(layout);

    g_object_unref(layout);
    return height;
}

/* ---- pages ---- */

static double bottom(const struct sheet *sheet)
{
    return SHEET_HEIGHT - SHEET_MARGIN * 0.6 - sheet->cfg.foot;
}

static void draw_box(struct sheet *sheet)
{
    cairo_set_line_width(sheet->cr, 0.8);
    cairo_rectangle(sheet->cr, SHEET_MARGIN, sheet->box_from, SHEET_INNER, sheet->y - sheet->box_from);
    cairo_stroke(sheet->cr);
}

static void start_page(struct sheet *sheet)
{
    sheet->page++;
    sheet->y = SHEET_MARGIN * 0.75;
    sheet->in_frame = true;
    sheet->cfg.frame(sheet->cfg.ctx, sheet, sheet->page, sheet->cfg.pages);
    sheet->in_frame = false;
}

static void turn_page(struct sheet *sheet)
{
    if (sheet->boxed) {
        sheet->y += 2;
        draw_box(sheet);
    }
    /* The head of a page is no part of a table that goes on below it. */
    for (size_t i = sheet->tags_n; i > 0; i--)
        cairo_tag_end(sheet->cr, sheet->tags[i - 1]);
    cairo_show_page(sheet->cr);
    start_page(sheet);
    for (size_t i = 0; i < sheet->tags_n; i++)
        cairo_tag_begin(sheet->cr, sheet->tags[i], NULL);
    if (sheet->boxed) {
        sheet->box_from = sheet->y;
        sheet->y += 4;
    }
}

enum vtb_err sheet_begin(const struct sheet_config *cfg, struct sheet **out_sheet)
{
    struct sheet *sheet = calloc(1, sizeof *sheet);

    if (!sheet)
        return VTB_NOMEM;
    sheet->cfg = *cfg;
    sheet->surface = cairo_pdf_surface_create_for_stream(take_bytes, sheet, SHEET_WIDTH, SHEET_HEIGHT);
    cairo_pdf_surface_restrict_to_version(sheet->surface, CAIRO_PDF_VERSION_1_5);
    cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_TITLE, cfg->title);
    cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_CREATOR, "Consilium");
    cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_CREATE_DATE, cfg->created);
    sheet->cr = cairo_create(sheet->surface);
    /* A font map of our own: the default one belongs to the thread and outlives us. */
    sheet->fonts = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
    sheet->pango = pango_font_map_create_context(sheet->fonts);
    pango_cairo_update_context(sheet->cr, sheet->pango);
    pango_context_set_base_dir(sheet->pango, PANGO_DIRECTION_WEAK_LTR);
    pango_context_set_language(sheet->pango, pango_language_from_string("en"));
    pango_context_set_round_glyph_positions(sheet->pango, FALSE);
    cairo_set_source_rgb(sheet->cr, 0, 0, 0);
    cairo_tag_begin(sheet->cr, "Document", NULL);
    start_page(sheet);
    *out_sheet = sheet;
    return VTB_OK;
}

enum vtb_err sheet_end(struct sheet *sheet, uint8_t **out, size_t *out_len, unsigned *out_pages)
{
    enum vtb_err err = VTB_OK;

    cairo_tag_end(sheet->cr, "Document");
    cairo_show_page(sheet->cr);
    cairo_surface_finish(sheet->surface);
    if (sheet->failed || cairo_status(sheet->cr) || cairo_surface_status(sheet->surface))
        err = VTB_SYS;
    cairo_destroy(sheet->cr);
    cairo_surface_destroy(sheet->surface);
    g_object_unref(sheet->pango);
    g_object_unref(sheet->fonts);
    if (err) {
        free(sheet->bytes);
    } else {
        *out = sheet->bytes;
        *out_len = sheet->len;
        *out_pages = sheet->page;
    }
    free(sheet);
    return err;
}

/* ---- rows ---- */

struct flow {
    const struct sheet_cell *cell;
    PangoLayout *layout;
    PangoLayoutIter *iter;
    bool done;
    double from; /* y in the layout where this page's piece begins */
};

/* Draws what fits of one cell below the sheet's position; how far down it came. */
static double draw_piece(struct sheet *sheet, struct flow *flow)
{
    const struct sheet_cell *cell = flow->cell;
    double inset = sheet->boxed && !sheet->in_frame ? BOX_INSET : 0, used = 0;

    if (flow->done)
        return 0;
    cairo_tag_begin(sheet->cr, cell->tag, NULL);
    do {
        PangoRectangle line;
        int top, end, base = pango_layout_iter_get_baseline(flow->iter);
        double height;

        pango_layout_iter_get_line_yrange(flow->iter, &top, &end);
        pango_layout_iter_get_line_extents(flow->iter, NULL, &line);
        height = (double)end / PANGO_SCALE - flow->from;
        if (!sheet->in_frame && sheet->y + height > bottom(sheet))
            break;
        cairo_save(sheet->cr);
        /* Marks piled on a letter stay within their own line. */
        cairo_rectangle(sheet->cr, SHEET_MARGIN + inset + cell->x - 3,
                        sheet->y + (double)top / PANGO_SCALE - flow->from - 2, cell->width + 6,
                        (double)(end - top) / PANGO_SCALE + 4);
        cairo_clip(sheet->cr);
        cairo_move_to(sheet->cr, SHEET_MARGIN + inset + cell->x + (double)line.x / PANGO_SCALE,
                      sheet->y + (double)base / PANGO_SCALE - flow->from);
        pango_cairo_show_layout_line(sheet->cr, pango_layout_iter_get_line_readonly(flow->iter));
        cairo_restore(sheet->cr);
        used = height;
        flow->done = !pango_layout_iter_next_line(flow->iter);
    } while (!flow->done);
    cairo_tag_end(sheet->cr, cell->tag);
    if (!flow->done) {
        int top, end;

        pango_layout_iter_get_line_yrange(flow->iter, &top, &end);
        flow->from = (double)top / PANGO_SCALE;
    }
    return used;
}

static void draw_row(struct sheet *sheet, struct flow *flows, size_t n)
{
    for (bool more = true; more;) {
        double used = 0;

        more = false;
        for (size_t i = 0; i < n; i++) {
            double height = draw_piece(sheet, &flows[i]);

            used = height > used ? height : used;
            more = more || !flows[i].done;
        }
        sheet->y += used;
        if (more)
            turn_page(sheet);
    }
}

void sheet_row_with(struct sheet *sheet, const struct sheet_cell *cells, size_t n, double after)
{
    struct flow flows[MAX_CELLS];
    double tallest = 0;

    if (n > MAX_CELLS) {
        sheet->failed = true;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        double height;

        flows[i] = (struct flow){ .cell = &cells[i], .layout = lay_out(sheet, &cells[i]) };
        flows[i].iter = pango_layout_get_iter(flows[i].layout);
        height = height_of(flows[i].layout);
        tallest = height > tallest ? height : tallest;
    }
    /* A short row is not torn, a long one is. */
    if (!sheet->in_frame && sheet->y + tallest + after > bottom(sheet) && tallest < SHEET_WHOLE)
        turn_page(sheet);
    draw_row(sheet, flows, n);
    for (size_t i = 0; i < n; i++) {
        pango_layout_iter_free(flows[i].iter);
        g_object_unref(flows[i].layout);
    }
}

void sheet_row(struct sheet *sheet, const struct sheet_cell *cells, size_t n)
{
    sheet_row_with(sheet, cells, n, 0);
}

void sheet_place(struct sheet *sheet, double y, const struct sheet_cell *cell)
{
    double was = sheet->y;
    bool framed = sheet->in_frame;

    sheet->y = y;
    sheet->in_frame = true;
    sheet_row(sheet, cell, 1);
    sheet->in_frame = framed;
    sheet->y = was;
}

/* ---- lines and boxes ---- */

void sheet_space(struct sheet *sheet, double height)
{
    sheet->y += height;
}

void sheet_rule_at(struct sheet *sheet, double y, double thickness)
{
    cairo_set_line_width(sheet->cr, thickness);
    cairo_move_to(sheet->cr, SHEET_MARGIN, y);
    cairo_line_to(sheet->cr, SHEET_WIDTH - SHEET_MARGIN, y);
    cairo_stroke(sheet->cr);
}

void sheet_rule(struct sheet *sheet, double thickness)
{
    sheet_rule_at(sheet, sheet->y + 2, thickness);
    sheet->y += 4.25;
}

void sheet_bar(struct sheet *sheet, const char *text)
{
    struct sheet_cell cell = { 7, SHEET_INNER - 14, SHEET_REVERSE, text, "P", false };
    double height = sheet_height_of(sheet, &cell);

    cairo_rectangle(sheet->cr, SHEET_MARGIN, sheet->y, SHEET_INNER, height + 8);
    cairo_fill(sheet->cr);
    cairo_set_source_rgb(sheet->cr, 1, 1, 1);
    sheet_place(sheet, sheet->y + 4, &cell);
    cairo_set_source_rgb(sheet->cr, 0, 0, 0);
    sheet->y += height + 8;
}

void sheet_box_begin(struct sheet *sheet)
{
    if (sheet->y + 50 > bottom(sheet))
        turn_page(sheet);
    sheet->boxed = true;
    sheet->box_from = sheet->y;
    sheet->y += 5;
}

void sheet_box_end(struct sheet *sheet)
{
    sheet->y += 5;
    draw_box(sheet);
    sheet->boxed = false;
}

void sheet_tag_begin(struct sheet *sheet, const char *tag)
{
    if (sheet->tags_n == MAX_TAGS) {
        sheet->failed = true;
        return;
    }
    sheet->tags[sheet->tags_n++] = tag;
    cairo_tag_begin(sheet->cr, tag, NULL);
}

void sheet_tag_end(struct sheet *sheet)
{
    if (sheet->tags_n > 0)
        cairo_tag_end(sheet->cr, sheet->tags[--sheet->tags_n]);
}

double sheet_at(const struct sheet *sheet)
{
    return sheet->y;
}

void sheet_move(struct sheet *sheet, double y)
{
    sheet->y = y;
}
