/*
 * plant.c - leaves in a data folder what a killed server leaves of a recording: recording_plant DATA ID SECONDS.
 *
 * Its sound is one second of tone in two, each of 300 Hz and ten times the number of its second.
 */
#include "recording/take.h"

#include <fcntl.h>
#include <math.h>
#include <opus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRAME 960

static void nobody(void *ctx, const struct vtb_recorder_event *event)
{
    (void)ctx;
    (void)event;
}

static size_t tone(OpusEncoder *encoder, unsigned slot, unsigned char out[static 400])
{
    float pcm[FRAME];
    double hz = 300 + 10 * (slot / 50);
    opus_int32 len;

    if (slot / 50 % 2)
        return 0;
    for (unsigned i = 0; i < FRAME; i++)
        pcm[i] = 0.3f * (float)sin(2 * M_PI * hz * (slot * FRAME + i) / 48000.0);
    len = opus_encode_float(encoder, pcm, FRAME, out, 400);
    return len > 0 ? (size_t)len : 0;
}

int main(int argc, char **argv)
{
    struct vtb_teller teller = { nobody, NULL };
    unsigned char frame[400];
    uint8_t key[VTB_RECORDING_KEY];
    char path[400], dir[400];
    struct vtb_id id;
    struct vtb_tap *tap;
    struct vtb_take *take;
    int error, fd;
    OpusEncoder *encoder = opus_encoder_create(48000, 1, OPUS_APPLICATION_VOIP, &error);

    if (argc != 4 || !encoder || vtb_id_parse(vtb_str_of(argv[2]), &id))
        return 2;
    snprintf(path, sizeof path, "%s/keys/recording.key", argv[1]);
    snprintf(dir, sizeof dir, "%s/recordings", argv[1]);
    fd = open(path, O_RDONLY);
    if (fd < 0 || read(fd, key, sizeof key) != (ssize_t)sizeof key || vtb_tap_create(id, &tap) ||
        vtb_take_create(dir, key, tap, teller, &take))
        return 1;
    close(fd);
    vtb_take_open(take);
    for (unsigned slot = 0; slot < 50 * (unsigned)strtoul(argv[3], NULL, 10); slot++) {
        struct vtb_tap_tick tick = { .due_us = slot * UINT64_C(20000) };

        vtb_tap_put(tap, &tick, frame, tone(encoder, slot, frame));
        if (slot % 50 == 49 && !vtb_take_turn(take, tick.due_us))
            return 1;
    }
    vtb_take_destroy(take); /* without an end */
    opus_encoder_destroy(encoder);
    return 0;
}
