/* line.c - what the log, the turns and the marks say, as one time line for the export. */
#include "films.h"

#include "media/recordings.h"

#include <stdlib.h>
#include <string.h>

#define UNIT    10000
#define TILE    512
#define FRAME_W 1280 /* of the film (media/recording/export/picture.h) */
#define FRAME_H 720
#define PIXELS  (24 * 1000 * 1000)
#define TILES   6000u /* of all pages: some 250 MB at most */
#define EVENTS  400000u
#define PAGES   2000u
#define TALKING 16u /* at once; more is a crowd, and no frame has room for their names */

struct moment {
    uint32_t at_ms;
    uint32_t n; /* in which order they came: what was first stays first */
    json_t *what;
};

struct making {
    struct moment *at;
    size_t n, cap;
    struct vtb_film_order *order;
    json_t **pages;      /* borrowed, by index of the order's pages */
    json_int_t *least_w; /* the narrowest view of each */
    int page;            /* that stands, -1: none */
    enum vtb_err err;
};

static void add(struct making *to, uint32_t at_ms, json_t *take_what)
{
    if (to->n == to->cap && !to->err) {
        size_t cap = to->cap ? to->cap * 2 : 256;
        struct moment *more = cap <= 2 * EVENTS ? realloc(to->at, cap * sizeof *more) : NULL;

        if (!more)
            to->err = VTB_LIMIT;
        else
            to->at = more, to->cap = cap;
    }
    if (to->err || !take_what) {
        json_decref(take_what);
        to->err = to->err ? to->err : VTB_NOMEM;
        return;
    }
    to->at[to->n] = (struct moment){ at_ms, (uint32_t)to->n, take_what };
    to->n++;
}

static int by_time(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;

    return x->at_ms != y->at_ms ? (x->at_ms < y->at_ms ? -1 : 1) : (x->n < y->n ? -1 : 1);
}

static json_int_t number(json_t *of, const char *name)
{
    return json_integer_value(json_object_get(of, name));
}

static const char *text(json_t *of, const char *name)
{
    const char *value = json_string_value(json_object_get(of, name));

    return value ? value : "";
}

/* ---- pages ---- */

static int page_of(struct making *to, json_t *moment)
{
    struct vtb_film_order *order = to->order;
    json_t *page = json_object_get(moment, "page");
    struct vtb_film_page *made = &order->pages[order->pages_n];

    for (size_t i = 0; i < order->pages_n; i++)
        if (strcmp(text(page, "digest"), order->pages[i].digest) == 0)
            return (int)i;
    if (order->pages_n == PAGES || vtb_id_parse(vtb_str_of(text(moment, "document")), &made->document) ||
        vtb_str_copy(vtb_str_of(text(page, "digest")), made->digest, sizeof made->digest)) {
        to->err = VTB_LIMIT;
        return -1;
    }
    to->pages[order->pages_n] = page;
    to->least_w[order->pages_n] = UNIT;
    return (int)order->pages_n++;
}

static void size_at(json_t *page, uint32_t z, json_int_t *out_w, json_int_t *out_h)
{
    json_int_t down = (json_int_t)1 << (number(page, "levels") - 1 - (json_int_t)z);

    *out_w = (number(page, "width") + down - 1) / down;
    *out_h = (number(page, "height") + down - 1) / down;
}

/* The coarsest level that is sharp in the narrowest view, as far as a page may be large. */
static void choose_level(struct making *to, size_t i, bool is_zoomed)
{
    struct vtb_film_page *page = &to->order->pages[i];
    json_int_t least = is_zoomed ? to->least_w[i] : UNIT, w = 1, h = 1, levels = number(to->pages[i], "levels");

    for (uint32_t z = 0; z < (uint32_t)levels; z++) {
        json_int_t next_w, next_h;

        size_at(to->pages[i], z, &next_w, &next_h);
        if (z > 0 && next_w * next_h > PIXELS)
            break;
        page->z = z;
        w = next_w;
        h = next_h;
        if (w * least / UNIT >= FRAME_W || h * least / UNIT >= FRAME_H)
            break;
    }
    page->cols = (uint32_t)((w + TILE - 1) / TILE);
    page->rows = (uint32_t)((h + TILE - 1) / TILE);
}

static json_t *write_pages(struct making *to)
{
    json_t *list = json_array();
    size_t tiles = 0;

    for (size_t i = 0; i < to->order->pages_n; i++) {
        choose_level(to, i, true);
        tiles += (size_t)to->order->pages[i].cols * to->order->pages[i].rows;
    }
    for (size_t i = 0; i < to->order->pages_n; i++) {
        json_int_t w, h;

        if (tiles > TILES)
            choose_level(to, i, false);
        size_at(to->pages[i], to->order->pages[i].z, &w, &h);
        json_array_append_new(list, json_pack("{s:I,s:I}", "width", w, "height", h));
    }
    return list;
}

/* ---- what happens ---- */

static void add_moments(struct making *to, json_t *moments)
{
    json_t *moment;
    size_t i;

    json_array_foreach (moments, i, moment) {
        const char *kind = text(moment, "kind");
        uint32_t at = (uint32_t)number(moment, "at_ms");

        if (strcmp(kind, "page") == 0)
            add(to, at, json_pack("{s:i}", "page", page_of(to, moment)));
        else if (strcmp(kind, "hidden") == 0)
            add(to, at, json_pack("{s:n}", "page"));
        else if (strcmp(kind, "view") == 0)
            add(to, at, json_pack("{s:[IIII]}", "view", number(moment, "x"), number(moment, "y"), number(moment, "w"),
                                  number(moment, "h")));
    }
}

static void add_marks(struct making *to, const uint8_t *marks, size_t len)
{
    for (size_t at = 0; at + VTB_MARK_BYTES <= len; at += VTB_MARK_BYTES) {
        struct vtb_mark mark = vtb_mark_of(marks + at);

        switch (mark.kind) {
        case VTB_MARK_POINTER:
            add(to, mark.at_ms, json_pack("{s:[ii]}", "pointer", (int)mark.x, (int)mark.y));
            break;
        case VTB_MARK_AWAY:
            add(to, mark.at_ms, json_pack("{s:n}", "pointer"));
            break;
        case VTB_MARK_VIEW:
            if (mark.w > 0 && mark.h > 0)
                add(to, mark.at_ms, json_pack("{s:[iiii]}", "view", (int)mark.x, (int)mark.y, (int)mark.w, (int)mark.h));
            break;
        }
    }
}

struct edge { /* where a turn begins or ends */
    json_int_t at_ms;
    json_t *span;
    bool is_end;
};

static int edge_by_time(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;

    return x->at_ms != y->at_ms ? (x->at_ms < y->at_ms ? -1 : 1) : (int)y->is_end - (int)x->is_end;
}

/* Who has the word after this edge. */
static void step(json_t **talking, size_t *n, const struct edge *edge)
{
    if (!edge->is_end && *n < TALKING) {
        talking[(*n)++] = edge->span;
        return;
    }
    for (size_t i = 0; edge->is_end && i < *n; i++) {
        if (talking[i] == edge->span) {
            memmove(talking + i, talking + i + 1, (--*n - i) * sizeof *talking);
            return;
        }
    }
}

/* Who speaks changes at the edges; of several at one moment the last is said. */
static void add_names(struct making *to, json_t *spans)
{
    struct edge *edges = calloc(2 * json_array_size(spans) + 1, sizeof *edges);
    json_t *talking[TALKING], *span;
    size_t n = 0, talk = 0, i;

    if (!edges) {
        to->err = VTB_NOMEM;
        return;
    }
    json_array_foreach (spans, i, span) {
        if (strcmp(text(span, "kind"), "turn") != 0 || number(span, "to_ms") <= number(span, "from_ms"))
            continue;
        edges[n++] = (struct edge){ number(span, "from_ms"), span, false };
        edges[n++] = (struct edge){ number(span, "to_ms"), span, true };
    }
    qsort(edges, n, sizeof *edges, edge_by_time);
    for (i = 0; i < n; i++) {
        json_t *names;

        step(talking, &talk, &edges[i]);
        if (i + 1 < n && edges[i + 1].at_ms == edges[i].at_ms)
            continue;
        names = json_array();
        for (size_t k = 0; k < talk; k++)
            if (text(talking[k], "name")[0])
                json_array_append(names, json_object_get(talking[k], "name"));
        add(to, (uint32_t)edges[i].at_ms, json_pack("{s:o}", "names", names));
    }
    free(edges);
}

/* In order; the narrowest view of each page is known after it. */
static json_t *write_events(struct making *to)
{
    json_t *list = json_array();

    to->page = -1;
    for (size_t i = 0; i < to->n; i++) {
        json_t *page = json_object_get(to->at[i].what, "page"), *view = json_object_get(to->at[i].what, "view");

        if (page)
            to->page = json_is_integer(page) ? (int)json_integer_value(page) : -1;
        if (view && to->page >= 0 && json_integer_value(json_array_get(view, 2)) < to->least_w[to->page])
            to->least_w[to->page] = json_integer_value(json_array_get(view, 2));
        json_object_set_new(to->at[i].what, "at_ms", json_integer(to->at[i].at_ms));
        json_array_append(list, to->at[i].what);
    }
    return list;
}

enum vtb_err vtb_film_order_make(struct vtb_id recording, uint32_t duration_ms, json_t *moments, json_t *spans,
                                 const uint8_t *marks, size_t marks_len, struct vtb_film_order *out)
{
    struct vtb_film_order order = { .recording = recording, .duration_ms = duration_ms };
    struct making to = { .order = &order };
    json_t *line, *events;

    order.pages = calloc(PAGES + 1, sizeof *order.pages);
    to.pages = calloc(PAGES + 1, sizeof *to.pages);
    to.least_w = calloc(PAGES + 1, sizeof *to.least_w);
    if (!order.pages || !to.pages || !to.least_w)
        to.err = VTB_NOMEM;
    if (!to.err) {
        add_moments(&to, moments);
        add_marks(&to, marks, marks_len);
        add_names(&to, spans);
    }
    if (!to.err && to.n > EVENTS)
        to.err = VTB_LIMIT;
    if (!to.err) {
        if (to.n)
            qsort(to.at, to.n, sizeof *to.at, by_time);
        events = write_events(&to);
        line = json_pack("{s:I,s:o,s:o}", "duration_ms", (json_int_t)duration_ms, "pages", write_pages(&to), "events", events);
        order.line = line ? json_dumps(line, JSON_COMPACT) : NULL;
        json_decref(line);
        to.err = order.line ? VTB_OK : VTB_NOMEM;
    }
    for (size_t i = 0; i < to.n; i++)
        json_decref(to.at[i].what);
    free(to.at);
    free(to.pages);
    free(to.least_w);
    if (to.err)
        vtb_film_order_fini(&order);
    else
        *out = order;
    return to.err;
}

void vtb_film_order_fini(struct vtb_film_order *order)
{
    free(order->line);
    free(order->pages);
    *order = (struct vtb_film_order){ 0 };
}
