/* find_cases.c - cases, and who may see them. The rule of sight stands here once more than in policy.c,
 * because a search over everything cannot ask policy for each row; a test compares the two. */
#include "sqlite/find.h"

#define ANY_HEAD                                                                                   \
    "EXISTS (SELECT 1 FROM board_members h WHERE h.person = :person AND h.role IN " HEADS ")"

/* Nobody's yet: on no agenda of any board. */
#define WAITING "NOT EXISTS (SELECT 1 FROM items wi WHERE wi.case_id = c.id)"

/* Whoever came by an invitation sees what that invitation names and nothing else. */
#define SIGHT                                                                                      \
    "SELECT id FROM cases WHERE @invitation = '' AND (referrer = :person OR author = :person) "    \
    "UNION SELECT t.case_id FROM items t JOIN meetings m ON m.id = t.meeting "                     \
    "JOIN board_members b ON b.board = m.board WHERE @invitation = '' AND b.person = :person "     \
    "AND b.role NOT IN ('guest', 'observer') "                                                     \
    "UNION SELECT t.case_id FROM invitations i JOIN invitation_items ii ON ii.invitation = i.id "  \
    "JOIN items t ON t.id = ii.item WHERE i.person = :person AND i.until_us > :now_us "            \
    "AND (@invitation = '' OR i.id = @invitation) "                                                \
    "UNION SELECT c.id FROM cases c WHERE @invitation = '' AND " WAITING " AND " ANY_HEAD

const char vtb_sql_my_cases[] =
    "SELECT json_object('cases', " LIST("SELECT " CASE_CARD " AS x FROM cases c " CASE_JOINS
    "WHERE c.referrer = :person OR c.author = :person ORDER BY c.saved_us DESC LIMIT 200") ")";

const char vtb_sql_unsigned[] =
    "SELECT json_object('cases', " LIST("SELECT json_set(" CASE_CARD ", '$.meeting', t.meeting, '$.item', t.id, "
    "'$.meeting_us', m.starts_us, '$.board_name', m.board_name) AS x "
    "FROM items t JOIN meetings m ON m.id = t.meeting JOIN board_members b ON b.board = m.board "
    "JOIN cases c ON c.id = t.case_id " CASE_JOINS
    "WHERE b.person = :person AND b.role IN " HEADS " AND m.state = 'closed' AND t.state = 'left_open' "
    "AND NOT EXISTS (SELECT 1 FROM items l JOIN meetings lm ON lm.id = l.meeting WHERE l.case_id = t.case_id "
    "AND lm.starts_us > m.starts_us) ORDER BY m.starts_us LIMIT 50") ")";

/* Heard by this board, and on no agenda to come. A meeting that was never opened stops being to come 12 h after
 * its end. */
#define HEARD_HERE                                                                                 \
    "EXISTS (SELECT 1 FROM items t JOIN meetings m ON m.id = t.meeting WHERE t.case_id = c.id AND m.board = :board) " \
    "AND NOT EXISTS (SELECT 1 FROM items t JOIN meetings m ON m.id = t.meeting WHERE t.case_id = c.id " \
    "AND t.state IN ('planned', 'running') AND m.state <> 'closed' "                               \
    "AND (m.state = 'open' OR m.starts_us + (m.minutes * 60 + 43200) * 1000000 > :now_us)) "

#define PLAN_STANDS "EXISTS (SELECT 1 FROM plans s WHERE s.case_id = c.id AND s.state IN ('signed', 'amended'))"

/* cases: nobody's yet, or heard without a plan that stands. heard: those with one, the newest first; heard again, a
 * new plan supersedes it. */
const char vtb_sql_pool[] =
    "SELECT json_object('cases', " LIST("SELECT " CASE_CARD " AS x FROM cases c " CASE_JOINS
    "WHERE " WAITING " OR (" HEARD_HERE "AND NOT " PLAN_STANDS ") ORDER BY c.made_us LIMIT 100") ", 'heard', "
    LIST("SELECT " CASE_CARD " AS x FROM cases c " CASE_JOINS
    "WHERE " HEARD_HERE "AND " PLAN_STANDS " ORDER BY np.signed_us DESC, c.id LIMIT 100") ")";

const char vtb_sql_case[] =
    "SELECT json_object('case', c.id, 'version', c.version, 'record', json(c.record), 'author', c.author, "
    "'made_us', c.made_us, 'saved_us', c.saved_us, 'documents', "
    LIST("SELECT " DOCUMENT " AS x FROM documents d WHERE d.case_id = c.id AND d.removed = 0 "
         "ORDER BY d.added_us, d.id LIMIT 100") ", 'plans', "
    LIST("SELECT " PLAN_CARD " AS x FROM plans p LEFT JOIN meetings m ON m.id = p.meeting "
         "WHERE p.case_id = c.id ORDER BY p.version DESC, p.begun_us DESC LIMIT 50") ", 'items', "
    LIST("SELECT json_object('meeting', m.id, 'item', t.id, 'board', m.board, 'board_name', m.board_name, "
         "'starts_us', m.starts_us, 'started_us', t.started_us, 'state', t.state, 'meeting_state', m.state) AS x "
         "FROM items t JOIN meetings m ON m.id = t.meeting WHERE t.case_id = c.id AND m.archived_us = 0 "
         "ORDER BY m.starts_us DESC LIMIT 20") ") "
    "FROM cases c WHERE c.id = :case";

const char vtb_sql_standing[] =
    "SELECT json_object('referrer', jbool(c.referrer = :person), 'author', jbool(c.author = :person), "
    "'waiting', jbool(" WAITING "), 'board_head', jbool(" ANY_HEAD "), 'roles', "
    LIST("SELECT json_object('board', m.board, 'role', b.role, 'meeting', m.id, 'item', t.id, "
         "'meeting_state', m.state, 'item_state', t.state) AS x FROM items t "
         "JOIN meetings m ON m.id = t.meeting JOIN board_members b ON b.board = m.board "
         "WHERE t.case_id = c.id AND b.person = :person ORDER BY m.starts_us DESC") ", 'guest', "
    LIST("SELECT json_object('invitation', i.id, 'meeting', i.meeting, 'item', t.id, 'until_us', i.until_us) AS x "
         "FROM invitations i JOIN invitation_items ii ON ii.invitation = i.id JOIN items t ON t.id = ii.item "
         "WHERE t.case_id = c.id AND i.person = :person AND i.until_us > :now_us") ", 'running', "
    LIST("SELECT json_object('meeting', t.meeting, 'item', t.id) AS x FROM items t "
         "WHERE t.case_id = c.id AND t.state = 'running'") ") "
    "FROM cases c WHERE c.id = :case";

/* The page is cut before its cards are made: a card costs five look-ups. */
#define FOUND(hits, hidden)                                                                        \
    "WITH hit AS MATERIALIZED (" hits "), sight AS MATERIALIZED (" SIGHT "), "                     \
    "seen AS MATERIALIZED (SELECT * FROM hit WHERE id IN (SELECT id FROM sight)), "                \
    "part AS MATERIALIZED (SELECT * FROM seen ORDER BY score, saved_us DESC, id "                  \
    "LIMIT 20 OFFSET :page * 20) "                                                                 \
    "SELECT json_object('total', (SELECT count(*) FROM seen), 'hidden', " hidden ", "              \
    "'page', :page, 'cases', "                                                                     \
    LIST("SELECT " CASE_CARD " AS x FROM part JOIN cases c ON c.id = part.id " CASE_JOINS          \
         "ORDER BY part.score, part.saved_us DESC, part.id") ")"

const char vtb_sql_search[] =
    FOUND("SELECT c.id AS id, c.saved_us AS saved_us, bm25(search, 10.0, 10.0, 4.0, 2.0, 1.0) AS score FROM search "
          "JOIN cases c ON c.n = search.rowid WHERE search MATCH :match",
          "(SELECT count(*) FROM hit) - (SELECT count(*) FROM seen)");

/* Nothing typed: the newest, and no word about how many others there are. */
const char vtb_sql_newest[] = FOUND("SELECT id, saved_us, 0.0 AS score FROM cases", "0");

const char vtb_sql_audit[] =
    "SELECT json_object('views', " LIST("SELECT json_object('person', v.person, "
    "'name', coalesce(p.name, (SELECT i.name FROM invitations i WHERE i.person = v.person LIMIT 1), ''), "
    "'at_us', v.at_us, 'how', v.how, 'plan', v.plan) AS x FROM views v LEFT JOIN persons p ON p.id = v.person "
    "WHERE v.n IN (SELECT n FROM views WHERE case_id = :case UNION SELECT vp.n FROM plans pp "
    "JOIN views vp ON vp.plan = pp.id WHERE pp.case_id = :case) ORDER BY v.n DESC LIMIT :limit") ")";
