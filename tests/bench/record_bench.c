/*
 * record_bench.c - what a recording costs: an hour of a room, pushed as fast as it goes.
 *
 * Prints microseconds of one core for each second of sound, by part: the tap in the tick, the recorder (mux,
 * seal, write; the syncs are the disk's), the finish at the end; and a range read of it. Speech of the
 * default rung is about 60 bytes a frame.
 */
#include "recording/finish.h"
#include "recording/take.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HOUR  (3600u * 50u)
#define BYTES 60u

static double cpu_us(void)
{
    struct timespec at;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

static void nobody(void *ctx, const struct vtb_recorder_event *event)
{
    (void)ctx;
    (void)event;
}

static void say(const char *what, double us, double seconds)
{
    printf("%-34s %8.1f us for a second of sound, %.4f %% of a core\n", what, us / seconds, us / seconds / 1e4);
}

int main(void)
{
    char dir[] = "/tmp/vtb-record-bench-XXXXXX";
    uint8_t key[VTB_RECORDING_KEY] = { 1 }, frame[BYTES], digest[VTB_RECORDING_DIGEST], piece[65536];
    struct vtb_id id = vtb_id_make(1);
    struct vtb_recording_info info;
    struct vtb_recording *rec;
    struct vtb_tap *tap;
    struct vtb_take *take;
    double tapped = 0, recorded = 0, start;
    size_t n = 0;

    if (!mkdtemp(dir) || vtb_tap_create(id, &tap) ||
        vtb_take_create(dir, key, tap, (struct vtb_teller){ nobody, NULL }, &take))
        return 1;
    vtb_take_open(take);
    for (uint32_t slot = 0; slot < HOUR; slot += 5) { /* every 100 ms, as the thread does */
        start = cpu_us();
        for (uint32_t k = 0; k < 5; k++) {
            struct vtb_tap_tick tick = { .due_us = (slot + k) * UINT64_C(20000), .talkers_n = 1 };

            memset(frame, (int)(slot + k), sizeof frame);
            tick.talkers[0].peer = (vtb_peer){ slot / 500, 1 };
            vtb_tap_put(tap, &tick, frame, sizeof frame);
        }
        tapped += cpu_us() - start;
        start = cpu_us();
        if (!vtb_take_turn(take, slot * UINT64_C(20000)))
            return 1;
        recorded += cpu_us() - start;
    }
    if (!vtb_tap_end(tap, HOUR * UINT64_C(20000)) || vtb_take_turn(take, HOUR * UINT64_C(20000)))
        return 1;
    vtb_take_destroy(take);
    say("tap, in the tick", tapped, 3600);
    say("recorder", recorded, 3600);
    start = cpu_us();
    if (vtb_finish(dir, key, id, &info, digest))
        return 1;
    say("finish, once", cpu_us() - start, 3600);
    printf("%-34s %8.1f ms for an hour, %llu bytes\n", "", (cpu_us() - start) / 1e3, (unsigned long long)info.bytes);
    if (vtb_recording_open(dir, key, id, &rec))
        return 1;
    start = cpu_us();
    for (unsigned i = 0; i < 1000; i++)
        if (vtb_recording_read(rec, (i * 2654435761u) % (info.bytes - sizeof piece), piece, sizeof piece, &n))
            return 1;
    printf("%-34s %8.1f us\n", "64 kB from anywhere", (cpu_us() - start) / 1000);
    vtb_recording_close(rec);
    if (vtb_recording_destroy(dir, id))
        return 1;
    return rmdir(dir) != 0;
}
