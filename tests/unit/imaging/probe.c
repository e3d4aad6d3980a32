/*
 * probe.c - tries one forbidden thing and says how it went.
 *
 * Exit: 0 refused, 1 it worked, 2 the attempt itself was wrong. "thread", "own" and "abort" are
 * things that must work.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { REFUSED = 0, WORKED = 1, WRONG = 2 };

static int said(long rc, int expected)
{
    if (rc >= 0)
        return WORKED;
    if (errno == expected)
        return REFUSED;
    perror("probe");
    return WRONG;
}

static int try_network(const char *arg)
{
    (void)arg;
    return said(socket(AF_INET, SOCK_STREAM, 0), EPERM) | said(socket(AF_UNIX, SOCK_DGRAM, 0), EPERM);
}

static int try_fork(const char *arg)
{
    pid_t pid = fork();

    (void)arg;
    if (pid == 0)
        _exit(0);
    return said(pid, EPERM);
}

static int try_spawn(const char *arg)
{
    char *const argv[] = { "/usr/bin/true", NULL };
    pid_t pid;
    int rc = posix_spawn(&pid, argv[0], NULL, NULL, argv, environ);

    (void)arg;
    errno = rc;
    return said(rc ? -1 : 0, EPERM);
}

static int try_clone3(const char *arg)
{
    (void)arg;
    return said(syscall(SYS_clone3, NULL, 0), ENOSYS);
}

static int try_namespace(const char *arg)
{
    (void)arg;
    return said(unshare(CLONE_NEWUSER), EPERM);
}

static int try_read(const char *arg)
{
    return said(open(arg, O_RDONLY), EACCES);
}

static int try_write(const char *arg)
{
    return said(open(arg, O_WRONLY | O_CREAT, 0600), EACCES);
}

static int try_list(const char *arg)
{
    return said(open(arg, O_RDONLY | O_DIRECTORY), EACCES);
}

static int try_truncate(const char *arg)
{
    return said(truncate(arg, 0), EACCES);
}

static int try_remove(const char *arg)
{
    return said(unlink(arg), EACCES);
}

static int try_link(const char *arg)
{
    return said(symlink(arg, "a-link"), EPERM) | said(link(arg, "a-name"), EPERM);
}

static int try_signal(const char *arg)
{
    return said(kill((pid_t)strtol(arg, NULL, 10), 0), EPERM);
}

static int try_limits(const char *arg)
{
    struct rlimit one = { 1, 1 };

    return said(prlimit((pid_t)strtol(arg, NULL, 10), RLIMIT_NOFILE, &one, NULL), EPERM);
}

static int try_descriptor(const char *arg)
{
    return said(fcntl((int)strtol(arg, NULL, 10), F_GETFD), EBADF);
}

static int try_memory(const char *arg)
{
    size_t len = (size_t)atoll(arg);
    void *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return said(at == MAP_FAILED ? -1 : 0, ENOMEM);
}

_Noreturn static int try_cpu(const char *arg)
{
    (void)arg;
    for (volatile unsigned long n = 0;; n++)
        ;
}

static int try_big_file(const char *arg)
{
    int fd = open("big", O_WRONLY | O_CREAT, 0600);

    signal(SIGXFSZ, SIG_IGN);
    if (fd < 0)
        return WRONG;
    return said(ftruncate(fd, atoll(arg)), EFBIG);
}

static void *idle(void *arg)
{
    return arg;
}

static int try_thread(const char *arg)
{
    pthread_t thread;

    (void)arg;
    if (pthread_create(&thread, NULL, idle, NULL))
        return WRONG;
    return pthread_join(thread, NULL) ? WRONG : 0;
}

/* The source on standard input, and the job's own folder: read, written, renamed. */
static int try_own(const char *arg)
{
    char text[16] = "";
    int fd = open("own", O_RDWR | O_CREAT, 0600);

    if (read(0, text, sizeof text - 1) < 0 || strcmp(text, arg) != 0 || fd < 0 ||
        write(fd, "x", 1) != 1 || mkdir("sub", 0700) || rename("own", "sub/own"))
        return WRONG;
    return close(fd) ? WRONG : 0;
}

static int try_abort(const char *arg)
{
    (void)arg;
    abort();
}

static int try_user(const char *arg)
{
    uid_t uid = (uid_t)strtol(arg, NULL, 10);

    return getuid() == uid && geteuid() == uid && getgid() == uid && setuid(0) ? 0 : WORKED;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*attempt)(const char *arg);
    } rows[] = {
        { "network", try_network }, { "fork", try_fork }, { "spawn", try_spawn },
        { "clone3", try_clone3 }, { "namespace", try_namespace }, { "read", try_read },
        { "write", try_write }, { "list", try_list }, { "truncate", try_truncate },
        { "remove", try_remove }, { "link", try_link }, { "signal", try_signal },
        { "limits", try_limits }, { "descriptor", try_descriptor }, { "memory", try_memory },
        { "cpu", try_cpu }, { "big-file", try_big_file }, { "thread", try_thread },
        { "own", try_own }, { "abort", try_abort }, { "user", try_user },
    };

    for (size_t i = 0; argc > 1 && i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(argv[1], rows[i].name))
            return rows[i].attempt(argc > 2 ? argv[2] : "");
    return WRONG;
}
