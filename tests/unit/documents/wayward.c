/*
 * wayward.c - stands in for consilium-sandbox and misbehaves as the name it is called by says:
 * page2 (drawing page 2 fails), files (writes files for ever), broken (cannot put up a wall),
 * odd (one tile is not a tile), spare (leaves a file more). Otherwise it is the real one.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *after(int argc, char **argv, const char *word)
{
    for (int i = 1; i + 1 < argc; i++)
        if (!strcmp(argv[i], word))
            return argv[i + 1];
    return "";
}

static _Noreturn void write_for_ever(const char *folder)
{
    char name[64];

    if (chdir(folder))
        exit(1);
    for (unsigned n = 0;; n++) {
        int fd;

        snprintf(name, sizeof name, "f%u", n);
        fd = open(name, O_WRONLY | O_CREAT, 0600);
        if (fd >= 0)
            close(fd);
        usleep(20);
    }
}

static int spoil(const char *folder, const char *path, const char *text)
{
    FILE *file;

    if (chdir(folder))
        return 1;
    file = fopen(path, "w");
    if (!file)
        return 1;
    fputs(text, file);
    return fclose(file);
}

int main(int argc, char **argv)
{
    const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
    const char *tool = after(argc, argv, "--"), *folder = after(argc, argv, "--write");
    int status;

    if (!strcmp(name, "broken"))
        return 121;
    if (!strcmp(name, "page2") && strstr(tool, "pdftocairo") && !strcmp(after(argc, argv, "-f"), "2"))
        return 1;
    if (!strcmp(name, "files") && strstr(tool, "pdftocairo"))
        write_for_ever(folder);
    if (!strstr(tool, "/vips")) {
        execv(SANDBOX, argv);
        return 126;
    }
    /* The real child checks that its parent is who it was told: here that is us. */
    for (int i = 1; i + 1 < argc; i++) {
        static char self[24];

        if (!strcmp(argv[i], "--parent")) {
            snprintf(self, sizeof self, "%ld", (long)getpid());
            argv[i + 1] = self;
        }
    }
    pid_t pid = fork();

    if (pid == 0) {
        execv(SANDBOX, argv);
        _exit(126);
    }
    waitpid(pid, &status, 0);
    if (!strcmp(name, "odd") && strstr(tool, "/vips"))
        spoil(folder, "p_files/1/0_0.webp", "RIFF\4\0\0\0WEBP");
    if (!strcmp(name, "spare") && strstr(tool, "/vips"))
        spoil(folder, "p_files/0/spare", "x");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
