/* A full disk, a killed process, a full mailbox (decision 4). */
#include "content.h"

#include "base/clock.h"
#include "inside.h"
#include "sqlite/db.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
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
    struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };

    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    world_end(*state);
    test_free(*state);
    return 0;
}

static struct vtb_event hand(unsigned seat)
{
    return (struct vtb_event){ .kind = VTB_EVENT_HAND_RAISED, .at_us = T0 + seat, .u.hand_raised = { .seat = id_of(seat) } };
}

/* As many bytes as a read-back has. */
static struct vtb_event big(char *text, size_t len)
{
    memset(text, 'a', len);
    return (struct vtb_event){ .kind = VTB_EVENT_READBACK_BEGUN, .at_us = T0,
                               .u.readback_begun = { .lines = 1, .text = { text, len }, .wording = { text, len } } };
}

/* Files of this process cannot grow past `bytes`: what a full disk does, without one. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit = { bytes, RLIM_INFINITY };

    signal(SIGXFSZ, SIG_IGN); /* EFBIG instead */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_is_told_to_everybody_and_leaves_nothing_half_written(void **state)
{
    static char text[60000];
    struct world *world = *state;
    struct vtb_event large = big(text, sizeof text), small = hand(SEAT);
    struct answer answers[200] = { 0 };
    size_t good = 0, failed = 0;

    assert_int_equal(world_add(world, id_of(MEETING), VTB_STREAM_MEETING, 1, &small, 1), VTB_OK);
    limit_files(1 << 20);
    for (size_t i = 0; i < 200; i++) {
        struct vtb_append parts[] = { { id_of(CASE), VTB_STREAM_CASE, 1, &large, 1 },
                                      { id_of(MEETING), VTB_STREAM_MEETING, 1, &small, 1 } };

        assert_int_equal(vtb_store_append_many(world->store, parts, 2, world_note_append, &answers[i]), VTB_OK);
    }
    world_until(world, &answers[199].is_there);
    for (size_t i = 0; i < 200; i++) {
        good += answers[i].err == VTB_OK;
        failed += answers[i].err == VTB_SYS;
        assert_true(answers[i].err == VTB_OK || answers[i].err == VTB_SYS);
        assert_true(failed == 0 || answers[i].err == VTB_SYS); /* none after the first failure */
    }
    assert_int_equal(good + failed, 200);
    assert_true(failed > 0);
    assert_true(vtb_store_figures(world->store).failing_since_us > 0);
    /* What was there stays readable, and both streams have what was acknowledged. */
    json_t *on_case = world_load(world, id_of(CASE), 0, NULL), *on_meeting = world_load(world, id_of(MEETING), 0, NULL);
    assert_int_equal(json_array_size(on_case), good);
    assert_int_equal(json_array_size(on_meeting), good + 1);
    json_decref(on_case);
    json_decref(on_meeting);

    /* Space comes back: nobody writes, and yet the store finds out. */
    limit_files(RLIM_INFINITY);
    uint64_t end_us = vtb_mono_us() + 60000000;
    while (vtb_store_figures(world->store).failing_since_us) {
        poll(NULL, 0, 20);
        vtb_store_turn(world->store);
        assert_true(vtb_mono_us() < end_us);
    }
    assert_int_equal(world_add(world, id_of(MEETING), VTB_STREAM_MEETING, 1, &small, 1), VTB_SYS); /* decided on what never was */
    assert_int_equal(vtb_store_figures(world->store).failing_since_us, 0); /* and that is nobody else's failure */
    assert_int_equal(world_add(world, id_of(MEETING), VTB_STREAM_MEETING, 2, &small, 1), VTB_OK);
    assert_int_equal(world_add(world, id_of(CASE), VTB_STREAM_CASE, 2, &large, 1), VTB_OK);
    on_case = world_load(world, id_of(CASE), 0, NULL);
    assert_int_equal(json_array_size(on_case), good + 1);
    json_decref(on_case);
}

/* ---- kill -9 while acknowledging ---- */

static int tell_fd;

static void acknowledge(void *ctx, enum vtb_err err, const uint64_t *first_seq)
{
    uint64_t seq = first_seq ? first_seq[0] : 0;

    (void)ctx;
    if (err || write(tell_fd, &seq, sizeof seq) != (ssize_t)sizeof seq)
        _exit(3);
}

static void write_until_killed(const char *dir)
{
    struct vtb_store_config cfg = { .data_dir = dir };
    struct vtb_store *store = NULL;

    if (vtb_store_start(&cfg, &store))
        _exit(2);
    for (unsigned n = 0;; n++) {
        struct vtb_event event = hand(n);
        struct vtb_append part = { id_of(MEETING), VTB_STREAM_MEETING, 1, &event, 1 };

        if (vtb_store_append(store, part, acknowledge, NULL) == VTB_AGAIN)
            poll(NULL, 0, 1);
        vtb_store_turn(store);
    }
}

static void nothing_that_was_acknowledged_is_lost_when_the_process_is_killed(void **state)
{
    struct world *world = *state;
    uint64_t last = 0, seq;

    world_stop(world);
    for (unsigned round = 0; round < 3; round++) {
        int pipes[2];

        assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            tell_fd = pipes[1];
            write_until_killed(world->dir);
        }
        close(pipes[1]);
        for (unsigned n = 0; n < 300; n++) {
            assert_int_equal(read(pipes[0], &seq, sizeof seq), sizeof seq);
            assert_int_equal(seq, last + 1);
            last = seq;
        }
        assert_int_equal(kill(child, SIGKILL), 0);
        while (read(pipes[0], &seq, sizeof seq) == (ssize_t)sizeof seq) /* said before it died */
            last = seq;
        close(pipes[0]);
        assert_int_equal(waitpid(child, NULL, 0), child);

        world_start(world);
        json_t *events = world_load(world, id_of(MEETING), 0, NULL); /* verified as it is read */
        assert_true(json_array_size(events) >= last);
        last = json_array_size(events); /* durable and not yet told is fine */
        json_decref(events);
        world_stop(world);
    }
    world_start(world);
}

/* ---- limits ---- */

static void a_full_mailbox_says_again_and_loses_nothing(void **state)
{
    struct world *world = *state;
    struct answer *answers = test_calloc(VTB_STORE_BOX + 100, sizeof *answers);
    size_t posted = 0;

    for (unsigned n = 0; n < VTB_STORE_BOX + 100; n++) {
        struct vtb_event event = hand(n);
        struct vtb_append part = { id_of(MEETING), VTB_STREAM_MEETING, 1, &event, 1 };
        enum vtb_err err = vtb_store_append(world->store, part, world_note_append, &answers[posted]);

        assert_true(err == VTB_OK || err == VTB_AGAIN);
        assert_int_equal(err, n < VTB_STORE_BOX ? VTB_OK : VTB_AGAIN); /* nothing is called back without a turn */
        posted += err == VTB_OK;
    }
    assert_int_equal(vtb_store_figures(world->store).waiting, VTB_STORE_BOX);
    world_until(world, &answers[posted - 1].is_there);
    for (size_t i = 0; i < posted; i++)
        assert_int_equal(answers[i].err, VTB_OK);
    assert_int_equal(vtb_store_figures(world->store).waiting, 0);
    assert_int_equal(vtb_store_figures(world->store).events, VTB_STORE_BOX);
    assert_true(vtb_store_figures(world->store).commits < VTB_STORE_BOX / 2); /* a burst shares syncs */
    test_free(answers);
}

static void a_batch_that_is_too_long_or_empty_is_refused(void **state)
{
    static struct vtb_event events[VTB_APPEND_EVENTS + 1];
    struct world *world = *state;

    for (size_t i = 0; i < VTB_COUNT(events); i++)
        events[i] = hand(SEAT);
    struct vtb_append part = { id_of(MEETING), VTB_STREAM_MEETING, 1, events, VTB_COUNT(events) };
    assert_int_equal(vtb_store_append(world->store, part, NULL, NULL), VTB_LIMIT);
    part.n = 0;
    assert_int_equal(vtb_store_append(world->store, part, NULL, NULL), VTB_LIMIT);
    assert_int_equal(world_add(world, id_of(MEETING), VTB_STREAM_MEETING, 1, events, VTB_APPEND_EVENTS), VTB_OK);
}

static void stopping_answers_everything_that_was_asked(void **state)
{
    struct world *world = *state;
    struct answer written[300] = { 0 }, asked = { 0 };

    for (unsigned n = 0; n < 300; n++) {
        struct vtb_event event = hand(n);
        struct vtb_append part = { id_of(MEETING), VTB_STREAM_MEETING, 1, &event, 1 };

        assert_int_equal(vtb_store_append(world->store, part, world_note_append, &written[n]), VTB_OK);
    }
    assert_int_equal(vtb_store_ask(world->store, VTB_FIND_OPEN_MEETINGS, json_object(), world_note_json, &asked), VTB_OK);
    world_stop(world);
    for (unsigned n = 0; n < 300; n++)
        assert_true(written[n].is_there && written[n].err == VTB_OK);
    assert_true(asked.is_there);
    json_decref(asked.json);
    world_start(world);
    json_t *events = world_load(world, id_of(MEETING), 0, NULL);
    assert_int_equal(json_array_size(events), 300);
    json_decref(events);
}

/* The thread that checkpoints is for slow disks; here it is run whatever the disk. */
static void checkpoints_beside_the_writer_keep_the_log_short(void **state)
{
    struct world *world = *state;
    struct vtb_checkpointer self = { 0 };
    char path[128], nudge = 1;
    pthread_t thread;
    int in_wal = -1, done = -1;

    snprintf(path, sizeof path, "%s/consilium.db", world->dir);
    content_board(world);
    assert_int_equal(vtb_mailbox_create(sizeof nudge, 1, NULL, NULL, &self.box), VTB_OK);
    assert_int_equal(vtb_db_open(path, VTB_DB_WRITE, &self.db), VTB_OK);
    assert_int_equal(pthread_create(&thread, NULL, vtb_checkpoint_run, &self), 0);
    assert_int_equal(vtb_mailbox_post(self.box, &nudge), VTB_OK);
    vtb_mailbox_close(self.box); /* what is in it is still taken */
    pthread_join(thread, NULL);
    assert_int_equal(sqlite3_wal_checkpoint_v2(self.db.handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_wal, &done), SQLITE_OK);
    assert_int_equal(in_wal, done);
    vtb_db_close(&self.db);
    vtb_mailbox_destroy(self.box);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_full_disk_is_told_to_everybody_and_leaves_nothing_half_written),
        T(nothing_that_was_acknowledged_is_lost_when_the_process_is_killed),
        T(a_full_mailbox_says_again_and_loses_nothing), T(a_batch_that_is_too_long_or_empty_is_refused),
        T(stopping_answers_everything_that_was_asked), T(checkpoints_beside_the_writer_keep_the_log_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
