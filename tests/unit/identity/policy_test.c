/* The table printed equals tests/vectors/policy.txt, and no mixture of standings opens a door that
 * none of its parts opens. VTB_WRITE_VECTORS=1 writes the file anew. */
#include "policy/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define PATH VTB_SOURCE_DIR "/tests/vectors/policy.txt"

static const struct column {
    const char *title;
    struct vtb_standing standing;
} columns[] = {
    { "stranger", { 0 } },
    { "account", { .signed_in = true } },
    { "admin", { .signed_in = true, .administrator = true } },
    { "chair", { .signed_in = true, .role = VTB_ROLE_CHAIR } },
    { "co_chair", { .signed_in = true, .role = VTB_ROLE_CO_CHAIR } },
    { "coord", { .signed_in = true, .role = VTB_ROLE_COORDINATOR } },
    { "scribe", { .signed_in = true, .role = VTB_ROLE_SCRIBE } },
    { "member", { .signed_in = true, .role = VTB_ROLE_MEMBER } },
    { "observer", { .signed_in = true, .role = VTB_ROLE_OBSERVER } },
    { "waits", { .signed_in = true, .role = VTB_ROLE_GUEST } },
    { "guest", { .signed_in = true, .role = VTB_ROLE_GUEST, .own_item = true } },
    { "acting", { .signed_in = true, .acting_chair = true } },
    { "records", { .signed_in = true, .acting_chair = true, .may_record = true } },
    { "may_rec", { .signed_in = true, .role = VTB_ROLE_COORDINATOR, .may_record = true } },
    { "presents", { .signed_in = true, .presenter = true } },
    { "own_seat", { .signed_in = true, .own_seat = true } },
    { "runs", { .signed_in = true, .running_seat = true } },
    { "referrer", { .signed_in = true, .referrer = true } },
    { "author", { .signed_in = true, .author = true } },
    { "uploader", { .signed_in = true, .uploader = true } },
    { "takes_up", { .signed_in = true, .role = VTB_ROLE_COORDINATOR, .waiting = true } },
    { "attended", { .signed_in = true, .role = VTB_ROLE_MEMBER, .was_present = true } },
};

static char *print_matrix(void)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    assert_non_null(out);
    fprintf(out, "%-22s", "deed");
    for (size_t c = 0; c < VTB_COUNT(columns); c++)
        fprintf(out, "%-9s", columns[c].title);
    fprintf(out, "\n");
    for (unsigned d = 0; d < VTB_DEEDS; d++) {
        fprintf(out, "%-22s", vtb_deed_name((enum vtb_deed)d));
        for (size_t c = 0; c < VTB_COUNT(columns); c++)
            fprintf(out, "%-9s", vtb_policy_may((enum vtb_deed)d, &columns[c].standing) ? "yes" : ".");
        fprintf(out, "\n");
    }
    fclose(out);
    return text;
}

static void the_table_is_the_one_that_was_agreed(void **state)
{
    char *matrix = print_matrix();
    char stored[32768] = { 0 };
    FILE *file;

    (void)state;
    if (getenv("VTB_WRITE_VECTORS")) {
        file = fopen(PATH, "w");
        assert_non_null(file);
        fputs(matrix, file);
        fclose(file);
    }
    file = fopen(PATH, "r");
    assert_non_null(file);
    assert_true(fread(stored, 1, sizeof stored - 1, file) > 0);
    fclose(file);
    assert_string_equal(matrix, stored);
    free(matrix);
}

static struct vtb_standing standing_of(unsigned role, unsigned bits)
{
    return (struct vtb_standing){
        .role = (enum vtb_role)role, .signed_in = bits & 1, .administrator = bits & 2, .own_item = bits & 4,
        .acting_chair = bits & 8, .presenter = bits & 16, .own_seat = bits & 32, .running_seat = bits & 64,
        .referrer = bits & 128, .author = bits & 256, .uploader = bits & 512, .waiting = bits & 1024,
        .was_present = bits & 2048, .may_record = bits & 4096,
    };
}

static bool anyone_may(enum vtb_deed deed)
{
    return vtb_policy_may(deed, &(struct vtb_standing){ 0 });
}

/* Every standing there is (8 roles x 8192) with every deed. */
static void a_waiting_guest_or_a_stranger_gets_nothing_whatever_else_is_claimed(void **state)
{
    struct vtb_standing waits = { .signed_in = true, .role = VTB_ROLE_GUEST };

    (void)state;
    for (unsigned d = 0; d < VTB_DEEDS; d++) {
        for (unsigned bits = 0; bits < 8192; bits++) {
            for (unsigned role = 0; role < VTB_ROLES; role++) {
                struct vtb_standing one = standing_of(role, bits);

                if (!one.signed_in)
                    assert_int_equal(vtb_policy_may((enum vtb_deed)d, &one), anyone_may((enum vtb_deed)d));
                else if (role == VTB_ROLE_GUEST && !one.own_item)
                    assert_int_equal(vtb_policy_may((enum vtb_deed)d, &one),
                                     vtb_policy_may((enum vtb_deed)d, &waits));
            }
        }
    }
}

static void a_guest_never_chairs_writes_or_administers(void **state)
{
    static const enum vtb_deed never[] = {
        VTB_DEED_PLAN_SIGN, VTB_DEED_PLAN_SET, VTB_DEED_READBACK_START, VTB_DEED_SEAT_MUTE,
        VTB_DEED_ITEM_START, VTB_DEED_CASE_SAVE, VTB_DEED_SITE_ADMINISTER, VTB_DEED_AGENDA_SAVE,
        VTB_DEED_BOARD_VIEW, VTB_DEED_PEOPLE, VTB_DEED_PLAN_WITHDRAW, VTB_DEED_CASE_MAKE,
    };

    (void)state;
    for (size_t n = 0; n < VTB_COUNT(never); n++) {
        for (unsigned bits = 0; bits < 8192; bits++) {
            struct vtb_standing one = standing_of(VTB_ROLE_GUEST, bits);

            if (never[n] == VTB_DEED_CASE_SAVE && one.referrer && one.own_item)
                continue; /* the referring clinician completes the own case, by invitation too */
            assert_false(vtb_policy_may(never[n], &one));
        }
    }
}

static void more_standing_never_takes_a_right_away_but_waiting_and_guest(void **state)
{
    (void)state;
    for (unsigned d = 0; d < VTB_DEEDS; d++) {
        for (unsigned bits = 0; bits < 8192; bits++) {
            for (unsigned role = 0; role < VTB_ROLE_GUEST; role++) {
                struct vtb_standing one = standing_of(role, bits);

                if (!vtb_policy_may((enum vtb_deed)d, &one))
                    continue;
                for (unsigned bit = 1; bit < 8192; bit <<= 1) {
                    struct vtb_standing more = standing_of(role, bits | bit);

                    if (!more.waiting)
                        assert_true(vtb_policy_may((enum vtb_deed)d, &more));
                }
            }
        }
    }
}

static void the_socket_s_deeds_are_its_requests(void **state)
{
    (void)state;
    for (unsigned k = 0; k < VTB_ASK_KINDS; k++)
        assert_string_equal(vtb_deed_name((enum vtb_deed)k), vtb_ask_name((enum vtb_ask_kind)k));
}

static void every_deed_that_can_be_refused_says_who_may(void **state)
{
    (void)state;
    for (unsigned d = 0; d < VTB_DEEDS; d++)
        assert_true(anyone_may((enum vtb_deed)d) || vtb_deed_refusal((enum vtb_deed)d)[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_the_one_that_was_agreed),
        cmocka_unit_test(a_waiting_guest_or_a_stranger_gets_nothing_whatever_else_is_claimed),
        cmocka_unit_test(a_guest_never_chairs_writes_or_administers),
        cmocka_unit_test(more_standing_never_takes_a_right_away_but_waiting_and_guest),
        cmocka_unit_test(the_socket_s_deeds_are_its_requests),
        cmocka_unit_test(every_deed_that_can_be_refused_says_who_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
