#include "content.h"
#include "sqlite/chain.h"
#include "sqlite/project.h"

#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int setup(void **state)
{
    struct world *world = test_calloc(1, sizeof *world);

    world_make(world);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    world_end(*state);
    test_free(*state);
    return 0;
}

static struct vtb_event hand(unsigned seat)
{
    return (struct vtb_event){ .kind = VTB_EVENT_HAND_RAISED, .at_us = T0 + seat, .by = id_of(seat),
                               .u.hand_raised = { .seat = id_of(seat) } };
}

static int64_t member_int(json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static void events_come_back_as_they_were_in_the_order_of_posting(void **state)
{
    struct world *world = *state;
    struct answer answers[50] = { 0 };

    for (unsigned i = 0; i < 50; i++) {
        struct vtb_event event = hand(SEAT + i);
        struct vtb_append part = { id_of(MEETING), VTB_STREAM_MEETING, 1, &event, 1 };

        answers[i].parts = 1;
        assert_int_equal(vtb_store_append(world->store, part, world_note_append, &answers[i]), VTB_OK);
    }
    world_until(world, &answers[49].is_there);
    for (unsigned i = 0; i < 50; i++)
        assert_int_equal(answers[i].first_seq[0], i + 1);
    json_t *events = world_load(world, id_of(MEETING), 10, NULL);
    assert_int_equal(json_array_size(events), 40);
    json_t *first = json_array_get(events, 0);
    assert_int_equal(member_int(first, "n"), 11);
    assert_int_equal(member_int(first, "at"), T0 + SEAT + 10);
    assert_string_equal(json_string_value(json_object_get(first, "by")), text_of(SEAT + 10));
    assert_string_equal(json_string_value(json_object_get(first, "k")), "hand.raised");
    assert_string_equal(json_string_value(json_object_get(json_object_get(first, "d"), "seat")), text_of(SEAT + 10));
    json_decref(events);
    events = world_load(world, id_of(MEETING), 50, NULL);
    assert_int_equal(json_array_size(events), 0);
    json_decref(events);
    events = world_load(world, id_of(999), 0, NULL);
    assert_int_equal(json_array_size(events), 0);
    json_decref(events);
}

/* item.started of an item that is nowhere fails; what was decided on it fails with it. */
static struct vtb_event impossible(void)
{
    return (struct vtb_event){ .kind = VTB_EVENT_ITEM_STARTED, .at_us = T0, .u.item_started = { .item = id_of(999) } };
}

static void after_a_failure_later_batches_of_its_epoch_fail_and_the_next_epoch_goes_on(void **state)
{
    struct world *world = *state;
    struct vtb_event bad = impossible(), good = hand(SEAT);
    struct vtb_append parts[] = {
        { id_of(MEETING), VTB_STREAM_MEETING, 3, &good, 1 }, { id_of(MEETING), VTB_STREAM_MEETING, 3, &bad, 1 },
        { id_of(MEETING), VTB_STREAM_MEETING, 3, &good, 1 }, { id_of(OTHER_MEETING), VTB_STREAM_MEETING, 3, &good, 1 },
        { id_of(MEETING), VTB_STREAM_MEETING, 0, &good, 1 }, { id_of(MEETING), VTB_STREAM_MEETING, 4, &good, 1 },
    };
    const enum vtb_err expected[] = { VTB_OK, VTB_ABSENT, VTB_ABSENT, VTB_OK, VTB_OK, VTB_OK };
    struct answer answers[6] = { 0 };

    for (size_t i = 0; i < VTB_COUNT(parts); i++)
        assert_int_equal(vtb_store_append(world->store, parts[i], world_note_append, &answers[i]), VTB_OK);
    world_until(world, &answers[5].is_there);
    for (size_t i = 0; i < VTB_COUNT(parts); i++)
        assert_int_equal(answers[i].err, expected[i]);
    json_t *events = world_load(world, id_of(MEETING), 0, NULL);
    assert_int_equal(json_array_size(events), 3); /* no gap where the two were refused */
    json_decref(events);
    assert_int_equal(world_add(world, id_of(MEETING), VTB_STREAM_MEETING, 3, &good, 1), VTB_OK); /* forgiven once 4 came */
}

static void a_batch_of_which_one_event_fails_leaves_nothing(void **state)
{
    struct world *world = *state;

    assert_int_equal(WORLD_ADD(world, id_of(MEETING), VTB_STREAM_MEETING, hand(SEAT), impossible()), VTB_ABSENT);
    json_t *events = world_load(world, id_of(MEETING), 0, NULL);
    assert_int_equal(json_array_size(events), 0);
    json_decref(events);
}

static void several_streams_are_written_together_or_not_at_all(void **state)
{
    struct world *world = *state;
    struct vtb_event bad = impossible(), good = hand(SEAT);
    struct vtb_append parts[] = { { id_of(MEETING), VTB_STREAM_MEETING, 0, &good, 1 },
                                  { id_of(OTHER_MEETING), VTB_STREAM_MEETING, 0, &bad, 1 } };
    struct answer answer = { .parts = 2 };

    assert_int_equal(vtb_store_append_many(world->store, parts, 2, world_note_append, &answer), VTB_OK);
    world_until(world, &answer.is_there);
    assert_int_equal(answer.err, VTB_ABSENT);
    json_t *events = world_load(world, id_of(MEETING), 0, NULL);
    assert_int_equal(json_array_size(events), 0);
    json_decref(events);
    content_board(world);
    content_sign(world, "Lobectomy");
    events = world_load(world, id_of(MEETING), 4, NULL);
    assert_int_equal(json_array_size(events), 2);
    json_decref(events);
}

/* ---- looking at the file itself ---- */

static struct vtb_db open_file(struct world *world, struct vtb_keys *keys)
{
    char path[128];
    struct vtb_db db;

    world_stop(world);
    snprintf(path, sizeof path, "%s/consilium.db", world->dir);
    assert_int_equal(vtb_db_open(path, VTB_DB_WRITE, &db), VTB_OK);
    assert_int_equal(vtb_keys_load(world->dir, false, keys), VTB_OK);
    return db;
}

static void any_changed_byte_of_an_event_is_found_when_it_is_read(void **state)
{
    static const char *const tampers[] = {
        "UPDATE events SET at_us = at_us + 1 WHERE seq = 2",
        "UPDATE events SET kind = 'hand.lowered' WHERE seq = 2",
        "UPDATE events SET by = zeroblob(16) WHERE seq = 2",
        "UPDATE events SET audience = 2 WHERE seq = 2",
        "UPDATE events SET compartment = 0 WHERE seq = 2",
        "UPDATE events SET stream_kind = 1 WHERE seq = 2",
        "UPDATE events SET version = 2 WHERE seq = 2",
        "UPDATE events SET payload_digest = zeroblob(32) WHERE seq = 2",
        "UPDATE events SET hash = zeroblob(32) WHERE seq = 2",
        "DELETE FROM events WHERE seq = 2",
        "UPDATE payload_deliberation SET sealed = (SELECT sealed FROM payload_deliberation WHERE seq = 1), "
        "nonce = (SELECT nonce FROM payload_deliberation WHERE seq = 1), "
        "salt = (SELECT salt FROM payload_deliberation WHERE seq = 1) WHERE seq = 2",
        "UPDATE payload_deliberation SET sealed = zeroblob(length(sealed)) WHERE seq = 2",
    };
    struct world *world = *state;
    struct vtb_keys keys;
    uint64_t n = 0;

    assert_int_equal(WORLD_ADD(world, id_of(MEETING), VTB_STREAM_MEETING, hand(SEAT), hand(SEAT + 1), hand(SEAT + 2)), VTB_OK);
    struct vtb_db db = open_file(world, &keys);
    assert_int_equal(vtb_chain_verify(&db, &keys, &n), VTB_OK);
    assert_int_equal(n, 3);
    /* Not even by accident: the tables refuse. */
    assert_int_equal(vtb_db_exec(&db, tampers[0]), VTB_STALE);
    assert_int_equal(vtb_db_exec(&db, tampers[9]), VTB_STALE);
    assert_int_equal(vtb_db_exec(&db, "DROP TRIGGER events_are_final; DROP TRIGGER events_stay"), VTB_OK);
    for (size_t i = 0; i < VTB_COUNT(tampers); i++) {
        assert_int_equal(vtb_db_exec(&db, "BEGIN"), VTB_OK);
        assert_int_equal(vtb_db_exec(&db, tampers[i]), VTB_OK);
        assert_int_equal(vtb_chain_verify(&db, &keys, &n), VTB_CORRUPT);
        assert_int_equal(vtb_db_exec(&db, "ROLLBACK"), VTB_OK);
    }
    assert_int_equal(vtb_db_exec(&db, tampers[0]), VTB_OK);
    vtb_db_close(&db);
    world_start(world);
    enum vtb_err err;
    assert_null(world_load(world, id_of(MEETING), 0, &err));
    assert_int_equal(err, VTB_CORRUPT);
}

static void an_erased_compartment_leaves_a_chain_that_verifies(void **state)
{
    struct world *world = *state;
    struct answer answer = { 0 };
    struct vtb_keys keys;
    uint64_t n = 0;

    content_board(world);
    assert_int_equal(WORLD_ADD(world, id_of(MEETING), VTB_STREAM_MEETING, hand(SEAT)), VTB_OK);
    assert_int_equal(vtb_store_erase(world->store, id_of(MEETING), VTB_DELIBERATION, world_note_append, &answer), VTB_OK);
    world_until(world, &answer.is_there);
    assert_int_equal(answer.err, VTB_OK);
    json_t *events = world_load(world, id_of(MEETING), 0, NULL);
    assert_int_equal(json_array_size(events), 3);
    assert_true(json_is_object(json_object_get(json_array_get(events, 0), "d"))); /* clinical stays */
    assert_true(json_is_null(json_object_get(json_array_get(events, 2), "d")));
    json_decref(events);
    assert_int_equal(WORLD_ADD(world, id_of(MEETING), VTB_STREAM_MEETING, hand(SEAT + 1)), VTB_OK);
    struct vtb_db db = open_file(world, &keys);
    assert_int_equal(vtb_chain_verify(&db, &keys, &n), VTB_OK);
    assert_int_equal(vtb_chain_verify(&db, NULL, &n), VTB_OK); /* and without any key */
    vtb_db_close(&db);
    world_start(world);
}

static void what_was_said_does_not_lie_readable_in_the_file(void **state)
{
    struct world *world = *state;
    struct vtb_keys keys;
    int64_t found = 0;

    assert_int_equal(WORLD_ADD(world, id_of(MEETING), VTB_STREAM_MEETING, planned_event(BOARD)), VTB_OK);
    assert_int_equal(WORLD_ADD(world, id_of(CASE), VTB_STREAM_CASE,
        { .kind = VTB_EVENT_PLAN_DISSENTED, .at_us = T0, .u.plan_dissented = { .seat = id_of(SEAT), .person = id_of(MEMBER),
          .name = VTB_LIT("Dr. Member"), .specialty = VTB_LIT("radiology"), .text = VTB_LIT("I would wait and see") } }), VTB_OK);
    struct vtb_db db = open_file(world, &keys);
    assert_int_equal(vtb_db_number(&db, &found, "SELECT count(*) FROM payload_deliberation WHERE instr(sealed, 'wait and see')", ""), VTB_OK);
    assert_int_equal(found, 0);
    /* Nor does the other compartment's key open it. */
    memcpy(keys.deliberation, keys.clinical, sizeof keys.deliberation);
    uint64_t n;
    assert_int_equal(vtb_chain_verify(&db, &keys, &n), VTB_CORRUPT);
    vtb_db_close(&db);
    world_start(world);
}

static void keys_are_made_once_and_are_the_owners_alone(void **state)
{
    static const char *const names[] = { "sign.key", "clinical.key", "deliberation.key" };
    struct world *world = *state;
    struct vtb_keys first, second;
    char path[128];
    struct stat st;

    assert_int_equal(vtb_keys_load(world->dir, false, &first), VTB_OK);
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/keys/%s", world->dir, names[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    world_stop(world);
    world_start(world);
    assert_int_equal(vtb_keys_load(world->dir, true, &second), VTB_OK);
    assert_memory_equal(&first, &second, sizeof first);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(vtb_keys_load(world->dir, true, &second), VTB_SYS);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(vtb_keys_load(world->dir, false, &second), VTB_ABSENT); /* never a new one beside old data */
}

static void a_file_of_a_newer_program_and_a_second_server_are_refused(void **state)
{
    struct world *world = *state;
    struct vtb_keys keys;
    struct vtb_store *other = NULL;
    struct vtb_store_config cfg = { .data_dir = world->dir };

    assert_int_equal(vtb_store_start(&cfg, &other), VTB_SYS);
    struct vtb_db db = open_file(world, &keys);
    assert_int_equal(vtb_db_exec(&db, "PRAGMA user_version = 999"), VTB_OK);
    vtb_db_close(&db);
    assert_int_equal(vtb_store_start(&cfg, &other), VTB_STALE);
    assert_null(other);
}

/* The certificate of a removed recording: who, when, why. Another person, hour or reason, or none, is found. */
static void a_certificate_of_removal_cannot_be_changed_unseen(void **state)
{
    static const char *const tampers[] = {
        "UPDATE events SET at_us = at_us - 1 WHERE kind = 'recording.removed'",
        "UPDATE events SET by = zeroblob(16) WHERE kind = 'recording.removed'",
        "UPDATE payload_deliberation SET sealed = zeroblob(length(sealed)) WHERE seq = 2",
        "DELETE FROM events WHERE kind = 'recording.removed'",
    };
    struct world *world = *state;
    struct vtb_keys keys;
    uint64_t n = 0;
    struct vtb_event removed = { .kind = VTB_EVENT_RECORDING_REMOVED, .at_us = T0 + 7, .by = id_of(CHAIR),
        .u.recording_removed = { id_of(900), id_of(MEETING), id_of(CASE), T0 + 1, 60000, VTB_LIT("abcd"),
            VTB_EV_RECORDING_REMOVED_WHY_ASKED, VTB_LIT("the patient asked"), vtb_str_of(text_of(CHAIR)) } };

    assert_int_equal(WORLD_ADD(world, vtb_store_site(), VTB_STREAM_SITE,
        { .kind = VTB_EVENT_RECORDING_BEGUN, .at_us = T0, .u.recording_begun = { id_of(900), id_of(MEETING), id_of(1), id_of(CASE), T0 + 500 } },
        removed, { .kind = VTB_EVENT_RECORDING_PLAYED, .at_us = T0 + 8, .u.recording_played = { id_of(MEMBER), id_of(900),
            VTB_EV_RECORDING_PLAYED_HOW_SOUND } }), VTB_OK);
    struct vtb_db db = open_file(world, &keys);
    assert_int_equal(vtb_chain_verify(&db, &keys, &n), VTB_OK);
    assert_int_equal(n, 3);
    assert_int_equal(vtb_db_exec(&db, "DROP TRIGGER events_are_final; DROP TRIGGER events_stay"), VTB_OK);
    for (size_t i = 0; i < VTB_COUNT(tampers); i++) {
        assert_int_equal(vtb_db_exec(&db, "BEGIN"), VTB_OK);
        assert_int_equal(vtb_db_exec(&db, tampers[i]), VTB_OK);
        assert_int_equal(vtb_chain_verify(&db, &keys, &n), VTB_CORRUPT);
        assert_int_equal(vtb_db_exec(&db, "ROLLBACK"), VTB_OK);
    }
    vtb_db_close(&db);
    world_start(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(events_come_back_as_they_were_in_the_order_of_posting, setup, teardown),
        cmocka_unit_test_setup_teardown(after_a_failure_later_batches_of_its_epoch_fail_and_the_next_epoch_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(a_batch_of_which_one_event_fails_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(several_streams_are_written_together_or_not_at_all, setup, teardown),
        cmocka_unit_test_setup_teardown(any_changed_byte_of_an_event_is_found_when_it_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(an_erased_compartment_leaves_a_chain_that_verifies, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_said_does_not_lie_readable_in_the_file, setup, teardown),
        cmocka_unit_test_setup_teardown(a_certificate_of_removal_cannot_be_changed_unseen, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_are_made_once_and_are_the_owners_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_of_a_newer_program_and_a_second_server_are_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
