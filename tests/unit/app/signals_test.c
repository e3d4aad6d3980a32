/* Signals and the descriptor limit. */
#include "app/signals.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

struct seen {
    struct vtb_signals signals;
    int stops, reloads;
};

static void on_stop(void *ctx)
{
    struct seen *seen = ctx;

    seen->stops++;
    vtb_signals_fini(&seen->signals);
}

static void on_reload(void *ctx)
{
    struct seen *seen = ctx;

    seen->reloads++;
    raise(SIGTERM);
}

static void hup_reloads_and_term_stops(void **state)
{
    struct seen seen = { .stops = 0 };
    uv_loop_t loop;

    (void)state;
    uv_loop_init(&loop);
    assert_int_equal(vtb_signals_init(&seen.signals, &loop, on_stop, on_reload, &seen), VTB_OK);
    raise(SIGHUP);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(seen.reloads, 1);
    assert_int_equal(seen.stops, 1);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void on_stop_that_hangs(void *ctx)
{
    (void)ctx;
    raise(SIGINT);
}

static void a_second_signal_ends_at_once(void **state)
{
    int status;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        struct seen seen = { .stops = 0 };
        uv_loop_t loop;

        uv_loop_init(&loop);
        if (vtb_signals_init(&seen.signals, &loop, on_stop_that_hangs, NULL, &seen))
            _exit(1);
        raise(SIGTERM);
        uv_run(&loop, UV_RUN_DEFAULT);
        _exit(2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 128 + SIGINT);
}

static void the_descriptor_limit_leaves_room(void **state)
{
    int status;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        struct rlimit limit = { 64, 4000 };
        uint64_t hard = 0;

        if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
            _exit(1);
        if (vtb_raise_fd_limit(3000, &hard) != VTB_OK || hard != 4000)
            _exit(2);
        getrlimit(RLIMIT_NOFILE, &limit);
        if (limit.rlim_cur < 4000)
            _exit(3);
        _exit(vtb_raise_fd_limit(3001, &hard) == VTB_LIMIT ? 0 : 4);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hup_reloads_and_term_stops),
        cmocka_unit_test(a_second_signal_ends_at_once),
        cmocka_unit_test(the_descriptor_limit_leaves_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
