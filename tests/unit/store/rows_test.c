/* Every question after a whole board; and rows made anew from the log are the rows that were there. */
#include "content.h"
#include "sqlite/project.h"

#include <stdio.h>
#include <stdlib.h>

static int setup(void **state)
{
    struct world *world = test_calloc(1, sizeof *world);

    world_make(world);
    content_board(world);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    world_end(*state);
    test_free(*state);
    return 0;
}

/* A member by a path of names and numbers: "cases.0.name". */
static json_t *at(json_t *json, const char *path)
{
    char name[64];

    while (*path) {
        size_t len = strcspn(path, ".");

        memcpy(name, path, len);
        name[len] = 0;
        json = json_is_array(json) ? json_array_get(json, strtoul(name, NULL, 10)) : json_object_get(json, name);
        path += len + (path[len] == '.');
    }
    return json;
}
#define TEXT(json, path, want) assert_string_equal(json_string_value(at((json), (path))), (want))
#define NUMBER(json, path, want) assert_int_equal(json_integer_value(at((json), (path))), (want))
#define YES(json, path) assert_true(json_is_true(at((json), (path))))
#define NO(json, path) assert_true(json_is_false(at((json), (path))))
#define COUNT(json, path, want) assert_int_equal(json_array_size(at((json), (path))), (want))

static void absent(struct world *world, enum vtb_question question, json_t *params)
{
    enum vtb_err err;

    assert_null(world_ask(world, question, &err, params));
    assert_int_equal(err, VTB_ABSENT);
}

static void people_are_found_with_roles_and_secrets_only_where_asked(void **state)
{
    struct world *world = *state;
    json_t *json = world_ask(world, VTB_FIND_PERSON, NULL, json_pack("{s:s}", "person", text_of(CHAIR)));

    TEXT(json, "name", "Dr. Chair");
    TEXT(json, "boards.0.role", "chair");
    NO(json, "administrator");
    NO(json, "has_pin");
    assert_null(at(json, "password"));
    json_decref(json);
    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE,
        { .kind = VTB_EVENT_PERSON_SECRET, .u.person_secret = { id_of(CHAIR), VTB_EV_PERSON_SECRET_KIND_PASSWORD, VTB_LIT("$argon2id$1") } },
        { .kind = VTB_EVENT_PERSON_SECRET, .u.person_secret = { id_of(CHAIR), VTB_EV_PERSON_SECRET_KIND_PIN, VTB_LIT("$argon2id$2") } },
        { .kind = VTB_EVENT_SIGNIN_LINK, .u.signin_link = { id_of(CLINIC), VTB_LIT("link-1"), T0 } }), VTB_OK);
    json = world_ask(world, VTB_FIND_PERSON_BY_EMAIL, NULL, json_pack("{s:s}", "email", "CHAIR@example.org"));
    TEXT(json, "password", "$argon2id$1");
    YES(json, "has_pin");
    json_decref(json);
    json = world_ask(world, VTB_FIND_PIN, NULL, json_pack("{s:s}", "person", text_of(CHAIR)));
    TEXT(json, "pin", "$argon2id$2");
    json_decref(json);
    json = world_ask(world, VTB_FIND_SIGNIN_LINK, NULL, json_pack("{s:s}", "token", "link-1"));
    TEXT(json, "person", text_of(CLINIC));
    NUMBER(json, "until_us", T0);
    json_decref(json);
    json = world_ask(world, VTB_FIND_PEOPLE, NULL, json_pack("{s:s}", "q", "me"));
    COUNT(json, "people", 1);
    TEXT(json, "people.0.name", "Dr. Member");
    json_decref(json);
    json = world_ask(world, VTB_FIND_PEOPLE, NULL, json_pack("{s:s}", "q", "%"));
    COUNT(json, "people", 0);
    json_decref(json);
    absent(world, VTB_FIND_PERSON_BY_EMAIL, json_pack("{s:s}", "email", "")); /* people without one */
    absent(world, VTB_FIND_PERSON, json_pack("{s:s}", "person", text_of(999)));
    /* Somebody has this address. */
    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE, person_event(STRANGER, "Dr. S", "chair@example.org")), VTB_STALE);
}

static struct vtb_event session_event(unsigned session, unsigned person, const char *token, const char *invitation)
{
    return (struct vtb_event){ .kind = VTB_EVENT_SESSION_OPENED, .at_us = T0,
        .u.session_opened = { .session = id_of(session), .person = id_of(person), .token = vtb_str_of(token), .until_us = T0 + 9,
            .how = invitation[0] ? VTB_EV_SESSION_OPENED_HOW_INVITATION : VTB_EV_SESSION_OPENED_HOW_DEMO,
            .invitation = vtb_str_of(invitation) } };
}

static void a_session_is_found_until_it_is_closed(void **state)
{
    struct world *world = *state;

    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE, session_event(SESSION, COORDINATOR, "s1", "")), VTB_OK);
    json_t *json = world_ask(world, VTB_FIND_SESSION, NULL, json_pack("{s:s}", "token", "s1"));
    TEXT(json, "person", text_of(COORDINATOR));
    TEXT(json, "boards.0.role", "coordinator");
    TEXT(json, "how", "demo");
    assert_true(json_is_null(at(json, "invitation")));
    json_decref(json);
    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE,
        { .kind = VTB_EVENT_SESSION_CLOSED, .at_us = T0, .u.session_closed = { id_of(SESSION) } }), VTB_OK);
    absent(world, VTB_FIND_SESSION, json_pack("{s:s}", "token", "s1"));
}

static void an_invitation_binds_once_and_its_session_has_no_other_rights(void **state)
{
    struct world *world = *state;
    struct vtb_event bound = { .kind = VTB_EVENT_INVITATION_BOUND, .u.invitation_bound = { id_of(INVITATION), VTB_LIT("device-1") } };
    struct vtb_event other = { .kind = VTB_EVENT_INVITATION_BOUND, .u.invitation_bound = { id_of(INVITATION), VTB_LIT("device-2") } };

    json_t *json = world_ask(world, VTB_FIND_INVITATION, NULL, json_pack("{s:s}", "token", "token-1"));
    TEXT(json, "name", "Dr. Guest");
    TEXT(json, "board_name", "Thoracic");
    TEXT(json, "items.0", text_of(ITEM));
    TEXT(json, "cases.0", text_of(CASE));
    TEXT(json, "meeting_state", "planned");
    NO(json, "bound");
    json_decref(json);
    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE, bound), VTB_OK);
    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE, other), VTB_STALE);
    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE, bound), VTB_OK);
    /* Even for a chair who clicked on a link: the invitation's rights only. */
    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE, session_event(SESSION, CHAIR, "s2", text_of(INVITATION))), VTB_OK);
    json = world_ask(world, VTB_FIND_SESSION, NULL, json_pack("{s:s}", "token", "s2"));
    TEXT(json, "name", "Dr. Guest");
    COUNT(json, "boards", 0);
    TEXT(json, "invitation.device", "device-1");
    TEXT(json, "invitation.items.0", text_of(ITEM));
    json_decref(json);
    /* A new link: the old one, its device and its session end. */
    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE, invitation_event("token-2", T0 + 1000)), VTB_OK);
    absent(world, VTB_FIND_INVITATION, json_pack("{s:s}", "token", "token-1"));
    absent(world, VTB_FIND_SESSION, json_pack("{s:s}", "token", "s2"));
    json = world_ask(world, VTB_FIND_INVITATIONS, NULL, json_pack("{s:s}", "meeting", text_of(MEETING)));
    COUNT(json, "invitations", 1);
    NO(json, "invitations.0.bound");
    json_decref(json);
    absent(world, VTB_FIND_INVITATION, json_pack("{s:s}", "token", ""));
}

static void boards_and_meetings_show_each_person_the_own_part(void **state)
{
    struct world *world = *state;
    json_t *json = world_ask(world, VTB_FIND_BOARDS, NULL, json_pack("{s:s}", "person", text_of(CHAIR)));

    TEXT(json, "boards.0.name", "Thoracic");
    TEXT(json, "boards.0.role", "chair");
    json_decref(json);
    json = world_ask(world, VTB_FIND_BOARD, NULL, json_pack("{s:s}", "board", text_of(BOARD)));
    COUNT(json, "members", 4);
    NUMBER(json, "objection_s", 20);
    TEXT(json, "recording", "allowed");
    json_decref(json);
    json = world_ask(world, VTB_FIND_BOARD, NULL, json_pack("{s:s}", "board", text_of(OTHER_BOARD)));
    TEXT(json, "recording", "off"); /* its event says nothing, as in old logs */
    json_decref(json);
    json = world_ask(world, VTB_FIND_MEETING, NULL, json_pack("{s:s}", "meeting", text_of(MEETING)));
    NUMBER(json, "version", 1);
    TEXT(json, "items.0.name", "Marta Quint");
    TEXT(json, "items.1.state", "planned");
    json_decref(json);
    json = world_ask(world, VTB_FIND_MEETINGS, NULL, json_pack("{s:s, s:I, s:I}", "board", text_of(BOARD), "from_us", (json_int_t)T0, "to_us", (json_int_t)T0 + 1));
    COUNT(json, "meetings", 1);
    json_decref(json);
    json = world_ask(world, VTB_FIND_MY_MEETINGS, NULL, json_pack("{s:s, s:I, s:I}", "person", text_of(MEMBER), "from_us", (json_int_t)0, "to_us", (json_int_t)T0 * 2));
    TEXT(json, "meetings.0.role", "member");
    COUNT(json, "meetings.0.items", 2);
    json_decref(json);
    json = world_ask(world, VTB_FIND_MY_MEETINGS, NULL, json_pack("{s:s, s:I, s:I}", "person", text_of(GUEST), "from_us", (json_int_t)0, "to_us", (json_int_t)T0 * 2));
    TEXT(json, "meetings.0.role", "guest");
    COUNT(json, "meetings.0.items", 1); /* the own one */
    json_decref(json);
    json = world_ask(world, VTB_FIND_MY_MEETINGS, NULL, json_pack("{s:s, s:I, s:I}", "person", text_of(STRANGER), "from_us", (json_int_t)0, "to_us", (json_int_t)T0 * 2));
    COUNT(json, "meetings", 0);
    json_decref(json);
}

static void an_agenda_is_saved_only_on_the_version_it_was_made_from(void **state)
{
    struct world *world = *state;
    struct vtb_event again = { .kind = VTB_EVENT_AGENDA_SET, .u.agenda_set = { .version = 1 } };
    struct vtb_event next = { .kind = VTB_EVENT_AGENDA_SET, .u.agenda_set = { .version = 2 } };
    struct vtb_event runs = { .kind = VTB_EVENT_ITEM_STARTED, .u.item_started = { .item = id_of(ITEM) } };

    assert_int_equal(WORLD_ADD(world, id_of(MEETING), VTB_STREAM_MEETING, again), VTB_STALE);
    assert_int_equal(WORLD_ADD(world, id_of(MEETING), VTB_STREAM_MEETING, runs, next), VTB_OK);
    json_t *json = world_ask(world, VTB_FIND_MEETING, NULL, json_pack("{s:s}", "meeting", text_of(MEETING)));
    COUNT(json, "items", 1); /* what runs is not taken off by a list that forgot it */
    TEXT(json, "items.0.state", "running");
    json_decref(json);
    assert_int_equal(WORLD_ADD(world, id_of(CASE), VTB_STREAM_CASE, case_event(1, "n", "l", "q", CLINIC, CLINIC)), VTB_STALE);
    assert_int_equal(WORLD_ADD(world, id_of(CASE), VTB_STREAM_CASE, case_event(3, "n", "l", "q", CLINIC, CLINIC)), VTB_STALE);
    assert_int_equal(WORLD_ADD(world, id_of(CASE), VTB_STREAM_CASE, case_event(2, "Marta Q.", "l", "q", CLINIC, CLINIC)), VTB_OK);
}

static void documents_go_from_waiting_to_ready_or_failed_and_can_be_removed(void **state)
{
    struct world *world = *state;
    const struct vtb_t_page page = { 2000, 1500, 3, VTB_LIT("d1") };
    struct vtb_event added = { .kind = VTB_EVENT_DOCUMENT_ADDED, .at_us = T0, .u.document_added = { id_of(DOC),
        VTB_LIT("Deck"), VTB_T_DOCUMENT_KIND_PDF, 1234, VTB_LIT("ab"), id_of(CLINIC) } };
    struct vtb_event ready = { .kind = VTB_EVENT_DOCUMENT_READY, .u.document_ready = { .document = id_of(DOC), .pages = &page, .pages_n = 1 } };
    struct vtb_event removed = { .kind = VTB_EVENT_DOCUMENT_REMOVED, .u.document_removed = { id_of(DOC) } };

    assert_int_equal(WORLD_ADD(world, id_of(CASE), VTB_STREAM_CASE, added), VTB_OK);
    json_t *json = world_ask(world, VTB_FIND_IMPORTS, NULL, json_object());
    TEXT(json, "documents.0.case", text_of(CASE));
    json_decref(json);
    assert_int_equal(WORLD_ADD(world, id_of(CASE_2), VTB_STREAM_CASE, ready), VTB_ABSENT); /* another case's */
    assert_int_equal(WORLD_ADD(world, id_of(CASE), VTB_STREAM_CASE, ready), VTB_OK);
    json = world_ask(world, VTB_FIND_DOCUMENT, NULL, json_pack("{s:s}", "document", text_of(DOC)));
    TEXT(json, "state", "ready");
    NUMBER(json, "pages.0.width", 2000);
    json_decref(json);
    json = world_ask(world, VTB_FIND_IMPORTS, NULL, json_object());
    COUNT(json, "documents", 0);
    json_decref(json);
    json = world_ask(world, VTB_FIND_UPLOADS, NULL, json_pack("{s:s}", "case", text_of(CASE)));
    NUMBER(json, "bytes", 1234);
    json_decref(json);
    json = world_ask(world, VTB_FIND_MY_CASES, NULL, json_pack("{s:s}", "person", text_of(CLINIC)));
    NUMBER(json, "cases.0.documents_ready", 1);
    json_decref(json);
    assert_int_equal(WORLD_ADD(world, id_of(CASE), VTB_STREAM_CASE, removed), VTB_OK);
    absent(world, VTB_FIND_DOCUMENT, json_pack("{s:s}", "document", text_of(DOC)));
    json = world_ask(world, VTB_FIND_DOCUMENTS, NULL, json_pack("{s:s}", "case", text_of(CASE)));
    COUNT(json, "documents", 0);
    json_decref(json);
}

static void a_signed_plan_is_in_the_record_and_never_changes(void **state)
{
    struct world *world = *state;

    content_sign(world, "Lobectomy\\nthen more");
    json_t *json = world_ask(world, VTB_FIND_PLAN, NULL, json_pack("{s:s}", "plan", text_of(PLAN)));
    TEXT(json, "state", "signed");
    TEXT(json, "line", "Lobectomy");
    TEXT(json, "board", text_of(BOARD));
    assert_true(json_is_string(at(json, "text"))); /* the bytes, not a tree */
    json_decref(json);
    assert_int_equal(WORLD_ADD(world, id_of(CASE), VTB_STREAM_CASE, signed_event(PLAN, 1, CASE, "Something else")), VTB_STALE);
    assert_int_equal(WORLD_ADD(world, id_of(CASE), VTB_STREAM_CASE,
        { .kind = VTB_EVENT_PLAN_COSIGNED, .at_us = T0 + 600, .u.plan_cosigned = { id_of(PLAN), VTB_LIT("aa"), VTB_LIT("s"), id_of(MEMBER), VTB_LIT("Dr. Member"), VTB_LIT("member") } },
        { .kind = VTB_EVENT_PLAN_AMENDED, .at_us = T0 + 700, .u.plan_amended = { id_of(PLAN), id_of(700), id_of(CLINIC),
          VTB_LIT("Dr. Clinic"), VTB_EV_PLAN_AMENDED_REASON_NEW_RESULT, VTB_LIT("EGFR exon 19 found"), VTB_LIT("d"), VTB_LIT("s") } }), VTB_OK);
    json = world_ask(world, VTB_FIND_PLAN, NULL, json_pack("{s:s}", "plan", text_of(PLAN)));
    TEXT(json, "state", "amended");
    TEXT(json, "addenda.0.reason", "new_result");
    TEXT(json, "cosigned.0.signer_name", "Dr. Member");
    json_decref(json);
    json = world_ask(world, VTB_FIND_CASE, NULL, json_pack("{s:s}", "case", text_of(CASE)));
    TEXT(json, "plans.0.plan", text_of(PLAN));
    TEXT(json, "items.0.state", "signed");
    TEXT(json, "record.referring_plan", "surgery first");
    json_decref(json);
    assert_int_equal(WORLD_ADD(world, id_of(CASE), VTB_STREAM_CASE,
        { .kind = VTB_EVENT_PLAN_WITHDRAWN, .at_us = T0 + 800, .u.plan_withdrawn = { id_of(PLAN), id_of(CHAIR), VTB_LIT("Dr. Chair"),
          VTB_EV_PLAN_WITHDRAWN_REASON_WRONG_PATIENT, VTB_LIT("mixed up"), VTB_LIT("s") } },
        { .kind = VTB_EVENT_PLAN_SUPERSEDED, .at_us = T0 + 900, .u.plan_superseded = { id_of(PLAN), id_of(PLAN_2), VTB_LIT("newer") } }), VTB_OK);
    json = world_ask(world, VTB_FIND_PLAN, NULL, json_pack("{s:s}", "plan", text_of(PLAN)));
    TEXT(json, "state", "withdrawn"); /* stays the first thing said about it */
    TEXT(json, "state_words", "mixed up");
    TEXT(json, "superseded_by", text_of(PLAN_2));
    json_decref(json);
    assert_int_equal(WORLD_ADD(world, id_of(CASE_2), VTB_STREAM_CASE, signed_event(PLAN_2, 1, CASE_2, "x")), VTB_ABSENT); /* never begun */
}

static void what_waits_is_in_the_pool_and_what_stayed_open_among_the_unsigned(void **state)
{
    struct world *world = *state;
    json_t *json = world_ask(world, VTB_FIND_POOL, NULL, json_pack("{s:s, s:I}", "board", text_of(BOARD), "now_us", (json_int_t)T0));

    COUNT(json, "cases", 1);
    TEXT(json, "cases.0.name", "Wanda Waits");
    assert_null(at(json, "cases.0.record.referring_plan")); /* sealed */
    YES(json, "cases.0.has_referring_plan");
    json_decref(json);
    assert_int_equal(WORLD_ADD(world, id_of(MEETING), VTB_STREAM_MEETING, { .kind = VTB_EVENT_MEETING_OPENED, .at_us = T0 },
        { .kind = VTB_EVENT_ITEM_STARTED, .u.item_started = { .item = id_of(ITEM) } },
        { .kind = VTB_EVENT_ITEM_ENDED, .u.item_ended = { id_of(ITEM), VTB_EV_ITEM_ENDED_OUTCOME_DEFERRED } },
        { .kind = VTB_EVENT_ITEM_STARTED, .at_us = T0 + 7, .u.item_started = { .item = id_of(ITEM_2) } }), VTB_OK);
    json = world_ask(world, VTB_FIND_OPEN_MEETINGS, NULL, json_object());
    TEXT(json, "meetings.0.meeting", text_of(MEETING));
    json_decref(json);
    json = world_ask(world, VTB_FIND_STANDING, NULL, json_pack("{s:s, s:s, s:I}", "case", text_of(CASE_2), "person", text_of(CHAIR), "now_us", (json_int_t)T0));
    TEXT(json, "running.0.item", text_of(ITEM_2));
    json_decref(json);
    json = world_ask(world, VTB_FIND_CASE, NULL, json_pack("{s:s}", "case", text_of(CASE_2)));
    NUMBER(json, "items.0.started_us", T0 + 7);
    json_decref(json);
    assert_int_equal(WORLD_ADD(world, id_of(MEETING), VTB_STREAM_MEETING, { .kind = VTB_EVENT_MEETING_CLOSED, .at_us = T0 + 1 }), VTB_OK);
    json = world_ask(world, VTB_FIND_UNSIGNED, NULL, json_pack("{s:s}", "person", text_of(CHAIR)));
    COUNT(json, "cases", 1);
    TEXT(json, "cases.0.name", "Otto Berg");
    TEXT(json, "cases.0.item", text_of(ITEM_2));
    json_decref(json);
    json = world_ask(world, VTB_FIND_POOL, NULL, json_pack("{s:s, s:I}", "board", text_of(BOARD), "now_us", (json_int_t)T0));
    COUNT(json, "cases", 3);
    json_decref(json);
    json = world_ask(world, VTB_FIND_POOL, NULL, json_pack("{s:s, s:I}", "board", text_of(OTHER_BOARD), "now_us", (json_int_t)T0));
    COUNT(json, "cases", 1); /* another board's deferred cases are not theirs */
    json_decref(json);
    /* Archived: no list shows it, and whoever has its id finds it as it was. */
    assert_int_equal(WORLD_ADD(world, id_of(MEETING), VTB_STREAM_MEETING, { .kind = VTB_EVENT_MEETING_ARCHIVED, .at_us = T0 + 2 }), VTB_OK);
    json = world_ask(world, VTB_FIND_MEETINGS, NULL, json_pack("{s:s, s:I, s:I}", "board", text_of(BOARD), "from_us", (json_int_t)T0, "to_us", (json_int_t)T0 + 1));
    COUNT(json, "meetings", 0);
    json_decref(json);
    json = world_ask(world, VTB_FIND_CASE, NULL, json_pack("{s:s}", "case", text_of(CASE_2)));
    COUNT(json, "items", 0);
    json_decref(json);
    json = world_ask(world, VTB_FIND_MEETING, NULL, json_pack("{s:s}", "meeting", text_of(MEETING)));
    TEXT(json, "state", "closed");
    json_decref(json);
}

static void talk_time_is_summed_by_specialty(void **state)
{
    struct world *world = *state;
    const struct vtb_t_talked first[] = {
        { .seat = id_of(900), .person = id_of(CHAIR), .specialty = VTB_LIT("surgery"), .ms = 61000 },
        { .seat = id_of(901), .person = id_of(MEMBER), .specialty = VTB_LIT("radiology"), .ms = 2500 } };
    const struct vtb_t_talked second[] = {
        { .seat = id_of(901), .person = id_of(MEMBER), .specialty = VTB_LIT("radiology"), .ms = 58600 },
        { .seat = id_of(902), .person = id_of(OBSERVER), .specialty = VTB_LIT("radiology"), .ms = 10000 } };
    json_t *json;

    assert_int_equal(WORLD_ADD(world, id_of(MEETING), VTB_STREAM_MEETING, { .kind = VTB_EVENT_MEETING_OPENED, .at_us = T0 },
        { .kind = VTB_EVENT_ITEM_STARTED, .u.item_started = { .item = id_of(ITEM) } },
        { .kind = VTB_EVENT_ITEM_TALKED, .u.item_talked = { .item = id_of(ITEM), .seats = first, .seats_n = 2 } },
        { .kind = VTB_EVENT_ITEM_TALKED, .u.item_talked = { .item = id_of(ITEM), .seats = second, .seats_n = 2 } }), VTB_OK);
    json = world_ask(world, VTB_FIND_MEETING, NULL, json_pack("{s:s}", "meeting", text_of(MEETING)));
    COUNT(json, "items.0.talk", 2);
    TEXT(json, "items.0.talk.0.specialty", "radiology"); /* the longest first */
    NUMBER(json, "items.0.talk.0.seconds", 71);
    TEXT(json, "items.0.talk.1.specialty", "surgery");
    NUMBER(json, "items.0.talk.1.seconds", 61);
    COUNT(json, "items.1.talk", 0);
    json_decref(json);
}

static void a_case_with_a_plan_that_stands_can_be_heard_again(void **state)
{
    struct world *world = *state;
    json_t *json;

    content_sign(world, "Lobectomy");
    assert_int_equal(WORLD_ADD(world, id_of(MEETING), VTB_STREAM_MEETING, { .kind = VTB_EVENT_MEETING_OPENED, .at_us = T0 },
        { .kind = VTB_EVENT_ITEM_STARTED, .u.item_started = { .item = id_of(ITEM) } },
        { .kind = VTB_EVENT_ITEM_ENDED, .u.item_ended = { id_of(ITEM), VTB_EV_ITEM_ENDED_OUTCOME_SIGNED } }), VTB_OK);
    json = world_ask(world, VTB_FIND_POOL, NULL, json_pack("{s:s, s:I}", "board", text_of(BOARD), "now_us", (json_int_t)T0));
    COUNT(json, "heard", 1);
    TEXT(json, "heard.0.case", text_of(CASE));
    TEXT(json, "heard.0.plan_line", "Lobectomy");
    TEXT(json, "heard.0.plan_state", "signed");
    assert_null(at(json, "heard.0.record.referring_plan"));
    json_decref(json);
    json = world_ask(world, VTB_FIND_POOL, NULL, json_pack("{s:s, s:I}", "board", text_of(OTHER_BOARD), "now_us", (json_int_t)T0));
    COUNT(json, "heard", 0); /* heard elsewhere: theirs to bring back */
    json_decref(json);
}

static void who_looked_is_told(void **state)
{
    struct world *world = *state;

    content_sign(world, "Lobectomy");
    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE,
        { .kind = VTB_EVENT_CASE_VIEWED, .at_us = T0, .u.case_viewed = { id_of(MEMBER), id_of(CASE), VTB_EV_CASE_VIEWED_HOW_SCREEN } },
        { .kind = VTB_EVENT_PLAN_EXPORTED, .at_us = T0 + 1, .u.plan_exported = { id_of(GUEST), id_of(PLAN), VTB_EV_PLAN_EXPORTED_FORM_PDF } },
        { .kind = VTB_EVENT_CASE_VIEWED, .at_us = T0, .u.case_viewed = { id_of(MEMBER), id_of(CASE_2), VTB_EV_CASE_VIEWED_HOW_SCREEN } }), VTB_OK);
    json_t *json = world_ask(world, VTB_FIND_AUDIT, NULL, json_pack("{s:s, s:i}", "case", text_of(CASE), "limit", 10));
    COUNT(json, "views", 2);
    TEXT(json, "views.0.name", "Dr. Guest");
    TEXT(json, "views.0.how", "pdf");
    TEXT(json, "views.1.name", "Dr. Member");
    json_decref(json);
}

#define RECORDING 900u

static void a_recording_is_found_from_its_begin_to_its_certificate(void **state)
{
    struct world *world = *state;
    const struct vtb_t_span spans[] = {
        { VTB_T_SPAN_KIND_TURN, 1000, 9000, vtb_str_of(text_of(3)), vtb_str_of(text_of(MEMBER)), VTB_LIT("Dr. Member") },
        { VTB_T_SPAN_KIND_OFF, 10000, 20000, VTB_LIT(""), VTB_LIT(""), VTB_LIT("") } };
    json_t *json;

    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE,
        { .kind = VTB_EVENT_RECORDING_BEGUN, .at_us = T0, .u.recording_begun = { id_of(RECORDING), id_of(MEETING), id_of(ITEM), id_of(CASE), T0 + 500 } },
        { .kind = VTB_EVENT_RECORDING_TIMED, .at_us = T0 + 2, .u.recording_timed = { id_of(RECORDING), T0 + 1 } },
        { .kind = VTB_EVENT_RECORDING_SPANS, .at_us = T0 + 3, .u.recording_spans = { id_of(RECORDING), spans, 2 } }), VTB_OK);
    json = world_ask(world, VTB_FIND_RECORDINGS_OPEN, NULL, json_object());
    TEXT(json, "recordings.0.recording", text_of(RECORDING));
    json_decref(json);
    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE,
        { .kind = VTB_EVENT_RECORDING_ENDED, .at_us = T0 + 4, .u.recording_ended = { id_of(RECORDING), false, true, 60000, 180000, VTB_LIT("abcd") } }), VTB_OK);
    json = world_ask(world, VTB_FIND_RECORDING, NULL, json_pack("{s:s}", "recording", text_of(RECORDING)));
    TEXT(json, "state", "ended");
    NUMBER(json, "began_us", T0 + 1);
    NUMBER(json, "duration_ms", 60000);
    YES(json, "was_cut");
    TEXT(json, "spans.0.name", "Dr. Member");
    TEXT(json, "spans.1.kind", "off");
    TEXT(json, "film.state", "none");
    json_decref(json);
    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE,
        { .kind = VTB_EVENT_RECORDING_FILM_ASKED, .at_us = T0 + 4, .u.recording_film_asked = { id_of(CHAIR), id_of(RECORDING) } }), VTB_OK);
    json = world_ask(world, VTB_FIND_FILMS, NULL, json_pack("{s:I}", "now_us", (json_int_t)T0));
    TEXT(json, "making.0", text_of(RECORDING)); /* a start that finds this knows that the end of the server cut it off */
    COUNT(json, "due", 0);
    json_decref(json);
    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE,
        { .kind = VTB_EVENT_RECORDING_FILM_ENDED, .at_us = T0 + 5, .u.recording_film_ended = { id_of(RECORDING),
            VTB_EV_RECORDING_FILM_ENDED_HOW_MADE, 777, VTB_LIT("ef"), T0 + 400 } }), VTB_OK);
    json = world_ask(world, VTB_FIND_RECORDING, NULL, json_pack("{s:s}", "recording", text_of(RECORDING)));
    TEXT(json, "film.state", "ready");
    NUMBER(json, "film.bytes", 777);
    json_decref(json);
    json = world_ask(world, VTB_FIND_FILMS, NULL, json_pack("{s:I}", "now_us", (json_int_t)(T0 + 400)));
    COUNT(json, "making", 0);
    TEXT(json, "due.0", text_of(RECORDING));
    json_decref(json);
    json = world_ask(world, VTB_FIND_RECORDINGS_DUE, NULL, json_pack("{s:I}", "now_us", (json_int_t)(T0 + 499)));
    COUNT(json, "recordings", 0);
    json_decref(json);
    json = world_ask(world, VTB_FIND_RECORDINGS_DUE, NULL, json_pack("{s:I}", "now_us", (json_int_t)(T0 + 500)));
    COUNT(json, "recordings", 1);
    json_decref(json);
    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE,
        { .kind = VTB_EVENT_RECORDING_KEPT, .at_us = T0 + 5, .u.recording_kept = { id_of(RECORDING), T0 + 900 } },
        { .kind = VTB_EVENT_RECORDING_PLAYED, .at_us = T0 + 6, .u.recording_played = { id_of(MEMBER), id_of(RECORDING), VTB_EV_RECORDING_PLAYED_HOW_SOUND } },
        { .kind = VTB_EVENT_RECORDING_REMOVED, .at_us = T0 + 7, .u.recording_removed = { id_of(RECORDING), id_of(MEETING), id_of(CASE), T0 + 1, 60000,
            VTB_LIT("abcd"), VTB_EV_RECORDING_REMOVED_WHY_ASKED, VTB_LIT("the patient asked"), vtb_str_of(text_of(CHAIR)) } }), VTB_OK);
    json = world_ask(world, VTB_FIND_RECORDINGS, NULL, json_pack("{s:s}", "case", text_of(CASE)));
    TEXT(json, "recordings.0.state", "removed");
    TEXT(json, "recordings.0.removed_why", "asked");
    TEXT(json, "recordings.0.removed_reason", "the patient asked");
    NUMBER(json, "recordings.0.until_us", T0 + 900);
    json_decref(json);
    json = world_ask(world, VTB_FIND_RECORDING, NULL, json_pack("{s:s}", "recording", text_of(RECORDING)));
    COUNT(json, "spans", 0); /* who spoke when went with the sound */
    TEXT(json, "film.state", "none"); /* and its film */
    json_decref(json);
    json = world_ask(world, VTB_FIND_RECORDINGS_DUE, NULL, json_pack("{s:I}", "now_us", (json_int_t)(T0 + 5000)));
    COUNT(json, "recordings", 0);
    json_decref(json);
    absent(world, VTB_FIND_RECORDING, json_pack("{s:s}", "recording", text_of(901)));
}

static void a_question_without_its_parameters_is_refused(void **state)
{
    struct world *world = *state;

    for (unsigned q = 0; q < VTB_QUESTIONS; q++) {
        enum vtb_err err = VTB_OK;
        json_t *json = world_ask(world, (enum vtb_question)q, &err, json_pack("{s:s, s:s}", "person", "not an id", "now_us", "x"));

        if (q == VTB_FIND_OPEN_MEETINGS || q == VTB_FIND_IMPORTS || q == VTB_FIND_RECORDINGS_OPEN)
            assert_int_equal(err, VTB_OK);
        else
            assert_true(err == VTB_PARSE || (q == VTB_FIND_INVITATION && err == VTB_ABSENT));
        json_decref(json);
    }
}

/* All rows of all tables as one text. */
static char *dump(struct vtb_db *db)
{
    static const char *const tables[] = { "persons", "boards", "board_members", "sessions", "signin_links", "invitations",
        "invitation_items", "meetings", "items", "cases", "documents", "plans", "addenda", "cosigned", "views", "recordings", "recording_spans", "search", "devices" };
    char *text = NULL, sql[128];
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    for (size_t t = 0; t < VTB_COUNT(tables); t++) {
        sqlite3_stmt *stmt;

        snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY 1, 2", tables[t]);
        assert_int_equal(sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL), SQLITE_OK);
        while (sqlite3_step(stmt) == SQLITE_ROW) {
            fprintf(out, "%s", tables[t]);
            for (int c = 0; c < sqlite3_column_count(stmt); c++)
                fprintf(out, "|%s", (const char *)sqlite3_column_text(stmt, c));
            fprintf(out, "\n");
        }
        sqlite3_finalize(stmt);
    }
    fclose(out);
    return text;
}

static void rows_made_anew_from_the_log_are_the_same(void **state)
{
    struct world *world = *state;
    struct vtb_keys keys;
    struct vtb_db db;
    char path[128];

    documents_go_from_waiting_to_ready_or_failed_and_can_be_removed(state);
    an_invitation_binds_once_and_its_session_has_no_other_rights(state);
    a_signed_plan_is_in_the_record_and_never_changes(state);
    a_recording_is_found_from_its_begin_to_its_certificate(state);
    content_devices(world);
    world_stop(world);
    snprintf(path, sizeof path, "%s/consilium.db", world->dir);
    assert_int_equal(vtb_db_open(path, VTB_DB_WRITE, &db), VTB_OK);
    assert_int_equal(vtb_keys_load(world->dir, false, &keys), VTB_OK);
    char *before = dump(&db);
    assert_true(strlen(before) > 2000);
    assert_int_equal(vtb_db_exec(&db, "BEGIN"), VTB_OK);
    assert_int_equal(vtb_project_all(&db, &keys), VTB_OK);
    assert_int_equal(vtb_db_exec(&db, "COMMIT"), VTB_OK);
    char *after = dump(&db);
    assert_string_equal(before, after);
    free(before);
    free(after);
    vtb_db_close(&db);
    world_start(world);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(people_are_found_with_roles_and_secrets_only_where_asked), T(a_session_is_found_until_it_is_closed),
        T(an_invitation_binds_once_and_its_session_has_no_other_rights),
        T(boards_and_meetings_show_each_person_the_own_part),
        T(an_agenda_is_saved_only_on_the_version_it_was_made_from),
        T(documents_go_from_waiting_to_ready_or_failed_and_can_be_removed),
        T(a_signed_plan_is_in_the_record_and_never_changes),
        T(what_waits_is_in_the_pool_and_what_stayed_open_among_the_unsigned),
        T(talk_time_is_summed_by_specialty), T(who_looked_is_told),
        T(a_case_with_a_plan_that_stands_can_be_heard_again), T(who_looked_is_told),
        T(a_recording_is_found_from_its_begin_to_its_certificate),
        T(a_question_without_its_parameters_is_refused), T(rows_made_anew_from_the_log_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
