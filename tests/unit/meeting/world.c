#include "world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *name, *specialty;
    enum vtb_t_member_role role;
    bool confirmed;
    int item; /* of a guest */
} people[PEOPLE] = {
    [CHAIR] = { "Dr Solheim", "thoracic_surgery", VTB_T_MEMBER_ROLE_CHAIR, true, -1 },
    [CO_CHAIR] = { "Dr Varga", "pulmonology", VTB_T_MEMBER_ROLE_CO_CHAIR, true, -1 },
    [COORDINATOR] = { "Raman", "coordination", VTB_T_MEMBER_ROLE_COORDINATOR, true, -1 },
    [SCRIBE] = { "Okoye", "oncology_nursing", VTB_T_MEMBER_ROLE_SCRIBE, true, -1 },
    [SURGEON] = { "Dr Brandt", "surgery", VTB_T_MEMBER_ROLE_MEMBER, true, -1 },
    [RADIOLOGIST] = { "Dr Beltr\xc3\xa1n", "radiology", VTB_T_MEMBER_ROLE_MEMBER, true, -1 },
    [PATHOLOGIST] = { "Dr Ito", "pathology", VTB_T_MEMBER_ROLE_MEMBER, true, -1 },
    [ONCOLOGIST] = { "Dr Weiss", "medical_oncology", VTB_T_MEMBER_ROLE_MEMBER, true, -1 },
    [OBSERVER] = { "Student", "radiation_oncology", VTB_T_MEMBER_ROLE_OBSERVER, false, -1 },
    [GUEST_A] = { "Dr Okafor", "medical_oncology", VTB_T_MEMBER_ROLE_GUEST, true, 0 },
    [GUEST_B] = { "Dr Lind", "radiation_oncology", VTB_T_MEMBER_ROLE_GUEST, true, 1 },
};

struct vtb_id id_of(unsigned n)
{
    struct vtb_id id = { { 0x01, 0x9a, 0, 0, 0, 0, 0x70, 0, 0x80 } };

    id.b[14] = (uint8_t)(n >> 8);
    id.b[15] = (uint8_t)n;
    return id;
}
struct vtb_id seat_id(enum who who) { return id_of(100 + (unsigned)who); }
struct vtb_id person_id(enum who who) { return id_of(200 + (unsigned)who); }
struct vtb_id item_id(unsigned n) { return id_of(300 + n); }
struct vtb_id case_id(unsigned n) { return id_of(400 + n); }
struct vtb_id document_id(unsigned n) { return id_of(500 + n); }

struct vtb_caller caller_of(enum who who)
{
    return (struct vtb_caller){ .seat = seat_id(who), .person = person_id(who), .role = people[who].role,
                                .name = vtb_str_of(people[who].name),
                                .specialty = vtb_str_of(people[who].specialty) };
}

struct vtb_t_document document_of(unsigned n)
{
    static const char *const digests[] = {
        "1111111111111111111111111111111111111111111111111111111111111111",
        "2222222222222222222222222222222222222222222222222222222222222222",
        "3333333333333333333333333333333333333333333333333333333333333333",
        "4444444444444444444444444444444444444444444444444444444444444444",
        "5555555555555555555555555555555555555555555555555555555555555555" };
    static struct vtb_t_page pages[5];

    for (size_t i = 0; i < 5; i++)
        pages[i] = (struct vtb_t_page){ .width = 1600, .height = 900, .levels = 3, .digest = vtb_str_of(digests[i]) };
    return (struct vtb_t_document){ .document = document_id(n), .title = VTB_LIT("Deck"),
                                    .kind = VTB_T_DOCUMENT_KIND_PDF, .state = VTB_T_DOCUMENT_STATE_READY,
                                    .pages = pages, .pages_n = 5 };
}

static void plan(struct world *w)
{
    static const struct vtb_str surgery[] = { VTB_LIT("surgery"), VTB_LIT("thoracic_surgery") };
    static const struct vtb_str radiology[] = { VTB_LIT("radiology") };
    static const struct vtb_str pathology[] = { VTB_LIT("pathology") };
    static const struct vtb_str oncology[] = { VTB_LIT("medical_oncology"), VTB_LIT("hematology_oncology") };
    static const struct vtb_str radiation[] = { VTB_LIT("radiation_oncology") };
    static const struct vtb_t_discipline required[] = {
        { VTB_LIT("Surgery"), surgery, 2, 2 }, { VTB_LIT("Radiology"), radiology, 1, 1 },
        { VTB_LIT("Pathology"), pathology, 1, 1 }, { VTB_LIT("Medical oncology"), oncology, 2, 1 },
        { VTB_LIT("Radiation oncology"), radiation, 1, 1 },
    };
    struct vtb_t_member members[PEOPLE];
    struct vtb_ev_meeting_planned frame = {
        .board = id_of(1), .board_name = VTB_LIT("Thoracic board"), .starts_us = T0, .minutes = 60,
        .timezone = VTB_LIT("America/Chicago"), .required = required, .required_n = 5, .objection_s = 20,
        .members = members, .members_n = GUEST_A, .has_recording = true, .recording = VTB_EV_MEETING_PLANNED_RECORDING_ALLOWED };

    for (size_t i = 0; i < GUEST_A; i++)
        members[i] = (struct vtb_t_member){ .person = person_id((enum who)i), .name = vtb_str_of(people[i].name),
                                            .specialty = vtb_str_of(people[i].specialty), .role = people[i].role };
    assert(vtb_meeting_plan(w->tail, &frame, w->now_us, w->out) == VTB_OK);
    world_fold(w);
}

static void agenda(struct world *w)
{
    static const char *const names[] = { "Marlow", "Dawson", "Pike" };
    struct vtb_t_item items[3];

    for (unsigned i = 0; i < 3; i++)
        items[i] = (struct vtb_t_item){
            .item = item_id(i), .case_id = case_id(i), .minutes = 10 + (int64_t)i,
            .presenter = person_id(i == 0 ? RADIOLOGIST : i == 1 ? GUEST_B : ONCOLOGIST),
            .presenter_name = VTB_LIT("P"), .referrer = person_id(i == 1 ? GUEST_B : GUEST_A),
            .referrer_name = VTB_LIT("R"), .name = vtb_str_of(names[i]), .birth_date = VTB_LIT("1962-03-04"),
            .local_id = VTB_LIT("12-345"), .diagnosis = VTB_LIT("Adenocarcinoma"), .stage = VTB_LIT("cT2a N1 M0"),
            .question = VTB_LIT("Operate first?") };
    assert(vtb_meeting_agenda(w->tail, 0, items, 3, w->now_us, w->out) == VTB_OK);
    world_fold(w);
}

void world_make(struct world *w)
{
    memset(w, 0, sizeof *w);
    w->tail = calloc(1, sizeof *w->tail);
    w->shown = calloc(1, sizeof *w->shown);
    w->out = calloc(1, sizeof *w->out);
    assert(w->tail && w->shown && w->out);
    w->now_us = T0;
    plan(w);
    agenda(w);
}

void world_free(struct world *w)
{
    vtb_events_fini(w->out);
    free(w->tail);
    free(w->shown);
    free(w->out);
}

void world_fold(struct world *w)
{
    for (size_t i = 0; i < w->out->n; i++) {
        w->out->at[i].seq = ++w->seq;
        vtb_meeting_fold(w->tail, &w->out->at[i]);
    }
    for (size_t i = 0; i < w->out->n; i++) {
        vtb_meeting_fold(w->shown, &w->out->at[i]);
        if (w->heard)
            w->heard(w->heard_ctx, &w->out->at[i]);
    }
    vtb_events_fini(w->out);
}

enum vtb_err join(struct world *w, enum who who)
{
    struct vtb_id items[1];
    struct vtb_ev_seat_joined card = {
        .seat = seat_id(who), .person = person_id(who), .name = vtb_str_of(people[who].name),
        .specialty = vtb_str_of(people[who].specialty), .site = VTB_LIT("Hub"), .role = people[who].role,
        .confirmed = people[who].confirmed, .items = items, .items_n = people[who].item >= 0 };
    enum vtb_err err;

    items[0] = item_id(people[who].item >= 0 ? (unsigned)people[who].item : 0);
    err = vtb_meeting_join(w->tail, &card, w->now_us, w->out);
    if (err)
        assert(w->out->n == 0);
    world_fold(w);
    return err;
}

enum vtb_err ask_with(struct world *w, enum who who, struct vtb_ask request, enum vtb_plan_state state)
{
    static const struct vtb_id nil;
    struct vtb_id next = vtb_meeting_item_for(w->tail, &request);
    const struct vtb_agenda_item *item = vtb_meeting_item(w->tail, next);
    struct vtb_t_document document;
    struct vtb_meeting_facts facts = { .plan = vtb_meeting_running(w->tail) ? state : VTB_PLAN_NONE };
    struct vtb_caller caller = caller_of(who);
    enum vtb_err err;

    if (item && !vtb_id_is(next, nil)) {
        document = document_of((unsigned)(item->case_id.b[15] - case_id(0).b[15]));
        facts.documents = &document;
        facts.documents_n = 1;
    }
    err = vtb_meeting_decide(w->tail, &caller, &request, w->now_us, &facts, w->out);
    if (err)
        assert(w->out->n == 0); /* a refused request leaves no trace */
    world_fold(w);
    return err;
}

enum vtb_err ask(struct world *w, enum who who, struct vtb_ask request)
{
    return ask_with(w, who, request, VTB_PLAN_DRAFT);
}

void open_room(struct world *w)
{
    static const enum who staff[] = { CHAIR, COORDINATOR, SCRIBE, SURGEON, RADIOLOGIST, PATHOLOGIST, ONCOLOGIST };

    for (size_t i = 0; i < VTB_COUNT(staff); i++) {
        assert(join(w, staff[i]) == VTB_OK);
        w->now_us += SECOND;
    }
    assert(ask(w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_MEETING_OPEN }) == VTB_OK);
    w->now_us += SECOND;
}

void start_item(struct world *w, unsigned n)
{
    assert(ask(w, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_ITEM_START, .u.item_start.item = item_id(n) }) == VTB_OK);
    w->now_us += SECOND;
}

const struct vtb_seat *seat(const struct world *w, enum who who)
{
    return vtb_meeting_seat(w->shown, seat_id(who));
}
