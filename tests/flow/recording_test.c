/*
 * What the board wants, the media plane does, and the log says: a recording begins when that is shown and
 * its file is written down, is off the record and ends with the decision, and each item has its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "hall.h"

static struct hall hall;
static struct fake_socket *chair, *surgeon;
static int begin(void **state)
{
    (void)state;
    hall_open(&hall);
    chair = enter(&hall, CHAIR, "");
    surgeon = enter(&hall, SURGEON, "");
    hall_begin(&hall, chair);
    return 0;
}
static int end(void **state)
{
    (void)state;
    hall_close(&hall);
    return 0;
}

static void on(void)
{
    (void)say(&hall, chair, "recording.start", "");
}

static bool is_recording(void)
{
    return !vtb_id_is_nil(fake_recording.recording);
}

/* The newest event of this kind in the site's stream. */
static json_t *logged(const char *kind)
{
    for (size_t i = fake_store_length(vtb_store_site()); i-- > 0;)
        if (strcmp(fake_store_kind(vtb_store_site(), i), kind) == 0)
            return fake_store_data(vtb_store_site(), i);
    return NULL;
}

static const char *text(json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));

    return value ? value : "";
}

static void tell(enum vtb_media_event_kind kind, struct vtb_id id, vtb_peer peer, uint32_t from_ms, uint32_t to_ms)
{
    struct vtb_media_event event = { .kind = kind, .peer = peer };

    event.record.id = id;
    event.record.from_ms = from_ms;
    event.record.to_ms = to_ms;
    event.record.began_us = fake_mono_us - 40000;
    event.record.duration_ms = 60000;
    event.record.bytes = 180000;
    memset(event.record.digest, 0xab, sizeof event.record.digest);
    fake_media_event(hall.live, event);
    fake_store_run();
}

static void nothing_is_recorded_unless_somebody_begins_it(void **state)
{
    (void)state;
    fake_pass(5000000);
    assert_int_equal(fake_recording.begun, 0);
    assert_null(logged("recording.begun"));
}

static void it_begins_when_everybody_was_told_and_its_file_is_written_down(void **state)
{
    (void)state;
    fake_store.hold = true;
    on();
    assert_false(is_recording());
    fake_store_run();
    fake_store_run();
    assert_true(is_recording());
    assert_int_equal(events(surgeon, "recording.set"), 1);
    assert_string_equal(text(logged("recording.begun"), "recording"), text_of(fake_recording.recording));
    assert_string_equal(text(logged("recording.begun"), "item"), text_of(item_id(0)));
    assert_string_equal(text(logged("recording.begun"), "case"), text_of(case_id(0)));
    assert_true(json_integer_value(json_object_get(logged("recording.begun"), "until_us")) > fake_wall_us + 89 * INT64_C(86400000000));
    on(); /* again: nothing new */
    assert_int_equal(fake_recording.begun, 1);
}

static void a_late_comer_is_told_as_well(void **state)
{
    (void)state;
    on();
    struct fake_socket *late = enter(&hall, PATHOLOGIST, "");
    json_t *snapshot = last(late, "snapshot");
    char *all = json_dumps(snapshot, JSON_COMPACT);

    assert_non_null(strstr(all, "recording.set"));
    free(all);
}

static void off_the_record_and_the_end_act_before_they_are_written(void **state)
{
    (void)state;
    on();
    fake_store.hold = true;
    (void)say(&hall, chair, "recording.pause", "");
    assert_true(fake_recording.is_off); /* at once */
    fake_store_run();
    (void)say(&hall, chair, "recording.go_on", "");
    assert_true(fake_recording.is_off); /* on the record only when all were told */
    fake_store_run();
    assert_false(fake_recording.is_off);
    (void)say(&hall, chair, "recording.stop", "");
    assert_false(is_recording());
    assert_int_equal(fake_recording.begun, 1);
}

static void each_item_has_a_recording_of_its_own(void **state)
{
    struct vtb_id first;

    (void)state;
    on();
    first = fake_recording.recording;
    done(&hall, chair, "item.next", "\"unsigned\":\"leave_open\"");
    fake_pass(1000000);
    assert_true(is_recording());
    assert_false(vtb_id_is(first, fake_recording.recording));
    assert_string_equal(text(logged("recording.begun"), "item"), text_of(item_id(1)));
    assert_int_equal(fake_recording.ended, 1);
    done(&hall, chair, "item.next", "\"unsigned\":\"leave_open\"");
    done(&hall, chair, "item.next", "\"unsigned\":\"leave_open\"");
    assert_false(is_recording()); /* none runs */
    assert_int_equal(fake_recording.ended, 3);
    done(&hall, chair, "meeting.close", "");
    assert_int_equal(fake_recording.begun, 3);
}

static void between_items_nothing_is_recorded(void **state)
{
    (void)state;
    on();
    fake_store.fail_next = 1; /* the change of item is not written: it goes on as it was, on a new file */
    (void)say(&hall, chair, "item.next", "\"unsigned\":\"leave_open\"");
    fake_pass(2000000);
    assert_true(is_recording());
    assert_string_equal(text(logged("recording.begun"), "item"), text_of(item_id(0)));
}

static void who_spoke_and_what_became_of_it_are_written_down(void **state)
{
    struct vtb_id id;
    vtb_peer peer = { 0, 0 };
    json_t *span;

    (void)state;
    on();
    id = fake_recording.recording;
    (void)say(&hall, surgeon, "media.ask", "");
    for (uint32_t i = 0; i < VTB_COUNT(fake_peers); i++)
        if (fake_peers[i].is_there)
            peer = (vtb_peer){ i, fake_peers[i].generation };
    tell(VTB_MEDIA_RECORD_BEGAN, id, peer, 0, 0);
    assert_int_equal(json_integer_value(json_object_get(logged("recording.timed"), "began_us")), fake_wall_us - 40000);
    struct vtb_media_event talking = { .kind = VTB_MEDIA_TALKING, .room = hall.meeting, .talkers_n = 1 };
    talking.talkers[0].peer = peer;
    fake_media_event(hall.live, talking);
    fake_hang_up(surgeon); /* gone before the turn is told */
    tell(VTB_MEDIA_RECORD_TURN, id, peer, 1000, 9000);
    tell(VTB_MEDIA_RECORD_OFF, id, (vtb_peer){ 0, 0 }, 10000, 20000);
    assert_null(logged("recording.spans")); /* a few together */
    (void)say(&hall, chair, "recording.stop", "");
    tell(VTB_MEDIA_RECORD_ENDED, id, peer, 0, 0);
    span = json_array_get(json_object_get(logged("recording.spans"), "spans"), 0);
    assert_string_equal(text(span, "kind"), "turn");
    assert_string_equal(text(span, "person"), text_of(person_id(SURGEON)));
    assert_int_equal(json_integer_value(json_object_get(span, "to_ms")), 9000);
    span = json_array_get(json_object_get(logged("recording.spans"), "spans"), 1);
    assert_string_equal(text(span, "kind"), "off");
    assert_string_equal(text(span, "person"), "");
    assert_int_equal(json_integer_value(json_object_get(logged("recording.ended"), "duration_ms")), 60000);
    assert_int_equal(strlen(text(logged("recording.ended"), "sha256")), 64);
}

static void a_refused_recording_is_written_down_as_lost_and_tried_again_later(void **state)
{
    (void)state;
    fake_recording.refuses = true;
    on();
    assert_false(is_recording());
    assert_true(json_is_true(json_object_get(logged("recording.ended"), "is_lost")));
    fake_recording.refuses = false;
    fake_pass(5000000);
    assert_false(is_recording()); /* a broken disk does not fill the log each second */
    struct fake_socket *all[] = { chair, surgeon };
    pass_with_beats(all, 2, 40000000);
    assert_true(is_recording());
}

static void only_an_open_meeting_is_recorded_and_only_what_runs_is_paused(void **state)
{
    (void)state;
    int64_t id = say(&hall, chair, "recording.pause", "");

    assert_string_equal(error_of(chair, id), "denied");
    assert_string_equal(text(reply(chair, id), "message"), "Nothing is being recorded.");
    for (int i = 0; i < 3; i++)
        done(&hall, chair, "item.next", "\"unsigned\":\"leave_open\"");
    done(&hall, chair, "meeting.close", "");
    assert_string_equal(error_of(chair, say(&hall, chair, "recording.start", "")), "closed");
}

static void who_was_not_told_is_not_heard(void **state)
{
    struct fake_peer *peer = NULL;
    int64_t id;

    (void)state;
    (void)say(&hall, surgeon, "media.ask", "");
    for (uint32_t i = 0; i < VTB_COUNT(fake_peers); i++)
        if (fake_peers[i].is_there)
            peer = &fake_peers[i];
    assert_non_null(peer);
    done(&hall, surgeon, "sound.mute", "\"muted\":false");
    assert_true(peer->heard);
    fake_store.hold = true;
    on();
    assert_false(peer->heard); /* before the first sound of it is kept */
    assert_false(is_recording());
    fake_store_run();
    fake_store_run();
    fake_store.hold = false;
    assert_true(is_recording());
    id = say(&hall, surgeon, "sound.mute", "\"muted\":false");
    assert_string_equal(error_of(surgeon, id), "denied");
    assert_non_null(strstr(text(reply(surgeon, id), "message"), "opens when you have acknowledged"));
    id = say(&hall, surgeon, "recording.stop", "");
    assert_non_null(strstr(text(reply(surgeon, id), "message"), "Only the chair"));
    done(&hall, surgeon, "recording.acknowledge", "");
    assert_int_equal(events(chair, "recording.acknowledged"), 2); /* the chair by beginning it */
    assert_false(peer->heard);
    done(&hall, surgeon, "sound.mute", "\"muted\":false");
    assert_true(peer->heard);
}

static void a_recording_that_could_not_be_written_down_closes_no_microphone(void **state)
{
    struct fake_peer *peer = NULL;

    (void)state;
    (void)say(&hall, surgeon, "media.ask", "");
    for (uint32_t i = 0; i < VTB_COUNT(fake_peers); i++)
        if (fake_peers[i].is_there)
            peer = &fake_peers[i];
    done(&hall, surgeon, "sound.mute", "\"muted\":false");
    fake_store.fail_next = 1;
    on();
    assert_non_null(peer);
    assert_true(peer->heard);
    assert_false(is_recording());
}

static void what_a_crash_left_is_finished_at_the_next_start(void **state)
{
    static int media, web;
    json_t *cards = json_pack("[{s:s}]", "recording", "0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee");

    (void)state;
    fake_store.recordings = cards;
    vtb_live_attach(hall.live, (struct vtb_web *)&web, (struct vtb_media *)&media);
    fake_store_run();
    fake_store.recordings = NULL;
    assert_int_equal(fake_recording.finished, 1);
    json_decref(cards);
}

#define IN_HALL(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HALL(nothing_is_recorded_unless_somebody_begins_it),
        IN_HALL(it_begins_when_everybody_was_told_and_its_file_is_written_down),
        IN_HALL(a_late_comer_is_told_as_well),
        IN_HALL(off_the_record_and_the_end_act_before_they_are_written),
        IN_HALL(each_item_has_a_recording_of_its_own),
        IN_HALL(between_items_nothing_is_recorded),
        IN_HALL(who_spoke_and_what_became_of_it_are_written_down),
        IN_HALL(a_refused_recording_is_written_down_as_lost_and_tried_again_later),
        IN_HALL(only_an_open_meeting_is_recorded_and_only_what_runs_is_paused),
        IN_HALL(who_was_not_told_is_not_heard),
        IN_HALL(a_recording_that_could_not_be_written_down_closes_no_microphone),
        IN_HALL(what_a_crash_left_is_finished_at_the_next_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
