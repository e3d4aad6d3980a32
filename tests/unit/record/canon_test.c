/* Canonical bytes: RFC 8785, limited by decision 14. */
#include "record/canon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static enum vtb_err canon(const char *text, char *out, size_t cap)
{
    struct vtb_arena arena = { 0 };
    struct vtb_str bytes = { 0 };
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
    enum vtb_err err;

    assert_non_null(value);
    err = vtb_canon_write(value, &arena, &bytes);
    if (!err)
        assert_int_equal(vtb_str_copy(bytes, out, cap), VTB_OK);
    json_decref(value);
    vtb_arena_fini(&arena);
    return err;
}

static void members_are_sorted_by_utf16_and_nothing_is_padded(void **state)
{
    static const char *const pairs[][2] = {
        { "{ \"b\" : 1, \"a\" : [ true, false, null ] }", "{\"a\":[true,false,null],\"b\":1}" },
        { "{\"peach\":\"x\",\"p\\u00e9ch\\u00e9\":\"y\",\"p\\u00eache\":\"z\"}",
          "{\"peach\":\"x\",\"p\xc3\xa9""ch\xc3\xa9\":\"y\",\"p\xc3\xaa""che\":\"z\"}" },
        { "{\"\\u20ac\":\"Euro\",\"1\":\"One\",\"\\ud83d\\ude00\":\"Smiley\",\"\\u00f6\":\"o\"}",
          "{\"1\":\"One\",\"\xc3\xb6\":\"o\",\"\xe2\x82\xac\":\"Euro\",\"\xf0\x9f\x98\x80\":\"Smiley\"}" },
        /* Above U+FFFF the order of UTF-16 is not that of UTF-8: D83D comes before E000. */
        { "{\"\\ue000\":1,\"\\ud83d\\ude00\":2}", "{\"\xf0\x9f\x98\x80\":2,\"\xee\x80\x80\":1}" },
        { "{\"\":0,\"aa\":1,\"a\":2}", "{\"\":0,\"a\":2,\"aa\":1}" },
        { "[56,{\"d\":true,\"10\":null,\"1\":[]}]", "[56,{\"1\":[],\"10\":null,\"d\":true}]" },
    };
    char out[400];

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(pairs); i++) {
        assert_int_equal(canon(pairs[i][0], out, sizeof out), VTB_OK);
        assert_string_equal(out, pairs[i][1]);
    }
}

static void only_what_must_be_is_escaped(void **state)
{
    char out[200];

    (void)state;
    assert_int_equal(canon("\"\\u20ac$\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\"", out, sizeof out), VTB_OK);
    assert_string_equal(out, "\"\xe2\x82\xac$\\nA'B\\\"\\\\\\\\\\\"/\"");
    assert_int_equal(canon("\"a\\u2028b\\u2029\"", out, sizeof out), VTB_OK); /* raw, unlike JavaScript's old rule */
    assert_string_equal(out, "\"a\xe2\x80\xa8""b\xe2\x80\xa9\"");
}

static void what_two_programs_may_read_differently_is_refused(void **state)
{
    static const char *const refused[] = {
        "1.5", "1e2", "[0.1]", "9007199254740992", "-9007199254740992",
        "\"tab\\u0009\"", "\"\\u000d\"", "\"\\u007f\"", "\"\\u0085\"", "\"\\u0001\"",
        "\"e\\u0301\"",  /* not NFC */
        "\"\\ufffe\"", "\"\\ufdd0\"", "{\"e\\u0301\":1}",
    };
    char out[200];

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(refused); i++)
        assert_int_equal(canon(refused[i], out, sizeof out), VTB_PARSE);
    assert_int_equal(canon("9007199254740991", out, sizeof out), VTB_OK);
    assert_int_equal(canon("-9007199254740991", out, sizeof out), VTB_OK);
}

static void other_bytes_of_the_same_json_are_not_canonical(void **state)
{
    static const struct { const char *text; enum vtb_err err; } cases[] = {
        { "{\"a\":1,\"b\":2}", VTB_OK },        { "{\"b\":2,\"a\":1}", VTB_CORRUPT }, { "{\"a\":1, \"b\":2}", VTB_CORRUPT },
        { "{\"a\":-0}", VTB_CORRUPT },          { "{\"a\":\"\\u0041\"}", VTB_CORRUPT }, { "{\"a\":\"\\/\"}", VTB_CORRUPT },
        { "{\"a\":1}\n", VTB_CORRUPT },         { "[1]", VTB_PARSE },                 { "{\"a\":1,\"a\":1}", VTB_PARSE },
        { "{\"a\":1.0}", VTB_PARSE },           { "{\"a\":\"\xff\"}", VTB_PARSE },    { "", VTB_PARSE },
    };

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(cases); i++)
        assert_int_equal(vtb_canon_read(cases[i].text, strlen(cases[i].text), 1000, NULL), cases[i].err);
    assert_int_equal(vtb_canon_read("{\"a\":1}", 7, 6, NULL), VTB_LIMIT);
}

static void typed_text_is_composed_and_its_line_ends_made_one(void **state)
{
    struct vtb_arena arena = { 0 };
    struct vtb_str out;

    (void)state;
    assert_int_equal(vtb_nfc(VTB_LIT("e\xcc\x81\r\nb\rc\td"), &arena, &out), VTB_OK);
    assert_true(vtb_str_is(out, VTB_LIT("\xc3\xa9\nb\nc d")));
    assert_int_equal(vtb_nfc(VTB_LIT("\xc3"), &arena, &out), VTB_PARSE);
    assert_int_equal(vtb_nfc(VTB_LIT("\x1b[31m"), &arena, &out), VTB_PARSE);
    vtb_arena_fini(&arena);
}

static void digests_and_times_are_what_others_compute(void **state)
{
    char text[65], time[24];
    uint8_t bytes[2];

    (void)state;
    vtb_sha256_hex("abc", 3, text); /* FIPS 180-4 */
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    vtb_time_write(INT64_C(1764000000123456), time);
    assert_string_equal(time, "2025-11-24T16:00:00Z");
    assert_int_equal(vtb_hex_read(VTB_LIT("0aff"), bytes, 2), VTB_OK);
    assert_int_equal(bytes[1], 255);
    assert_int_equal(vtb_hex_read(VTB_LIT("0AFF"), bytes, 2), VTB_PARSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_sorted_by_utf16_and_nothing_is_padded),
        cmocka_unit_test(only_what_must_be_is_escaped),
        cmocka_unit_test(what_two_programs_may_read_differently_is_refused),
        cmocka_unit_test(other_bytes_of_the_same_json_are_not_canonical),
        cmocka_unit_test(typed_text_is_composed_and_its_line_ends_made_one),
        cmocka_unit_test(digests_and_times_are_what_others_compute),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
