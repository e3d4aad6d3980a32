/* migrations.c - brings an older file to the schema of this program; a newer one is refused. */
#include "sqlite/db.h"

#include "base/log.h"

#include <stdio.h>

/* Made from migrations/NNNN_*.sql by the build: text, one after the other. */
extern const char *const vtb_migrations[];
extern const size_t vtb_migrations_n;

int vtb_db_schema(void)
{
    return (int)vtb_migrations_n;
}

static enum vtb_err version_of(struct vtb_db *db, int64_t *out)
{
    return vtb_db_number(db, out, "PRAGMA user_version", "");
}

enum vtb_err vtb_db_migrate(struct vtb_db *db)
{
    int64_t version = 0;
    enum vtb_err err = version_of(db, &version);

    if (err)
        return err;
    if (version > vtb_db_schema()) {
        /* An older program must not write where a newer one has changed the meaning of a column. */
        VTB_LOG(VTB_ERROR, "store.schema.newer", VTB_I64("file", version),
                VTB_I64("program", vtb_db_schema()));
        return VTB_STALE;
    }
    for (; version < vtb_db_schema(); version++) {
        char set[64];

        snprintf(set, sizeof set, "PRAGMA user_version=%d; COMMIT", (int)version + 1);
        err = vtb_db_exec(db, "BEGIN IMMEDIATE");
        if (!err)
            err = vtb_db_exec(db, vtb_migrations[version]);
        if (!err)
            err = vtb_db_exec(db, set);
        if (err) {
            if (!sqlite3_get_autocommit(db->handle))
                sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
            VTB_LOG(VTB_ERROR, "store.migration", VTB_I64("to", version + 1),
                    VTB_STR("message", sqlite3_errmsg(db->handle)));
            return err;
        }
    }
    return VTB_OK;
}
