/*
 * walls.h - what a sandboxed decoder may not do: one function for each wall.
 *
 * Thread:    the launcher's only one, before execv.
 * Errors:    0, or -1 with errno set; the launcher then refuses to start the decoder.
 * Sources:   landlock(7), seccomp(2), prctl(2), setrlimit(2).
 */
#ifndef VTB_IMAGING_WALLS_H
#define VTB_IMAGING_WALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define WALLS_MAX_READ 8

struct walls {
    const char *write_dir;
    const char *read[WALLS_MAX_READ]; /* more folders or files to read and execute */
    size_t reads;
    uint64_t cpu_s, memory_bytes, file_bytes;
    pid_t parent;
    uid_t uid; /* 0: stay who we are */
    bool require_landlock;
    bool pairs; /* of sockets, unnamed */
};

int walls_limits(const struct walls *walls);
int walls_user(const struct walls *walls);
int walls_end_with(pid_t parent);

/* *out_abi is 0 when the kernel has no Landlock; then nothing is walled and 0 is returned. */
int walls_landlock(const struct walls *walls, int *out_abi);
int walls_seccomp(const struct walls *walls);

#endif
