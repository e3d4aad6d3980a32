#include "press.h"

#include "limits/limits.h"

#include <stdlib.h>

#define FOOT 34.0

/* ---- does it still stand? ---- */

static const char *state_word(enum vtb_note_state state)
{
    switch (state) {
    case VTB_NOTE_SIGNED:
        return "signed";
    case VTB_NOTE_AMENDED:
        return "corrected, see addendum";
    case VTB_NOTE_SUPERSEDED:
        return "superseded";
    case VTB_NOTE_WITHDRAWN:
        return "withdrawn";
    }
    return "";
}

static const char *state_bar(enum vtb_note_state state)
{
    switch (state) {
    case VTB_NOTE_SIGNED:
        return NULL;
    case VTB_NOTE_AMENDED:
        return "Corrected, see the addendum at the end.";
    case VTB_NOTE_SUPERSEDED:
        return "Superseded. A later plan of this case replaces this one.";
    case VTB_NOTE_WITHDRAWN:
        return "Withdrawn. Do not act on this plan.";
    }
    return NULL;
}

/* ---- every page ---- */

static void head_of_first(struct press *press)
{
    struct sheet *sheet = press->sheet;
    const json_t *meeting = json_object_get(press->plan, "meeting");
    struct vtb_str when = parts_str(meeting, "held_at");
    GString *under = fresh(press->f);

    plain_add(under, parts_str(press->plan, "board"));
    if (when.len == 0)
        when = parts_str(meeting, "starts_at");
    if (when.len) {
        g_string_append(under, under->len ? " · " : "");
        plain_add_day(under, when);
    }
    if (parts_field(press->plan, "kind").len) {
        g_string_append(under, under->len ? " · " : "");
        plain_add(under, parts_label(PARTS_PLAN_KIND, parts_field(press->plan, "kind")));
    }
    struct sheet_cell title = { 0, SHEET_INNER - 130, SHEET_TITLE, "Tumor board plan", "H1", false };
    struct sheet_cell line = { 0, SHEET_INNER - 130, SHEET_UI, under->str, "P", false };

    sheet_row(sheet, &title, 1);
    sheet_row(sheet, &line, 1);
}

static void head_of_next(struct press *press)
{
    GString *text = fresh(press->f);

    g_string_append_printf(text, "Tumor board plan · %s", press->name->str);
    if (press->born->len)
        g_string_append_printf(text, " · born %s", press->born->str);
    if (press->local_id->len)
        g_string_append_printf(text, " · %s", press->local_id->str);
    struct sheet_cell cell = { 0, SHEET_INNER - 130, SHEET_UI_STRONG, text->str, "P", false };

    sheet_row(press->sheet, &cell, 1);
}

static void corner(struct press *press, double y, unsigned page, unsigned pages)
{
    GString *text = fresh(press->f);

    g_string_append_printf(text, "Clinical record\nversion %s, %s\npage %u of %u", press->version->str,
                           state_word(press->note->state), page, pages);
    struct sheet_cell cell = { SHEET_INNER - 125, 125, SHEET_UI, text->str, "P", true };

    sheet_place(press->sheet, y, &cell);
    y += sheet_height_of(press->sheet, &cell);
    if (sheet_at(press->sheet) < y)
        sheet_move(press->sheet, y);
}

static void foot(struct press *press)
{
    struct sheet *sheet = press->sheet;
    struct vtb_str disclaimer = parts_str(press->plan, "disclaimer");
    double y = SHEET_HEIGHT - SHEET_MARGIN * 0.6 - FOOT + 6;
    GString *left = fresh(press->f), *right = fresh(press->g);

    /* What must stand on each page is ours; a long disclaimer is printed in full at the end. */
    plain_add(left, disclaimer.len && disclaimer.len <= 200 ?
                        disclaimer :
                        VTB_LIT("Advice to the treating physician, who decides with the patient."));
    g_string_append(right, "Consilium · plan ");
    parts_add(right, press->plan, "plan");
    struct sheet_cell cells[] = {
        { 0, SHEET_INNER - 220, SHEET_SMALL, left->str, "P", false },
        { SHEET_INNER - 215, 215, SHEET_SMALL, right->str, "P", true },
    };

    sheet_rule_at(sheet, y, 0.6);
    sheet_place(sheet, y + 5, &cells[0]);
    sheet_place(sheet, y + 5, &cells[1]);
}

static void frame(void *ctx, struct sheet *sheet, unsigned page, unsigned pages)
{
    struct press *press = ctx;
    const char *bar = state_bar(press->note->state);
    double top;

    press->sheet = sheet;
    foot(press);
    if (bar) {
        GString *text = g_string_assign(fresh(press->f), bar);

        if (press->note->state_reason.len) {
            g_string_append(text, page == 1 ? "\nReason: " : " ");
            if (page == 1)
                plain_add(text, press->note->state_reason);
        }
        sheet_bar(sheet, text->str);
        sheet_space(sheet, 7);
    }
    top = sheet_at(sheet);
    if (page == 1)
        head_of_first(press);
    else
        head_of_next(press);
    corner(press, top, page, pages);
    sheet_space(sheet, 3);
    sheet_rule(sheet, 1.5);
    sheet_space(sheet, 3);
}

/* ---- all of it ---- */

static enum vtb_err print(struct press *press, unsigned pages, uint8_t **out, size_t *out_len,
                          unsigned *out_pages)
{
    GString *title = g_string_new("Tumor board plan, version "), *created = g_string_new(NULL);
    struct sheet_config cfg = { .pages = pages, .foot = FOOT, .frame = frame, .ctx = press };
    enum vtb_err err;

    g_string_append(title, press->version->str);
    plain_add(created, parts_str(press->plan, "signed_at"));
    cfg.title = title->str; /* no patient: window titles are seen by others */
    cfg.created = created->len ? created->str : "1970-01-01T00:00:00Z";
    err = sheet_begin(&cfg, &press->sheet);
    if (!err) {
        body_print(press);
        err = sheet_end(press->sheet, out, out_len, out_pages);
    }
    g_string_free(title, TRUE);
    g_string_free(created, TRUE);
    return err;
}

static void press_init(struct press *press)
{
    press->name = g_string_new(NULL);
    press->born = g_string_new(NULL);
    press->local_id = g_string_new(NULL);
    press->version = g_string_new(NULL);
    press->a = g_string_new(NULL);
    press->b = g_string_new(NULL);
    press->f = g_string_new(NULL);
    press->g = g_string_new(NULL);
    plain_add(press->name, press_case(press, "name"));
    plain_add_day(press->born, press_case(press, "birth_date"));
    plain_add(press->local_id, press_case(press, "local_id"));
    parts_add(press->version, press->plan, "version");
}

static void press_fini(struct press *press)
{
    g_string_free(press->name, TRUE);
    g_string_free(press->born, TRUE);
    g_string_free(press->local_id, TRUE);
    g_string_free(press->version, TRUE);
    g_string_free(press->a, TRUE);
    g_string_free(press->b, TRUE);
    g_string_free(press->f, TRUE);
    g_string_free(press->g, TRUE);
    json_decref(press->plan);
}

enum vtb_err vtb_note_pdf(const struct vtb_note *note, uint8_t **out, size_t *out_len)
{
    struct press press = { .note = note };
    enum vtb_err err = VTB_OK;
    unsigned pages = 0;

    if (note->plan.len > VTB_MAX_PLAN_BYTES)
        return VTB_LIMIT;
    press.plan = json_loadb(note->plan.at, note->plan.len, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(press.plan) ||
        !vtb_str_is(parts_str(press.plan, "format"), VTB_LIT("consilium.plan/1"))) {
        json_decref(press.plan);
        return VTB_PARSE;
    }
    press_init(&press);
    /* Two identifiers, or it could be anybody's. */
    if (press.name->len == 0 || (press.born->len == 0 && press.local_id->len == 0))
        err = VTB_PARSE;
    /* Once to learn how many pages there are, once more to say so on each. */
    for (int run = 0; run < 2 && !err; run++) {
        uint8_t *bytes;
        size_t len;

        err = print(&press, pages, &bytes, &len, &pages);
        if (!err && run == 0)
            free(bytes);
        if (!err && run == 1) {
            *out = bytes;
            *out_len = len;
        }
    }
    press_fini(&press);
    return err;
}
