#include "hear.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATE   48000.0
#define DECIM  6u
#define WINDOW 8000u

static void fail(const char *what, const char *path)
{
    fprintf(stderr, "%s: %s\n", what, path);
    exit(2);
}

static uint32_t le32(const uint8_t *b)
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

struct hear hear_wav(const char *path)
{
    struct hear out = { 0 };
    uint8_t head[8], *bytes;
    FILE *file = fopen(path, "rb");
    size_t len = 0, times = 1;

    if (!file)
        fail("cannot open", path);
    if (fread(head, 1, 8, file) != 8 || memcmp(head, "RIFF", 4) != 0 || fseek(file, 12, SEEK_SET))
        fail("not a WAV file", path);
    while (fread(head, 1, 8, file) == 8) {
        len = le32(head + 4);
        if (memcmp(head, "data", 4) == 0)
            break;
        if (memcmp(head, "fmt ", 4) == 0) {
            if (fread(head, 1, 8, file) != 8 || head[2] != 1)
                fail("not mono", path);
            times = le32(head + 4) == 16000 ? 3 : 1;
            len -= 8;
        }
        if (fseek(file, (long)(len + (len & 1)), SEEK_CUR))
            fail("broken WAV file", path);
    }
    bytes = malloc(len + 1);
    len = fread(bytes, 1, len, file);
    fclose(file);
    out.n = len / 2 * times;
    out.at = malloc((out.n + 1) * sizeof *out.at);
    for (size_t i = 0; i < out.n; i++) { /* 16 kHz: straight lines between the samples */
        const uint8_t *b = bytes + 2 * (i / times), *next = i / times + 1 < len / 2 ? b + 2 : b;
        float x = (float)(int16_t)(uint16_t)(b[0] | b[1] << 8);
        float y = (float)(int16_t)(uint16_t)(next[0] | next[1] << 8);

        out.at[i] = (x + (y - x) * (float)(i % times) / (float)times) / 32768.0f;
    }
    free(bytes);
    return out;
}

struct hear hear_voice(const char *leaf)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/%s.wav", VTB_SPEECH_DIR, leaf);
    return hear_wav(path);
}

/* Second order Butterworth, in place. */
static void biquad(float *pcm, size_t n, double hz, bool high)
{
    double w = 2.0 * M_PI * hz / RATE, alpha = sin(w) / (2.0 * M_SQRT1_2), c = cos(w);
    double a0 = 1.0 + alpha, b1 = high ? -(1.0 + c) : 1.0 - c, b0 = fabs(b1) / 2.0;
    double x1 = 0, x2 = 0, y1 = 0, y2 = 0;

    for (size_t i = 0; i < n; i++) {
        double x = (double)pcm[i];
        double y = (b0 * (x + x2) + b1 * x1 + 2.0 * c * y1 - (1.0 - alpha) * y2) / a0;

        x2 = x1;
        x1 = x;
        y2 = y1;
        y1 = y;
        pcm[i] = (float)y;
    }
}

struct hear hear_band(const float *pcm48, size_t n)
{
    struct hear out = { .at = malloc((n / DECIM + 1) * sizeof(float)), .n = n / DECIM };
    float *copy = malloc((n + 1) * sizeof *copy);

    memcpy(copy, pcm48, n * sizeof *copy);
    biquad(copy, n, 100.0, true);
    biquad(copy, n, 100.0, true);
    biquad(copy, n, 3400.0, false);
    biquad(copy, n, 3400.0, false);
    for (size_t i = 0; i < out.n; i++)
        out.at[i] = copy[i * DECIM];
    free(copy);
    return out;
}

static double corr(const float *a, const float *b, size_t n)
{
    double ab = 0, aa = 1e-12, bb = 1e-12;

    for (size_t i = 0; i < n; i++) {
        ab += (double)a[i] * (double)b[i];
        aa += (double)a[i] * (double)a[i];
        bb += (double)b[i] * (double)b[i];
    }
    return ab / sqrt(aa * bb);
}

double hear_r(const struct hear *ref, const struct hear *got, int delay)
{
    size_t skip = delay < 0 ? (size_t)-delay : 0, late = delay > 0 ? (size_t)delay : 0, n;

    if (ref->n <= skip || got->n <= late)
        return 0.0;
    n = ref->n - skip < got->n - late ? ref->n - skip : got->n - late;
    return corr(ref->at + skip, got->at + late, n);
}

static int by_value(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

struct hear_match hear_compare(const struct hear *ref, const struct hear *got, int max_ms)
{
    struct hear_match m = { .worst = 1.0 };
    int delays[256], last = 0, reach = max_ms * 8;
    bool have_last = false;

    /* A window whose every delay lies inside the recording, or none. */
    for (size_t at = 0; at + WINDOW <= ref->n && at + WINDOW + (size_t)reach <= got->n &&
                        m.windows < 256; at += WINDOW) {
        double best = -1.0, energy = 0.0;
        int best_delay = 0;

        for (size_t i = 0; i < WINDOW; i++)
            energy += (double)ref->at[at + i] * (double)ref->at[at + i];
        if (energy / WINDOW < 1e-5) /* no speech in this second */
            continue;
        for (int d = -reach; d <= reach; d++) {
            double r;

            if ((long)at + d < 0)
                continue;
            r = corr(ref->at + at, got->at + ((long)at + d), WINDOW);
            if (r > best) {
                best = r;
                best_delay = d;
            }
        }
        if (best > 0.8 && (!have_last || abs(best_delay - last) <= 40))
            m.good++;
        if (best > 0.8) {
            last = best_delay;
            have_last = true;
        }
        delays[m.windows++] = best_delay;
        m.mean += best;
        m.worst = fmin(m.worst, best);
    }
    if (m.windows) {
        m.mean /= (double)m.windows;
        qsort(delays, m.windows, sizeof *delays, by_value);
        m.delay_ms = delays[m.windows / 2] / 8;
    }
    return m;
}

bool hear_is_heard(const struct hear_match *m)
{
    return m->windows >= 3 && m->good * 10 >= m->windows * 8;
}
