/*
 * consilium-sandbox - puts up walls, then becomes the decoder.
 *
 *     consilium-sandbox --write DIR --cpu S --memory BYTES --file BYTES
 *         [--read PATH]... [--parent PID] [--uid UID] [--require-landlock] [--pairs] -- PROGRAM [ARG]...
 *
 * The decoder runs in DIR and can write nowhere else, so that its arguments are relative paths.
 * Standard input is the source file, opened by the caller; standard output and error are the
 * caller's. All other descriptors are closed.
 *
 *   --cpu S        seconds of CPU of all threads; then SIGXCPU
 *   --memory B     bytes of address space (RLIMIT_AS)
 *   --file B       bytes of any one file it writes; then SIGXFSZ
 *   --read PATH    a folder or file beyond /usr that it may read and execute
 *   --parent PID   refuse to start if this is no longer our parent
 *   --uid UID      when run as root: become this user and group; DIR must be theirs
 *   --require-landlock   refuse to start on a kernel without Landlock; otherwise the other
 *                  walls are put up and a line "consilium-sandbox: no-landlock" is written
 *
 *   --pairs        it may make unnamed pairs of sockets, which reach nobody; sockets stay refused
 *
 * Exit: 120 usage, 121 a wall could not be put up, 122 no Landlock and it was required,
 * 127 the program could not be started; otherwise what the program did.
 */
#include "walls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { EXIT_USAGE = 120, EXIT_WALL = 121, EXIT_LANDLOCK = 122, EXIT_START = 127 };

static int fail(const char *what, int code)
{
    fprintf(stderr, "consilium-sandbox: %s: %s\n", what, strerror(errno));
    return code;
}

static int read_number(const char *text, uint64_t max, uint64_t *out)
{
    char *end;

    if (!text || *text < '0' || *text > '9')
        return -1;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return errno || *end || *out > max ? -1 : 0;
}

/* One option and its value; the number of words used, or -1. */
static int read_option(struct walls *walls, const char *word, const char *value)
{
    uint64_t number;

    if (!strcmp(word, "--require-landlock")) {
        walls->require_landlock = true;
        return 1;
    }
    if (!strcmp(word, "--pairs")) {
        walls->pairs = true;
        return 1;
    }
    if (!value)
        return -1;
    if (!strcmp(word, "--write")) {
        walls->write_dir = value;
        return 2;
    }
    if (!strcmp(word, "--read")) {
        if (walls->reads == WALLS_MAX_READ || value[0] != '/') /* we change folder first */
            return -1;
        walls->read[walls->reads++] = value;
        return 2;
    }
    if (read_number(value, INT64_MAX, &number))
        return -1;
    if (!strcmp(word, "--cpu"))
        walls->cpu_s = number;
    else if (!strcmp(word, "--memory"))
        walls->memory_bytes = number;
    else if (!strcmp(word, "--file"))
        walls->file_bytes = number;
    else if (!strcmp(word, "--parent"))
        walls->parent = (pid_t)number;
    else if (!strcmp(word, "--uid"))
        walls->uid = (uid_t)number;
    else
        return -1;
    return 2;
}

/* The index of the program in argv, or -1. */
static int read_options(int argc, char **argv, struct walls *out)
{
    struct walls walls = { .parent = getppid() };
    int i = 1;

    while (i < argc && strcmp(argv[i], "--") != 0) {
        int used = read_option(&walls, argv[i], i + 1 < argc ? argv[i + 1] : NULL);

        if (used < 0)
            return -1;
        i += used;
    }
    if (i + 1 >= argc || !walls.write_dir || !walls.cpu_s || !walls.memory_bytes ||
        !walls.file_bytes || argv[i + 1][0] != '/')
        return -1;
    *out = walls;
    return i + 1;
}

int main(int argc, char **argv)
{
    struct walls walls;
    int program = read_options(argc, argv, &walls);
    int abi = 0;

    if (program < 0) {
        fputs("usage: consilium-sandbox --write DIR --cpu S --memory BYTES --file BYTES"
              " [--read PATH]... [--parent PID] [--uid UID] [--require-landlock] [--pairs]"
              " -- /PROGRAM [ARG]...\n", stderr);
        return EXIT_USAGE;
    }
    if (syscall(SYS_close_range, 3, ~0U, 0) && errno != ENOSYS)
        return fail("descriptors", EXIT_WALL);
    if (chdir(walls.write_dir))
        return fail("folder", EXIT_WALL);
    walls.write_dir = "."; /* still reachable when the new user may not pass its parents */
    if (walls_limits(&walls))
        return fail("limits", EXIT_WALL);
    if (walls_user(&walls))
        return fail("user", EXIT_WALL);
    if (walls_end_with(walls.parent))
        return fail("parent", EXIT_WALL);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return fail("privileges", EXIT_WALL);
    if (walls_landlock(&walls, &abi))
        return fail("landlock", EXIT_WALL);
    if (abi == 0) {
        fputs("consilium-sandbox: no-landlock\n", stderr);
        if (walls.require_landlock)
            return EXIT_LANDLOCK;
    }
    if (walls_seccomp(&walls))
        return fail("seccomp", EXIT_WALL);
    execv(argv[program], argv + program);
    return fail("program", EXIT_START);
}
