#include "wav.h"

#include <stdlib.h>
#include <string.h>

#define HEADER  44u
#define RATE    48000u
#define GAP_MAX (RATE * 3600u) /* one hour: more is a broken timestamp */

static uint32_t le32(const uint8_t *b)
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static uint16_t le16(const uint8_t *b)
{
    return (uint16_t)(b[0] | b[1] << 8);
}

static void put32(uint8_t *b, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        b[i] = (uint8_t)(v >> (8 * i));
}

/* Finds the data chunk and checks the format on the way. */
static enum vtb_err find_data(FILE *file, uint32_t *out_bytes)
{
    uint8_t head[16];
    bool format = false;

    if (fread(head, 1, 12, file) != 12 || memcmp(head, "RIFF", 4) || memcmp(head + 8, "WAVE", 4))
        return VTB_PARSE;
    while (fread(head, 1, 8, file) == 8) {
        uint32_t len = le32(head + 4);

        if (memcmp(head, "data", 4) == 0) {
            *out_bytes = len;
            return format ? VTB_OK : VTB_PARSE;
        }
        if (memcmp(head, "fmt ", 4) == 0) {
            if (len < 16 || fread(head, 1, 16, file) != 16)
                return VTB_PARSE;
            if (le16(head) != 1 || le16(head + 2) != 1 || le32(head + 4) != RATE ||
                le16(head + 14) != 16)
                return VTB_PARSE;
            format = true;
            len -= 16;
        }
        if (len > INT32_MAX - 1 || fseek(file, (long)(len + (len & 1)), SEEK_CUR))
            return VTB_PARSE;
    }
    return VTB_PARSE;
}

enum vtb_err vtb_wav_read(const char *path, struct vtb_wav *out)
{
    FILE *file = fopen(path, "rb");
    struct vtb_wav wav = { 0 };
    uint32_t bytes;
    enum vtb_err err;

    if (!file)
        return VTB_ABSENT;
    err = find_data(file, &bytes);
    if (!err && bytes / 2 > VTB_WAV_MAX)
        err = VTB_LIMIT;
    if (!err) {
        wav.at = malloc((size_t)bytes + 2);
        err = wav.at ? VTB_OK : VTB_NOMEM;
    }
    if (!err)
        wav.n = fread(wav.at, 2, bytes / 2, file); /* a cut file is played as far as it goes */
    fclose(file);
    if (!err && !wav.n)
        err = VTB_PARSE;
    if (err)
        free(wav.at);
    else
        *out = wav;
    return err;
}

static bool write_header(struct vtb_wav_writer *wav)
{
    uint8_t head[HEADER] = "RIFF....WAVEfmt \x10\0\0\0\1\0\1\0....\0\0\0\0\2\0\x10\0data";
    uint64_t bytes = wav->n * 2;
    uint32_t len = bytes > UINT32_MAX - HEADER ? UINT32_MAX - HEADER : (uint32_t)bytes;

    put32(head + 4, len + HEADER - 8);
    put32(head + 24, RATE);
    put32(head + 28, RATE * 2);
    put32(head + 40, len);
    return fseek(wav->file, 0, SEEK_SET) == 0 && fwrite(head, 1, HEADER, wav->file) == HEADER &&
           fseek(wav->file, 0, SEEK_END) == 0 && fflush(wav->file) == 0;
}

enum vtb_err vtb_wav_create(const char *path, struct vtb_wav_writer *out)
{
    struct vtb_wav_writer wav = { .file = fopen(path, "wb") };

    if (!wav.file)
        return VTB_ABSENT;
    if (!write_header(&wav)) {
        fclose(wav.file);
        return VTB_SYS;
    }
    *out = wav;
    return VTB_OK;
}

void vtb_wav_append(struct vtb_wav_writer *wav, uint64_t gap, const int16_t *pcm, size_t n)
{
    static const int16_t zero[480];
    uint64_t before = wav->n;

    if (!wav->file || wav->broken)
        return;
    for (uint64_t left = gap > GAP_MAX ? GAP_MAX : gap; left && !wav->broken;) {
        size_t part = left < VTB_COUNT(zero) ? (size_t)left : VTB_COUNT(zero);

        wav->broken = fwrite(zero, 2, part, wav->file) != part;
        left -= part;
        wav->n += part;
    }
    wav->broken = wav->broken || fwrite(pcm, 2, n, wav->file) != n;
    wav->n += n;
    if (before / RATE != wav->n / RATE)
        wav->broken = wav->broken || !write_header(wav);
}

enum vtb_err vtb_wav_close(struct vtb_wav_writer *wav)
{
    bool good;

    if (!wav->file)
        return VTB_OK;
    good = !wav->broken && write_header(wav);
    good = fclose(wav->file) == 0 && good;
    *wav = (struct vtb_wav_writer){ 0 };
    return good ? VTB_OK : VTB_SYS;
}
