#include "sqlite/db.h"

#include "base/log.h"

#include <assert.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

enum vtb_err vtb_db_err(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return VTB_OK;
    case SQLITE_CONSTRAINT:
        return VTB_STALE;
    case SQLITE_NOMEM:
        return VTB_NOMEM;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return VTB_CORRUPT;
    case SQLITE_TOOBIG:
        return VTB_LIMIT;
    case SQLITE_ERROR: /* of the statement or its values (FTS5 syntax, malformed JSON), not the disk */
    case SQLITE_MISMATCH:
        return VTB_PARSE;
    default: /* not an enum: FULL, IOERR, BUSY, READONLY, CANTOPEN and what later versions add */
        return VTB_SYS;
    }
}

/* jbool(x): a JSON boolean out of SQLite's 0 and 1, so that answers are built in SQL. */
static void jbool(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    sqlite3_result_text(context, sqlite3_value_int(values[0]) ? "true" : "false", -1, SQLITE_STATIC);
    sqlite3_result_subtype(context, 'J');
}

static enum vtb_err settle(struct vtb_db *db, enum vtb_db_mode mode)
{
    /* Debian's build can load extensions; DEFENSIVE and trusted_schema=off take the sting out of a
     * database file that somebody else has written to. */
    static const char common[] = "PRAGMA trusted_schema=off; PRAGMA foreign_keys=on;"
                                 "PRAGMA busy_timeout=5000; PRAGMA cell_size_check=on;"
                                 "PRAGMA temp_store=memory; PRAGMA secure_delete=on;";
    static const char writes[] = "PRAGMA journal_mode=wal; PRAGMA synchronous=full;"
                                 "PRAGMA journal_size_limit=67108864;"; /* after a burst */

    if (sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) != SQLITE_OK ||
        sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL) != SQLITE_OK)
        return VTB_SYS;
    if (sqlite3_create_function(db->handle, "jbool", 1,
                                SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL, jbool,
                                NULL, NULL) != SQLITE_OK)
        return VTB_NOMEM;
    enum vtb_err err = vtb_db_exec(db, common);
    if (!err && mode == VTB_DB_WRITE)
        err = vtb_db_exec(db, writes);
    return err;
}

/* The owner's alone; -wal and -shm take after it. Only a new file is opened here: closing one that a
 * connection of this process has would take that connection's locks away (fcntl(2)). */
static void make_private(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd >= 0)
        close(fd);
}

enum vtb_err vtb_db_open(const char *path, enum vtb_db_mode mode, struct vtb_db *out)
{
    struct vtb_db db = { 0 };
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code;
    enum vtb_err err;

    flags |= mode == VTB_DB_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    if (mode == VTB_DB_WRITE)
        make_private(path);
    code = sqlite3_open_v2(path, &db.handle, flags, NULL);
    err = vtb_db_err(code);
    if (!err)
        err = settle(&db, mode);
    if (!err && mode == VTB_DB_WRITE)
        err = vtb_db_migrate(&db);
    if (err) {
        vtb_db_close(&db);
        return err;
    }
    *out = db;
    return VTB_OK;
}

void vtb_db_close(struct vtb_db *db)
{
    for (size_t i = 0; i < db->n; i++)
        sqlite3_finalize(db->cache[i].stmt);
    sqlite3_close(db->handle);
    *db = (struct vtb_db){ 0 };
}

enum vtb_err vtb_db_exec(struct vtb_db *db, const char *sql)
{
    return vtb_db_err(sqlite3_exec(db->handle, sql, NULL, NULL, NULL));
}

static enum vtb_err prepare(struct vtb_db *db, const char *sql, sqlite3_stmt **out)
{
    for (size_t i = 0; i < db->n; i++) {
        if (db->cache[i].sql == sql) {
            *out = db->cache[i].stmt;
            return VTB_OK;
        }
    }
    assert(db->n < VTB_DB_STATEMENTS);
    int code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
    if (code == SQLITE_ERROR) /* our own SQL is wrong; the message holds no data */
        VTB_LOG(VTB_ERROR, "store.sql", VTB_STR("message", sqlite3_errmsg(db->handle)));
    if (code != SQLITE_OK)
        return vtb_db_err(code);
    db->cache[db->n].sql = sql;
    db->cache[db->n++].stmt = *out;
    return VTB_OK;
}

static int bind_one(sqlite3_stmt *stmt, int at, char how, va_list *args)
{
    switch (how) {
    case 'i':
        return sqlite3_bind_int64(stmt, at, va_arg(*args, int64_t));
    case 't': {
        struct vtb_str text = va_arg(*args, struct vtb_str);
        return sqlite3_bind_text64(stmt, at, text.at ? text.at : "", text.len, SQLITE_STATIC,
                                   SQLITE_UTF8);
    }
    case 's':
        return sqlite3_bind_text(stmt, at, va_arg(*args, const char *), -1, SQLITE_STATIC);
    case 'd': {
        struct vtb_id id = va_arg(*args, struct vtb_id);
        char text[VTB_ID_TEXT] = "";

        if (!vtb_id_is_nil(id))
            vtb_id_write(id, text);
        return sqlite3_bind_text(stmt, at, text, -1, SQLITE_TRANSIENT);
    }
    case 'b': {
        const void *blob = va_arg(*args, const void *);
        size_t len = va_arg(*args, size_t);
        return sqlite3_bind_blob64(stmt, at, blob, len, SQLITE_STATIC);
    }
    }
    return SQLITE_MISUSE;
}

static enum vtb_err bind_all(struct vtb_db *db, const char *sql, sqlite3_stmt **out,
                             const char *format, va_list *args)
{
    enum vtb_err err = prepare(db, sql, out);

    if (err)
        return err;
    assert((size_t)sqlite3_bind_parameter_count(*out) == strlen(format));
    for (int at = 1; format[at - 1]; at++) {
        int code = bind_one(*out, at, format[at - 1], args);

        assert(code != SQLITE_MISUSE);
        if (code != SQLITE_OK) {
            sqlite3_reset(*out);
            return vtb_db_err(code);
        }
    }
    return VTB_OK;
}

enum vtb_err vtb_db_bind(struct vtb_db *db, const char *sql, sqlite3_stmt **out,
                         const char *format, ...)
{
    va_list args;

    va_start(args, format);
    enum vtb_err err = bind_all(db, sql, out, format, &args);
    va_end(args);
    return err;
}

static enum vtb_err run_all(struct vtb_db *db, const char *sql, const char *format, va_list *args)
{
    sqlite3_stmt *stmt = NULL;
    enum vtb_err err = bind_all(db, sql, &stmt, format, args);
    int code;

    if (err)
        return err;
    do {
        code = sqlite3_step(stmt);
    } while (code == SQLITE_ROW);
    sqlite3_reset(stmt);
    return vtb_db_err(code);
}

enum vtb_err vtb_db_run(struct vtb_db *db, const char *sql, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    enum vtb_err err = run_all(db, sql, format, &args);
    va_end(args);
    return err;
}

enum vtb_err vtb_db_change(struct vtb_db *db, const char *sql, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    enum vtb_err err = run_all(db, sql, format, &args);
    va_end(args);
    if (!err && sqlite3_changes(db->handle) == 0)
        return VTB_ABSENT;
    return err;
}

enum vtb_err vtb_db_number(struct vtb_db *db, int64_t *out, const char *sql, const char *format, ...)
{
    sqlite3_stmt *stmt = NULL;
    va_list args;

    va_start(args, format);
    enum vtb_err err = bind_all(db, sql, &stmt, format, &args);
    va_end(args);
    if (err)
        return err;
    int code = sqlite3_step(stmt);
    if (code == SQLITE_ROW)
        *out = sqlite3_column_int64(stmt, 0);
    sqlite3_reset(stmt);
    if (code == SQLITE_DONE)
        return VTB_ABSENT;
    return vtb_db_err(code);
}

enum vtb_err vtb_db_named(struct vtb_db *db, const char *sql, sqlite3_stmt **out)
{
    return prepare(db, sql, out);
}
