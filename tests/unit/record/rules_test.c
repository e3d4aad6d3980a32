/* Fields, dates, stages, the gate. */
#include "record/gate.h"
#include "record/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

static void dates_are_real_days(void **state)
{
    (void)state;
    assert_true(vtb_is_date(VTB_LIT("2024-02-29")));
    assert_false(vtb_is_date(VTB_LIT("2025-02-29")));
    assert_false(vtb_is_date(VTB_LIT("1900-02-29")));
    assert_true(vtb_is_date(VTB_LIT("2000-02-29")));
    assert_false(vtb_is_date(VTB_LIT("2026-13-01")));
    assert_false(vtb_is_date(VTB_LIT("2026-1-01x")));
    assert_false(vtb_is_date(VTB_LIT("")));
}

static void a_field_holds_what_its_kind_allows(void **state)
{
    static const struct { unsigned at; const char *value; enum vtb_err err; } cases[] = {
        { VTB_FIELD_KIND, "recurrence", VTB_OK },          { VTB_FIELD_KIND, "anything", VTB_PARSE },
        { VTB_FIELD_TRIALS, "discussed: NCT1", VTB_OK },   { VTB_FIELD_TRIALS, "discussedly", VTB_PARSE },
        { VTB_FIELD_TELLS_WHEN, "2026-12-01", VTB_OK },    { VTB_FIELD_TELLS_WHEN, "soon", VTB_PARSE },
        { VTB_FIELD_REASONS, "free text\nof a board", VTB_OK }, { VTB_FIELD_KIND, "", VTB_OK },
    };
    static char big[VTB_MAX_PLAN_FIELD_BYTES + 2];
    const char *message = NULL;

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(cases); i++)
        assert_int_equal(vtb_field_check(&vtb_plan_fields[cases[i].at], vtb_str_of(cases[i].value), &message),
                         cases[i].err);
    memset(big, 'a', VTB_MAX_PLAN_FIELD_BYTES);
    assert_int_equal(vtb_field_check(&vtb_plan_fields[VTB_FIELD_REASONS], vtb_str_of(big), &message), VTB_OK);
    big[VTB_MAX_PLAN_FIELD_BYTES] = 'a';
    assert_int_equal(vtb_field_check(&vtb_plan_fields[VTB_FIELD_REASONS], vtb_str_of(big), &message), VTB_LIMIT);
}

static void a_field_is_named_plainly_or_by_its_line(void **state)
{
    struct vtb_field_name name;

    (void)state;
    assert_int_equal(vtb_field_name_parse(VTB_LIT("wishes"), &name), VTB_OK);
    assert_false(name.is_part);
    assert_int_equal(name.at, VTB_FIELD_WISHES);
    assert_int_equal(vtb_field_name_parse(VTB_LIT("line.019a0000-0000-7000-8000-000000000001.due"), &name), VTB_OK);
    assert_true(name.is_part);
    assert_int_equal(name.at, VTB_PART_DUE);
    assert_int_equal(vtb_field_name_parse(VTB_LIT("line.019a0000-0000-7000-8000-000000000001.nothing"), &name),
                     VTB_ABSENT);
    assert_int_equal(vtb_field_name_parse(VTB_LIT("line.019a0000-0000-7000-8000-000000000001."), &name), VTB_ABSENT);
    assert_int_equal(vtb_field_name_parse(VTB_LIT("line.x.due"), &name), VTB_ABSENT);
    assert_int_equal(vtb_field_name_parse(VTB_LIT(""), &name), VTB_ABSENT);
}

static void a_stage_without_its_prefix_is_refused_with_the_repair(void **state)
{
    static const char *const good[] = { "", "cT2a N1 M0", "pT3 pN2a cM0", "ypT1b ypN0", "rT4", "cT1b(m) N0 M0",
                                        "FIGO IIB", "Ann Arbor III", "T-cell lymphoma, stage III", "ISS II", "cT2aN1M0",
                                        "pTis N0", "Limited disease", "MSI-H, cTX NX M1c", "yrT2" };
    static const struct { const char *stage, *means; } bad[] = {
        { "T2a", "cT2a" }, { "T2aN1M0", "cT2a" }, { "N1", "cN1" }, { "stage T4 N2", "cT4" }, { "pT2 N0 pM0", "cM0" },
        { "cT2; lung T1", "cT1" }, { "Tis", "cTis" } };
    char message[200];

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(good); i++)
        assert_int_equal(vtb_stage_check(vtb_str_of(good[i]), message, sizeof message), VTB_OK);
    for (size_t i = 0; i < VTB_COUNT(bad); i++) {
        assert_int_equal(vtb_stage_check(vtb_str_of(bad[i].stage), message, sizeof message), VTB_PARSE);
        assert_non_null(strstr(message, bad[i].means));
    }
    assert_int_equal(vtb_stage_check(VTB_LIT("T2a"), message, sizeof message), VTB_PARSE);
    assert_string_equal(message, "Stage needs a prefix, for example cT2a. You probably mean cT2a.");
}

static enum vtb_gate_state state_of(const struct vtb_case *record, const char *id)
{
    struct vtb_gate_row rows[VTB_GATE_ROWS];

    vtb_gate(record, rows);
    for (size_t i = 0; i < VTB_GATE_ROWS; i++)
        if (strcmp(rows[i].id, id) == 0)
            return rows[i].state;
    fail();
    return VTB_GATE_MISSING;
}

static void the_gate_says_what_is_missing_and_what_is_coming(void **state)
{
    struct vtb_case *record = calloc(1, sizeof *record);
    struct vtb_t_page page = { 100, 100, 1, VTB_LIT("") };
    struct vtb_event added = { .kind = VTB_EVENT_DOCUMENT_ADDED, .u.document_added.document = { { 1 } } };
    struct vtb_event ready = { .kind = VTB_EVENT_DOCUMENT_READY, .u.document_ready = {
        .document = { { 1 } }, .pages = &page, .pages_n = 1 } };
    struct vtb_event removed = { .kind = VTB_EVENT_DOCUMENT_REMOVED, .u.document_removed.document = { { 1 } } };

    (void)state;
    record->record.ecog = -1;
    assert_int_equal(state_of(record, "question"), VTB_GATE_MISSING);
    assert_int_equal(state_of(record, "ecog"), VTB_GATE_MISSING);
    record->record.ecog = 0;
    assert_int_equal(state_of(record, "ecog"), VTB_GATE_THERE);
    memcpy(record->record.stage, "T2", sizeof "T2");
    assert_int_equal(state_of(record, "stage"), VTB_GATE_MISSING);
    memcpy(record->record.stage, "cT2", sizeof "cT2");
    assert_int_equal(state_of(record, "stage"), VTB_GATE_THERE);
    assert_int_equal(state_of(record, "documents"), VTB_GATE_MISSING);
    vtb_case_fold(record, &added);
    assert_int_equal(state_of(record, "documents"), VTB_GATE_COMING);
    vtb_case_fold(record, &ready);
    assert_int_equal(state_of(record, "documents"), VTB_GATE_THERE);
    vtb_case_fold(record, &removed);
    assert_int_equal(state_of(record, "documents"), VTB_GATE_MISSING);
    free(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_real_days),
        cmocka_unit_test(a_field_holds_what_its_kind_allows),
        cmocka_unit_test(a_field_is_named_plainly_or_by_its_line),
        cmocka_unit_test(a_stage_without_its_prefix_is_refused_with_the_repair),
        cmocka_unit_test(the_gate_says_what_is_missing_and_what_is_coming),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
