/* From the read-back to a file that is verified offline (decisions 13 to 16). */
#include "board.h"

#include "record/canon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static enum vtb_err check(struct board *b, enum who who, const char *digest, const char *reason)
{
    struct vtb_caller caller = caller_of(who);
    enum vtb_err err;

    board_look(b);
    err = vtb_case_sign_check(b->record, &caller, vtb_str_of(digest), &b->facts, vtb_str_of(reason), b->out);
    b->message = b->out->message;
    return err;
}

static void signing_waits_for_everything_it_needs(void **state)
{
    struct board b;
    const char *digest;

    (void)state;
    board_make(&b);
    digest = b.record->readback.digest;
    assert_int_equal(check(&b, CHAIR, "", ""), VTB_DENIED); /* not read back */
    fill_plan(&b);
    assert_int_equal(plan_ask(&b, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_READBACK_START }), VTB_OK);
    assert_int_equal(check(&b, CHAIR, digest, "Reason"), VTB_DENIED); /* window not over */
    assert_non_null(strstr(b.message, "not over"));
    assert_int_equal(plan_ask(&b, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_READBACK_END }), VTB_OK);
    read_back(&b);
    assert_int_equal(check(&b, SURGEON, digest, "Reason"), VTB_DENIED);
    assert_int_equal(check(&b, CHAIR, "0000", "Reason"), VTB_STALE);
    assert_int_equal(check(&b, CHAIR, digest, " \n"), VTB_DENIED); /* radiation oncology is missing */
    assert_non_null(strstr(b.message, "Quorum"));
    assert_int_equal(check(&b, CHAIR, digest, "Opinion by letter"), VTB_OK);
    assert_int_equal(vtb_meeting_away(b.world.tail, seat_id(CHAIR), b.world.now_us, b.world.out), VTB_OK);
    world_fold(&b.world);
    assert_int_equal(check(&b, CHAIR, digest, "Opinion by letter"), VTB_DENIED); /* the chair is coming back */
    board_free(&b);
}

static void the_outcome_is_confirmed_by_a_person_before_signing(void **state)
{
    struct board b;

    (void)state;
    board_make(&b);
    fill_plan(&b);
    assert_int_equal(plan_ask(&b, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_READBACK_START }), VTB_OK);
    assert_int_equal(plan_ask(&b, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_READBACK_WINDOW,
                              .u.readback_window.running = true }), VTB_OK);
    b.world.now_us += 20 * SECOND;
    assert_int_equal(vtb_case_window_over(b.record, b.world.now_us, b.out), VTB_OK);
    board_fold(&b);
    assert_int_equal(check(&b, CHAIR, b.record->readback.digest, "Reason"), VTB_DENIED);
    assert_non_null(strstr(b.message, "Confirm first"));
    board_free(&b);
}

static void the_signed_text_is_the_one_that_was_read_back_and_four_things_more(void **state)
{
    struct board b;
    char readback_digest[65], digest[65];
    json_t *text = NULL;

    (void)state;
    board_make(&b);
    read_back(&b);
    memcpy(readback_digest, b.record->readback.digest, sizeof digest);
    sign_it(&b, "Opinion by letter");
    assert_int_equal(b.record->draft.state, VTB_PLAN_SIGNED);
    assert_int_equal(vtb_canon_read(b.record->signed_text, strlen(b.record->signed_text), 65536, &text), VTB_OK);
    assert_string_equal(json_string_value(json_object_get(text, "readback_digest")), readback_digest);
    assert_string_equal(json_string_value(json_object_get(json_object_get(text, "signer"), "name")), "Dr Solheim");
    assert_string_equal(json_string_value(json_object_get(json_object_get(text, "quorum"), "reason")),
                        "Opinion by letter");
    vtb_sha256_hex(b.record->signed_text, strlen(b.record->signed_text), digest);
    assert_string_equal(b.record->plans[0].digest, digest);
    assert_true(vtb_sign_holds(vtb_str_of(b.record->plans[0].key), VTB_SEAL_PLAN, vtb_str_of(digest),
                               vtb_str_of(b.record->plans[0].signature)));
    /* For another purpose it is no signature at all. */
    assert_false(vtb_sign_holds(vtb_str_of(b.record->plans[0].key), VTB_SEAL_COSIGNATURE, vtb_str_of(digest),
                                vtb_str_of(b.record->plans[0].signature)));
    json_decref(text);
    board_free(&b);
}

static void a_signed_plan_is_never_edited_and_the_next_supersedes_it(void **state)
{
    struct board b;
    struct vtb_id first;
    char digest[65];

    (void)state;
    board_make(&b);
    read_back(&b);
    sign_it(&b, "Opinion by letter");
    first = b.record->plans[0].plan;
    memcpy(digest, b.record->plans[0].digest, sizeof digest);
    assert_int_equal(set_field(&b, SCRIBE, "reasons", 0, "x"), VTB_DENIED);
    assert_int_equal(plan_ask(&b, CHAIR, (struct vtb_ask){ .kind = VTB_ASK_READBACK_START }), VTB_DENIED);
    assert_int_equal(check(&b, CHAIR, b.record->readback.digest, "x"), VTB_DENIED);
    board_look(&b);
    assert_int_equal(vtb_case_begin(b.record, id_of(2001), &b.facts, VTB_LIT("Q"), VTB_LIT("R"), b.world.now_us, b.out),
                     VTB_OK);
    board_fold(&b);
    assert_int_equal(b.record->draft.version, 2);
    assert_true(vtb_case_is_sealed(b.record));
    read_back(&b);
    sign_it(&b, "Opinion by letter");
    assert_int_equal(b.record->plans_n, 2);
    assert_int_equal(b.record->plans[0].state, VTB_SUPERSEDED);
    assert_true(vtb_id_is(b.record->plans[0].plan, first));
    assert_string_equal(b.record->plans[0].digest, digest);
    assert_int_equal(b.record->plans[1].state, VTB_SIGNED);
    board_free(&b);
}

static void a_withdrawal_needs_its_reason_and_happens_once(void **state)
{
    struct board b;
    struct vtb_standing chair = { .signed_in = true, .role = VTB_ROLE_CHAIR };
    struct vtb_standing member = { .signed_in = true, .role = VTB_ROLE_MEMBER };
    struct vtb_ev_plan_withdrawn act = { .reason = VTB_EV_PLAN_WITHDRAWN_REASON_WRONG_PATIENT };
    struct vtb_ev_plan_amended addendum = { .text = VTB_LIT("PD-L1 60 %") };

    (void)state;
    board_make(&b);
    read_back(&b);
    sign_it(&b, "Opinion by letter");
    act.plan = addendum.plan = b.record->plans[0].plan;
    assert_int_equal(vtb_case_withdraw(b.record, &chair, &act, b.world.now_us, b.out), VTB_PARSE);
    act.text = VTB_LIT("It was another Marlow");
    assert_int_equal(vtb_case_withdraw(b.record, &member, &act, b.world.now_us, b.out), VTB_DENIED);
    assert_int_equal(vtb_case_amend(b.record, &member, &addendum, b.world.now_us, b.out), VTB_OK);
    board_fold(&b);
    assert_int_equal(b.record->plans[0].state, VTB_AMENDED);
    assert_int_equal(vtb_case_withdraw(b.record, &chair, &act, b.world.now_us, b.out), VTB_OK);
    board_fold(&b);
    assert_int_equal(b.record->plans[0].state, VTB_WITHDRAWN);
    assert_string_equal(b.record->plans[0].state_text, "It was another Marlow");
    assert_int_equal(vtb_case_withdraw(b.record, &chair, &act, b.world.now_us, b.out), VTB_DENIED);
    assert_int_equal(vtb_case_amend(b.record, &member, &addendum, b.world.now_us, b.out), VTB_DENIED);
    board_free(&b);
}

/* ---- the file ---- */
struct file {
    struct board b;
    char key[VTB_KEY_TEXT], other_key[VTB_KEY_TEXT];
    struct vtb_str bytes;
};

static void seal_statement(struct vtb_str statement, enum vtb_seal seal, char *out_digest, char *out_signature)
{
    vtb_sha256_hex(statement.at, statement.len, out_digest);
    assert_int_equal(vtb_sign(seed_of(1), seal, vtb_str_of(out_digest), out_signature), VTB_OK);
}

enum acts { COSIGNED = 1, AMENDED = 2, WITHDRAWN = 4, SUPERSEDED = 8 };

static void make_file(struct file *f, unsigned acts)
{
    static char digests[3][65], signatures[3][VTB_SIGNATURE_TEXT];
    struct vtb_event events[4] = { { .kind = VTB_EVENT_PLAN_COSIGNED, .at_us = T0 },
                                   { .kind = VTB_EVENT_PLAN_AMENDED, .at_us = T0 + SECOND },
                                   { .kind = VTB_EVENT_PLAN_WITHDRAWN, .at_us = T0 + 2 * SECOND },
                                   { .kind = VTB_EVENT_PLAN_SUPERSEDED, .at_us = T0 + 3 * SECOND } };
    struct vtb_event chosen[4];
    size_t n = 0;
    const struct vtb_signed_plan *plan;
    struct vtb_plan_file file;
    struct vtb_str text;

    board_make(&f->b);
    read_back(&f->b);
    sign_it(&f->b, "Opinion by letter");
    plan = &f->b.record->plans[0];
    events[0].u.plan_cosigned = (struct vtb_ev_plan_cosigned){
        .plan = plan->plan, .digest = vtb_str_of(plan->digest), .signer = person_id(SURGEON),
        .signer_name = VTB_LIT("Dr Brandt"), .role = VTB_LIT("member") };
    assert_int_equal(vtb_statement_cosigned(&events[0].u.plan_cosigned, T0, &f->b.arena, &text), VTB_OK);
    seal_statement(text, VTB_SEAL_COSIGNATURE, digests[0], signatures[0]);
    events[0].u.plan_cosigned.signature = vtb_str_of(signatures[0]);
    events[1].u.plan_amended = (struct vtb_ev_plan_amended){
        .plan = plan->plan, .addendum = id_of(70), .author = person_id(PATHOLOGIST), .author_name = VTB_LIT("Dr Ito"),
        .text = VTB_LIT("PD-L1 60 %") };
    assert_int_equal(vtb_statement_amended(&events[1].u.plan_amended, vtb_str_of(plan->digest), T0 + SECOND,
                                           &f->b.arena, &text), VTB_OK);
    seal_statement(text, VTB_SEAL_ADDENDUM, digests[1], signatures[1]);
    events[1].u.plan_amended.signature = vtb_str_of(signatures[1]);
    events[2].u.plan_withdrawn = (struct vtb_ev_plan_withdrawn){ .plan = plan->plan, .by_name = VTB_LIT("Dr Solheim"),
                                                                 .text = VTB_LIT("Another Marlow") };
    assert_int_equal(vtb_statement_withdrawn(&events[2].u.plan_withdrawn, vtb_str_of(plan->digest), T0 + 2 * SECOND,
                                             &f->b.arena, &text), VTB_OK);
    seal_statement(text, VTB_SEAL_WITHDRAWAL, digests[2], signatures[2]);
    events[2].u.plan_withdrawn.signature = vtb_str_of(signatures[2]);
    events[3].u.plan_superseded = (struct vtb_ev_plan_superseded){ .plan = plan->plan, .by_plan = id_of(71),
                                                                   .reason = VTB_LIT("New scan") };
    for (size_t i = 0; i < VTB_COUNT(events); i++)
        if (acts & 1u << i)
            chosen[n++] = events[i];
    file = (struct vtb_plan_file){ .text = vtb_str_of(f->b.record->signed_text), .digest = vtb_str_of(plan->digest),
                                   .signature = vtb_str_of(plan->signature), .key = vtb_str_of(plan->key),
                                   .events = chosen, .events_n = n };
    assert_int_equal(vtb_plan_file_write(&file, &f->b.arena, &f->bytes), VTB_OK);
    vtb_key_of_seed(seed_of(1), f->key);
    vtb_key_of_seed(seed_of(2), f->other_key);
}

static enum vtb_verdict verdict(const struct file *f, const char *bytes, size_t len, const char *key)
{
    struct vtb_verify_report report;
    struct vtb_str trusted = vtb_str_of(key);

    (void)f;
    vtb_plan_file_verify(bytes, len, &trusted, 1, &report);
    assert_non_null(report.sentence);
    return report.verdict;
}

static void an_intact_file_is_good_and_says_by_whom(void **state)
{
    struct file f;
    struct vtb_verify_report report;
    struct vtb_str key;

    (void)state;
    make_file(&f, COSIGNED | AMENDED | WITHDRAWN);
    key = vtb_str_of(f.key);
    vtb_plan_file_verify(f.bytes.at, f.bytes.len, &key, 1, &report);
    assert_int_equal(report.verdict, VTB_VERDICT_GOOD);
    assert_string_equal(report.signer, "Dr Solheim");
    assert_int_equal(report.version, 1);
    assert_int_equal(report.cosignatures, 1);
    assert_int_equal(report.addenda, 1);
    assert_true(report.is_withdrawn);
    assert_int_equal(verdict(&f, f.bytes.at, f.bytes.len, f.other_key), VTB_VERDICT_KEY_UNKNOWN);
    assert_int_equal(verdict(&f, "{}", 2, f.key), VTB_VERDICT_UNREADABLE);
    assert_int_equal(verdict(&f, f.bytes.at, f.bytes.len / 2, f.key), VTB_VERDICT_UNREADABLE);
    board_free(&f.b);
}

/* Decision 16: who opens the file with anything at all reads this before the plan. */
static void the_file_opens_with_what_became_of_the_plan(void **state)
{
    static const struct {
        unsigned acts;
        const char *opening;
    } cases[] = {
        { 0, "{\"addenda\":[]," },
        { COSIGNED, "{\"addenda\":[]," },
        { AMENDED, "{\"NOTICE\":\"Corrected, see addendum.\"," },
        { SUPERSEDED, "{\"NOTICE\":\"Corrected, see the newer plan: this one was superseded.\"," },
        { AMENDED | SUPERSEDED, "{\"NOTICE\":\"Corrected, see the newer plan: this one was superseded.\"," },
        { WITHDRAWN, "{\"NOTICE\":\"Withdrawn. Do not act on this plan.\"," },
        { COSIGNED | AMENDED | WITHDRAWN | SUPERSEDED, "{\"NOTICE\":\"Withdrawn. Do not act on this plan.\"," },
    };

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(cases); i++) {
        struct file f;

        make_file(&f, cases[i].acts);
        assert_true(f.bytes.len > strlen(cases[i].opening));
        assert_memory_equal(f.bytes.at, cases[i].opening, strlen(cases[i].opening));
        assert_int_equal(verdict(&f, f.bytes.at, f.bytes.len, f.key), VTB_VERDICT_GOOD);
        board_free(&f.b);
    }
}

/* `file` with the member NOTICE as given, or without it. */
static enum vtb_verdict verdict_with_notice(const struct file *f, const char *notice)
{
    json_t *root = json_loadb(f->bytes.at, f->bytes.len, 0, NULL);
    enum vtb_verdict got;
    char *bytes;

    assert_non_null(root);
    json_object_del(root, "NOTICE");
    if (notice)
        json_object_set_new(root, "NOTICE", json_string(notice));
    bytes = json_dumps(root, JSON_SORT_KEYS);
    assert_non_null(bytes);
    got = verdict(f, bytes, strlen(bytes), f->key);
    free(bytes);
    json_decref(root);
    return got;
}

/* The notice is outside of the signature, so it proves nothing: it may only say what the signed acts say. */
static void a_notice_that_the_acts_do_not_bear_out_is_found(void **state)
{
    static const char withdrawn[] = "Withdrawn. Do not act on this plan.", corrected[] = "Corrected, see addendum.";
    struct file f;

    (void)state;
    make_file(&f, COSIGNED);
    assert_int_equal(verdict_with_notice(&f, NULL), VTB_VERDICT_GOOD);
    assert_int_equal(verdict_with_notice(&f, withdrawn), VTB_VERDICT_ALTERED);
    assert_int_equal(verdict_with_notice(&f, ""), VTB_VERDICT_ALTERED);
    board_free(&f.b);
    make_file(&f, AMENDED | WITHDRAWN);
    assert_int_equal(verdict_with_notice(&f, withdrawn), VTB_VERDICT_GOOD);
    assert_int_equal(verdict_with_notice(&f, corrected), VTB_VERDICT_ALTERED);
    assert_int_equal(verdict_with_notice(&f, "This plan stands."), VTB_VERDICT_ALTERED);
    assert_int_equal(verdict_with_notice(&f, NULL), VTB_VERDICT_GOOD); /* files older than the notice; verify says it */
    board_free(&f.b);
}

/* A file that this version wrote; later versions verify it as it is (tests/vectors/record). */
static void a_file_of_version_1_is_verified_for_ever(void **state)
{
    static const char path[] = VTB_SOURCE_DIR "/tests/vectors/record/plan-file-v1.json";
    static char bytes[200000];
    struct file f;
    FILE *stored;
    size_t len;

    (void)state;
    make_file(&f, COSIGNED | AMENDED | WITHDRAWN);
    if (getenv("VTB_RECORD_VECTORS")) {
        stored = fopen(path, "wb");
        assert_non_null(stored);
        assert_int_equal(fwrite(f.bytes.at, 1, f.bytes.len, stored), f.bytes.len);
        fclose(stored);
    }
    stored = fopen(path, "rb");
    assert_non_null(stored);
    len = fread(bytes, 1, sizeof bytes, stored);
    fclose(stored);
    assert_int_equal(verdict(&f, bytes, len, f.key), VTB_VERDICT_GOOD);
    board_free(&f.b);
}

/* Any byte changed: never good, and never "only the key is unknown" with the trusted key in hand, unless the change
 * is in the key itself, and even then a signature under another key does not hold. */
static void no_byte_can_be_changed(void **state)
{
    struct file f;
    char *copy;
    size_t step = 7; /* coprime to every length of a hex text, so that each kind of member is hit */

    (void)state;
    make_file(&f, COSIGNED | AMENDED | WITHDRAWN);
    copy = malloc(f.bytes.len);
    assert_non_null(copy);
    memcpy(copy, f.bytes.at, f.bytes.len);
    for (size_t i = 0; i + 1 < f.bytes.len; i += step) {
        char old = copy[i];

        copy[i] = old == 'a' ? 'b' : 'a';
        assert_true(verdict(&f, copy, f.bytes.len, f.key) == VTB_VERDICT_ALTERED ||
                    verdict(&f, copy, f.bytes.len, f.key) == VTB_VERDICT_UNREADABLE);
        copy[i] = old;
    }
    assert_int_equal(verdict(&f, copy, f.bytes.len, f.key), VTB_VERDICT_GOOD);
    free(copy);
    board_free(&f.b);
}

/* What the program prints for this file with the key of the site. */
static void print_verified(struct file *f, char *out_text, size_t cap)
{
    char path[] = "/tmp/vtb-plan-XXXXXX", verify[] = "verify", key_option[] = "--key";
    char *args[] = { verify, path, key_option, f->key };
    FILE *file = fdopen(mkstemp(path), "wb"), *out;

    assert_non_null(file);
    assert_int_equal(fwrite(f->bytes.at, 1, f->bytes.len, file), f->bytes.len);
    fclose(file);
    memset(out_text, 0, cap);
    out = fmemopen(out_text, cap - 1, "w");
    assert_int_equal(vtb_verify_run(4, args, out, stderr), VTB_VERDICT_GOOD);
    fclose(out);
    unlink(path);
}

static void the_program_too_opens_with_what_became_of_the_plan(void **state)
{
    static char text[4000];
    struct file f;

    (void)state;
    make_file(&f, AMENDED | WITHDRAWN);
    print_verified(&f, text, sizeof text);
    assert_ptr_equal(strstr(text, "WITHDRAWN."), text);
    assert_non_null(strstr(text, "exactly as it was signed"));
    assert_non_null(strstr(text, "outside of the signature"));
    board_free(&f.b);
    make_file(&f, AMENDED);
    print_verified(&f, text, sizeof text);
    assert_ptr_equal(strstr(text, "CORRECTED, see addendum."), text);
    board_free(&f.b);
    make_file(&f, AMENDED | SUPERSEDED);
    print_verified(&f, text, sizeof text);
    assert_ptr_equal(strstr(text, "CORRECTED. A newer plan"), text);
    board_free(&f.b);
    make_file(&f, 0);
    print_verified(&f, text, sizeof text);
    assert_ptr_equal(strstr(text, "This is the plan"), text);
    assert_null(strstr(text, "outside of the signature"));
    board_free(&f.b);
}

static void the_program_exits_with_the_verdict(void **state)
{
    struct file f;
    char path[] = "/tmp/vtb-plan-XXXXXX", out_text[4000] = "", verify[] = "verify", key_option[] = "--key";
    char *args[] = { verify, path, key_option, f.key };
    char *bare[] = { verify };
    FILE *out, *file;
    int handle = mkstemp(path);

    (void)state;
    make_file(&f, COSIGNED | AMENDED);
    file = fdopen(handle, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(f.bytes.at, 1, f.bytes.len, file), f.bytes.len);
    fclose(file);
    out = fmemopen(out_text, sizeof out_text - 1, "w");
    assert_int_equal(vtb_verify_run(4, args, out, stderr), VTB_VERDICT_GOOD);
    fclose(out);
    assert_non_null(strstr(out_text, "exactly as it was signed"));
    assert_non_null(strstr(out_text, "says nothing about later addenda"));
    out = fmemopen(out_text, sizeof out_text - 1, "w");
    args[3] = f.other_key;
    assert_int_equal(vtb_verify_run(4, args, out, out), VTB_VERDICT_KEY_UNKNOWN);
    assert_int_equal(vtb_verify_run(2, args, out, out), VTB_VERDICT_KEY_UNKNOWN); /* none named */
    assert_int_equal(vtb_verify_run(1, bare, out, out), VTB_VERDICT_UNREADABLE);
    fclose(out);
    unlink(path);
    out = fopen("/dev/null", "w");
    assert_int_equal(vtb_verify_run(4, args, out, out), VTB_VERDICT_UNREADABLE); /* gone */
    fclose(out);
    board_free(&f.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signing_waits_for_everything_it_needs),
        cmocka_unit_test(the_outcome_is_confirmed_by_a_person_before_signing),
        cmocka_unit_test(the_signed_text_is_the_one_that_was_read_back_and_four_things_more),
        cmocka_unit_test(a_signed_plan_is_never_edited_and_the_next_supersedes_it),
        cmocka_unit_test(a_withdrawal_needs_its_reason_and_happens_once),
        cmocka_unit_test(an_intact_file_is_good_and_says_by_whom),
        cmocka_unit_test(the_file_opens_with_what_became_of_the_plan),
        cmocka_unit_test(a_notice_that_the_acts_do_not_bear_out_is_found),
        cmocka_unit_test(the_program_too_opens_with_what_became_of_the_plan),
        cmocka_unit_test(a_file_of_version_1_is_verified_for_ever),
        cmocka_unit_test(no_byte_can_be_changed),
        cmocka_unit_test(the_program_exits_with_the_verdict),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
