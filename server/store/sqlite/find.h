/*
 * find.h - the SQL behind ask.h: one statement a question, which makes the answer as JSON.
 *
 * A parameter :name must be given, @name may be; its type follows from its name (find.c). A
 * statement gives one row with the answer, or none (ABSENT).
 *
 * Thread: of the connection.
 */
#ifndef VTB_STORE_FIND_H
#define VTB_STORE_FIND_H

#include "store/ask.h"
#include "sqlite/db.h"

#include <jansson.h>

/* *out: owned by the caller. PARSE: a parameter is missing or is not what its name says. */
VTB_MUST_USE enum vtb_err vtb_find(struct vtb_db *db, enum vtb_question question, json_t *params,
                                   json_t **out);

/* find_people.c */
extern const char vtb_sql_person[], vtb_sql_person_by_email[], vtb_sql_pin[], vtb_sql_signin_link[],
    vtb_sql_session[], vtb_sql_invitation[], vtb_sql_invitations[], vtb_sql_people[];
/* find_meetings.c */
extern const char vtb_sql_boards[], vtb_sql_board[], vtb_sql_meetings[], vtb_sql_my_meetings[],
    vtb_sql_meeting[], vtb_sql_open_meetings[];
/* find_cases.c */
extern const char vtb_sql_my_cases[], vtb_sql_unsigned[], vtb_sql_pool[], vtb_sql_case[],
    vtb_sql_standing[], vtb_sql_search[], vtb_sql_newest[], vtb_sql_audit[];
/* find_plans.c */
extern const char vtb_sql_document[], vtb_sql_documents[], vtb_sql_uploads[], vtb_sql_imports[],
    vtb_sql_plans[], vtb_sql_plan[];
/* find_recordings.c */
extern const char vtb_sql_recordings[], vtb_sql_meeting_recordings[], vtb_sql_recording[], vtb_sql_recordings_open[],
    vtb_sql_recordings_due[], vtb_sql_board_recordings[], vtb_sql_films[];
/* find_devices.c */
extern const char vtb_sql_device[], vtb_sql_devices[];

/* ---- pieces that several statements share ---- */

/* A list: the subquery names its column x and orders its rows. */
#define LIST(subquery) "json((SELECT json_group_array(json(x)) FROM (" subquery ")))"

#define BOARDS_OF(person)                                                                          \
    LIST("SELECT json_object('board', b.id, 'name', b.name, 'role', m.role) AS x "                 \
         "FROM board_members m JOIN boards b ON b.id = m.board WHERE m.person = " person           \
         " ORDER BY b.name")

#define CARD_MEMBERS                                                                               \
    "'person', p.id, 'name', p.name, 'specialty', p.specialty, 'site', p.site, "                   \
    "'administrator', jbool(p.administrator), 'has_pin', jbool(p.pin <> ''), 'boards', "           \
    BOARDS_OF("p.id")

/* i: invitations, m: its meeting */
#define INVITATION                                                                                 \
    "json_object('invitation', i.id, 'meeting', i.meeting, 'board', m.board, "                     \
    "'board_name', m.board_name, 'starts_us', m.starts_us, 'minutes', m.minutes, "                 \
    "'meeting_state', m.state, 'recording', m.recording, 'person', i.person, 'name', i.name, 'specialty', i.specialty, "     \
    "'site', i.site, 'items', json((SELECT json_group_array(item) FROM invitation_items "          \
    "WHERE invitation = i.id)), 'cases', json((SELECT json_group_array(t.case_id) "                \
    "FROM invitation_items x JOIN items t ON t.id = x.item WHERE x.invitation = i.id)), "          \
    "'until_us', i.until_us, 'made_us', i.made_us, 'by', i.by, 'bound', jbool(i.device <> ''), "   \
    "'device', i.device)"

/* d: documents */
#define DOCUMENT                                                                                   \
    "json_object('document', d.id, 'case', d.case_id, 'title', d.title, 'kind', d.kind, "          \
    "'state', d.state, 'message', d.message, 'bytes', d.bytes, 'sha256', d.sha256, 'by', d.by, "   \
    "'added_us', d.added_us, 'pages', json(d.pages))"

/* p: plans, m: its meeting (may be NULL) */
#define PLAN_CARD                                                                                  \
    "json_object('plan', p.id, 'version', p.version, 'state', p.state, 'signed_us', p.signed_us, " \
    "'signer_name', p.signer_name, 'board_name', coalesce(m.board_name, ''), 'digest', p.digest, " \
    "'line', p.line, 'meeting', p.meeting, 'item', p.item)"

#define HEADS "('chair', 'co_chair', 'coordinator')"

/* c: cases. The sealed plan of the referrer is in no card. */
#define CASE_CARD                                                                                  \
    "json_object('case', c.id, 'version', c.version, 'name', c.name, 'birth_date', c.birth_date, " \
    "'local_id', c.local_id, 'diagnosis', c.diagnosis, 'stage', c.stage, 'question', c.question, " \
    "'referrer', c.referrer, 'referrer_name', c.referrer_name, 'author', c.author, "               \
    "'made_us', c.made_us, 'saved_us', c.saved_us, 'plan', coalesce(np.id, ''), "                  \
    "'plan_state', coalesce(np.state, 'none'), 'plan_line', coalesce(np.line, ''), "               \
    "'meeting', coalesce(nm.id, ''), 'meeting_us', coalesce(nm.starts_us, 0), "                    \
    "'board_name', coalesce(nm.board_name, ''), "                                                  \
    "'record', json(json_remove(c.record, '$.referring_plan')), "                                  \
    "'has_referring_plan', jbool(c.record ->> '$.referring_plan' <> ''), "                         \
    "'documents_ready', (SELECT count(*) FROM documents d WHERE d.case_id = c.id AND "             \
    "d.removed = 0 AND d.state IN ('ready', 'partly')), "                                          \
    "'documents_open', (SELECT count(*) FROM documents d WHERE d.case_id = c.id AND "              \
    "d.removed = 0 AND d.state = 'waiting'))"
/* The newest signed plan, else the draft; the meeting to come, else the last. */
#define CASE_JOINS                                                                                 \
    " LEFT JOIN plans np ON np.id = (SELECT id FROM plans WHERE case_id = c.id "                   \
    "ORDER BY signed_us <> 0 DESC, version DESC, begun_us DESC LIMIT 1) "                          \
    "LEFT JOIN meetings nm ON nm.id = (SELECT mm.id FROM items tt JOIN meetings mm "               \
    "ON mm.id = tt.meeting WHERE tt.case_id = c.id "                                               \
    "ORDER BY mm.state = 'closed', mm.starts_us DESC LIMIT 1) "

#endif
