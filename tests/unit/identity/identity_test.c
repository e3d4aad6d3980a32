#include "identity/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static void only_the_right_secret_opens(void **state)
{
    char hash[VTB_SECRET_TEXT], again[VTB_SECRET_TEXT];

    (void)state;
    assert_int_equal(vtb_secret_hash(VTB_LIT("4071"), hash), VTB_OK);
    assert_int_equal(vtb_secret_hash(VTB_LIT("4071"), again), VTB_OK);
    assert_string_not_equal(hash, again); /* salted */
    assert_memory_equal(hash, "$argon2id$", 10);
    assert_int_equal(vtb_secret_verify(VTB_LIT("4071"), hash), VTB_OK);
    assert_int_equal(vtb_secret_verify(VTB_LIT("4072"), hash), VTB_DENIED);
    assert_int_equal(vtb_secret_verify(VTB_LIT(""), hash), VTB_DENIED);
    assert_int_equal(vtb_secret_verify(VTB_LIT("4071"), ""), VTB_DENIED); /* nobody has the name */
    assert_int_equal(vtb_secret_verify(VTB_LIT("4071"), NULL), VTB_DENIED);
    assert_int_equal(vtb_secret_verify(VTB_LIT("4071"), "not a hash"), VTB_DENIED);
}

static void secrets_have_a_longest(void **state)
{
    char long_one[VTB_SECRET_BYTES + 1], hash[VTB_SECRET_TEXT];

    (void)state;
    memset(long_one, 'a', sizeof long_one);
    assert_int_equal(vtb_secret_hash((struct vtb_str){ long_one, VTB_SECRET_BYTES }, hash), VTB_OK);
    assert_int_equal(vtb_secret_hash((struct vtb_str){ long_one, VTB_SECRET_BYTES + 1 }, hash), VTB_LIMIT);
    assert_int_equal(vtb_secret_hash(VTB_LIT(""), hash), VTB_PARSE);
}

static void pins_that_anybody_would_try_are_refused(void **state)
{
    (void)state;
    assert_int_equal(vtb_pin_check(VTB_LIT("4071")), VTB_OK);
    assert_int_equal(vtb_pin_check(VTB_LIT("407193847560")), VTB_OK);
    assert_int_equal(vtb_pin_check(VTB_LIT("4071938475601")), VTB_PARSE);
    assert_int_equal(vtb_pin_check(VTB_LIT("407")), VTB_PARSE);
    assert_int_equal(vtb_pin_check(VTB_LIT("1111")), VTB_PARSE);
    assert_int_equal(vtb_pin_check(VTB_LIT("1234")), VTB_PARSE);
    assert_int_equal(vtb_pin_check(VTB_LIT("9876")), VTB_PARSE);
    assert_int_equal(vtb_pin_check(VTB_LIT("40a1")), VTB_PARSE);
}

static void a_token_is_found_by_its_digest_only(void **state)
{
    char token[VTB_TOKEN_TEXT], digest[VTB_DIGEST_TEXT], found[VTB_DIGEST_TEXT], other[VTB_TOKEN_TEXT];

    (void)state;
    vtb_token_make(token, digest);
    assert_int_equal(strlen(token), VTB_TOKEN_TEXT - 1);
    assert_int_equal(vtb_token_digest(vtb_str_of(token), found), VTB_OK);
    assert_string_equal(digest, found);
    vtb_token_make(other, found);
    assert_string_not_equal(token, other);
    assert_int_equal(vtb_token_digest(VTB_LIT(""), found), VTB_PARSE);
    assert_int_equal(vtb_token_digest(VTB_LIT("AAAAAAAAAAAAAAAAAAAAA="), found), VTB_PARSE);
    assert_int_equal(vtb_token_digest(VTB_LIT("AAAAAAAAAAAAAAAAAAAAA+"), found), VTB_PARSE);
    assert_int_equal(vtb_token_digest(vtb_str_of(digest), found), VTB_PARSE); /* the stored text opens nothing */
}

static void a_cookie_is_read_back_and_a_tossed_one_is_refused(void **state)
{
    char token[VTB_TOKEN_TEXT], digest[VTB_DIGEST_TEXT], cookie[VTB_COOKIE_TEXT], got[VTB_TOKEN_TEXT];
    char header[400];

    (void)state;
    vtb_token_make(token, digest);
    vtb_cookie_write(VTB_COOKIE_SESSION, token, 43200, cookie);
    assert_non_null(strstr(cookie, "; Path=/; Secure; HttpOnly; SameSite=Lax"));
    assert_null(strstr(cookie, "Domain"));
    snprintf(header, sizeof header, "a=b; __Host-vtb-device=xx; __Host-vtb=%s; c", token);
    assert_int_equal(vtb_cookie_read(vtb_str_of(header), VTB_COOKIE_SESSION, got), VTB_OK);
    assert_string_equal(token, got);
    assert_int_equal(vtb_cookie_read(vtb_str_of(header), VTB_COOKIE_DEVICE, got), VTB_PARSE);
    assert_int_equal(vtb_cookie_read(VTB_LIT("x=y"), VTB_COOKIE_SESSION, got), VTB_ABSENT);
    assert_int_equal(vtb_cookie_read(VTB_LIT(""), VTB_COOKIE_SESSION, got), VTB_ABSENT);
    snprintf(header, sizeof header, "__Host-vtb=%s; __Host-vtb=%s", token, token);
    assert_int_equal(vtb_cookie_read(vtb_str_of(header), VTB_COOKIE_SESSION, got), VTB_PARSE);
    vtb_cookie_write(VTB_COOKIE_SESSION, token, 0, cookie);
    assert_non_null(strstr(cookie, "__Host-vtb=; Max-Age=0"));
}

static void an_invitation_belongs_to_its_first_device(void **state)
{
    const int64_t until = vtb_invitation_until(INT64_C(1000000000), 60);

    (void)state;
    assert_int_equal(until, INT64_C(1000000000) + INT64_C(13) * 3600 * 1000000);
    assert_int_equal(vtb_invitation_bind(VTB_LIT(""), VTB_LIT("d1"), until, 0), VTB_BIND_FIRST);
    assert_int_equal(vtb_invitation_bind(VTB_LIT("d1"), VTB_LIT("d1"), until, until - 1), VTB_BIND_SAME);
    assert_int_equal(vtb_invitation_bind(VTB_LIT("d1"), VTB_LIT("d2"), until, 0), VTB_BIND_OTHER);
    assert_int_equal(vtb_invitation_bind(VTB_LIT("d1"), VTB_LIT(""), until, 0), VTB_BIND_OTHER);
    assert_int_equal(vtb_invitation_bind(VTB_LIT("d1"), VTB_LIT("d1"), until, until), VTB_BIND_ENDED);
    assert_int_equal(vtb_session_until(5, 0), 5 + VTB_SESSION_US);
    assert_int_equal(vtb_session_until(5, until), until);
}

static void the_screen_locks_but_not_in_a_live_item(void **state)
{
    (void)state;
    assert_false(vtb_session_locks(0, VTB_IDLE_LOCK_US - 1, false));
    assert_true(vtb_session_locks(0, VTB_IDLE_LOCK_US, false));
    assert_false(vtb_session_locks(0, VTB_IDLE_LOCK_US * 3, true));
}

static struct vtb_id subject(uint32_t n)
{
    struct vtb_id id = { { 0 } };

    memcpy(id.b, &n, sizeof n);
    id.b[15] = 1;
    return id;
}

static void after_five_tries_one_waits_longer_each_time(void **state)
{
    struct vtb_throttle *throttle = NULL;
    const uint64_t minute = UINT64_C(60000000);
    uint64_t now = 1000;

    (void)state;
    assert_int_equal(vtb_throttle_create(&throttle), VTB_OK);
    for (int i = 0; i < 5; i++)
        assert_int_equal(vtb_throttle_try(throttle, subject(1), now), VTB_OK);
    assert_int_equal(vtb_throttle_try(throttle, subject(1), now), VTB_AGAIN);
    assert_int_equal(vtb_throttle_wait_s(throttle, subject(1), now), 60);
    assert_int_equal(vtb_throttle_try(throttle, subject(2), now), VTB_OK); /* nobody else waits */
    now += minute;
    assert_int_equal(vtb_throttle_try(throttle, subject(1), now), VTB_OK);
    assert_int_equal(vtb_throttle_try(throttle, subject(1), now + minute), VTB_AGAIN);
    assert_int_equal(vtb_throttle_try(throttle, subject(1), now + 2 * minute), VTB_OK);
    vtb_throttle_good(throttle, subject(1));
    for (int i = 0; i < 5; i++)
        assert_int_equal(vtb_throttle_try(throttle, subject(1), now), VTB_OK);
    vtb_throttle_destroy(throttle);
}

static void a_flood_of_names_does_not_free_the_one_attacked(void **state)
{
    struct vtb_throttle *throttle = NULL;

    (void)state;
    assert_int_equal(vtb_throttle_create(&throttle), VTB_OK);
    for (int i = 0; i < 5; i++)
        assert_int_equal(vtb_throttle_try(throttle, subject(1), 10), VTB_OK);
    for (uint32_t n = 2; n < 9000; n++)
        assert_int_equal(vtb_throttle_try(throttle, subject(n), 20), VTB_OK);
    assert_int_equal(vtb_throttle_try(throttle, subject(1), 30), VTB_AGAIN);
    vtb_throttle_destroy(throttle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_right_secret_opens),
        cmocka_unit_test(secrets_have_a_longest),
        cmocka_unit_test(pins_that_anybody_would_try_are_refused),
        cmocka_unit_test(a_token_is_found_by_its_digest_only),
        cmocka_unit_test(a_cookie_is_read_back_and_a_tossed_one_is_refused),
        cmocka_unit_test(an_invitation_belongs_to_its_first_device),
        cmocka_unit_test(the_screen_locks_but_not_in_a_live_item),
        cmocka_unit_test(after_five_tries_one_waits_longer_each_time),
        cmocka_unit_test(a_flood_of_names_does_not_free_the_one_attacked),
    };
    if (vtb_identity_init())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
