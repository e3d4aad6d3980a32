/* timeline.c - what stood on the screen and what was decided while a recording ran: the meeting's log, against
 * its sound. A page that was shown before the sound began stands at its first moment. */
#include "api/inner.h"

#include <string.h>

#define MOMENTS 5000

struct reading {
    const char *item;
    int64_t began_us, duration_ms;
    json_t *documents; /* by id, as they were in the item */
    json_t *moments;
    json_t *before;    /* what stood when the sound began, NULL: nothing */
    json_t *view;      /* what part of it, NULL: all */
    bool is_own;       /* the item runs */
};

static void keep_documents(struct reading *to, json_t *list)
{
    json_t *document;
    size_t i;

    json_array_foreach (list, i, document)
        json_object_set(to->documents, json_text(document, "document"), document);
}

static json_t *shown(const struct reading *from, json_t *data)
{
    json_int_t page = json_integer_value(json_object_get(data, "page"));
    json_t *document = json_object_get(from->documents, json_text(data, "document"));
    json_t *picture = json_array_get(json_object_get(document, "pages"), (size_t)(page > 0 ? page - 1 : 0));

    /* A digest that is another's: the file was changed since, and what was seen is not there any more. */
    if (!picture || page < 1 || strcmp(json_text(picture, "digest"), json_text(data, "digest")) != 0)
        return json_pack("{s:s}", "kind", "hidden");
    return json_pack("{s:s,s:s,s:s,s:I,s:O}", "kind", "page", "document", json_text(data, "document"), "title",
                     json_text(document, "title"), "number", page, "page", picture);
}

/* NULL: nothing that a listener would want to find. */
static json_t *moment_of(struct reading *to, const char *kind, json_t *data)
{
    if (strcmp(kind, "item.started") == 0) {
        to->is_own = strcmp(json_text(data, "item"), to->item) == 0;
        if (to->is_own)
            keep_documents(to, json_object_get(data, "documents"));
        return to->is_own ? json_pack("{s:s}", "kind", "hidden") : NULL;
    }
    if (strcmp(kind, "item.ended") == 0) {
        to->is_own = false;
    } else if (strcmp(kind, "item.undone") == 0) {
        to->is_own = strcmp(json_text(data, "back"), to->item) == 0;
        if (to->is_own)
            keep_documents(to, json_object_get(data, "documents"));
    } else if (to->is_own && strcmp(kind, "document.shared") == 0) {
        json_object_set(to->documents, json_text(json_object_get(data, "document"), "document"),
                        json_object_get(data, "document"));
    } else if (to->is_own && strcmp(kind, "page.shown") == 0) {
        return shown(to, data);
    } else if (to->is_own && strcmp(kind, "view.settled") == 0) {
        return json_pack("{s:s,s:O,s:O,s:O,s:O}", "kind", "view", "x", json_object_get(data, "x"), "y",
                         json_object_get(data, "y"), "w", json_object_get(data, "w"), "h", json_object_get(data, "h"));
    } else if (to->is_own && strcmp(kind, "page.hidden") == 0) {
        return json_pack("{s:s}", "kind", "hidden");
    } else if (strcmp(kind, "item.signed") == 0 && strcmp(json_text(data, "item"), to->item) == 0) {
        return json_pack("{s:s}", "kind", "signed");
    }
    return NULL;
}

static void place(struct reading *to, json_t *take_moment, int64_t at_us)
{
    int64_t at_ms = (at_us - to->began_us) / 1000;

    if (at_ms > to->duration_ms || json_array_size(to->moments) == MOMENTS) {
        json_decref(take_moment);
    } else if (at_us >= to->began_us) {
        json_object_set_new(take_moment, "at_ms", json_integer(at_ms));
        json_array_append_new(to->moments, take_moment);
    } else if (strcmp(json_text(take_moment, "kind"), "signed") == 0) {
        json_decref(take_moment); /* of a run before */
    } else if (strcmp(json_text(take_moment, "kind"), "view") == 0) {
        json_decref(to->view);
        to->view = take_moment;
    } else {
        json_decref(to->before);
        json_decref(to->view);
        to->before = take_moment;
        to->view = NULL;
    }
}

json_t *recording_moments(json_t *events, json_t *card)
{
    struct reading to = { .item = json_text(card, "item"),
                          .began_us = json_integer_value(json_object_get(card, "began_us")),
                          .duration_ms = json_integer_value(json_object_get(card, "duration_ms")),
                          .documents = json_object(), .moments = json_array() };
    json_t *event, *moment;
    size_t i;

    json_array_foreach (events, i, event) {
        moment = moment_of(&to, json_text(event, "k"), json_object_get(event, "d"));
        if (moment)
            place(&to, moment, json_integer_value(json_object_get(event, "at")));
    }
    if (to.before && strcmp(json_text(to.before, "kind"), "page") == 0) {
        json_object_set_new(to.before, "at_ms", json_integer(0));
        json_array_insert(to.moments, 0, to.before);
        if (to.view) {
            json_object_set_new(to.view, "at_ms", json_integer(0));
            json_array_insert(to.moments, 1, to.view);
        }
    }
    json_decref(to.before);
    json_decref(to.view);
    json_decref(to.documents);
    return to.moments;
}

/* Where the decision was read out: of the case's log, which knows other meetings as well. */
void recording_add_read_backs(json_t *moments, json_t *events, json_t *card)
{
    json_int_t began = json_integer_value(json_object_get(card, "began_us")),
               duration = json_integer_value(json_object_get(card, "duration_ms"));
    json_t *event;
    size_t i, at = 0;

    json_array_foreach (events, i, event) {
        json_int_t us = json_integer_value(json_object_get(event, "at")), ms = (us - began) / 1000;

        if (strcmp(json_text(event, "k"), "readback.begun") != 0 || us < began || ms > duration)
            continue;
        while (at < json_array_size(moments) &&
               json_integer_value(json_object_get(json_array_get(moments, at), "at_ms")) <= ms)
            at++;
        if (json_array_size(moments) < MOMENTS)
            json_array_insert_new(moments, at, json_pack("{s:s,s:I}", "kind", "read_back", "at_ms", ms));
    }
}
