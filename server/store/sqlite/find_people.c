#include "sqlite/find.h"

const char vtb_sql_person[] =
    "SELECT json_object(" CARD_MEMBERS ", 'email', p.email) FROM persons p WHERE p.id = :person";

const char vtb_sql_person_by_email[] =
    "SELECT json_object(" CARD_MEMBERS ", 'email', p.email, 'password', p.password) "
    "FROM persons p WHERE p.email = :email AND p.email <> ''";

const char vtb_sql_pin[] = "SELECT json_object('pin', pin, 'password', password) FROM persons WHERE id = :person";

const char vtb_sql_signin_link[] =
    "SELECT json_object(" CARD_MEMBERS ", 'until_us', l.until_us) "
    "FROM signin_links l JOIN persons p ON p.id = l.person WHERE l.token = :token";

/* By invitation: the name it fixed, and no board and no office, whoever the person is elsewhere. */
const char vtb_sql_session[] =
    "SELECT json_object('session', s.id, 'person', s.person, "
    "'name', coalesce(i.name, p.name, ''), 'specialty', coalesce(i.specialty, p.specialty, ''), "
    "'site', coalesce(i.site, p.site, ''), "
    "'administrator', jbool(i.id IS NULL AND coalesce(p.administrator, 0)), "
    "'has_pin', jbool(i.id IS NULL AND coalesce(p.pin, '') <> ''), "
    "'boards', json(iif(i.id IS NULL, " BOARDS_OF("s.person") ", '[]')), "
    "'how', s.how, 'opened_us', s.opened_us, 'until_us', s.until_us, "
    "'invitation', json(coalesce((SELECT " INVITATION " FROM meetings m WHERE m.id = i.meeting), 'null'))) "
    "FROM sessions s LEFT JOIN persons p ON p.id = s.person "
    "LEFT JOIN invitations i ON i.id = s.invitation AND s.invitation <> '' "
    "WHERE s.token = :token AND s.closed_us = 0";

const char vtb_sql_invitation[] =
    "SELECT " INVITATION " FROM invitations i JOIN meetings m ON m.id = i.meeting "
    "WHERE (@token <> '' AND i.token = @token) OR (@invitation <> '' AND i.id = @invitation)";

const char vtb_sql_invitations[] =
    "SELECT json_object('invitations', " LIST("SELECT " INVITATION " AS x FROM invitations i "
    "JOIN meetings m ON m.id = i.meeting WHERE i.meeting = :meeting ORDER BY i.made_us, i.id LIMIT 100") ")";

/* instr and not LIKE: what was typed has no wild cards. */
const char vtb_sql_people[] =
    "SELECT json_object('people', " LIST("SELECT json_object('person', p.id, 'name', p.name, "
    "'specialty', p.specialty, 'site', p.site) AS x FROM persons p "
    "WHERE :q = '' OR instr(' ' || lower(p.name), ' ' || lower(:q)) > 0 "
    "OR instr(lower(p.site), lower(:q)) = 1 OR instr(p.specialty, lower(:q)) = 1 "
    "ORDER BY p.name COLLATE NOCASE LIMIT 50") ")";
