/*
 * press.h - one note while it is printed.
 *
 * Thread: the caller's. Texts being put together live in a, b (body) and f, g (head and foot, which
 * come in the middle of a row); each function empties those it uses.
 */
#ifndef VTB_EXCHANGE_PRESS_H
#define VTB_EXCHANGE_PRESS_H

#include "note.h"
#include "parts.h"
#include "sheet.h"

struct press {
    const struct vtb_note *note;
    json_t *plan;
    struct sheet *sheet;
    GString *name, *born, *local_id, *version; /* what every page repeats */
    GString *a, *b, *f, *g;
};

static inline struct vtb_str press_case(const struct press *press, const char *name)
{
    return parts_str(json_object_get(press->plan, "case"), name);
}

static inline GString *fresh(GString *text)
{
    return g_string_truncate(text, 0);
}

/* The plan from who it is to the last addendum, onto press->sheet. */
void body_print(struct press *press);

#endif
