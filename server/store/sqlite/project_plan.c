/* project_plan.c - rows of plans, what was added to them, and the words that search finds. */
#include "sqlite/project.h"

#include <stdlib.h>

#define WORDS_BYTES 65536
#define LINE_BYTES  300

VTB_PROJECT(plan_begun)
{
    return vtb_db_run(db,
                      "INSERT INTO plans (id, case_id, version, supersedes, meeting, item, begun_us) "
                      "VALUES (?, ?, ?, ?, ?, ?, ?)",
                      "dditddi", ev->plan, at->stream, ev->version, ev->supersedes, ev->meeting,
                      ev->item, at->at_us);
}

struct words {
    char text[WORDS_BYTES];
    size_t len;
};

static void add_words(struct words *words, const char *text)
{
    size_t len = strlen(text);

    if (len + 2 > sizeof words->text - words->len)
        return;
    memcpy(words->text + words->len, text, len);
    words->text[words->len + len] = '\n';
    words->len += len + 1;
}

/* Who sat there and which pictures were shown is not what a plan says; ids and digests are nothing
 * that anybody searches for. */
static bool is_wording(const char *member)
{
    static const char *const others[] = {
        "attendance", "board",  "case",     "digest",      "disclaimer", "format",  "id",
        "item",       "key",    "meeting",  "pictures",    "plan",       "quorum",  "question_by",
        "signed_at",  "signer", "specialty", "supersedes", "wording",    "readback_digest",
    };

    for (size_t i = 0; i < VTB_COUNT(others); i++)
        if (strcmp(member, others[i]) == 0)
            return false;
    return true;
}

static void gather(struct words *words, json_t *value, unsigned depth)
{
    const char *member;
    json_t *inner;
    size_t i;

    if (depth > 16)
        return;
    if (json_is_string(value))
        add_words(words, json_string_value(value));
    json_object_foreach(value, member, inner) {
        if (is_wording(member))
            gather(words, inner, depth + 1);
    }
    json_array_foreach(value, i, inner)
        gather(words, inner, depth + 1);
}

/* The first recommendation; a plan without one has its reason or its answer. */
static const char *first_line(json_t *plan)
{
    static const char *const others[] = { "no_lines", "answered" };
    json_t *fields = json_object_get(plan, "fields");
    const char *text = json_string_value(
        json_object_get(json_array_get(json_object_get(plan, "lines"), 0), "what"));

    for (size_t i = 0; i < VTB_COUNT(others) && (!text || !text[0]); i++) {
        text = json_string_value(json_object_get(fields, others[i]));
        if (!text)
            text = json_string_value(json_object_get(plan, others[i]));
    }
    return text ? text : "";
}

/* Cut at a character and at the end of the line. */
static struct vtb_str cut(const char *text)
{
    size_t len = strcspn(text, "\n");

    if (len > LINE_BYTES) {
        len = LINE_BYTES;
        while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
            len--;
    }
    return (struct vtb_str){ text, len };
}

VTB_PROJECT(plan_signed)
{
    VTB_AUTO(vtb_free_ptr) struct words *words = calloc(1, sizeof *words);
    json_t *plan = json_loadb(ev->text.at, ev->text.len, 0, NULL);
    enum vtb_err err;

    if (!words || !plan) {
        json_decref(plan);
        return words ? VTB_PARSE : VTB_NOMEM;
    }
    gather(words, plan, 0);
    err = vtb_db_change(db,
                        "UPDATE plans SET state = 'signed', text = ?, line = ?, words = ?, digest = ?, "
                        "signature = ?, key = ?, signer = ?, signer_name = ?, signed_us = ? "
                        "WHERE id = ? AND case_id = ? AND version = ?",
                        "ttttttdtiddi", ev->text, cut(first_line(plan)),
                        (struct vtb_str){ words->text, words->len }, ev->digest, ev->signature,
                        ev->key, ev->signer, ev->signer_name, at->at_us, ev->plan, at->stream,
                        ev->version);
    json_decref(plan);
    return err ? err : vtb_project_search(db, at->stream);
}

VTB_PROJECT(plan_cosigned)
{
    return vtb_db_run(db,
                      "INSERT INTO cosigned (plan, signer, signer_name, role, at_us, digest, signature) "
                      "VALUES (?, ?, ?, ?, ?, ?, ?)",
                      "ddttitt", ev->plan, ev->signer, ev->signer_name, ev->role, at->at_us,
                      ev->digest, ev->signature);
}

VTB_PROJECT(plan_amended)
{
    enum vtb_err err = vtb_db_run(
        db,
        "INSERT INTO addenda (id, plan, author, author_name, at_us, reason, text, digest, signature) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        "dddtisttt", ev->addendum, ev->plan, ev->author, ev->author_name, at->at_us,
        vtb_ev_plan_amended_reason_name(ev->reason), ev->text, ev->digest, ev->signature);

    if (!err) /* a withdrawn or superseded plan stays what it is */
        err = vtb_db_run(db, "UPDATE plans SET state = 'amended' WHERE id = ? AND state = 'signed'",
                         "d", ev->plan);
    return err ? err : vtb_project_search(db, at->stream);
}

VTB_PROJECT(plan_withdrawn)
{
    return vtb_db_change(db,
                         "UPDATE plans SET state = 'withdrawn', state_reason = ?, state_words = ?, "
                         "state_by_name = ?, state_us = ? WHERE id = ? AND case_id = ? AND signed_us <> 0",
                         "sttidd", vtb_ev_plan_withdrawn_reason_name(ev->reason), ev->text,
                         ev->by_name, at->at_us, ev->plan, at->stream);
}

VTB_PROJECT(plan_superseded)
{
    return vtb_db_change(db,
                         "UPDATE plans SET superseded_by = ?1, "
                         "state_words = iif(state = 'withdrawn', state_words, ?2), "
                         "state_us = iif(state = 'withdrawn', state_us, ?3), "
                         "state = iif(state = 'withdrawn', state, 'superseded') "
                         "WHERE id = ?4 AND case_id = ?5 AND signed_us <> 0",
                         "dtidd", ev->by_plan, ev->reason, at->at_us, ev->plan, at->stream);
}

enum vtb_err vtb_project_search(struct vtb_db *db, struct vtb_id case_id)
{
    enum vtb_err err = vtb_db_run(
        db, "DELETE FROM search WHERE rowid = (SELECT n FROM cases WHERE id = ?)", "d", case_id);

    if (err)
        return err;
    return vtb_db_run(
        db,
        "INSERT INTO search (rowid, name, local_id, diagnosis, question, plan) "
        "SELECT n, name, local_id, diagnosis, question, "
        "coalesce((SELECT group_concat(words, char(10)) FROM plans WHERE case_id = cases.id), '') || char(10) || "
        "coalesce((SELECT group_concat(a.text, char(10)) FROM addenda a JOIN plans p ON p.id = a.plan "
        "WHERE p.case_id = cases.id), '') FROM cases WHERE id = ?",
        "d", case_id);
}
