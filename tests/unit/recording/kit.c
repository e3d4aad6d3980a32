#include "kit.h"

#include "base/cursor.h"
#include "recording/file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void kit_open(struct kit *kit)
{
    memset(kit, 0, sizeof *kit);
    /* In memory where there is such a folder: an hour of fake time syncs 3600 times. */
    snprintf(kit->dir, sizeof kit->dir, "%s/vtb-recording-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(kit->dir));
    vtb_random(kit->key, sizeof kit->key);
    kit->id = vtb_id_make(1000000);
}

void kit_close(struct kit *kit)
{
    DIR *dir = opendir(kit->dir);
    struct dirent *entry;
    char path[400];

    while (dir && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", kit->dir, entry->d_name);
        unlink(path);
    }
    closedir(dir);
    rmdir(kit->dir);
}

static void told(void *ctx, const struct vtb_recorder_event *event)
{
    struct kit *kit = ctx;

    kit->told[event->kind]++;
    kit->last[event->kind] = *event;
}

struct vtb_teller kit_teller(struct kit *kit)
{
    return (struct vtb_teller){ told, kit };
}

struct vtb_take *kit_take(struct kit *kit, struct vtb_tap **out_tap)
{
    struct vtb_take *take;

    assert_int_equal(vtb_tap_create(kit->id, out_tap), VTB_OK);
    assert_int_equal(vtb_take_create(kit->dir, kit->key, *out_tap, kit_teller(kit), &take), VTB_OK);
    vtb_take_open(take);
    return take;
}

size_t kit_frame(uint32_t n, uint8_t out[static 64])
{
    memset(out, 0x11, 40);
    out[0] = 0x78;
    vtb_put_u32(out + 4, n);
    return 40;
}

long kit_frame_says(const uint8_t *opus, size_t len)
{
    struct vtb_cursor in = { .at = opus, .left = len };

    vtb_cursor_skip(&in, 4);
    return len < 8 ? -1 : (long)vtb_cursor_u32(&in);
}

void kit_tick(struct vtb_tap *tap, uint64_t due_us, long n, uint32_t talker)
{
    struct vtb_tap_tick tick = { .due_us = due_us };
    uint8_t frame[64];

    if (talker) {
        tick.talkers_n = 1;
        tick.talkers[0] = (struct vtb_tap_talker){ { talker, 1 }, 30 };
    }
    if (n < 0)
        vtb_tap_put(tap, &tick, NULL, 0);
    else
        vtb_tap_put(tap, &tick, frame, kit_frame((uint32_t)n, frame));
}

uint8_t *kit_read(struct kit *kit, size_t *out_len)
{
    struct vtb_recording *rec;
    uint8_t *bytes;

    assert_int_equal(vtb_recording_open(kit->dir, kit->key, kit->id, &rec), VTB_OK);
    bytes = malloc((size_t)vtb_recording_info(rec).bytes);
    assert_non_null(bytes);
    assert_int_equal(vtb_recording_read(rec, 0, bytes, (size_t)vtb_recording_info(rec).bytes, out_len), VTB_OK);
    assert_int_equal(*out_len, vtb_recording_info(rec).bytes);
    vtb_recording_close(rec);
    return bytes;
}

void kit_frames(struct kit *kit, enum vtb_err (*frame)(void *, uint32_t, const uint8_t *, size_t), void *ctx)
{
    struct vtb_webm_reader reader;
    size_t len;
    uint8_t *bytes = kit_read(kit, &len);

    vtb_webm_reader_init(&reader, frame, ctx);
    assert_int_equal(vtb_webm_reader_take(&reader, bytes, len), VTB_OK);
    free(bytes);
}

void kit_make(struct kit *kit, uint32_t slots, size_t bytes)
{
    struct vtb_recording_info info;
    uint8_t digest[VTB_RECORDING_DIGEST];
    struct vtb_tap *tap;
    struct vtb_take *take = kit_take(kit, &tap);
    uint8_t frame[VTB_TAP_PAYLOAD];
    uint32_t n;

    tap->opening = 0;
    for (n = 0; n < slots; n++) {
        if (bytes) {
            memset(frame, (int)n, sizeof frame);
            vtb_tap_put(tap, &(struct vtb_tap_tick){ .due_us = n * (uint64_t)TICK_US }, frame, bytes);
        } else {
            kit_tick(tap, n * (uint64_t)TICK_US, n, 0);
        }
        if (n % 500 == 0)
            assert_true(vtb_take_turn(take, n * (uint64_t)TICK_US));
    }
    assert_true(vtb_tap_end(tap, n * (uint64_t)TICK_US));
    assert_false(vtb_take_turn(take, n * (uint64_t)TICK_US));
    vtb_take_destroy(take);
    assert_int_equal(vtb_finish(kit->dir, kit->key, kit->id, &info, digest), VTB_OK);
    assert_int_equal(info.duration_ms, slots * VTB_SLOT_MS);
    assert_false(info.was_cut);
}
