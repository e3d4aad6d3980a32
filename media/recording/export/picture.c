#include "picture.h"

#include <cairo.h>
#include <stdlib.h>
#include <string.h>
#include <webp/decode.h>

#define W VTB_PICTURE_WIDTH
#define H VTB_PICTURE_HEIGHT

/* The pointer of the room: an amber ring with dark edges, seen on a scan and on paper (web-client, meet/room.css). */
#define RING_PX   17.0
#define RING_WIDE 3.0
#define EDGE_WIDE 6.0

struct seen { /* what the frame shows, in px of the page */
    double x, y, w, h;
};

struct vtb_picture {
    const struct vtb_feed *feed;
    cairo_surface_t *page;  /* NULL: none */
    int page_at;
    struct vtb_shown drawn; /* what `frame` shows, without its pointer */
    bool has_frame;
    struct seen seen;
    cairo_surface_t *frame;
};

enum vtb_err vtb_picture_create(const struct vtb_feed *feed, struct vtb_picture **out)
{
    struct vtb_picture *picture = calloc(1, sizeof *picture);

    if (!picture)
        return VTB_NOMEM;
    picture->feed = feed;
    picture->page_at = -1;
    picture->frame = cairo_image_surface_create(CAIRO_FORMAT_RGB24, W, H);
    if (cairo_surface_status(picture->frame) != CAIRO_STATUS_SUCCESS) {
        vtb_picture_destroy(picture);
        return VTB_NOMEM;
    }
    *out = picture;
    return VTB_OK;
}

void vtb_picture_destroy(struct vtb_picture *picture)
{
    if (!picture)
        return;
    if (picture->page)
        cairo_surface_destroy(picture->page);
    cairo_surface_destroy(picture->frame);
    free(picture);
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Decodes one tile into its place; it must have exactly the size of that place. */
static bool put_tile(const struct vtb_feed_tile *tile, const struct vtb_page *page, uint32_t x, uint32_t y, uint8_t *bytes,
                     size_t stride)
{
    uint32_t w = least(VTB_TIMELINE_TILE, page->width - x), h = least(VTB_TIMELINE_TILE, page->height - y);
    uint8_t *at = bytes + y * stride + x * 4u;
    int tile_w, tile_h;

    if (tile->len == 0)
        return true;
    if (!WebPGetInfo(tile->at, tile->len, &tile_w, &tile_h) || tile_w != (int)w || tile_h != (int)h)
        return false;
    return WebPDecodeBGRAInto(tile->at, tile->len, at, (h - 1) * stride + w * 4u, (int)stride) != NULL;
}

static enum vtb_err load_page(struct vtb_picture *picture, int number)
{
    const struct vtb_page *page = vtb_timeline_page(picture->feed->line, (size_t)number);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)page->width, (int)page->height);
    bool good = cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS;

    if (!good) {
        cairo_surface_destroy(surface);
        return VTB_NOMEM;
    }
    if (picture->page)
        cairo_surface_destroy(picture->page);
    picture->page = surface;
    picture->page_at = number;
    picture->has_frame = false;
    cairo_surface_flush(surface);
    for (uint32_t i = 0; good && i < page->cols * page->rows; i++)
        good = put_tile(&picture->feed->tiles[page->first + i], page, i % page->cols * VTB_TIMELINE_TILE,
                        i / page->cols * VTB_TIMELINE_TILE, cairo_image_surface_get_data(surface),
                        (size_t)cairo_image_surface_get_stride(surface));
    cairo_surface_mark_dirty(surface);
    return good ? VTB_OK : VTB_CORRUPT;
}

/* All of the view in a frame of our shape, with margin. */
static struct seen fit(const struct vtb_page *page, const struct vtb_shown *shown)
{
    double unit = (double)page->width / VTB_TIMELINE_UNIT;
    struct seen view = { 0, 0, page->width, page->height }, seen;

    if (shown->view_w)
        view = (struct seen){ shown->view_x * unit, shown->view_y * unit, shown->view_w * unit, shown->view_h * unit };
    seen = view;
    if (seen.w * H < seen.h * W)
        seen.w = seen.h * W / H;
    seen.h = seen.w * H / W;
    seen.x = view.x + (view.w - seen.w) / 2;
    seen.y = view.y + (view.h - seen.h) / 2;
    return seen;
}

static void draw_page(struct vtb_picture *picture, const struct vtb_shown *shown)
{
    cairo_t *cr = cairo_create(picture->frame);

    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_paint(cr);
    if (shown->page >= 0) {
        picture->seen = fit(vtb_timeline_page(picture->feed->line, (size_t)shown->page), shown);
        cairo_scale(cr, W / picture->seen.w, W / picture->seen.w);
        cairo_set_source_surface(cr, picture->page, -picture->seen.x, -picture->seen.y);
        cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_GOOD);
        cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD); /* else the edges fade into the ground */
        cairo_rectangle(cr, -picture->seen.x, -picture->seen.y, cairo_image_surface_get_width(picture->page),
                        cairo_image_surface_get_height(picture->page));
        cairo_fill(cr);
    }
    cairo_destroy(cr);
    cairo_surface_flush(picture->frame);
    picture->drawn = *shown;
    picture->has_frame = true;
}

static bool is_drawn(const struct vtb_picture *picture, const struct vtb_shown *shown)
{
    const struct vtb_shown *drawn = &picture->drawn;

    return picture->has_frame && drawn->page == shown->page && drawn->view_w == shown->view_w &&
           (shown->view_w == 0 || (drawn->view_h == shown->view_h && drawn->view_x == shown->view_x &&
                                   drawn->view_y == shown->view_y));
}

static void ring(cairo_t *cr, double x, double y, double wide, double r, double g, double b)
{
    cairo_set_source_rgb(cr, r, g, b);
    cairo_set_line_width(cr, wide);
    cairo_arc(cr, x, y, RING_PX, 0, 6.2831853);
    cairo_stroke(cr);
}

static void draw_pointer(const struct vtb_picture *picture, const struct vtb_shown *shown, uint8_t *out)
{
    double unit = (double)vtb_timeline_page(picture->feed->line, (size_t)shown->page)->width / VTB_TIMELINE_UNIT;
    double scale = W / picture->seen.w;
    double x = (shown->x * unit - picture->seen.x) * scale, y = (shown->y * unit - picture->seen.y) * scale;
    cairo_surface_t *surface = cairo_image_surface_create_for_data(out, CAIRO_FORMAT_RGB24, W, H, W * 4);
    cairo_t *cr = cairo_create(surface);

    ring(cr, x, y, EDGE_WIDE, 0, 0, 0);
    ring(cr, x, y, RING_WIDE, 0.949, 0.722, 0.294);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
}

enum vtb_err vtb_picture_draw(struct vtb_picture *picture, const struct vtb_shown *shown, uint8_t *out)
{
    if (shown->page >= 0 && shown->page != picture->page_at) {
        enum vtb_err err = load_page(picture, shown->page);

        if (err)
            return err;
    }
    if (!is_drawn(picture, shown))
        draw_page(picture, shown);
    memcpy(out, cairo_image_surface_get_data(picture->frame), VTB_PICTURE_BYTES);
    if (shown->has_pointer && shown->page >= 0)
        draw_pointer(picture, shown, out);
    return VTB_OK;
}
