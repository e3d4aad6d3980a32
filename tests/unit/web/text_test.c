/* The small readers of header text. */
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define S(text) vtb_str_of(text)
#define CHECK(x) assert_true(x)

static void a_length_is_digits_only(void **state)
{
    static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "1,1", "0x10", "1e3",
                                       "99999999999999999999" };
    uint64_t n = 7;

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(bad); i++)
        assert_int_equal(web_text_length(S(bad[i]), &n), VTB_PARSE);
    assert_int_equal(n, 7);
    assert_int_equal(web_text_length(S("8388608"), &n), VTB_OK);
    assert_int_equal(n, 8388608);
}

static void a_cookie_is_found_in_every_joining(void **state)
{
    (void)state;
    CHECK(vtb_str_is(web_text_cookie(S("a=1; b=2"), "b"), S("2")));
    CHECK(vtb_str_is(web_text_cookie(S("a=1  b=2"), "b"), S("2")));
    CHECK(vtb_str_is(web_text_cookie(S("__Host-s=x=y;a=1"), "__Host-s"), S("x=y")));
    CHECK(web_text_cookie(S("ab=1; xb=2"), "b").len == 0);
    CHECK(web_text_cookie(S(""), "b").len == 0);
}

static void one_range_is_read_and_others_are_not(void **state)
{
    static const struct {
        const char *text;
        enum web_range range;
        uint64_t at, end;
    } rows[] = {
        { "bytes=0-99", WEB_RANGE_ONE, 0, 100 },
        { "bytes=900-", WEB_RANGE_ONE, 900, 1000 },
        { "bytes=-100", WEB_RANGE_ONE, 900, 1000 },
        { "bytes=-5000", WEB_RANGE_ONE, 0, 1000 },
        { "bytes=990-5000", WEB_RANGE_ONE, 990, 1000 },
        { "bytes=1000-", WEB_RANGE_OUTSIDE, 0, 0 },
        { "bytes=-0", WEB_RANGE_OUTSIDE, 0, 0 },
        { "bytes=9-3", WEB_RANGE_NONE, 0, 0 },
        { "bytes=0-1,5-6", WEB_RANGE_NONE, 0, 0 },
        { "bytes=-", WEB_RANGE_NONE, 0, 0 },
        { "bytes=a-b", WEB_RANGE_NONE, 0, 0 },
        { "lines=1-2", WEB_RANGE_NONE, 0, 0 },
        { "", WEB_RANGE_NONE, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(rows); i++) {
        uint64_t at = 0, end = 0;

        assert_int_equal(web_text_range(S(rows[i].text), 1000, &at, &end), rows[i].range);
        assert_int_equal(at, rows[i].at);
        assert_int_equal(end, rows[i].end);
    }
}

static void a_tag_matches_weakly_and_in_lists(void **state)
{
    (void)state;
    CHECK(web_text_has_etag(S("\"a\", W/\"b\""), S("\"b\"")));
    CHECK(web_text_has_etag(S("*"), S("\"b\"")));
    CHECK(!web_text_has_etag(S("\"a\""), S("\"b\"")));
    CHECK(!web_text_has_etag(S(""), S("\"b\"")));
}

static void gzip_is_taken_unless_forbidden(void **state)
{
    (void)state;
    CHECK(web_text_takes_gzip(S("br, gzip, deflate")));
    CHECK(web_text_takes_gzip(S("GZIP;q=0.5")));
    CHECK(!web_text_takes_gzip(S("gzip;q=0")));
    CHECK(!web_text_takes_gzip(S("gzip; q=0.000")));
    CHECK(!web_text_takes_gzip(S("br")));
    CHECK(!web_text_takes_gzip(S("")));
}

static void an_origin_is_ours_only_if_it_is_the_very_site(void **state)
{
    char *hosts[] = { (char[]){ "board.example.org" } };
    struct web_origins origins = { hosts, 1 };
    static const struct {
        const char *origin, *host;
        enum web_scheme scheme;
        bool is_ours;
    } rows[] = {
        { "http://127.0.0.1:8080", "127.0.0.1:8080", WEB_HTTP, true },
        { "http://chair.localhost:8080", "chair.localhost:8080", WEB_HTTP, true },
        { "http://[::1]:8080", "[::1]:8080", WEB_HTTP, true },
        { "https://board.example.org", "board.example.org", WEB_HTTPS, true },
        { "https://board.example.org", "board.example.org:443", WEB_HTTPS, true },
        { "https://BOARD.example.org", "board.example.org", WEB_HTTPS, true },
        { "https://board.example.org", "board.example.org", WEB_EITHER, true },
        /* another seat of the demo is another site */
        { "http://clinic.localhost:8080", "chair.localhost:8080", WEB_HTTP, false },
        { "http://127.0.0.1:8081", "127.0.0.1:8080", WEB_HTTP, false },
        { "https://evil.example", "board.example.org", WEB_HTTPS, false },
        /* a name of the attacker's that resolves to us */
        { "https://evil.example", "evil.example", WEB_HTTPS, false },
        { "http://board.example.org", "board.example.org", WEB_HTTPS, false },
        { "https://127.0.0.1:8080", "127.0.0.1:8080", WEB_HTTP, false },
        { "https://board.example.org.evil.example", "board.example.org", WEB_HTTPS, false },
        { "http://127.0.0.1.evil.example", "127.0.0.1.evil.example", WEB_HTTP, false },
        { "http://xlocalhost", "xlocalhost", WEB_HTTP, false },
        { "null", "127.0.0.1", WEB_HTTP, false },
        { "", "127.0.0.1", WEB_HTTP, false },
        { "http://127.0.0.1", "", WEB_HTTP, false },
    };

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(rows); i++)
        if (web_text_is_ours(&origins, rows[i].scheme, S(rows[i].origin), S(rows[i].host)) !=
            rows[i].is_ours)
            fail_msg("origin %s, host %s", rows[i].origin, rows[i].host);
}

static void only_the_last_forwarded_address_counts(void **state)
{
    (void)state;
    CHECK(vtb_str_is(web_text_forwarded(S("10.0.0.1, 192.0.2.7")), S("192.0.2.7")));
    CHECK(vtb_str_is(web_text_forwarded(S("2001:db8::1")), S("2001:db8::1")));
    CHECK(web_text_forwarded(S("192.0.2.7, <script>")).len == 0);
    CHECK(web_text_forwarded(S("")).len == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_length_is_digits_only),
        cmocka_unit_test(a_cookie_is_found_in_every_joining),
        cmocka_unit_test(one_range_is_read_and_others_are_not),
        cmocka_unit_test(a_tag_matches_weakly_and_in_lists),
        cmocka_unit_test(gzip_is_taken_unless_forbidden),
        cmocka_unit_test(an_origin_is_ours_only_if_it_is_the_very_site),
        cmocka_unit_test(only_the_last_forwarded_address_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
