/* Which meeting a room's token opens, and what is known of it. */
#include "content.h"

#define MINUTE INT64_C(60000000)

static int setup(void **state)
{
    struct world *world = test_calloc(1, sizeof *world);

    world_make(world);
    content_board(world);
    content_devices(world);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    world_end(*state);
    test_free(*state);
    return 0;
}

static json_t *device_at(struct world *world, const char *token, int64_t now_us)
{
    return world_ask(world, VTB_FIND_DEVICE, NULL, json_pack("{s:s,s:I}", "token", token, "now_us", (json_int_t)now_us));
}

static void opens(struct world *world, const char *token, int64_t now_us, const char *meeting)
{
    json_t *json = device_at(world, token, now_us);

    assert_string_equal(json_string_value(json_object_get(json, "now")), meeting);
    json_decref(json);
}

static void a_board_s_token_opens_half_an_hour_before_and_not_earlier(void **state)
{
    opens(*state, "room-1", T0 - 30 * MINUTE, text_of(MEETING));
    opens(*state, "room-1", T0 - 30 * MINUTE - 1, "");
    opens(*state, "room-1", T0 + 60 * MINUTE, text_of(MEETING));  /* it overran */
    opens(*state, "room-1", T0 + 301 * MINUTE, ""); /* forgotten open: an hour, and four more */
}

static void a_meeting_s_token_opens_it_until_it_is_over(void **state)
{
    struct world *world = *state;
    json_t *json = device_at(world, "room-2", T0 - 3000 * MINUTE);
    struct vtb_event opened = { .kind = VTB_EVENT_MEETING_OPENED }, closed = { .kind = VTB_EVENT_MEETING_CLOSED };

    assert_string_equal(json_string_value(json_object_get(json, "now")), text_of(MEETING));
    assert_string_equal(json_string_value(json_array_get(json_object_get(json, "items"), 0)), text_of(ITEM));
    json_decref(json);
    assert_int_equal(WORLD_ADD(world, id_of(MEETING), VTB_STREAM_MEETING, opened), VTB_OK);
    assert_int_equal(WORLD_ADD(world, id_of(MEETING), VTB_STREAM_MEETING, closed), VTB_OK);
    opens(world, "room-2", T0, "");
}

static void its_card_says_who_made_it_when_it_was_used_and_revoked(void **state)
{
    struct world *world = *state;
    json_t *json = device_at(world, "room-1", T0);
    enum vtb_err err;

    assert_string_equal(json_string_value(json_object_get(json, "by_name")), "Ms. Coord");
    assert_true(json_is_true(json_object_get(json, "vouches")));
    assert_int_equal(json_integer_value(json_object_get(json, "used_us")), T0);
    assert_int_equal(json_integer_value(json_object_get(json, "revoked_us")), T0 + 1);
    assert_null(json_object_get(json, "token"));
    json_decref(json);
    json = world_ask(world, VTB_FIND_DEVICES, NULL, json_pack("{s:s,s:I}", "board", text_of(BOARD), "now_us", (json_int_t)T0));
    assert_int_equal(json_array_size(json_object_get(json, "devices")), 2);
    assert_int_equal(json_integer_value(json_object_get(json, "live")), 1);
    json_decref(json);
    assert_null(world_ask(world, VTB_FIND_DEVICE, &err, json_pack("{s:s,s:I}", "token", "", "now_us", (json_int_t)T0)));
    assert_int_equal(err, VTB_ABSENT);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_board_s_token_opens_half_an_hour_before_and_not_earlier), T(a_meeting_s_token_opens_it_until_it_is_over),
        T(its_card_says_who_made_it_when_it_was_used_and_revoked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
