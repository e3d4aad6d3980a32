/*
 * Every number of protocols/limits.json is tested at the limit and one past it. Here are those of one
 * message; the others lie where their owner is:
 *
 *   upload_file_bytes, upload_case_bytes, upload_piece_bytes   documents/upload_test
 *   pdf_pages, image_pixels, image_side_px                     documents/pure_test
 *   sdp_bytes                                                  here, rtc/test_sdp
 *   message_bytes, message_depth                               here, web/socket_test
 *   plan_field_bytes                                           here, record/plan_test
 *   plan_bytes                                                 record/readback_test
 *   plan_lines                                                 record/plan_test
 *   meeting_seats, meeting_items, meeting_hands                meeting/presence_test, item_test, floor_test
 *   snapshot_bytes                                             flow/room_test
 *   lane_events, lane_bytes                                    web/lane_test
 *   handshakes_seat, handshakes_all                            media/test_worker
 *   requests_per_second                                        flow/slide_test
 *   device_offer_bytes                                         media/test_device
 *   device_sessions, device_posts_minute                       flow/device_test
 *   board_devices                                              e2e/answers
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limits/limits.h"
#include "signal/json.h"
#include "signal/signal.h"

static enum vtb_err load(const char *text, size_t len)
{
    json_t *root = NULL;
    enum vtb_err err = vtb_json_load(text, len, VTB_MAX_MESSAGE_BYTES, &root);

    json_decref(root);
    return err;
}

static void a_message_has_64_kilobytes_and_not_one_more(void **state)
{
    (void)state;
    size_t len = VTB_MAX_MESSAGE_BYTES;
    char *text = malloc(len + 1);

    memset(text, ' ', len + 1);
    memcpy(text, "{}", 2);
    assert_int_equal(load(text, len), VTB_OK);
    assert_int_equal(load(text, len + 1), VTB_LIMIT);
    free(text);
}

static char *nested(unsigned depth, char open, char close)
{
    char *text = calloc(1, 8 * (size_t)depth + 16);
    size_t n = 0;

    for (unsigned i = 1; i < depth; i++)
        n += (size_t)snprintf(text + n, 8, "%s", i == 1 ? "{\"a\":" : open == '{' ? "{\"a\":" : "[");
    n += (size_t)snprintf(text + n, 8, "%s", open == '{' || depth == 1 ? "{}" : "[]");
    for (unsigned i = 1; i < depth; i++)
        text[n++] = i == depth - 1 ? '}' : close;
    return text;
}

static void a_message_nests_sixteen_deep_and_not_one_more(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        char *most = nested(VTB_MAX_MESSAGE_DEPTH, kind ? '{' : '[', kind ? '}' : ']');
        char *more = nested(VTB_MAX_MESSAGE_DEPTH + 1, kind ? '{' : '[', kind ? '}' : ']');

        assert_int_equal(load(most, strlen(most)), VTB_OK);
        assert_int_equal(load(more, strlen(more)), VTB_LIMIT);
        free(most);
        free(more);
    }
    /* A bomb of a hundred thousand brackets costs a scan, no stack. */
    static char bomb[60000];
    memset(bomb, '[', sizeof bomb);
    assert_int_equal(load(bomb, sizeof bomb), VTB_LIMIT);
    /* Brackets inside a text are text. */
    static const char text[] = "{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[\\\"{{{{{{{{{{{{{{{{{{{\"}";
    assert_int_equal(load(text, sizeof text - 1), VTB_OK);
}

static enum vtb_err ask_with_text(const char *kind, const char *fixed, const char *key, size_t len)
{
    json_t *data = json_loads(fixed, 0, NULL);
    struct vtb_arena arena = { 0 };
    struct vtb_ask ask;
    char *text = malloc(len + 1);
    enum vtb_err err;

    memset(text, 'x', len);
    json_object_set_new(data, key, json_stringn(text, len));
    err = vtb_ask_parse(kind, data, &arena, &ask);
    free(text);
    json_decref(data);
    vtb_arena_fini(&arena);
    return err;
}

static void an_sdp_has_8_kilobytes_and_a_field_4(void **state)
{
    (void)state;
    assert_int_equal(ask_with_text("media.answer", "{}", "sdp", VTB_MAX_SDP_BYTES), VTB_OK);
    assert_int_equal(ask_with_text("media.answer", "{}", "sdp", VTB_MAX_SDP_BYTES + 1), VTB_LIMIT);
    assert_int_equal(ask_with_text("plan.set", "{\"field\":\"wishes\",\"base\":0}", "value", VTB_MAX_PLAN_FIELD_BYTES), VTB_OK);
    assert_int_equal(ask_with_text("plan.set", "{\"field\":\"wishes\",\"base\":0}", "value", VTB_MAX_PLAN_FIELD_BYTES + 1),
                     VTB_LIMIT);
}

static void what_is_not_one_object_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = { "", " ", "[]", "1", "\"a\"", "null", "{", "{}}", "{} {}", "{\"a\":1,\"a\":2}",
                                       "{\"a\":\"\xff\"}", "{\"a\":NaN}", "{'a':1}", "{\"a\":1,}", "{\"a\":\"\\u0000\"}" };

    for (size_t i = 0; i < VTB_COUNT(bad); i++) {
        /* exact size, so that a read past the end is seen */
        size_t len = strlen(bad[i]);
        char *exact = malloc(len ? len : 1);
        memcpy(exact, bad[i], len);
        assert_int_equal(load(exact, len), VTB_PARSE);
        free(exact);
    }
}

static void control_characters_are_no_text(void **state)
{
    (void)state;
    for (int c = 0; c < 0x20; c++) {
        char text[8] = { 'a', (char)c, 'b' };
        json_t *value = json_stringn(text, 3);
        struct vtb_str out;
        enum vtb_err want = c == '\n' || c == '\r' || c == '\t' ? VTB_OK : VTB_PARSE;

        assert_int_equal(vtb_json_str(value, 0, 10, &out), want);
        json_decref(value);
    }
    json_t *del = json_string("\x7f");
    struct vtb_str out;
    assert_int_equal(vtb_json_str(del, 0, 10, &out), VTB_PARSE);
    json_decref(del);
}

static void limits_are_bytes_not_characters(void **state)
{
    (void)state;
    json_t *value = json_string("\xc3\xa4\xc3\xa4"); /* two letters, four bytes */
    struct vtb_str out;

    assert_int_equal(vtb_json_str(value, 0, 4, &out), VTB_OK);
    assert_int_equal(vtb_json_str(value, 0, 3, &out), VTB_LIMIT);
    json_decref(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_has_64_kilobytes_and_not_one_more),
        cmocka_unit_test(a_message_nests_sixteen_deep_and_not_one_more),
        cmocka_unit_test(an_sdp_has_8_kilobytes_and_a_field_4),
        cmocka_unit_test(what_is_not_one_object_is_refused),
        cmocka_unit_test(control_characters_are_no_text),
        cmocka_unit_test(limits_are_bytes_not_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
