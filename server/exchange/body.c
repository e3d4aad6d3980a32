/* What stands between head and foot, in the order in which a referring doctor reads it. */
#include "press.h"

#define GAP    8.0 /* above a heading */
#define HALF   ((SHEET_INNER - 22.0) / 2)
#define SECOND (HALF + 22.0)

static void add_sentence(GString *to, const char *before, struct vtb_str text)
{
    if (text.len == 0)
        return;
    if (to->len)
        g_string_append_c(to, '\n');
    g_string_append(to, before);
    plain_add(to, text);
}

/* ---- building blocks ---- */

/* A heading never stands alone at the foot of a page: it goes where the text below it goes. */
static void head_row(struct press *press, const struct sheet_cell *heads, size_t n, double below)
{
    sheet_space(press->sheet, GAP);
    sheet_row_with(press->sheet, heads, n, 2 + (below < SHEET_WHOLE ? below : 26));
    sheet_space(press->sheet, 1.5);
}

/* Two sections side by side, or one across. */
static void sections(struct press *press, const struct sheet_cell *heads,
                     const struct sheet_cell *texts, size_t n)
{
    double below = 0;

    for (size_t i = 0; i < n; i++) {
        double height = sheet_height_of(press->sheet, &texts[i]);

        below = height > below ? height : below;
    }
    head_row(press, heads, n, below);
    sheet_row(press->sheet, texts, n);
}

static void heading(struct press *press, const char *text)
{
    struct sheet_cell cell = { 0, SHEET_INNER, SHEET_HEAD, text, "H2", false };

    head_row(press, &cell, 1, 40);
}

static void paragraph(struct press *press, const char *text)
{
    struct sheet_cell cell = { 0, SHEET_INNER, SHEET_TEXT, text, "P", false };

    sheet_row(press->sheet, &cell, 1);
}

static void section(struct press *press, const char *head, const GString *text)
{
    struct sheet_cell heads = { 0, SHEET_INNER, SHEET_HEAD, head, "H2", false };
    struct sheet_cell texts = { 0, SHEET_INNER, SHEET_TEXT, text->str, "P", false };

    if (text->len > 0)
        sections(press, &heads, &texts, 1);
}

static void pair(struct press *press, const char *left, const GString *left_text, const char *right,
                 const GString *right_text)
{
    struct sheet_cell heads[] = { { 0, HALF, SHEET_HEAD, left, "H2", false },
                                  { SECOND, HALF, SHEET_HEAD, right, "H2", false } };
    struct sheet_cell texts[] = { { 0, HALF, SHEET_TEXT, left_text->str, "P", false },
                                  { SECOND, HALF, SHEET_TEXT, right_text->str, "P", false } };

    if (left_text->len > 0 && right_text->len > 0) {
        sections(press, heads, texts, 2);
        return;
    }
    section(press, left, left_text);
    section(press, right, right_text);
}

/* ---- who it is ---- */

static void identity(struct press *press)
{
    static const char *const names[] = { "Patient", "Born", "Record number", "Question from" };
    static const double at[] = { 0, 150, 258, 358 }, width[] = { 142, 100, 92, SHEET_INNER - 358 };
    struct sheet_cell labels[4], texts[4];
    GString *from = fresh(press->b);

    plain_add(from, parts_str(press->plan, "question_by"));
    const char *const values[] = { press->name->str, press->born->str, press->local_id->str,
                                   from->str };

    for (size_t i = 0; i < 4; i++) {
        const char *name = *values[i] ? names[i] : "";

        labels[i] = (struct sheet_cell){ at[i], width[i], SHEET_UI, name, "P", false };
        texts[i] = (struct sheet_cell){ at[i], width[i], SHEET_STRONG, values[i], "P", false };
    }
    sheet_row_with(press->sheet, labels, 4, 14);
    sheet_row(press->sheet, texts, 4);
    sheet_space(press->sheet, 3);
    sheet_rule(press->sheet, 0.6);
}

static void question(struct press *press)
{
    GString *text = fresh(press->a), *answer = fresh(press->b);

    if (parts_str(press->plan, "supersedes").len) {
        g_string_append(text, "An earlier plan of this case, ");
        parts_add(text, press->plan, "supersedes");
        g_string_append(text, ". Take that one out of use.");
        section(press, "This plan replaces", text);
        fresh(text);
    }
    plain_add(text, parts_str(press->plan, "question"));
    section(press, "Question", text);
    fresh(text);
    plain_add(text, press_case(press, "diagnosis"));
    struct vtb_str stage = parts_field(press->plan, "stage_agreed");

    add_sentence(text, "", stage.len ? stage : press_case(press, "stage"));
    plain_add(answer, parts_field(press->plan, "answered"));
    pair(press, "Diagnosis and agreed stage", text, "Answer to the question", answer);
    fresh(text);
    plain_add(text, parts_field(press->plan, "wishes"));
    section(press, "What the patient wants", text);
}

/* ---- recommendation ---- */

#define COLUMNS 5
static const double column_at[COLUMNS] = { 0, 21, 284, 358, 424 };
static const double column_width[COLUMNS] = { 18, 255, 68, 62, SHEET_INNER - 424 };

static void table_row(struct press *press, const char *const texts[COLUMNS], bool is_head)
{
    struct sheet_cell cells[COLUMNS];

    for (size_t i = 0; i < COLUMNS; i++)
        cells[i] = (struct sheet_cell){ column_at[i], column_width[i],
                                        is_head ? SHEET_UI_STRONG : SHEET_TEXT, texts[i],
                                        is_head ? "TH" : "TD", false };
    sheet_tag_begin(press->sheet, "TR");
    sheet_row_with(press->sheet, cells, COLUMNS, is_head ? 30 : 4);
    sheet_tag_end(press->sheet);
    sheet_rule(press->sheet, 0.5);
}

/* Its first letter small, to stand within a sentence. */
static void add_small(GString *to, struct vtb_str text)
{
    size_t at = to->len;

    plain_add(to, text);
    if (to->len > at)
        to->str[at] = g_ascii_tolower(to->str[at]);
}

/* "Right upper lobectomy. (surgery, curative; waits for: CT after cycle 3)" */
static void add_what(GString *to, const json_t *line)
{
    struct vtb_str kind = parts_str(line, "kind"), intent = parts_str(line, "intent");
    struct vtb_str waits = parts_str(line, "waits_for");

    parts_add(to, line, "what");
    if (kind.len + intent.len + waits.len == 0)
        return;
    g_string_append(to, " (");
    add_small(to, parts_label(PARTS_LINE_KIND, kind));
    g_string_append(to, kind.len && intent.len ? ", " : "");
    add_small(to, parts_label(PARTS_INTENT, intent));
    if (waits.len) {
        g_string_append(to, kind.len + intent.len ? "; waits for: " : "waits for: ");
        plain_add(to, waits);
    }
    g_string_append_c(to, ')');
}

static void recommendation(struct press *press)
{
    static const char *const heads[COLUMNS] = { "No.", "What", "Who", "By", "Where" };
    const json_t *lines = json_object_get(press->plan, "lines");
    GString *text = fresh(press->a), *cell[COLUMNS];
    const json_t *line;
    size_t n;

    g_string_append(text, "Recommendation");
    if (parts_field(press->plan, "decision").len) {
        g_string_append(text, ": ");
        add_small(text, parts_label(PARTS_DECISION, parts_field(press->plan, "decision")));
    }
    heading(press, text->str);
    if (json_array_size(lines) == 0) {
        fresh(text);
        g_string_append(text, "No recommendation");
        if (parts_field(press->plan, "no_lines").len)
            add_sentence(text, "Because: ", parts_field(press->plan, "no_lines"));
        paragraph(press, text->str);
        return;
    }
    for (size_t i = 0; i < COLUMNS; i++)
        cell[i] = g_string_new(NULL);
    sheet_tag_begin(press->sheet, "Table");
    table_row(press, heads, true);
    json_array_foreach(lines, n, line) {
        const char *texts[COLUMNS];

        for (size_t i = 0; i < COLUMNS; i++)
            fresh(cell[i]);
        parts_add(cell[0], line, "n");
        if (cell[0]->len == 0)
            g_string_append_printf(cell[0], "%zu", n + 1);
        add_what(cell[1], line);
        parts_add(cell[2], line, "owner");
        plain_add_short_day(cell[3], parts_str(line, "due"));
        parts_add(cell[4], line, "where");
        for (size_t i = 0; i < COLUMNS; i++)
            texts[i] = cell[i]->str;
        table_row(press, texts, false);
    }
    sheet_tag_end(press->sheet);
    for (size_t i = 0; i < COLUMNS; i++)
        g_string_free(cell[i], TRUE);
}

/* ---- why, who, what was seen ---- */

static void reasons(struct press *press)
{
    GString *why = fresh(press->a), *change = fresh(press->b);

    plain_add(why, parts_field(press->plan, "reasons"));
    add_sentence(why, "Not chosen: ", parts_field(press->plan, "options"));
    plain_add(change, parts_field(press->plan, "would_change"));
    add_sentence(change, "Not available at the meeting: ", parts_field(press->plan, "not_available"));
    pair(press, "Reasons, other options weighed", why, "What would change this advice", change);
}

/* A code of specialties.json in words: medical_oncology is "medical oncology", or "Medical oncology" as a head. */
static void add_specialty(GString *to, struct vtb_str code, bool as_head)
{
    size_t from = to->len;

    plain_add(to, code);
    for (size_t i = from; i < to->len; i++)
        if (to->str[i] == '_')
            to->str[i] = ' ';
    if (as_head && to->len > from)
        to->str[from] = g_ascii_toupper(to->str[from]);
}

static void dissent(struct press *press)
{
    const json_t *list = json_object_get(press->plan, "dissent"), *one;
    size_t i;

    json_array_foreach(list, i, one) {
        GString *head = fresh(press->a), *text = fresh(press->b);

        g_string_append(head, "Dissent: ");
        parts_add(head, one, "name");
        if (parts_str(one, "specialty").len) {
            g_string_append(head, ", ");
            add_specialty(head, parts_str(one, "specialty"), false);
        }
        parts_add(text, one, "text");
        struct sheet_cell cells[] = {
            { 0, SHEET_INNER - 17, SHEET_HEAD, head->str, "H2", false },
            { 0, SHEET_INNER - 17, SHEET_TEXT, text->str, "P", false },
        };

        sheet_space(press->sheet, GAP);
        sheet_box_begin(press->sheet);
        sheet_row_with(press->sheet, &cells[0], 1, 14);
        sheet_space(press->sheet, 1.5);
        sheet_row(press->sheet, &cells[1], 1);
        sheet_box_end(press->sheet);
    }
}

/* "not_applicable: tested in 2025" -> "does not apply, tested in 2025" */
static void add_element(GString *to, const char *name, struct vtb_str text)
{
    static const struct {
        struct vtb_str id;
        const char *words;
    } states[] = { { { "not_applicable", 14 }, "does not apply" },
                   { { "not_discussed", 13 }, "not discussed" },
                   { { "discussed", 9 }, "discussed" } };

    if (text.len == 0)
        return;
    g_string_append_printf(to, "%s%s: ", to->len ? "\n" : "", name);
    for (size_t i = 0; i < VTB_COUNT(states); i++) {
        size_t len = states[i].id.len;

        if (text.len < len || memcmp(text.at, states[i].id.at, len) != 0 ||
            (text.len > len && text.at[len] != ':'))
            continue;
        g_string_append(to, states[i].words);
        text.at += len;
        text.len -= len;
        while (text.len && (*text.at == ':' || *text.at == ' ')) {
            text.at++;
            text.len--;
        }
        if (text.len)
            g_string_append(to, ", ");
        break;
    }
    plain_add(to, text);
}

static void discussed(struct press *press)
{
    GString *what = fresh(press->a), *tells = fresh(press->b);

    add_element(what, "Guideline", parts_field(press->plan, "guideline"));
    add_element(what, "Genetics", parts_field(press->plan, "genetics"));
    add_element(what, "Trials", parts_field(press->plan, "trials"));
    add_element(what, "Supportive care", parts_field(press->plan, "supportive"));
    plain_add(tells, parts_field(press->plan, "tells_who"));
    if (parts_field(press->plan, "tells_when").len) {
        g_string_append(tells, tells->len ? ", " : "");
        plain_add_day(tells, parts_field(press->plan, "tells_when"));
    }
    pair(press, "Discussed", what, "Who tells the patient, and when", tells);
}

/* What is worth knowing beside a name: "chair", "guest", not here any more, specialty self-given. */
static void add_remarks(GString *to, const json_t *person)
{
    struct vtb_str role = parts_str(person, "role");
    bool is_guest = vtb_str_is(role, VTB_LIT("guest")) || parts_is(person, "guest");
    const json_t *here = json_object_get(person, "here");
    bool left = here ? json_is_false(here) : parts_str(person, "left").len > 0;
    const char *const remarks[] = {
        vtb_str_is(role, VTB_LIT("chair")) ? "chair" : NULL,
        vtb_str_is(role, VTB_LIT("observer")) ? "observer" : NULL,
        is_guest ? "guest" : NULL,
        json_is_false(json_object_get(person, "confirmed")) ? "specialty not confirmed" : NULL,
        left ? "left before the decision" : NULL,
    };
    const char *before = " (";

    for (size_t i = 0; i < VTB_COUNT(remarks); i++) {
        if (!remarks[i])
            continue;
        g_string_append_printf(to, "%s%s", before, remarks[i]);
        before = ", ";
    }
    g_string_append(to, *before == ',' ? ")" : "");
}

static void add_person(GString *to, const json_t *person)
{
    parts_add(to, person, "name");
    if (parts_str(person, "site").len) {
        g_string_append(to, ", ");
        parts_add(to, person, "site");
    }
    add_remarks(to, person);
}

/* "And 4 more, named in the record." */
static void add_more(GString *to, const json_t *plan, const char *name, const char *words)
{
    json_int_t more = json_integer_value(json_object_get(plan, name));

    if (more > 0)
        g_string_append_printf(to, " And %lld more, %s.", (long long)more, words);
}

/* "Radiology: Beltrán. Pathology: Vries." in the order in which specialties first appear. */
static void add_attendance(GString *to, const json_t *list)
{
    const json_t *first, *other;
    size_t i, j;

    json_array_foreach(list, i, first) {
        struct vtb_str specialty = parts_str(first, "specialty");
        bool seen = false;

        for (j = 0; j < i && !seen; j++)
            seen = vtb_str_is(parts_str(json_array_get(list, j), "specialty"), specialty);
        if (seen)
            continue;
        g_string_append(to, to->len ? " " : "");
        add_specialty(to, specialty.len ? specialty : VTB_LIT("Others"), true);
        g_string_append(to, ": ");
        bool more = false;

        json_array_foreach(list, j, other) {
            if (!vtb_str_is(parts_str(other, "specialty"), specialty))
                continue;
            g_string_append(to, more ? "; " : "");
            add_person(to, other);
            more = true;
        }
        g_string_append_c(to, '.');
    }
}

static void present(struct press *press)
{
    const json_t *quorum = json_object_get(press->plan, "quorum"), *missing, *one;
    GString *head = fresh(press->a), *text = fresh(press->b);
    bool met = parts_is(quorum, "met");
    size_t i;

    g_string_append_printf(head, "Present at the decision, quorum %s", met ? "met" : "not met");
    add_attendance(text, json_object_get(press->plan, "attendance"));
    add_more(text, press->plan, "attendance_more", "named in the record");
    missing = json_object_get(quorum, "missing");
    if (!met && json_array_size(missing) > 0) {
        g_string_append(text, text->len ? "\nMissing: " : "Missing: ");
        json_array_foreach(missing, i, one) {
            g_string_append(text, i ? ", " : "");
            if (json_is_string(one))
                plain_add(text, (struct vtb_str){ json_string_value(one), json_string_length(one) });
            else
                add_specialty(text, parts_str(one, "specialty"), false);
        }
        g_string_append_c(text, '.');
    }
    add_sentence(text, "Signed without quorum because: ", parts_str(quorum, "reason"));
    if (text->len == 0)
        g_string_append(text, "Nobody is named.");
    section(press, head->str, text);
}

static void pictures(struct press *press)
{
    const json_t *list = json_object_get(press->plan, "pictures"), *one;
    GString *text = fresh(press->a);
    size_t i;

    json_array_foreach(list, i, one) {
        g_string_append(text, i ? "; " : "");
        parts_add(text, one, "title");
        g_string_append(text, ", page ");
        parts_add(text, one, "page");
    }
    if (text->len)
        g_string_append_c(text, '.');
    add_more(text, press->plan, "pictures_more", "listed in the record");
    section(press, "Pictures shown", text);
}

static void wording(struct press *press)
{
    GString *text = fresh(press->a);

    plain_add(text, parts_str(press->plan, "wording"));
    section(press, "Read back to the board in these words, and signed", text);
}

/* ---- signatures, seal, addenda ---- */

static void add_seal(GString *to, struct vtb_str digest)
{
    for (size_t i = 0; i < digest.len; i++) {
        if (i > 0 && i % 4 == 0)
            g_string_append_c(to, i % 32 == 0 ? '\n' : ' ');
        g_string_append_c(to, digest.at[i]);
    }
}

static void signatures(struct press *press)
{
    const struct vtb_note *note = press->note;
    const json_t *signer = json_object_get(press->plan, "signer");
    GString *names = fresh(press->a), *seal = fresh(press->b), *key = g_string_new(NULL);

    parts_add(names, signer, "name");
    if (parts_str(signer, "role").len) {
        g_string_append(names, ", ");
        parts_add(names, signer, "role");
    }
    g_string_append(names, ", ");
    plain_add_moment(names, parts_str(press->plan, "signed_at"));
    for (size_t i = 0; i < note->cosigners_n; i++) {
        g_string_append_c(names, '\n');
        plain_add(names, note->cosigners[i].name);
        if (note->cosigners[i].role.len) {
            g_string_append(names, ", ");
            plain_add(names, note->cosigners[i].role);
        }
        g_string_append(names, ", ");
        plain_add_moment_us(names, note->cosigners[i].at_us);
    }
    add_seal(seal, note->digest);
    g_string_append(key, "Key of the site: ");
    plain_add(key, note->key_fingerprint);
    struct sheet_cell heads[] = {
        { 0, HALF, SHEET_UI_STRONG, "Signed", "H2", false },
        { SECOND, HALF, SHEET_UI_STRONG, "Check the plan's file without the server", "H2", false },
    };
    struct sheet_cell how[] = {
        { 0, HALF, SHEET_UI, names->str, "P", false },
        { SECOND, HALF, SHEET_UI, "consilium verify plan.json --key KEY, and compare:", "P", false },
    };
    struct sheet_cell cells[] = { { SECOND, HALF, SHEET_MONO, seal->str, "P", false },
                                  { SECOND, HALF, SHEET_SMALL, key->str, "P", false } };
    double after = sheet_height_of(press->sheet, &how[0]), y;

    sheet_space(press->sheet, GAP + 2);
    sheet_row_with(press->sheet, &(struct sheet_cell){ 0, 9, SHEET_SMALL, "", "P", false }, 1,
                   after > 200 ? 80 : after + 70);
    sheet_rule(press->sheet, 1.5);
    sheet_row(press->sheet, heads, 2);
    y = sheet_at(press->sheet);
    sheet_row(press->sheet, &how[1], 1);
    sheet_row(press->sheet, &cells[0], 1);
    sheet_row(press->sheet, &cells[1], 1);
    double seal_end = sheet_at(press->sheet);

    sheet_move(press->sheet, y);
    sheet_row(press->sheet, &how[0], 1);
    if (sheet_at(press->sheet) > y && sheet_at(press->sheet) < seal_end)
        sheet_move(press->sheet, seal_end);
    g_string_free(key, TRUE);
}

static void addenda(struct press *press)
{
    const struct vtb_note *note = press->note;

    for (size_t i = 0; i < note->addenda_n; i++) {
        const struct vtb_note_addendum *one = &note->addenda[i];
        GString *head = fresh(press->a), *text = fresh(press->b);

        g_string_append_printf(head, "Addendum %zu: ", i + 1);
        plain_add(head, parts_label(PARTS_REASON, one->reason));
        g_string_append(head, ", ");
        plain_add(head, one->author);
        g_string_append(head, ", ");
        plain_add_moment_us(head, one->at_us);
        plain_add(text, one->text);
        section(press, head->str, text);
    }
}

static void long_disclaimer(struct press *press)
{
    GString *text = fresh(press->a);

    if (parts_str(press->plan, "disclaimer").len <= 200)
        return;
    plain_add(text, parts_str(press->plan, "disclaimer"));
    section(press, "About this advice", text);
}

void body_print(struct press *press)
{
    identity(press);
    question(press);
    recommendation(press);
    reasons(press);
    dissent(press);
    discussed(press);
    present(press);
    pictures(press);
    wording(press);
    signatures(press);
    addenda(press);
    long_disclaimer(press);
}
