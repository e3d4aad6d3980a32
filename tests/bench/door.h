/*
 * door.h - how a crowd gets into a server: ours (listeners_host) or Janus's AudioBridge.
 *
 * Who is added is offered a connection (SDP) later, in door_step; the answer goes back by its number.
 * Ends the program, and says why, when the server says no.
 */
#ifndef VTB_BENCH_DOOR_H
#define VTB_BENCH_DOOR_H

#include <stdbool.h>
#include <stddef.h>

struct door {
    void *state;
    void (*add)(void *state, size_t who, unsigned room, bool speaks);
    /* Takes what the server has said, without waiting. */
    void (*step)(void *state);
    void (*answer)(void *state, size_t who, const char *sdp);
};

typedef void door_offer(size_t who, const char *sdp, size_t len);

struct door door_ours(const char *path, door_offer *offer);

/* The Unix socket transport of Janus (SOCK_SEQPACKET). `rooms` are made first: 48 kHz, `bitrate`,
 * `fec_percent` of loss expected. Listeners join muted, so that nothing of theirs is decoded. */
struct door door_janus(const char *path, unsigned rooms, unsigned bitrate, unsigned fec_percent, door_offer *offer);

_Noreturn void door_fail(const char *what);

#endif
