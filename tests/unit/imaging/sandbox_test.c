/* What a decoder behind consilium-sandbox cannot do, and what it still can. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char root[64], job[96], outside[96], secret[96];

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static int set_up(void **state)
{
    int fd;

    (void)state;
    snprintf(root, sizeof root, "/tmp/vtb-sandbox-XXXXXX");
    if (!mkdtemp(root))
        return -1;
    snprintf(job, sizeof job, "%s/job", root);
    snprintf(outside, sizeof outside, "%s/data", root); /* stands for the data folder */
    snprintf(secret, sizeof secret, "%s/data/secret", root);
    if (mkdir(job, 0700) || mkdir(outside, 0755))
        return -1;
    fd = open(secret, O_WRONLY | O_CREAT, 0644);
    if (fd < 0 || write(fd, "secret", 6) != 6)
        return -1;
    return close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Runs argv with `input` as standard input and returns the wait status. */
static int run(char *const argv[], const char *input)
{
    char path[] = "/tmp/vtb-sandbox-in-XXXXXX";
    int fd = mkstemp(path), status = -1;
    pid_t pid;

    assert_true(fd >= 0);
    unlink(path);
    assert_int_equal(write(fd, input, strlen(input)), (ssize_t)strlen(input));
    lseek(fd, 0, SEEK_SET);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(fd, 0);
        execv(argv[0], argv);
        _exit(126);
    }
    close(fd);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static int boxed(const char *what, const char *arg)
{
    char *argv[] = { SANDBOX, "--write", job, "--cpu", "1", "--memory", "300000000", "--file",
                     "1000000", "--read", PROBE, "--", PROBE, (char *)what, (char *)arg, NULL };

    return run(argv, "source");
}

static int exit_of(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool has_landlock(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;
}

static void the_network_cannot_be_reached(void **state)
{
    (void)state;
    assert_int_equal(exit_of(boxed("network", "")), 0);
}

static void no_process_can_be_started(void **state)
{
    (void)state;
    assert_int_equal(exit_of(boxed("fork", "")), 0);
    assert_int_equal(exit_of(boxed("spawn", "")), 0);
    assert_int_equal(exit_of(boxed("clone3", "")), 0);
    assert_int_equal(exit_of(boxed("namespace", "")), 0);
}

static void nothing_outside_can_be_read(void **state)
{
    (void)state;
    if (!has_landlock())
        skip();
    assert_int_equal(exit_of(boxed("read", secret)), 0);
    assert_int_equal(exit_of(boxed("read", "/etc/passwd")), 0);
    assert_int_equal(exit_of(boxed("read", "/proc/self/environ")), 0);
    assert_int_equal(exit_of(boxed("list", outside)), 0);
}

static void nothing_outside_can_be_changed(void **state)
{
    char fresh[128];

    (void)state;
    if (!has_landlock())
        skip();
    snprintf(fresh, sizeof fresh, "%s/fresh", outside);
    assert_int_equal(exit_of(boxed("write", fresh)), 0);
    assert_int_equal(exit_of(boxed("write", secret)), 0);
    assert_int_equal(exit_of(boxed("write", "/usr/bin/true")), 0);
    assert_int_equal(exit_of(boxed("truncate", secret)), 0);
    assert_int_equal(exit_of(boxed("remove", secret)), 0);
    assert_int_equal(access(fresh, F_OK), -1);
}

/* Or the one who counts and moves the result could be sent elsewhere. */
static void no_link_can_be_laid_in_the_folder(void **state)
{
    (void)state;
    assert_int_equal(exit_of(boxed("link", "own")), 0);
}

static void others_are_not_signalled_nor_limited(void **state)
{
    char parent[16];

    (void)state;
    snprintf(parent, sizeof parent, "%ld", (long)getpid());
    assert_int_equal(exit_of(boxed("signal", parent)), 0);
    assert_int_equal(exit_of(boxed("limits", parent)), 0);
}

static void descriptors_of_the_parent_are_closed(void **state)
{
    int fd = open("/dev/null", O_RDONLY); /* inherited on purpose */
    char text[16];

    (void)state;
    assert_true(fd > 2);
    snprintf(text, sizeof text, "%d", fd);
    assert_int_equal(exit_of(boxed("descriptor", text)), 0);
    close(fd);
}

static void memory_and_file_size_have_an_end(void **state)
{
    (void)state;
    assert_int_equal(exit_of(boxed("memory", "400000000")), 0);
    assert_int_equal(exit_of(boxed("memory", "100000000")), 1); /* below the limit it works */
    assert_int_equal(exit_of(boxed("big-file", "1000001")), 0);
    assert_int_equal(exit_of(boxed("big-file", "1000000")), 1);
}

static void endless_work_is_ended(void **state)
{
    int status = boxed("cpu", "");

    (void)state;
    assert_true(WIFSIGNALED(status));
    assert_true(WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL);
}

static void honest_work_still_works(void **state)
{
    int status = boxed("abort", "");

    (void)state;
    assert_int_equal(exit_of(boxed("thread", "")), 0);
    assert_int_equal(exit_of(boxed("own", "source")), 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void root_becomes_nobody_when_asked(void **state)
{
    char *argv[] = { SANDBOX, "--write", job, "--cpu", "1", "--memory", "300000000", "--file",
                     "1000000", "--uid", "65534", "--read", PROBE, "--", PROBE, "user", "65534",
                     NULL };

    (void)state;
    if (geteuid() != 0)
        skip();
    if (chown(job, 65534, 65534) || chmod(root, 0711))
        fail();
    assert_int_equal(exit_of(run(argv, "")), 0);
}

/* Without the launcher the probe's attempts work: the walls refuse, not the machine. */
static void the_probe_is_honest(void **state)
{
    char *network[] = { PROBE, "network", NULL };
    char *reading[] = { PROBE, "read", secret, NULL };
    char *forking[] = { PROBE, "fork", NULL };

    (void)state;
    assert_int_equal(exit_of(run(network, "")), 1);
    assert_int_equal(exit_of(run(reading, "")), 1);
    assert_int_equal(exit_of(run(forking, "")), 1);
}

static void a_wrong_use_is_refused(void **state)
{
    char *none[] = { SANDBOX, NULL };
    char *relative[] = { SANDBOX, "--write", job, "--cpu", "1", "--memory", "300000000", "--file",
                         "1", "--", "true", NULL };
    char *number[] = { SANDBOX, "--write", job, "--cpu", "-1", "--memory", "300000000", "--file",
                       "1", "--", "/usr/bin/true", NULL };
    char *orphan[] = { SANDBOX, "--write", job, "--cpu", "1", "--memory", "300000000", "--file",
                       "1", "--parent", "1073741824", "--", "/usr/bin/true", NULL };
    char *nowhere[] = { SANDBOX, "--write", "/nonexistent", "--cpu", "1", "--memory", "300000000",
                        "--file", "1", "--", "/usr/bin/true", NULL };

    (void)state;
    assert_int_equal(exit_of(run(none, "")), 120);
    assert_int_equal(exit_of(run(relative, "")), 120);
    assert_int_equal(exit_of(run(number, "")), 120);
    assert_int_equal(exit_of(run(orphan, "")), 121);
    assert_int_equal(exit_of(run(nowhere, "")), 121);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_network_cannot_be_reached, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_process_can_be_started, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_outside_can_be_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_outside_can_be_changed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_link_can_be_laid_in_the_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(others_are_not_signalled_nor_limited, set_up, tear_down),
        cmocka_unit_test_setup_teardown(descriptors_of_the_parent_are_closed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(memory_and_file_size_have_an_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(endless_work_is_ended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(honest_work_still_works, set_up, tear_down),
        cmocka_unit_test_setup_teardown(root_becomes_nobody_when_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_probe_is_honest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_wrong_use_is_refused, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
