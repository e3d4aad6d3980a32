/* Vectors of RFC 5769, and libnice's message library as the oracle both ways. */
#include "rtc/stun.h"

#include "base/id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stun/stunagent.h>

#include <cmocka.h>

static const char password[] = "VOkJxbRl1RmTxUk/WvJxBt";

static const uint8_t request[] = { /* RFC 5769, 2.1 */
    0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
    0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73,
    0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff,
    0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09,
    0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14,
    0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49,
    0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf,
};

static const uint8_t response_v4[] = { /* 2.2 */
    0x01, 0x01, 0x00, 0x3c, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
    0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x0b, 0x74, 0x65, 0x73, 0x74, 0x20, 0x76, 0x65, 0x63,
    0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43,
    0x00, 0x08, 0x00, 0x14, 0x2b, 0x91, 0xf5, 0x99, 0xfd, 0x9e, 0x90, 0xc3, 0x8c, 0x74, 0x89, 0xf9,
    0x2a, 0xf9, 0xba, 0x53, 0xf0, 0x6b, 0xe7, 0xd7, 0x80, 0x28, 0x00, 0x04, 0xc0, 0x7d, 0x4c, 0x96,
};

static const uint8_t response_v6[] = { /* 2.3 */
    0x01, 0x01, 0x00, 0x48, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
    0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x0b, 0x74, 0x65, 0x73, 0x74, 0x20, 0x76, 0x65, 0x63,
    0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00, 0x14, 0x00, 0x02, 0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa,
    0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9, 0x00, 0x08, 0x00, 0x14,
    0xa3, 0x82, 0x95, 0x4e, 0x4b, 0xe6, 0x7b, 0xf1, 0x17, 0x84, 0xc9, 0x7c, 0x82, 0x92, 0xc2, 0x75,
    0xbf, 0xe3, 0xed, 0x41, 0x80, 0x28, 0x00, 0x04, 0xc8, 0xfb, 0x0b, 0x4c,
};

static void the_rfc_s_request_is_read_and_authentic(void **state)
{
    struct vtb_stun msg;
    (void)state;

    assert_int_equal(vtb_stun_parse(request, sizeof request, &msg), VTB_OK);
    assert_int_equal(msg.kind, VTB_STUN_REQUEST);
    assert_true(vtb_str_is(msg.username, VTB_LIT("evtj:h6vY")));
    assert_int_equal(msg.priority, 0x6e0001ff);
    assert_true(msg.controlled && !msg.controlling && !msg.use_candidate);
    assert_true(vtb_stun_is_authentic(&msg, vtb_str_of(password)));
    assert_false(vtb_stun_is_authentic(&msg, VTB_LIT("VOkJxbRl1RmTxUk/WvJxBs")));
    assert_false(vtb_stun_is_authentic(&msg, VTB_LIT("")));
}

static void the_rfc_s_responses_are_read_and_authentic(void **state)
{
    struct vtb_stun msg;
    struct vtb_addr want;
    (void)state;

    assert_int_equal(vtb_stun_parse(response_v4, sizeof response_v4, &msg), VTB_OK);
    assert_int_equal(msg.kind, VTB_STUN_SUCCESS);
    assert_true(vtb_stun_is_authentic(&msg, vtb_str_of(password)));
    assert_int_equal(vtb_addr_parse("192.0.2.1", 32853, &want), VTB_OK);
    assert_true(vtb_addr_is(&msg.mapped, &want));

    assert_int_equal(vtb_stun_parse(response_v6, sizeof response_v6, &msg), VTB_OK);
    assert_true(vtb_stun_is_authentic(&msg, vtb_str_of(password)));
    assert_int_equal(vtb_addr_parse("2001:db8:1234:5678:11:2233:4455:6677", 32853, &want), VTB_OK);
    assert_true(vtb_addr_is(&msg.mapped, &want));
}

static void one_changed_bit_is_noticed(void **state)
{
    struct vtb_stun msg;
    uint8_t copy[sizeof request];
    (void)state;

    for (size_t bit = 0; bit < 8 * sizeof request; bit++) {
        memcpy(copy, request, sizeof copy);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_true(vtb_stun_parse(copy, sizeof copy, &msg) ||
                    !vtb_stun_is_authentic(&msg, vtb_str_of(password)));
    }
    for (size_t len = 0; len < sizeof request; len++)
        assert_int_equal(vtb_stun_parse(request, len, &msg), VTB_PARSE);
}

static bool give_password(StunAgent *agent, StunMessage *message, uint8_t *username, uint16_t len,
                          uint8_t **out, size_t *out_len, void *ctx)
{
    (void)agent;
    (void)message;
    (void)ctx;
    if (len < 4 || memcmp(username, "evtj", 4) != 0)
        return false;
    *out = (uint8_t *)(uintptr_t)password;
    *out_len = sizeof password - 1;
    return true;
}

static void start_oracle(StunAgent *agent)
{
    static const uint16_t known[] = { STUN_ATTRIBUTE_USERNAME, STUN_ATTRIBUTE_MESSAGE_INTEGRITY,
                                      STUN_ATTRIBUTE_PRIORITY, STUN_ATTRIBUTE_USE_CANDIDATE,
                                      STUN_ATTRIBUTE_ERROR_CODE, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS,
                                      STUN_ATTRIBUTE_ICE_CONTROLLING, 0 };

    stun_agent_init(agent, known, STUN_COMPATIBILITY_RFC5389,
                    STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT);
}

static void libnice_accepts_our_checks_and_we_its_answers(void **state)
{
    StunAgent agent;
    StunMessage seen, reply;
    struct vtb_stun_check check = { .username = VTB_LIT("evtj:h6vY"),
                                    .password = vtb_str_of(password), .priority = 0x6e0001ff,
                                    .tie_breaker = 0x0123456789abcdef, .use_candidate = true };
    struct vtb_addr from;
    struct sockaddr_storage name;
    struct vtb_stun msg;
    uint8_t ours[VTB_STUN_MAX], theirs[1024];
    uint32_t priority;
    uint64_t tie;
    size_t len;
    (void)state;

    start_oracle(&agent);
    vtb_random(check.id, sizeof check.id);
    len = vtb_stun_write_check(&check, ours);
    assert_true(len > 0);
    assert_int_equal(stun_agent_validate(&agent, &seen, ours, len, give_password, NULL),
                     STUN_VALIDATION_SUCCESS);
    assert_int_equal(stun_message_get_class(&seen), STUN_REQUEST);
    assert_int_equal(stun_message_find32(&seen, STUN_ATTRIBUTE_PRIORITY, &priority),
                     STUN_MESSAGE_RETURN_SUCCESS);
    assert_int_equal(priority, 0x6e0001ff);
    assert_int_equal(stun_message_find64(&seen, STUN_ATTRIBUTE_ICE_CONTROLLING, &tie),
                     STUN_MESSAGE_RETURN_SUCCESS);
    assert_true(tie == 0x0123456789abcdef);
    assert_int_equal(stun_message_find_flag(&seen, STUN_ATTRIBUTE_USE_CANDIDATE),
                     STUN_MESSAGE_RETURN_SUCCESS);

    assert_int_equal(vtb_addr_parse("203.0.113.9", 40001, &from), VTB_OK);
    assert_true(stun_agent_init_response(&agent, &reply, theirs, sizeof theirs, &seen));
    assert_int_equal(stun_message_append_xor_addr(&reply, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, &name,
                                                  vtb_addr_to_socket(&from, &name)),
                     STUN_MESSAGE_RETURN_SUCCESS);
    len = stun_agent_finish_message(&agent, &reply, (const uint8_t *)password,
                                    sizeof password - 1);
    assert_true(len > 0);
    assert_int_equal(vtb_stun_parse(theirs, len, &msg), VTB_OK);
    assert_true(vtb_stun_is_authentic(&msg, vtb_str_of(password)));
    assert_true(vtb_addr_is(&msg.mapped, &from));
    assert_memory_equal(msg.id, check.id, sizeof check.id);
}

static void libnice_accepts_our_answers(void **state)
{
    static const char *const from[] = { "203.0.113.9", "2001:db8::77" };
    (void)state;

    for (size_t i = 0; i < VTB_COUNT(from); i++) {
        StunAgent agent;
        StunMessage query, seen;
        uint8_t theirs[1024], ours[VTB_STUN_MAX];
        struct vtb_stun msg;
        struct vtb_addr addr, got;
        struct sockaddr_storage name;
        socklen_t name_len = sizeof name;
        size_t len;

        start_oracle(&agent);
        assert_true(stun_agent_init_request(&agent, &query, theirs, sizeof theirs, STUN_BINDING));
        assert_int_equal(stun_message_append_string(&query, STUN_ATTRIBUTE_USERNAME, "evtj:h6vY"),
                         STUN_MESSAGE_RETURN_SUCCESS);
        len = stun_agent_finish_message(&agent, &query, (const uint8_t *)password,
                                        sizeof password - 1);
        assert_int_equal(vtb_stun_parse(theirs, len, &msg), VTB_OK);
        assert_true(vtb_stun_is_authentic(&msg, vtb_str_of(password)));

        assert_int_equal(vtb_addr_parse(from[i], 5004, &addr), VTB_OK);
        len = vtb_stun_write_success(&msg, &addr, vtb_str_of(password), ours);
        assert_true(len > 0);
        assert_int_equal(stun_agent_validate(&agent, &seen, ours, len, NULL, NULL),
                         STUN_VALIDATION_SUCCESS);
        assert_int_equal(stun_message_find_xor_addr(&seen, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, &name,
                                                    &name_len), STUN_MESSAGE_RETURN_SUCCESS);
        assert_int_equal(vtb_addr_from_socket(&name, &got), VTB_OK);
        assert_true(vtb_addr_is(&got, &addr));
    }
}

static void a_name_that_does_not_fit_is_refused(void **state)
{
    char name[VTB_STUN_MAX];
    struct vtb_stun_check check = { .username = { name, sizeof name },
                                    .password = vtb_str_of(password) };
    uint8_t out[VTB_STUN_MAX];
    (void)state;

    memset(name, 'a', sizeof name);
    assert_int_equal(vtb_stun_write_check(&check, out), 0);
    check.username.len = 2 * 200 + 1;
    assert_true(vtb_stun_write_check(&check, out) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rfc_s_request_is_read_and_authentic),
        cmocka_unit_test(the_rfc_s_responses_are_read_and_authentic),
        cmocka_unit_test(one_changed_bit_is_noticed),
        cmocka_unit_test(libnice_accepts_our_checks_and_we_its_answers),
        cmocka_unit_test(libnice_accepts_our_answers),
        cmocka_unit_test(a_name_that_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
