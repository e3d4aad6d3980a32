/* Who is behind a cookie: asked once, answered from memory, and never for longer than it is true. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakes.h"

#define TOKEN "AAAAAAAAAAAAAAAAAAAAAA"
#define COOKIE VTB_COOKIE_SESSION "=" TOKEN
#define PERSON "019a0000-0000-7000-8000-000000000001"
#define BOARD  "019a0000-0000-7000-8000-000000000002"
#define CASE   "019a0000-0000-7000-8000-000000000003"

static struct vtb_sessions *sessions;
static unsigned answers;
static enum vtb_err last_err;
static struct vtb_session last;

static void found(void *ctx, enum vtb_err err, const struct vtb_session *session)
{
    (void)ctx;
    answers++;
    last_err = err;
    if (session)
        last = *session;
    else
        assert_true(err != VTB_OK);
}

static void find(const char *cookie)
{
    vtb_sessions_find(sessions, vtb_str_of(cookie), found, NULL);
}

static json_t *card(int64_t until_us)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:b,s:s,s:I,s:[{s:s,s:s,s:s}],s:n}", "session", BOARD, "person", PERSON, "name",
                     "Dr Solheim", "specialty", "surgery", "site", "Hub", "administrator", 0, "has_pin", 1, "how", "demo",
                     "until_us", (json_int_t)until_us, "boards", "board", BOARD, "name", "Thoracic", "role", "chair",
                     "invitation");
}

static int set_up(void **state)
{
    (void)state;
    fake_store_open();
    answers = 0;
    fake_store_session(TOKEN, card(fake_wall_us + 3600000000));
    return vtb_sessions_create(NULL, &sessions) != VTB_OK;
}
static int tear_down(void **state)
{
    (void)state;
    vtb_sessions_destroy(sessions);
    fake_store_close();
    return 0;
}

static struct vtb_id id(const char *text)
{
    struct vtb_id out;

    assert_int_equal(vtb_id_parse(vtb_str_of(text), &out), VTB_OK);
    return out;
}

static void the_second_answer_comes_from_memory(void **state)
{
    (void)state;
    find(COOKIE);
    assert_int_equal(answers, 0);
    fake_store_run();
    assert_int_equal(last_err, VTB_OK);
    assert_string_equal(last.name, "Dr Solheim");
    assert_true(last.has_pin && last.is_demo && !last.is_guest && !last.administrator);
    assert_int_equal(vtb_session_role(&last, id(BOARD)), VTB_ROLE_CHAIR);
    assert_int_equal(vtb_session_role(&last, id(CASE)), VTB_ROLE_NONE);
    find("a=b; " COOKIE "; c=d");
    assert_int_equal(answers, 2); /* at once */
    assert_int_equal(fake_store_waiting(), 0);
}

static void memory_is_no_older_than_twenty_seconds(void **state)
{
    (void)state;
    find(COOKIE);
    fake_store_run();
    fake_mono_us += 19000000;
    find(COOKIE);
    assert_int_equal(answers, 2);
    fake_mono_us += 2000000;
    find(COOKIE);
    assert_int_equal(answers, 2);
    assert_int_equal(fake_store_waiting(), 1);
    fake_store_run();
    assert_int_equal(answers, 3);
}

static void a_session_that_ended_is_absent_at_that_moment(void **state)
{
    (void)state;
    find(COOKIE);
    fake_store_run();
    assert_int_equal(last_err, VTB_OK);
    fake_wall_us += 3600000001; /* the end came while the answer lay in memory */
    find(COOKIE);
    fake_store_run();
    assert_int_equal(last_err, VTB_ABSENT);
}

static void signing_out_is_at_once(void **state)
{
    (void)state;
    char digest[VTB_DIGEST_TEXT];

    assert_int_equal(vtb_token_digest(VTB_LIT(TOKEN), digest), VTB_OK);
    find(COOKIE);
    fake_store_run();
    vtb_sessions_forget(sessions, digest);
    find(COOKIE);
    assert_int_equal(answers, 1); /* asked anew */
    fake_store_run();
    assert_int_equal(answers, 2);
}

static void no_cookie_a_broken_or_a_foreign_one_is_nobody(void **state)
{
    (void)state;
    static const char *const bad[] = { "", "a=b", VTB_COOKIE_SESSION "=", VTB_COOKIE_SESSION "=short", COOKIE "; " COOKIE,
                                       VTB_COOKIE_SESSION "=BBBBBBBBBBBBBBBBBBBBBA" };

    for (size_t i = 0; i < VTB_COUNT(bad); i++) {
        find(bad[i]);
        fake_store_run();
        assert_int_equal(answers, i + 1);
        assert_int_equal(last_err, VTB_ABSENT);
    }
}

static void a_guest_is_a_guest_whatever_else_they_are(void **state)
{
    (void)state;
    json_t *guest = card(fake_wall_us + 3600000000);

    json_object_set_new(guest, "invitation", json_pack("{s:s,s:s,s:s,s:[s],s:[s]}", "invitation", BOARD, "meeting", BOARD,
                                                       "board", BOARD, "items", CASE, "cases", CASE));
    fake_store_session(TOKEN, guest);
    find(COOKIE);
    fake_store_run();
    assert_true(last.is_guest);
    assert_int_equal(last.items_n, 1);
    assert_int_equal(vtb_session_role(&last, id(BOARD)), VTB_ROLE_GUEST); /* not the chair of the card */
    assert_int_equal(vtb_session_highest(&last), VTB_ROLE_GUEST);

    vtb_sessions_forget_invitation(sessions, id(CASE)); /* somebody else's */
    find(COOKIE);
    assert_int_equal(answers, 2);
    vtb_sessions_forget_invitation(sessions, id(BOARD)); /* another device is let in: asked anew */
    find(COOKIE);
    assert_int_equal(answers, 2);
    fake_store_run();
    assert_int_equal(answers, 3);
}

/* 5000 people through a table of 1024: nobody is taken for somebody else. */
static void two_sessions_in_one_place_are_not_confused(void **state)
{
    (void)state;
    char token[VTB_TOKEN_TEXT], cookie[100], name[40];

    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 2500; i++) {
            snprintf(token, sizeof token, "%04dAAAAAAAAAAAAAAAAAA", i);
            snprintf(name, sizeof name, "Person %d", i);
            if (round == 0) {
                json_t *own = card(fake_wall_us + 3600000000);
                json_object_set_new(own, "name", json_string(name));
                fake_store_session(token, own);
            }
            snprintf(cookie, sizeof cookie, "%s=%s", VTB_COOKIE_SESSION, token);
            find(cookie);
            fake_store_run();
            assert_int_equal(last_err, VTB_OK);
            assert_string_equal(last.name, name);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_second_answer_comes_from_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(memory_is_no_older_than_twenty_seconds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_session_that_ended_is_absent_at_that_moment, set_up, tear_down),
        cmocka_unit_test_setup_teardown(signing_out_is_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_cookie_a_broken_or_a_foreign_one_is_nobody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_guest_is_a_guest_whatever_else_they_are, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_sessions_in_one_place_are_not_confused, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
