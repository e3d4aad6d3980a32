#include "sqlite/find.h"

#include <ctype.h>
#include <stdio.h>

static const char *const statements[VTB_QUESTIONS] = {
    [VTB_FIND_PERSON] = vtb_sql_person,
    [VTB_FIND_PERSON_BY_EMAIL] = vtb_sql_person_by_email,
    [VTB_FIND_PIN] = vtb_sql_pin,
    [VTB_FIND_SIGNIN_LINK] = vtb_sql_signin_link,
    [VTB_FIND_SESSION] = vtb_sql_session,
    [VTB_FIND_INVITATION] = vtb_sql_invitation,
    [VTB_FIND_INVITATIONS] = vtb_sql_invitations,
    [VTB_FIND_PEOPLE] = vtb_sql_people,
    [VTB_FIND_BOARDS] = vtb_sql_boards,
    [VTB_FIND_BOARD] = vtb_sql_board,
    [VTB_FIND_MEETINGS] = vtb_sql_meetings,
    [VTB_FIND_MY_MEETINGS] = vtb_sql_my_meetings,
    [VTB_FIND_MEETING] = vtb_sql_meeting,
    [VTB_FIND_OPEN_MEETINGS] = vtb_sql_open_meetings,
    [VTB_FIND_MY_CASES] = vtb_sql_my_cases,
    [VTB_FIND_UNSIGNED] = vtb_sql_unsigned,
    [VTB_FIND_POOL] = vtb_sql_pool,
    [VTB_FIND_CASE] = vtb_sql_case,
    [VTB_FIND_STANDING] = vtb_sql_standing,
    [VTB_FIND_SEARCH] = vtb_sql_search,
    [VTB_FIND_AUDIT] = vtb_sql_audit,
    [VTB_FIND_DOCUMENT] = vtb_sql_document,
    [VTB_FIND_DOCUMENTS] = vtb_sql_documents,
    [VTB_FIND_UPLOADS] = vtb_sql_uploads,
    [VTB_FIND_IMPORTS] = vtb_sql_imports,
    [VTB_FIND_PLANS] = vtb_sql_plans,
    [VTB_FIND_PLAN] = vtb_sql_plan,
    [VTB_FIND_RECORDINGS] = vtb_sql_recordings,
    [VTB_FIND_MEETING_RECORDINGS] = vtb_sql_meeting_recordings,
    [VTB_FIND_RECORDING] = vtb_sql_recording,
    [VTB_FIND_RECORDINGS_OPEN] = vtb_sql_recordings_open,
    [VTB_FIND_RECORDINGS_DUE] = vtb_sql_recordings_due,
    [VTB_FIND_DEVICE] = vtb_sql_device,
    [VTB_FIND_DEVICES] = vtb_sql_devices,
    [VTB_FIND_BOARD_RECORDINGS] = vtb_sql_board_recordings,
    [VTB_FIND_FILMS] = vtb_sql_films,
};

#define MATCH_BYTES 512

enum type { ID, NUMBER, TEXT };

static enum type type_of(const char *name)
{
    static const char *const texts[] = { "email", "token", "q", "match" };
    static const char *const numbers[] = { "now_us", "from_us", "to_us", "page", "limit" };

    for (size_t i = 0; i < VTB_COUNT(texts); i++)
        if (strcmp(name, texts[i]) == 0)
            return TEXT;
    for (size_t i = 0; i < VTB_COUNT(numbers); i++)
        if (strcmp(name, numbers[i]) == 0)
            return NUMBER;
    return ID;
}

static enum vtb_err bind_id(sqlite3_stmt *stmt, int at, const char *text)
{
    struct vtb_id id;
    char lower[VTB_ID_TEXT] = "";

    if (text[0] && vtb_id_parse(vtb_str_of(text), &id))
        return VTB_PARSE;
    if (text[0])
        vtb_id_write(id, lower);
    return vtb_db_err(sqlite3_bind_text(stmt, at, lower, -1, SQLITE_TRANSIENT));
}

/* :name must be given, @name may be. */
static enum vtb_err bind_param(sqlite3_stmt *stmt, int at, json_t *params)
{
    const char *name = sqlite3_bind_parameter_name(stmt, at);
    json_t *value = json_object_get(params, name + 1);
    bool must = name[0] == ':';

    if (type_of(name + 1) == NUMBER) {
        if (!json_is_integer(value) || json_integer_value(value) < 0)
            return VTB_PARSE;
        return vtb_db_err(sqlite3_bind_int64(stmt, at, json_integer_value(value)));
    }
    if (value ? !json_is_string(value) : must)
        return VTB_PARSE;
    const char *text = value ? json_string_value(value) : "";
    if (type_of(name + 1) == ID) {
        if (must && !text[0])
            return VTB_PARSE;
        return bind_id(stmt, at, text);
    }
    return vtb_db_err(sqlite3_bind_text(stmt, at, text, -1, SQLITE_TRANSIENT));
}

/* What was typed as an FTS5 query: each word quoted (so it has no meaning to FTS5) and a prefix,
 * all of them wanted. False: nothing to look for. */
static bool match_of(const char *q, char out[static MATCH_BYTES])
{
    size_t len = 0;
    bool in_word = false, letter = false;

    for (; *q && len < MATCH_BYTES - 8; q++) {
        unsigned char c = (unsigned char)*q;
        /* FTS5 refuses a phrase without a token, so words of signs only are left out. */
        bool word = c >= 0x80 || isalnum(c);

        if (isspace(c) || c == '"' || iscntrl(c)) {
            if (in_word)
                len += (size_t)snprintf(out + len, MATCH_BYTES - len, "\"* ");
            in_word = false;
            continue;
        }
        if (!in_word && !word)
            continue;
        if (!in_word)
            out[len++] = '"';
        in_word = letter = true;
        out[len++] = (char)c;
    }
    if (in_word)
        len += (size_t)snprintf(out + len, MATCH_BYTES - len, "\"*");
    out[len] = 0;
    return letter;
}

static enum vtb_err run(struct vtb_db *db, const char *sql, json_t *params, json_t **out)
{
    sqlite3_stmt *stmt = NULL;
    enum vtb_err err = VTB_OK;

    /* Prepared and cached by hand: parameters are named here, not counted. */
    err = vtb_db_named(db, sql, &stmt);
    if (err)
        return err;
    for (int at = 1; at <= sqlite3_bind_parameter_count(stmt) && !err; at++)
        err = bind_param(stmt, at, params);
    if (!err) {
        int code = sqlite3_step(stmt);

        if (code == SQLITE_ROW) {
            *out = json_loadb((const char *)sqlite3_column_text(stmt, 0),
                              (size_t)sqlite3_column_bytes(stmt, 0), 0, NULL);
            err = *out ? VTB_OK : VTB_CORRUPT;
        } else {
            err = code == SQLITE_DONE ? VTB_ABSENT : vtb_db_err(code);
        }
    }
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
    return err;
}

enum vtb_err vtb_find(struct vtb_db *db, enum vtb_question question, json_t *params, json_t **out)
{
    const char *sql = statements[question];

    if (question == VTB_FIND_SEARCH) {
        char match[MATCH_BYTES];
        const char *q = json_string_value(json_object_get(params, "q"));

        if (!q)
            return VTB_PARSE;
        if (!match_of(q, match))
            sql = vtb_sql_newest;
        else if (json_object_set_new(params, "match", json_string(match)) != 0)
            return VTB_PARSE; /* cut in the middle of a character: not UTF-8 */
    }
    return run(db, sql, params, out);
}
