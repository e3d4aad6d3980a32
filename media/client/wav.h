/*
 * wav.h - the one kind of sound file that consilium-voice reads and writes: RIFF/WAVE, PCM, 16 bit,
 * mono, 48 kHz.
 *
 * Errors: ABSENT cannot be opened; PARSE not such a file; LIMIT longer than VTB_WAV_MAX; SYS disk.
 */
#ifndef VTB_MEDIACLIENT_WAV_H
#define VTB_MEDIACLIENT_WAV_H

#include "base/err.h"

#include <stdio.h>

#define VTB_WAV_MAX (48000u * 60u * 10u) /* samples read: ten minutes */

struct vtb_wav {
    int16_t *at; /* malloc'd */
    size_t n;
};

VTB_MUST_USE enum vtb_err vtb_wav_read(const char *path, struct vtb_wav *out);

struct vtb_wav_writer {
    FILE *file;
    uint64_t n;    /* samples written */
    bool broken;   /* the disk said no; nothing more is written */
};

VTB_MUST_USE enum vtb_err vtb_wav_create(const char *path, struct vtb_wav_writer *out);
/* `gap` samples of silence, then pcm. The header is right again after every second of sound, so a
 * killed program leaves a playable file. */
void vtb_wav_append(struct vtb_wav_writer *wav, uint64_t gap, const int16_t *pcm, size_t n);
VTB_MUST_USE enum vtb_err vtb_wav_close(struct vtb_wav_writer *wav);

#endif
