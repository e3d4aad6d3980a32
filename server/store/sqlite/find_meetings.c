#include "sqlite/find.h"

#define BOARD_MEMBERS                                                                              \
    "'board', b.id, 'name', b.name, 'tumor_group', b.tumor_group, 'timezone', b.timezone, "        \
    "'rrule', b.rrule, 'minutes', b.minutes, 'required', json(b.required), "                       \
    "'objection_s', b.objection_s, 'members', json(b.members), 'recording', b.recording, "                  \
    "'recording_days', b.recording_days"

/* m: meetings; `which` says which items t the caller may see */
#define MEETING_MEMBERS(which)                                                                     \
    "'meeting', m.id, 'board', m.board, 'board_name', m.board_name, 'timezone', m.timezone, "      \
    "'starts_us', m.starts_us, 'minutes', m.minutes, 'state', m.state, "                           \
    "'opened_us', m.opened_us, 'closed_us', m.closed_us, 'version', m.version, "                   \
    "'required', json(m.required), 'objection_s', m.objection_s, 'items', "                        \
    LIST("SELECT json_object('item', t.id, 'case', t.case_id, 'minutes', t.minutes, "              \
         "'presenter', t.presenter, 'presenter_name', t.presenter_name, 'referrer', t.referrer, "  \
         "'referrer_name', t.referrer_name, 'name', t.name, 'birth_date', t.birth_date, "          \
         "'local_id', t.local_id, 'diagnosis', t.diagnosis, 'stage', t.stage, "                    \
         "'question', t.question, 'state', t.state, 'ended_us', t.ended_us, 'plan', t.plan, "      \
         "'documents', (SELECT count(*) FROM documents d WHERE d.case_id = t.case_id AND "         \
         "d.removed = 0 AND d.state <> 'failed'), 'documents_ready', (SELECT count(*) FROM "         \
         "documents d WHERE d.case_id = t.case_id AND d.removed = 0 AND d.state IN ('ready', "      \
         "'partly')), 'record', (SELECT json(c.record) FROM cases c WHERE c.id = t.case_id), "       \
         "'talk', " LIST("SELECT json_object('specialty', k.specialty, 'seconds', sum(k.ms) / 1000) AS x " \
                         "FROM talk k WHERE k.item = t.id GROUP BY k.specialty "                    \
                         "ORDER BY sum(k.ms) DESC") ") "                                            \
         "AS x FROM items t WHERE t.meeting = m.id "                                                \
         which " ORDER BY t.place < 0, t.place, t.id")

#define OWN_ITEM                                                                                   \
    "(t.referrer = :person OR t.presenter = :person OR t.id IN (SELECT ii.item FROM invitations v "\
    "JOIN invitation_items ii ON ii.invitation = v.id WHERE v.person = :person))"

const char vtb_sql_boards[] =
    "SELECT json_object('boards', " LIST("SELECT json_object(" BOARD_MEMBERS ", 'role', bm.role) AS x "
    "FROM board_members bm JOIN boards b ON b.id = bm.board WHERE bm.person = :person ORDER BY b.name") ")";

const char vtb_sql_board[] =
    "SELECT json_object(" BOARD_MEMBERS ") FROM boards b WHERE b.id = :board";

const char vtb_sql_meetings[] =
    "SELECT json_object('meetings', " LIST("SELECT json_object(" MEETING_MEMBERS("") ") AS x "
    "FROM (SELECT * FROM meetings WHERE board = :board AND archived_us = 0 AND starts_us >= :from_us AND starts_us < :to_us "
    "ORDER BY starts_us DESC LIMIT 60) m ORDER BY m.starts_us") ")";

/* A member sees the agenda; a guest, and a referrer who is no member, the own items. What is open comes
 * first, and of each board's meetings that are over the last three: the next one is never crowded out. */
const char vtb_sql_my_meetings[] =
    "SELECT json_object('meetings', " LIST("SELECT json_object("
    MEETING_MEMBERS("AND (coalesce(bm.role, 'guest') <> 'guest' OR " OWN_ITEM ") ")
    ", 'role', coalesce(bm.role, 'guest')) AS x FROM meetings m "
    "LEFT JOIN board_members bm ON bm.board = m.board AND bm.person = :person "
    "WHERE m.archived_us = 0 AND m.starts_us >= :from_us AND m.starts_us < :to_us AND (coalesce(bm.role, 'guest') <> 'guest' "
    "OR EXISTS (SELECT 1 FROM items t WHERE t.meeting = m.id AND " OWN_ITEM ") "
    "OR EXISTS (SELECT 1 FROM invitations v WHERE v.meeting = m.id AND v.person = :person)) "
    "AND (m.state <> 'closed' OR m.id IN (SELECT c.id FROM meetings c WHERE c.board = m.board AND "
    "c.state = 'closed' AND c.archived_us = 0 ORDER BY c.starts_us DESC LIMIT 3)) "
    "ORDER BY m.state = 'open' DESC, m.starts_us LIMIT 60") ")";

const char vtb_sql_meeting[] =
    "SELECT json_object(" MEETING_MEMBERS("") ", 'members', json(m.members)) "
    "FROM meetings m WHERE m.id = :meeting";

const char vtb_sql_open_meetings[] =
    "SELECT json_object('meetings', " LIST("SELECT json_object('meeting', id, 'opened_us', opened_us) AS x "
    "FROM meetings WHERE state = 'open' ORDER BY opened_us") ")";
