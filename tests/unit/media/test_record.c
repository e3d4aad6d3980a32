/*
 * A recording through media.h alone: what is said in a room that nobody listens to is in the file, with who
 * said it; off the record it is not; stopping the media plane ends and finishes it.
 */
#include "base/clock.h"
#include "media/media.h"
#include "media/recordings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <math.h>
#include <opus.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_US 30000000u
#define FRAME       960

struct room {
    char dir[64];
    uint8_t key[VTB_RECORDING_KEY];
    struct vtb_media *media;
    struct vtb_id id, recording;
    vtb_peer speaker;
    OpusEncoder *encoder;
    uint64_t next_us;
    uint32_t n;
    unsigned began, turns, off, ended, failed;
    struct vtb_media_event end, pause, turn;
};

static void nothing(void *ctx)
{
    (void)ctx;
}

static void open_room(struct room *room)
{
    struct vtb_media_config cfg = { .address = { "127.0.0.1" }, .addresses = 1, .max_speakers = 3, .bitrate = 24000,
                                    .notify = nothing, .record_dir = room->dir, .record_key = room->key };
    int error;

    memset(room, 0, sizeof *room);
    snprintf(room->dir, sizeof room->dir, "/tmp/vtb-record-XXXXXX");
    assert_non_null(mkdtemp(room->dir));
    vtb_random(room->key, sizeof room->key);
    room->id = vtb_id_make(vtb_wall_us());
    room->recording = vtb_id_make(vtb_wall_us());
    room->encoder = opus_encoder_create(48000, 1, OPUS_APPLICATION_VOIP, &error);
    assert_non_null(room->encoder);
    assert_int_equal(vtb_media_start(&cfg, &room->media), VTB_OK);
    assert_int_equal(vtb_media_open_room(room->media, room->id), VTB_OK);
    assert_int_equal(vtb_media_add_stream_peer(room->media, room->id, &room->speaker), VTB_OK);
    assert_int_equal(vtb_media_set_gate(room->media, room->speaker, false, true), VTB_OK); /* speaks; nobody hears */
    room->next_us = vtb_mono_us();
}

static void close_room(struct room *room)
{
    vtb_media_stop(room->media);
    opus_encoder_destroy(room->encoder);
    assert_int_equal(vtb_recording_destroy(room->dir, room->recording), VTB_OK);
    assert_int_equal(rmdir(room->dir), 0); /* and nothing else was left */
}

static void take(struct room *room, const struct vtb_media_event *event)
{
    room->began += event->kind == VTB_MEDIA_RECORD_BEGAN;
    room->failed += event->kind == VTB_MEDIA_RECORD_FAILED;
    if (event->kind == VTB_MEDIA_RECORD_TURN) {
        room->turn = *event;
        room->turns++;
    } else if (event->kind == VTB_MEDIA_RECORD_OFF) {
        room->pause = *event;
        room->off++;
    } else if (event->kind == VTB_MEDIA_RECORD_ENDED) {
        room->end = *event;
        room->ended++;
    }
    free(event->sdp);
}

static void say_frame(struct room *room)
{
    uint8_t bytes[8 + 400] = { 0x10, 20, (uint8_t)(room->n >> 8), (uint8_t)room->n };
    uint32_t timestamp = room->n * FRAME;
    float pcm[FRAME];
    opus_int32 len;

    for (unsigned i = 0; i < 4; i++)
        bytes[4 + i] = (uint8_t)(timestamp >> (24 - 8 * i));
    for (unsigned i = 0; i < FRAME; i++)
        pcm[i] = 0.4f * sinf(0.05f * (float)(room->n * FRAME + i));
    len = opus_encode_float(room->encoder, pcm, FRAME, bytes + 8, 400);
    assert_true(len > 0);
    (void)!vtb_media_put_frame(room->media, room->speaker, bytes, 8 + (size_t)len);
    room->n++;
}

static void step(struct room *room)
{
    struct vtb_media_event event;

    while (vtb_media_take(room->media, &event, 1) == 1)
        take(room, &event);
    if (vtb_mono_us() >= room->next_us) {
        room->next_us += 20000;
        say_frame(room);
    }
    (void)poll(NULL, 0, 1);
}

#define UNTIL(room, condition)                                                                     \
    do {                                                                                           \
        uint64_t end_us = vtb_mono_us() + PATIENCE_US;                                             \
        while (!(condition) && vtb_mono_us() < end_us)                                             \
            step(room);                                                                            \
        assert_true(condition);                                                                    \
    } while (0)

static void say(struct room *room, uint32_t frames)
{
    uint32_t up_to = room->n + frames;

    UNTIL(room, room->n >= up_to);
}

/* Bytes of sound a second, from the size: silence is nine bytes a slot. */
static bool has_sound(const struct room *room)
{
    return room->end.record.bytes > 20u * (room->end.record.duration_ms / 20);
}

static unsigned threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *task;
    unsigned n = 0;

    assert_non_null(tasks);
    while ((task = readdir(tasks)) != NULL)
        n += task->d_name[0] != '.';
    closedir(tasks);
    return n;
}

static void what_is_said_is_kept_though_nobody_listens(void **state)
{
    struct room room;
    struct vtb_recording *rec;
    uint8_t head[64];
    unsigned before;
    size_t n;

    (void)state;
    open_room(&room);
    say(&room, 25);
    before = threads();
    assert_int_equal(vtb_media_record(room.media, room.id, room.recording), VTB_OK);
    UNTIL(&room, room.began == 1);
    assert_int_equal(threads(), before + 2); /* one writes, one finishes; GStreamer has none */
    say(&room, 60);
    assert_int_equal(vtb_media_record_off(room.media, room.id, true), VTB_OK);
    say(&room, 20);
    assert_int_equal(vtb_media_record_off(room.media, room.id, false), VTB_OK);
    UNTIL(&room, room.off == 1);
    say(&room, 60);
    assert_int_equal(vtb_media_record_stop(room.media, room.id), VTB_OK);
    UNTIL(&room, room.ended == 1);
    assert_true(vtb_id_is(room.end.record.id, room.recording));
    assert_false(room.end.record.was_cut);
    assert_true(room.pause.record.to_ms > room.pause.record.from_ms);
    assert_true(room.end.record.duration_ms > room.pause.record.to_ms);
    assert_true(has_sound(&room));
    assert_true(room.turns >= 1);
    assert_true(vtb_peer_is(room.turn.peer, room.speaker));
    assert_int_equal(vtb_recording_open(room.dir, room.key, room.recording, &rec), VTB_OK);
    assert_int_equal(vtb_recording_info(rec).bytes, room.end.record.bytes);
    assert_int_equal(vtb_recording_read(rec, 0, head, sizeof head, &n), VTB_OK);
    assert_memory_equal(head, "\x1a\x45\xdf\xa3", 4);
    vtb_recording_close(rec);
    close_room(&room);
}

static void stopping_the_plane_ends_what_runs_and_leaves_a_whole_file(void **state)
{
    struct room room;
    struct vtb_recording *rec;

    (void)state;
    open_room(&room);
    assert_int_equal(vtb_media_record(room.media, room.id, room.recording), VTB_OK);
    UNTIL(&room, room.began == 1);
    say(&room, 40);
    vtb_media_stop(room.media);
    room.media = NULL;
    assert_int_equal(vtb_recording_open(room.dir, room.key, room.recording, &rec), VTB_OK);
    assert_false(vtb_recording_info(rec).was_cut);
    assert_true(vtb_recording_info(rec).duration_ms > 0);
    vtb_recording_close(rec);
    close_room(&room);
}

static void a_room_that_is_not_there_fails_and_a_plane_without_a_folder_says_no(void **state)
{
    struct vtb_media_config cfg = { .address = { "127.0.0.1" }, .addresses = 1, .max_speakers = 3, .bitrate = 24000,
                                    .notify = nothing };
    struct room room;
    struct vtb_media *plain;

    (void)state;
    open_room(&room);
    assert_int_equal(vtb_media_record(room.media, vtb_id_make(5), room.recording), VTB_OK);
    UNTIL(&room, room.failed == 1);
    assert_int_equal(room.began, 0);
    assert_int_equal(vtb_media_record_finish(room.media, room.recording), VTB_OK);
    UNTIL(&room, room.failed == 2);
    close_room(&room);
    assert_int_equal(vtb_media_start(&cfg, &plain), VTB_OK);
    assert_int_equal(vtb_media_record(plain, vtb_id_make(5), vtb_id_make(6)), VTB_DENIED);
    vtb_media_stop(plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_is_kept_though_nobody_listens),
        cmocka_unit_test(stopping_the_plane_ends_what_runs_and_leaves_a_whole_file),
        cmocka_unit_test(a_room_that_is_not_there_fails_and_a_plane_without_a_folder_says_no),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
