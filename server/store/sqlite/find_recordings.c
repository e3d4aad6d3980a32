/* find_recordings.c - recordings, by case, meeting, id, and those that need something done. */
#include "sqlite/find.h"

/* r: recordings, m: its meeting (may be NULL) */
#define RECORDING_MEMBERS                                                                          \
    "'recording', r.id, 'meeting', r.meeting, 'item', r.item, 'case', r.case_id, "                 \
    "'board_name', coalesce(m.board_name, ''), 'state', r.state, 'began_us', r.began_us, "         \
    "'until_us', r.until_us, 'duration_ms', r.duration_ms, 'bytes', r.bytes, "                     \
    "'sha256', r.sha256, 'was_cut', jbool(r.was_cut), 'removed_us', r.removed_us, "                \
    "'removed_why', r.removed_why, 'removed_by', coalesce((SELECT p.name FROM persons p WHERE "       \
    "p.id = r.removed_by), ''), 'removed_reason', r.removed_reason, 'name', coalesce((SELECT t.name "    \
    "FROM items t WHERE t.id = r.item), '')"
#define FILM_MEMBERS                                                                               \
    ", 'board', coalesce(m.board, ''), 'film', json_object('state', r.film, 'bytes', r.film_bytes, "    \
    "'until_us', r.film_until_us)"
#define RECORDINGS(where)                                                                          \
    "SELECT json_object('recordings', "                                                            \
    LIST("SELECT json_object(" RECORDING_MEMBERS ") AS x FROM recordings r "                       \
         "LEFT JOIN meetings m ON m.id = r.meeting WHERE " where " ORDER BY r.began_us, r.id LIMIT 200") ")"

const char vtb_sql_recordings[] = RECORDINGS("r.case_id = :case");

const char vtb_sql_meeting_recordings[] = RECORDINGS("r.meeting = :meeting");

/* Newest first: what a coordinator looks for is what was removed of late. */
const char vtb_sql_board_recordings[] =
    "SELECT json_object('recordings', "
    LIST("SELECT json_object(" RECORDING_MEMBERS ") AS x FROM recordings r "
         "JOIN meetings m ON m.id = r.meeting WHERE m.board = :board ORDER BY r.began_us DESC, r.id LIMIT 200") ")";

const char vtb_sql_recording[] =
    "SELECT json_object(" RECORDING_MEMBERS FILM_MEMBERS ", 'spans', "
    LIST("SELECT json_object('kind', s.kind, 'from_ms', s.from_ms, 'to_ms', s.to_ms, 'seat', s.seat, "
         "'person', s.person, 'name', s.name) AS x FROM recording_spans s WHERE s.recording = r.id "
         "ORDER BY s.from_ms, s.n LIMIT 20000") ") "
    "FROM recordings r LEFT JOIN meetings m ON m.id = r.meeting WHERE r.id = :recording";

const char vtb_sql_recordings_open[] = RECORDINGS("r.state = 'begun'");

/* Those that the end of the process took with it, and those whose hour has come. */
const char vtb_sql_films[] =
    "SELECT json_object('making', " LIST("SELECT json_quote(r.id) AS x FROM recordings r WHERE r.film = 'making'") ", 'due', "
    LIST("SELECT json_quote(r.id) AS x FROM recordings r WHERE r.film = 'ready' AND r.film_until_us <= :now_us") ")";

const char vtb_sql_recordings_due[] = RECORDINGS("r.state IN ('ended', 'lost') AND r.until_us <= :now_us");
