#include "content.h"

#include <stdio.h>

static struct vtb_str text(const char *from)
{
    return vtb_str_of(from);
}

struct vtb_event person_event(unsigned person, const char *name, const char *email)
{
    return (struct vtb_event){ .kind = VTB_EVENT_PERSON_ADDED, .at_us = T0 - 900,
        .u.person_added = { .person = id_of(person), .name = text(name), .specialty = VTB_LIT("radiology"),
                            .site = VTB_LIT("University Hospital"), .email = text(email) } };
}

struct vtb_event case_event(int64_t version, const char *name, const char *local_id, const char *question,
                            unsigned referrer, unsigned author)
{
    return (struct vtb_event){ .kind = VTB_EVENT_CASE_SAVED, .at_us = T0 - 800 + version, .by = id_of(author),
        .u.case_saved = { .version = version, .by = id_of(author), .by_name = VTB_LIT("author"), .record = {
            .name = text(name), .birth_date = VTB_LIT("1957-03-02"), .local_id = text(local_id),
            .diagnosis = VTB_LIT("Adenocarcinoma of the lung"), .stage = VTB_LIT("cT2a cN2 cM0"), .ecog = 1,
            .question = text(question), .referring_plan = VTB_LIT("surgery first"),
            .referrer = id_of(referrer), .referrer_name = VTB_LIT("Dr. Clinic") } } };
}

struct vtb_event planned_event(unsigned board)
{
    return (struct vtb_event){ .kind = VTB_EVENT_MEETING_PLANNED, .at_us = T0 - 700,
        .u.meeting_planned = { .board = id_of(board), .board_name = VTB_LIT("Thoracic"), .starts_us = T0,
                               .minutes = 60, .timezone = VTB_LIT("Europe/Berlin"), .objection_s = 20 } };
}

static struct vtb_event board_event(unsigned board, const char *name, const struct vtb_t_member *members, size_t n)
{
    return (struct vtb_event){ .kind = VTB_EVENT_BOARD_SAVED, .at_us = T0 - 850,
        .u.board_saved = { .board = id_of(board), .name = text(name), .tumor_group = VTB_LIT("thoracic"),
                           .timezone = VTB_LIT("Europe/Berlin"), .rrule = VTB_LIT("FREQ=WEEKLY;BYDAY=TU"),
                           .has_recording = board == BOARD, .recording = VTB_EV_MEETING_PLANNED_RECORDING_ALLOWED,
                           .minutes = 60, .objection_s = 20, .members = members, .members_n = n } };
}

static struct vtb_t_member member(unsigned person, const char *name, enum vtb_t_member_role role)
{
    return (struct vtb_t_member){ id_of(person), text(name), VTB_LIT("radiology"), VTB_LIT("University Hospital"), role };
}

struct vtb_event invitation_event(const char *token, int64_t until_us)
{
    static struct vtb_id items[1];

    items[0] = id_of(ITEM);
    return (struct vtb_event){ .kind = VTB_EVENT_INVITATION_MADE, .at_us = T0 - 600,
        .u.invitation_made = { .invitation = id_of(INVITATION), .meeting = id_of(MEETING), .person = id_of(GUEST),
                               .name = VTB_LIT("Dr. Guest"), .specialty = VTB_LIT("pathology"),
                               .site = VTB_LIT("Elsewhere"), .items = items, .items_n = 1, .token = text(token),
                               .until_us = until_us, .by = id_of(COORDINATOR) } };
}

static struct vtb_t_item item(unsigned id, unsigned case_id, const char *name)
{
    return (struct vtb_t_item){ .item = id_of(id), .case_id = id_of(case_id), .minutes = 12,
        .presenter = id_of(MEMBER), .presenter_name = VTB_LIT("Dr. Member"), .referrer = id_of(CLINIC),
        .referrer_name = VTB_LIT("Dr. Clinic"), .name = text(name), .birth_date = VTB_LIT("1957-03-02"),
        .local_id = VTB_LIT("L-1"), .diagnosis = VTB_LIT("d"), .stage = VTB_LIT("s"), .question = VTB_LIT("q") };
}

static void add_people(struct world *world)
{
    const struct vtb_t_member thoracic[] = {
        member(CHAIR, "Dr. Chair", VTB_T_MEMBER_ROLE_CHAIR), member(COORDINATOR, "Ms. Coord", VTB_T_MEMBER_ROLE_COORDINATOR),
        member(MEMBER, "Dr. Member", VTB_T_MEMBER_ROLE_MEMBER), member(OBSERVER, "Mr. Observer", VTB_T_MEMBER_ROLE_OBSERVER),
    };
    const struct vtb_t_member breast[] = { member(OTHER_COORDINATOR, "Ms. Other", VTB_T_MEMBER_ROLE_COORDINATOR) };

    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE,
        person_event(CHAIR, "Dr. Chair", "chair@example.org"), person_event(COORDINATOR, "Ms. Coord", "coord@example.org"),
        person_event(MEMBER, "Dr. Member", "member@example.org"), person_event(OBSERVER, "Mr. Observer", ""),
        person_event(CLINIC, "Dr. Clinic", "clinic@example.org"), person_event(STRANGER, "Dr. Stranger", ""),
        person_event(OTHER_COORDINATOR, "Ms. Other", ""), board_event(BOARD, "Thoracic", thoracic, VTB_COUNT(thoracic)),
        board_event(OTHER_BOARD, "Breast", breast, VTB_COUNT(breast))), VTB_OK);
}

void content_board(struct world *world)
{
    const struct vtb_t_item items[] = { item(ITEM, CASE, "Marta Quint"), item(ITEM_2, CASE_2, "Otto Berg") };

    add_people(world);
    assert_int_equal(WORLD_ADD(world, id_of(CASE), VTB_STREAM_CASE,
        case_event(1, "Marta Quint", "MR-1234", "Resection before systemic therapy?", CLINIC, COORDINATOR)), VTB_OK);
    assert_int_equal(WORLD_ADD(world, id_of(CASE_2), VTB_STREAM_CASE,
        case_event(1, "Otto Berg", "MR-77", "Radiotherapy field?", MEMBER, MEMBER)), VTB_OK);
    assert_int_equal(WORLD_ADD(world, id_of(CASE_WAITS), VTB_STREAM_CASE,
        case_event(1, "Wanda Waits", "MR-99", "Which board?", STRANGER, STRANGER)), VTB_OK);
    assert_int_equal(WORLD_ADD(world, id_of(MEETING), VTB_STREAM_MEETING, planned_event(BOARD),
        { .kind = VTB_EVENT_AGENDA_SET, .at_us = T0 - 500,
          .u.agenda_set = { .version = 1, .items = items, .items_n = VTB_COUNT(items) } }), VTB_OK);
    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE, invitation_event("token-1", T0 + 1000)), VTB_OK);
}

struct vtb_event signed_event(unsigned plan, int64_t version, unsigned case_id, const char *line)
{
    static char plan_text[1024];

    snprintf(plan_text, sizeof plan_text,
             "{\"attendance\":[{\"name\":\"Dr. Nobody-Searches\"}],\"fields\":{\"answered\":\"No.\"},"
             "\"lines\":[{\"id\":\"x\",\"what\":\"%s\"}]}", line);
    return (struct vtb_event){ .kind = VTB_EVENT_PLAN_SIGNED, .at_us = T0 + 400,
        .u.plan_signed = { .plan = id_of(plan), .version = version, .case_id = id_of(case_id), .meeting = id_of(MEETING),
                           .item = id_of(ITEM), .digest = VTB_LIT("aa"), .text = text(plan_text),
                           .signature = VTB_LIT("bb"), .key = VTB_LIT("cc"), .signer = id_of(CHAIR),
                           .signer_name = VTB_LIT("Dr. Chair") } };
}

void content_sign(struct world *world, const char *line)
{
    struct vtb_event on_case[] = { signed_event(PLAN, 1, CASE, line) };
    struct vtb_event on_meeting[] = {
        { .kind = VTB_EVENT_ITEM_SIGNED, .at_us = T0 + 400, .u.item_signed = { id_of(ITEM), id_of(PLAN), 1 } },
        { .kind = VTB_EVENT_ITEM_ENDED, .at_us = T0 + 500,
          .u.item_ended = { id_of(ITEM), VTB_EV_ITEM_ENDED_OUTCOME_SIGNED } },
    };
    struct vtb_append parts[] = { { id_of(CASE), VTB_STREAM_CASE, 0, on_case, 1 },
                                  { id_of(MEETING), VTB_STREAM_MEETING, 0, on_meeting, 2 } };
    struct answer answer = { .parts = 2 };

    assert_int_equal(WORLD_ADD(world, id_of(MEETING), VTB_STREAM_MEETING,
        { .kind = VTB_EVENT_MEETING_OPENED, .at_us = T0 },
        { .kind = VTB_EVENT_ITEM_STARTED, .at_us = T0 + 10, .u.item_started = { .item = id_of(ITEM) } }), VTB_OK);
    assert_int_equal(WORLD_ADD(world, id_of(CASE), VTB_STREAM_CASE,
        { .kind = VTB_EVENT_PLAN_BEGUN, .at_us = T0 + 20,
          .u.plan_begun = { .plan = id_of(PLAN), .version = 1, .meeting = id_of(MEETING), .item = id_of(ITEM),
                            .question = VTB_LIT("q"), .question_by = VTB_LIT("Dr. Clinic") } }), VTB_OK);
    assert_int_equal(vtb_store_append_many(world->store, parts, 2, world_note_append, &answer), VTB_OK);
    world_until(world, &answer.is_there);
    assert_int_equal(answer.err, VTB_OK);
}

void content_devices(struct world *world)
{
    static struct vtb_id items[1];
    struct vtb_event weekly = { .kind = VTB_EVENT_DEVICE_MADE, .at_us = T0 - 600, .u.device_made = {
        .device = id_of(ROOM), .board = id_of(BOARD), .name = VTB_LIT("Room 2"), .site = VTB_LIT("Klinikum"),
        .token = VTB_LIT("room-1"), .until_us = T0 + INT64_C(36000000000), .vouches = true, .by = id_of(COORDINATOR) } };
    struct vtb_event once = weekly;
    struct vtb_event used = { .kind = VTB_EVENT_DEVICE_USED, .at_us = T0,
                              .u.device_used = { id_of(ROOM), id_of(MEETING), VTB_EV_DEVICE_USED_WAY_LISTEN } };
    struct vtb_event revoked = { .kind = VTB_EVENT_DEVICE_REVOKED, .at_us = T0 + 1,
                                 .u.device_revoked = { id_of(ROOM), id_of(CHAIR) } };

    items[0] = id_of(ITEM);
    once.u.device_made.device = id_of(ROOM_ONCE);
    once.u.device_made.token = VTB_LIT("room-2");
    once.u.device_made.has_meeting = true;
    once.u.device_made.meeting = id_of(MEETING);
    once.u.device_made.items = items;
    once.u.device_made.items_n = 1;
    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE, weekly), VTB_OK);
    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE, once), VTB_OK);
    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE, used), VTB_OK);
    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE, revoked), VTB_OK);
}
