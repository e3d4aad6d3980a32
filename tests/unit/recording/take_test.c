/*
 * As long as it took, each word where it was said, nothing off the record, and after a kill at most a
 * second gone.
 */
#include "kit.h"

#include "base/cursor.h"
#include "recording/file.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TWO_HOURS (2u * 3600u * 50u) /* slots */

struct check {
    uint32_t next, said, wrong;
    bool (*is_said)(uint32_t slot);
};

static enum vtb_err check_frame(void *ctx, uint32_t slot, const uint8_t *opus, size_t len)
{
    struct check *check = ctx;
    long says = kit_frame_says(opus, len);

    check->wrong += slot != check->next;                      /* every slot has its frame */
    check->wrong += says != (check->is_said(slot) ? (long)slot : -1); /* and it is the right one */
    check->said += says >= 0;
    check->next = slot + 1;
    return VTB_OK;
}

/* Speech with pauses of 3 s, stalls in which the worker skips up to 2 s, a ring that was full for
 * 30 s, and half an hour of silence. */
static bool is_stalled(uint32_t slot)
{
    return slot % 9000 < 100 && slot > 100;
}

static bool is_dropped(uint32_t slot)
{
    return slot >= 100000 && slot < 101500;
}

static bool is_said(uint32_t slot)
{
    return slot >= VTB_TAP_OPENING && !is_stalled(slot) && !is_dropped(slot) && slot % 500 < 350 &&
           !(slot > 200000 && slot < 290000);
}

static void two_hours_with_stalls_last_two_hours(void **state)
{
    struct kit kit;
    struct vtb_tap *tap;
    struct vtb_recording_info info;
    uint8_t digest[VTB_RECORDING_DIGEST];
    uint64_t start_us = 777777, now_us = start_us;
    struct check check = { .is_said = is_said };
    uint32_t should = 0;

    (void)state;
    kit_open(&kit);
    struct vtb_take *take = kit_take(&kit, &tap);
    for (uint32_t slot = 0; slot < TWO_HOURS; slot++) {
        now_us = start_us + slot * (uint64_t)TICK_US;
        if (!is_stalled(slot) && !is_dropped(slot))
            kit_tick(tap, now_us, is_said(slot) ? (long)slot : -1, 0);
        should += is_said(slot);
        /* The recorder looks in every 100 ms; now and then it is held up for 15 s itself. */
        if (slot % 5 == 0 && slot % 20000 > 750)
            assert_true(vtb_take_turn(take, now_us + slot % 7 * 1000));
    }
    assert_true(vtb_tap_end(tap, start_us + TWO_HOURS * (uint64_t)TICK_US));
    assert_false(vtb_take_turn(take, now_us));
    assert_int_equal(vtb_take_dropped(take), 0);
    vtb_take_destroy(take);
    assert_int_equal(kit.last[VTB_RECORDER_BEGAN].began_us, start_us);
    assert_int_equal(vtb_finish(kit.dir, kit.key, kit.id, &info, digest), VTB_OK);
    assert_int_equal(info.duration_ms, TWO_HOURS * VTB_SLOT_MS); /* asked for: within 40 ms */
    assert_false(info.was_cut);
    kit_frames(&kit, check_frame, &check);
    assert_int_equal(check.next, TWO_HOURS);
    assert_int_equal(check.said, should);
    assert_int_equal(check.wrong, 0);
    kit_close(&kit);
}

static void a_full_ring_drops_and_the_words_after_it_stay_in_their_place(void **state)
{
    struct kit kit;
    struct vtb_tap *tap;
    struct vtb_recording_info info;
    uint8_t digest[VTB_RECORDING_DIGEST];
    const uint32_t many = VTB_TAP_FRAMES + 500;
    uint32_t slot;

    (void)state;
    kit_open(&kit);
    struct vtb_take *take = kit_take(&kit, &tap);
    for (slot = 0; slot < many; slot++) /* nobody reads */
        kit_tick(tap, slot * (uint64_t)TICK_US, slot, 0);
    assert_int_equal(vtb_take_dropped(take), 500);
    assert_false(vtb_tap_end(tap, 0)); /* not even the end fits; the worker tries again */
    assert_true(vtb_take_turn(take, 0));
    for (; slot < many + 100; slot++)
        kit_tick(tap, slot * (uint64_t)TICK_US, slot, 0);
    assert_true(vtb_tap_end(tap, slot * (uint64_t)TICK_US));
    assert_false(vtb_take_turn(take, 0));
    vtb_take_destroy(take);
    assert_int_equal(vtb_finish(kit.dir, kit.key, kit.id, &info, digest), VTB_OK);
    assert_int_equal(info.duration_ms, slot * VTB_SLOT_MS);
    kit_close(&kit);
}

/* ---- off the record, and who spoke ---- */

static bool is_on_record(uint32_t slot)
{
    return slot >= VTB_TAP_OPENING && !(slot >= 400 && slot < 700 + VTB_TAP_OPENING);
}

static void off_the_record_nothing_is_kept_and_the_time_goes_on(void **state)
{
    struct kit kit;
    struct vtb_tap *tap;
    struct vtb_recording_info info;
    uint8_t digest[VTB_RECORDING_DIGEST];
    struct check check = { .is_said = is_on_record };

    (void)state;
    kit_open(&kit);
    struct vtb_take *take = kit_take(&kit, &tap);
    for (uint32_t slot = 0; slot < 1000; slot++) {
        if (slot == 400 || slot == 700)
            vtb_tap_pause(tap, slot == 400);
        kit_tick(tap, slot * (uint64_t)TICK_US, slot, slot < 200 ? 7 : slot < 900 ? 8 : 0);
        if (slot % 5 == 0)
            assert_true(vtb_take_turn(take, slot * (uint64_t)TICK_US));
    }
    assert_true(vtb_tap_end(tap, 1000 * (uint64_t)TICK_US));
    assert_false(vtb_take_turn(take, 1000 * (uint64_t)TICK_US));
    vtb_take_destroy(take);
    assert_int_equal(kit.told[VTB_RECORDER_OFF], 1);
    assert_int_equal(kit.last[VTB_RECORDER_OFF].from_ms, 8000);
    assert_int_equal(kit.last[VTB_RECORDER_OFF].to_ms, 14000);
    /* 7 up to slot 200; 8 up to the pause; 8 again after it, until 900. */
    assert_int_equal(kit.told[VTB_RECORDER_TURN], 3);
    assert_int_equal(kit.last[VTB_RECORDER_TURN].peer.index, 8);
    assert_int_equal(kit.last[VTB_RECORDER_TURN].from_ms, 14000 + VTB_TAP_OPENING * VTB_SLOT_MS);
    assert_int_equal(kit.last[VTB_RECORDER_TURN].to_ms, 18000);
    assert_int_equal(vtb_finish(kit.dir, kit.key, kit.id, &info, digest), VTB_OK);
    assert_int_equal(info.duration_ms, 20000);
    kit_frames(&kit, check_frame, &check);
    assert_int_equal(check.wrong, 0);
    kit_close(&kit);
}

static void a_breath_ends_no_turn_and_a_cough_is_none(void **state)
{
    struct kit kit;
    struct vtb_tap *tap;

    (void)state;
    kit_open(&kit);
    struct vtb_take *take = kit_take(&kit, &tap);
    tap->opening = 0;
    for (uint32_t slot = 0; slot < 600; slot++) {
        bool speaks = slot < 100 || (slot >= 140 && slot < 300); /* 0.8 s of breath */
        bool coughs = slot >= 400 && slot < 410;

        kit_tick(tap, slot * (uint64_t)TICK_US, slot, speaks ? 3 : coughs ? 4 : 0);
    }
    assert_true(vtb_tap_end(tap, 600 * (uint64_t)TICK_US));
    assert_false(vtb_take_turn(take, 0));
    assert_int_equal(kit.told[VTB_RECORDER_TURN], 1);
    assert_int_equal(kit.last[VTB_RECORDER_TURN].from_ms, 0);
    assert_int_equal(kit.last[VTB_RECORDER_TURN].to_ms, 6000);
    vtb_take_destroy(take);
    kit_close(&kit);
}

/* ---- killed ---- */

/* The child records in fake time, as fast as it goes, and says every 100 ms how far it is. */
static void record_until_killed(struct kit *kit, int to)
{
    struct vtb_tap *tap;
    struct vtb_take *take = kit_take(kit, &tap);

    for (uint32_t slot = 0;; slot++) {
        kit_tick(tap, slot * (uint64_t)TICK_US, slot, 0);
        if (slot % 5 != 4)
            continue;
        if (write(to, &slot, sizeof slot) != (ssize_t)sizeof slot || !vtb_take_turn(take, slot * (uint64_t)TICK_US))
            _exit(1);
    }
}

static bool is_after_opening(uint32_t slot)
{
    return slot >= VTB_TAP_OPENING;
}

static void kill_once(unsigned ms)
{
    struct kit kit;
    struct vtb_recording_info info;
    uint8_t digest[VTB_RECORDING_DIGEST];
    struct check check = { .is_said = is_after_opening };
    uint32_t slot = 0;
    int ends[2];
    pid_t child;

    kit_open(&kit);
    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        close(ends[0]);
        record_until_killed(&kit, ends[1]);
    }
    close(ends[1]);
    /* Reads what it says until it is some seconds in, then kills it wherever it is. */
    while (slot < 300 + ms)
        assert_int_equal(read(ends[0], &slot, sizeof slot), sizeof slot);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    while (read(ends[0], &slot, sizeof slot) == (ssize_t)sizeof slot)
        ; /* what it had said before it died */
    close(ends[0]);
    assert_int_equal(vtb_finish(kit.dir, kit.key, kit.id, &info, digest), VTB_OK);
    assert_true(info.was_cut);
    assert_in_range(info.duration_ms, (slot + 1) * VTB_SLOT_MS - 1000, (slot + 7) * VTB_SLOT_MS);
    kit_frames(&kit, check_frame, &check);
    assert_int_equal(check.wrong, 0);
    assert_false(vtb_file_is_there(kit.dir, kit.id, ".live"));
    kit_close(&kit);
}

static void a_kill_takes_at_most_a_second(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 6; i++)
        kill_once(i * 37);
}

static enum vtb_err count_bytes(void *ctx, const uint8_t *bytes, size_t len)
{
    (void)bytes;
    *(size_t *)ctx += len;
    return VTB_OK;
}

/* A power cut may leave any part of the last record; whatever it is, the rest is there. */
static void a_live_file_torn_anywhere_gives_what_was_whole(void **state)
{
    struct kit kit;
    struct vtb_tap *tap;
    char path[VTB_FILE_PATH];
    struct stat st;
    size_t last = 0;

    (void)state;
    kit_open(&kit);
    struct vtb_take *take = kit_take(&kit, &tap);
    for (uint32_t slot = 0; slot < 100; slot++) {
        kit_tick(tap, slot * (uint64_t)TICK_US, slot, 0);
        if (slot % 10 == 0)
            assert_true(vtb_take_turn(take, slot * (uint64_t)TICK_US));
    }
    assert_true(vtb_tap_end(tap, 100 * (uint64_t)TICK_US));
    assert_false(vtb_take_turn(take, 0));
    vtb_take_destroy(take);
    assert_int_equal(vtb_file_path(kit.dir, kit.id, ".live", path), VTB_OK);
    assert_int_equal(stat(path, &st), 0);
    for (off_t len = st.st_size; len >= VTB_SEAL_HEADER; len -= 7) {
        size_t bytes = 0;
        bool was_cut;

        assert_int_equal(truncate(path, len), 0);
        assert_int_equal(vtb_live_file_read(kit.dir, kit.key, kit.id, VTB_SEAL_LIVE, count_bytes, &bytes, &was_cut), VTB_OK);
        assert_int_equal(was_cut, len != st.st_size);
        assert_true(len == st.st_size || bytes <= last);
        assert_true(bytes <= (size_t)len);
        last = bytes;
    }
    kit_close(&kit);
}

/* ---- when it cannot be written ---- */

static void without_a_folder_it_fails_and_says_so(void **state)
{
    struct kit kit;
    struct vtb_tap *tap;

    (void)state;
    kit_open(&kit);
    rmdir(kit.dir);
    FILE *file = fopen(kit.dir, "w"); /* a file where the folder should be */
    assert_non_null(file);
    fclose(file);
    struct vtb_take *take = kit_take(&kit, &tap);
    assert_int_equal(kit.told[VTB_RECORDER_FAILED], 1);
    for (uint32_t slot = 0; slot < 3 * VTB_TAP_FRAMES; slot++) {
        kit_tick(tap, slot * (uint64_t)TICK_US, slot, 1);
        assert_true(vtb_take_turn(take, slot * (uint64_t)TICK_US)); /* the ring is emptied all the same */
    }
    assert_int_equal(vtb_take_dropped(take), 0);
    assert_true(vtb_tap_end(tap, 0));
    assert_false(vtb_take_turn(take, 0));
    assert_false(vtb_take_has_file(take));
    assert_int_equal(kit.told[VTB_RECORDER_BEGAN], 0);
    vtb_take_destroy(take);
    unlink(kit.dir);
}

static void a_recording_without_a_frame_is_none(void **state)
{
    struct kit kit;
    struct vtb_tap *tap;
    struct vtb_recording_info info;
    uint8_t digest[VTB_RECORDING_DIGEST];

    (void)state;
    kit_open(&kit);
    struct vtb_take *take = kit_take(&kit, &tap);
    assert_true(vtb_tap_end(tap, 5));
    assert_false(vtb_take_turn(take, 5));
    vtb_take_destroy(take);
    assert_int_equal(vtb_finish(kit.dir, kit.key, kit.id, &info, digest), VTB_ABSENT);
    assert_false(vtb_file_is_there(kit.dir, kit.id, ".live"));
    assert_int_equal(vtb_finish(kit.dir, kit.key, kit.id, &info, digest), VTB_ABSENT);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_hours_with_stalls_last_two_hours),
        cmocka_unit_test(a_full_ring_drops_and_the_words_after_it_stay_in_their_place),
        cmocka_unit_test(off_the_record_nothing_is_kept_and_the_time_goes_on),
        cmocka_unit_test(a_breath_ends_no_turn_and_a_cough_is_none),
        cmocka_unit_test(a_kill_takes_at_most_a_second),
        cmocka_unit_test(a_live_file_torn_anywhere_gives_what_was_whole),
        cmocka_unit_test(without_a_folder_it_fails_and_says_so),
        cmocka_unit_test(a_recording_without_a_frame_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
