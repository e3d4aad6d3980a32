/* Search shows what policy allows (PLAN_VIEW, which guests have for their own item), and counts the rest. */
#include "content.h"
#include "policy/policy.h"

#include <stdio.h>

static int setup(void **state)
{
    struct world *world = test_calloc(1, sizeof *world);

    world_make(world);
    content_board(world);
    content_sign(world, "Neoadjuvant chemo-immunotherapy, then r\xc3\xa9" "section");
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    world_end(*state);
    test_free(*state);
    return 0;
}

static json_t *search_by(struct world *world, unsigned person, const char *q, int64_t now_us, const char *invitation)
{
    return world_ask(world, VTB_FIND_SEARCH, NULL, json_pack("{s:s, s:s, s:i, s:I, s:s}", "person", text_of(person), "q", q,
                                                             "page", 0, "now_us", (json_int_t)now_us, "invitation", invitation));
}

static void expect(struct world *world, unsigned person, const char *q, int total, int hidden)
{
    json_t *json = search_by(world, person, q, T0, "");

    assert_int_equal(json_integer_value(json_object_get(json, "total")), total);
    assert_int_equal(json_integer_value(json_object_get(json, "hidden")), hidden);
    assert_int_equal(json_array_size(json_object_get(json, "cases")), total);
    json_decref(json);
}

static void search_finds_patients_diagnoses_and_the_words_of_plans(void **state)
{
    struct world *world = *state;

    expect(world, CHAIR, "quint", 1, 0);
    expect(world, CHAIR, "  MR-1234 ", 1, 0);
    expect(world, CHAIR, "mr", 3, 0);
    expect(world, CHAIR, "adenocarcinoma lung", 3, 0);
    expect(world, CHAIR, "chemo-immuno", 1, 0);
    expect(world, CHAIR, "resection", 1, 0); /* also where it is written with an accent */
    expect(world, CHAIR, "radiotherapy field", 1, 0);
    expect(world, CHAIR, "nobody-searches", 0, 0); /* who sat there is not what the plan says */
    expect(world, CHAIR, "quint AND otto", 0, 0);
    expect(world, CHAIR, "\"* OR NEAR( ^ -", 0, 0); /* nothing typed is a command */
    expect(world, CHAIR, "-- ; ' %", 3, 0);        /* signs only: as if nothing was typed */
    expect(world, CHAIR, "", 3, 0);
}

static void the_newest_plan_stands_on_the_card(void **state)
{
    struct world *world = *state;
    json_t *json = search_by(world, CHAIR, "quint", T0, "");
    json_t *card = json_array_get(json_object_get(json, "cases"), 0);

    assert_string_equal(json_string_value(json_object_get(card, "plan_state")), "signed");
    assert_memory_equal(json_string_value(json_object_get(card, "plan_line")), "Neoadjuvant", 11);
    assert_null(json_object_get(json_object_get(card, "record"), "referring_plan"));
    json_decref(json);
}

static void others_get_nothing_but_a_count(void **state)
{
    struct world *world = *state;

    expect(world, STRANGER, "quint", 0, 1);
    expect(world, STRANGER, "", 1, 0); /* the own case, and no count of a whole house */
    expect(world, OBSERVER, "quint", 0, 1);
    expect(world, CLINIC, "quint", 1, 0);
    expect(world, CLINIC, "otto", 0, 1);
    expect(world, OTHER_COORDINATOR, "quint", 0, 1);
    expect(world, OTHER_COORDINATOR, "wanda", 1, 0);
    expect(world, MEMBER, "wanda", 0, 1);
    expect(world, GUEST, "quint", 1, 0);
    expect(world, GUEST, "otto", 0, 1);
}

static void an_invitation_shows_its_own_items_until_it_ends(void **state)
{
    struct world *world = *state;
    json_t *json = search_by(world, CHAIR, "", T0, text_of(INVITATION)); /* a chair who came by somebody's link */

    assert_int_equal(json_integer_value(json_object_get(json, "total")), 0);
    json_decref(json);
    json = search_by(world, GUEST, "", T0, text_of(INVITATION));
    assert_int_equal(json_integer_value(json_object_get(json, "total")), 1);
    json_decref(json);
    json = search_by(world, GUEST, "", T0 + 1000, text_of(INVITATION));
    assert_int_equal(json_integer_value(json_object_get(json, "total")), 0);
    json_decref(json);
}

/* The standing as the HTTP interface fills it from VTB_FIND_STANDING. */
static struct vtb_standing standing_of(json_t *facts)
{
    static const char *const names[] = { "none", "chair", "co_chair", "coordinator", "scribe", "member", "observer", "guest" };
    struct vtb_standing standing = { .signed_in = true,
        .referrer = json_is_true(json_object_get(facts, "referrer")), .author = json_is_true(json_object_get(facts, "author")),
        .waiting = json_is_true(json_object_get(facts, "waiting")) && json_is_true(json_object_get(facts, "board_head")) };
    const char *role = json_string_value(json_object_get(json_array_get(json_object_get(facts, "roles"), 0), "role"));

    for (unsigned r = 0; role && r < VTB_ROLES; r++)
        if (strcmp(role, names[r]) == 0)
            standing.role = (enum vtb_role)r;
    if (standing.waiting)
        standing.role = VTB_ROLE_COORDINATOR;
    if (json_array_size(json_object_get(facts, "guest")) > 0) {
        standing.role = VTB_ROLE_GUEST;
        standing.own_item = true;
    }
    return standing;
}

static bool finds(struct world *world, unsigned person, unsigned case_id)
{
    json_t *json = search_by(world, person, "", T0, ""), *card;
    bool found = false;
    size_t i;

    json_array_foreach(json_object_get(json, "cases"), i, card)
        found = found || strcmp(json_string_value(json_object_get(card, "case")), text_of(case_id)) == 0;
    json_decref(json);
    return found;
}

static void the_rule_of_sight_in_sql_is_the_one_of_policy(void **state)
{
    static const unsigned people[] = { CHAIR, COORDINATOR, MEMBER, OBSERVER, CLINIC, STRANGER, OTHER_COORDINATOR, GUEST };
    static const unsigned cases[] = { CASE, CASE_2, CASE_WAITS };
    struct world *world = *state;
    unsigned yes = 0;

    for (size_t p = 0; p < VTB_COUNT(people); p++) {
        for (size_t c = 0; c < VTB_COUNT(cases); c++) {
            json_t *facts = world_ask(world, VTB_FIND_STANDING, NULL, json_pack("{s:s, s:s, s:I}", "case", text_of(cases[c]),
                                      "person", text_of(people[p]), "now_us", (json_int_t)T0));
            struct vtb_standing standing = standing_of(facts);
            bool may = vtb_policy_may(VTB_DEED_PLAN_VIEW, &standing);

            assert_int_equal(may, finds(world, people[p], cases[c]));
            yes += may;
            json_decref(facts);
        }
    }
    assert_int_equal(yes, 5 + 3 + 4); /* of each case */
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(search_finds_patients_diagnoses_and_the_words_of_plans), T(the_newest_plan_stands_on_the_card),
        T(others_get_nothing_but_a_count), T(an_invitation_shows_its_own_items_until_it_ends),
        T(the_rule_of_sight_in_sql_is_the_one_of_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
