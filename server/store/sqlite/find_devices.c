#include "sqlite/find.h"

/* d: devices */
#define CARD                                                                                       \
    "'device', d.id, 'name', d.name, 'site', d.site, 'meeting', d.meeting, "                       \
    "'items', json(d.items), 'vouches', jbool(d.vouches), "                                        \
    "'by_name', coalesce((SELECT p.name FROM persons p WHERE p.id = d.by), ''), "                  \
    "'made_us', d.made_us, 'until_us', d.until_us, 'used_us', d.used_us, 'revoked_us', d.revoked_us"

/* A room is switched on before its board begins, and a meeting that overran by four hours was forgotten open. */
#define EARLY_US "1800000000"
#define LATE_US  "14400000000"

const char vtb_sql_device[] =
    "SELECT json_object(" CARD ", 'board', d.board, 'by', d.by, 'now', coalesce("
    "(SELECT m.id FROM meetings m WHERE m.id = d.meeting AND m.state <> 'closed'), "
    "(SELECT m.id FROM meetings m WHERE d.meeting = '' AND m.board = d.board AND m.state <> 'closed' "
    "AND m.starts_us <= :now_us + " EARLY_US " AND m.starts_us + m.minutes * 60000000 > :now_us - " LATE_US " "
    "ORDER BY m.state = 'open' DESC, m.starts_us DESC LIMIT 1), '')) "
    "FROM devices d WHERE (@token <> '' AND d.token = @token) OR (@device <> '' AND d.id = @device)";

const char vtb_sql_devices[] =
    "SELECT json_object('devices', " LIST("SELECT json_object(" CARD ") AS x FROM devices d "
    "WHERE d.board = :board AND d.until_us > :now_us - 7776000000000 "
    "AND (d.revoked_us = 0 OR d.revoked_us > :now_us - 7776000000000) "
    "ORDER BY d.made_us DESC, d.id LIMIT 200") ", "
    "'live', (SELECT count(*) FROM devices d WHERE d.board = :board AND d.revoked_us = 0 AND d.until_us > :now_us))";
