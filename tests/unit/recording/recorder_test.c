/* The two threads: recordings at once begin, end and are finished; a stop loses nothing; a refused one drains. */
#include "kit.h"

#include "base/clock.h"
#include "base/mailbox.h"
#include "recording/file.h"
#include "recording/recorder.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define ROOMS 3u

struct desk {
    struct kit kit;
    struct vtb_mailbox *events;
    struct vtb_recorder *recorder;
};

static void tell(void *ctx, const struct vtb_recorder_event *event)
{
    struct desk *desk = ctx;

    assert_int_equal(vtb_mailbox_post(desk->events, event), VTB_OK);
}

static void desk_open(struct desk *desk)
{
    struct vtb_recorder_config cfg = { .teller = { tell, desk } };

    kit_open(&desk->kit);
    cfg.dir = desk->kit.dir;
    cfg.key = desk->kit.key;
    assert_int_equal(vtb_mailbox_create(sizeof(struct vtb_recorder_event), 1000, NULL, NULL, &desk->events), VTB_OK);
    assert_int_equal(vtb_recorder_start(&cfg, &desk->recorder), VTB_OK);
}

static void desk_close(struct desk *desk)
{
    vtb_mailbox_destroy(desk->events);
    kit_close(&desk->kit);
}

struct worker {
    struct vtb_tap *taps[ROOMS];
    uint32_t ticks;
};

/* What the media worker does, in its own thread; a thousand times faster. */
static void *work(void *ctx)
{
    struct worker *worker = ctx;

    for (uint32_t n = 0; n < worker->ticks; n++) {
        for (uint32_t i = 0; i < ROOMS; i++)
            kit_tick(worker->taps[i], n * (uint64_t)TICK_US, n, 1);
        if (n % 100 == 0)
            usleep(20000);
    }
    for (uint32_t i = 0; i < ROOMS; i++)
        while (!vtb_tap_end(worker->taps[i], worker->ticks * (uint64_t)TICK_US))
            usleep(1000);
    return NULL;
}

static void several_at_once_are_all_finished_also_by_a_stop(void **state)
{
    struct desk desk;
    struct worker worker = { .ticks = 1500 };
    struct vtb_id ids[ROOMS];
    struct vtb_recorder_event event;
    unsigned began = 0, ended = 0;
    pthread_t thread;

    (void)state;
    desk_open(&desk);
    for (uint32_t i = 0; i < ROOMS; i++) {
        ids[i] = vtb_id_make(5000000 + i);
        assert_int_equal(vtb_tap_create(ids[i], &worker.taps[i]), VTB_OK);
        assert_int_equal(vtb_recorder_begin(desk.recorder, worker.taps[i]), VTB_OK);
    }
    assert_int_equal(vtb_recorder_figures(desk.recorder).now, ROOMS);
    assert_int_equal(pthread_create(&thread, NULL, work, &worker), 0);
    pthread_join(thread, NULL);
    vtb_recorder_stop(desk.recorder);
    while (vtb_mailbox_take(desk.events, &event, 1) == 1) {
        began += event.kind == VTB_RECORDER_BEGAN;
        if (event.kind != VTB_RECORDER_ENDED)
            continue;
        ended++;
        assert_int_equal(event.info.duration_ms, 1500 * VTB_SLOT_MS);
        assert_false(event.info.was_cut);
    }
    assert_int_equal(began, ROOMS);
    assert_int_equal(ended, ROOMS);
    for (uint32_t i = 0; i < ROOMS; i++) {
        assert_true(vtb_file_is_there(desk.kit.dir, ids[i], ".rec"));
        assert_false(vtb_file_is_there(desk.kit.dir, ids[i], ".live"));
    }
    desk_close(&desk);
}

static void what_a_crash_left_is_finished_when_asked(void **state)
{
    struct desk desk;
    struct vtb_recorder_event event;
    struct vtb_tap *tap;

    (void)state;
    desk_open(&desk);
    struct vtb_take *take = kit_take(&desk.kit, &tap);
    for (uint32_t n = 0; n < 200; n++)
        kit_tick(tap, n * (uint64_t)TICK_US, n, 0);
    assert_true(vtb_take_turn(take, 1));
    vtb_take_destroy(take); /* without an end: as after a kill */
    assert_int_equal(vtb_recorder_finish(desk.recorder, desk.kit.id), VTB_OK);
    assert_int_equal(vtb_mailbox_wait(desk.events, &event, 1), 1);
    assert_int_equal(event.kind, VTB_RECORDER_ENDED);
    assert_true(event.info.was_cut);
    assert_int_equal(event.info.duration_ms, 4000);
    assert_int_equal(vtb_recorder_finish(desk.recorder, vtb_id_make(9000000)), VTB_OK);
    assert_int_equal(vtb_mailbox_wait(desk.events, &event, 1), 1);
    assert_int_equal(event.kind, VTB_RECORDER_FAILED);
    assert_int_equal(event.err, VTB_ABSENT);
    vtb_recorder_stop(desk.recorder);
    desk_close(&desk);
}

static void without_a_recording_there_is_no_thread_to_stop(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk);
    assert_int_equal(vtb_recorder_figures(desk.recorder).now, 0);
    vtb_recorder_stop(desk.recorder);
    vtb_recorder_stop(NULL);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_at_once_are_all_finished_also_by_a_stop),
        cmocka_unit_test(what_a_crash_left_is_finished_when_asked),
        cmocka_unit_test(without_a_recording_there_is_no_thread_to_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
