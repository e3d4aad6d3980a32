/*
 * db.h - one SQLite connection: settings, migrations, cached statements, binding by a format.
 *
 * A statement is known by the address of its SQL literal, prepared at first use and kept.
 *
 * Thread:    the one that opened it. Errors are not logged here but mapped: CONSTRAINT to STALE
 *            (somebody else has it), FULL, IOERR and the like to SYS, CORRUPT, NOMEM.
 */
#ifndef VTB_STORE_DB_H
#define VTB_STORE_DB_H

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"

#include <sqlite3.h>

#define VTB_DB_STATEMENTS 160

struct vtb_db {
    sqlite3 *handle;
    struct {
        const char *sql;
        sqlite3_stmt *stmt;
    } cache[VTB_DB_STATEMENTS];
    size_t n;
};

enum vtb_db_mode { VTB_DB_WRITE, VTB_DB_READ };

/* WRITE makes the file (0600) and brings the schema up to date. */
VTB_MUST_USE enum vtb_err vtb_db_open(const char *path, enum vtb_db_mode mode, struct vtb_db *out);
void vtb_db_close(struct vtb_db *db);
VTB_MUST_USE enum vtb_err vtb_db_exec(struct vtb_db *db, const char *sql); /* not cached */
enum vtb_err vtb_db_err(int sqlite_code);

/*
 * Binds in order. format: i int64_t; t struct vtb_str; s const char *; d struct vtb_id as text,
 * the nil id as ''; b (const void *, size_t) blob. Texts and blobs are borrowed until the
 * statement is reset.
 */
VTB_MUST_USE enum vtb_err vtb_db_bind(struct vtb_db *db, const char *sql, sqlite3_stmt **out,
                                      const char *format, ...);
/* The cached statement, for a caller that binds by name. */
VTB_MUST_USE enum vtb_err vtb_db_named(struct vtb_db *db, const char *sql, sqlite3_stmt **out);
/* Binds, steps to the end, resets. */
VTB_MUST_USE enum vtb_err vtb_db_run(struct vtb_db *db, const char *sql, const char *format, ...);
/* The same; ABSENT if no row was changed. */
VTB_MUST_USE enum vtb_err vtb_db_change(struct vtb_db *db, const char *sql, const char *format, ...);
/* First column of the first row as a number; ABSENT without a row. */
VTB_MUST_USE enum vtb_err vtb_db_number(struct vtb_db *db, int64_t *out, const char *sql,
                                        const char *format, ...);

/* migrations.c */
VTB_MUST_USE enum vtb_err vtb_db_migrate(struct vtb_db *db);
int vtb_db_schema(void); /* newest version this program knows */

#endif
