/* find_plans.c - documents and plans. */
#include "sqlite/find.h"

const char vtb_sql_document[] =
    "SELECT " DOCUMENT " FROM documents d WHERE d.id = :document AND d.removed = 0";

const char vtb_sql_documents[] =
    "SELECT json_object('documents', " LIST("SELECT " DOCUMENT " AS x FROM documents d "
    "WHERE d.case_id = :case AND d.removed = 0 ORDER BY d.added_us, d.id LIMIT 100") ")";

const char vtb_sql_uploads[] =
    "SELECT json_object('bytes', coalesce(sum(bytes), 0), 'files', count(*)) "
    "FROM documents WHERE case_id = :case AND removed = 0";

const char vtb_sql_imports[] =
    "SELECT json_object('documents', " LIST("SELECT " DOCUMENT " AS x FROM documents d "
    "WHERE d.state = 'waiting' AND d.removed = 0 ORDER BY d.added_us, d.id") ")";

const char vtb_sql_plans[] =
    "SELECT json_object('plans', " LIST("SELECT " PLAN_CARD " AS x FROM plans p "
    "LEFT JOIN meetings m ON m.id = p.meeting WHERE p.case_id = :case "
    "ORDER BY p.version DESC, p.begun_us DESC LIMIT 50") ")";

const char vtb_sql_plan[] =
    "SELECT json_object('plan', p.id, 'case', p.case_id, 'version', p.version, 'state', p.state, "
    "'text', p.text, 'line', p.line, 'digest', p.digest, 'signature', p.signature, 'key', p.key, "
    "'signer', p.signer, 'signer_name', p.signer_name, 'signed_us', p.signed_us, 'meeting', p.meeting, "
    "'item', p.item, 'board', coalesce(m.board, ''), 'board_name', coalesce(m.board_name, ''), "
    "'supersedes', p.supersedes, 'superseded_by', p.superseded_by, 'state_reason', p.state_reason, "
    "'state_words', p.state_words, 'state_by_name', p.state_by_name, 'state_us', p.state_us, 'addenda', "
    LIST("SELECT json_object('addendum', a.id, 'author', a.author, 'author_name', a.author_name, "
         "'at_us', a.at_us, 'reason', a.reason, 'text', a.text, 'digest', a.digest, "
         "'signature', a.signature) AS x FROM addenda a WHERE a.plan = p.id ORDER BY a.at_us, a.id") ", 'cosigned', "
    LIST("SELECT json_object('signer', s.signer, 'signer_name', s.signer_name, 'role', s.role, "
         "'at_us', s.at_us, 'digest', s.digest, 'signature', s.signature) AS x FROM cosigned s "
         "WHERE s.plan = p.id ORDER BY s.at_us, s.signer") ") "
    "FROM plans p LEFT JOIN meetings m ON m.id = p.meeting WHERE p.id = :plan";
