/*
 * net_judge - plays what a client wrote down (consilium-voice's trace) as a browser would have, and
 * compares it with what was said.
 *
 *     net_judge TRACE OUT.wav US:VOICE.wav...      US: when the voice began (consilium-voice's "says")
 *     net_judge TRACE OUT.wav tone HZ...
 *
 * One JSON object on standard output. For each voice by utterance (a pause of 50 ms ends one that has
 * lasted for 0.8 s):
 * (A buffer may change its delay within an utterance. As PESQ does, words are compared where they are
 * heard: each 400 ms are looked for within 120 ms of the ones before.)
 *   shift_ms          how far the delay changed within the utterance
 *   at_ms, delay_ms   where it stands in the voice, and when it was heard, after it was said
 *   stoi              of the words as they were said (stoi.h)
 *   gap_ms            the longest silence where there was speech
 *   first_ms          of the first 200 ms, how much was silent
 *   first_r           their likeness to what was said (r, at the delay that suits them best)
 * For each tone: its power (0.5 is a sine at full scale) where it is strongest, the share of windows of
 * 20 ms in which it sounds (30 dB below that at least), and the longest time it does not, between the
 * first and the last of these.
 * And for all: clipped (runs of three samples at full scale), and what the buffer did.
 */
#include "mediaclient/player.h"
#include "mediaclient/trace.h"
#include "mediaclient/wav.h"
#include "stoi.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP      240u   /* 5 ms */
#define TALKS     1e-5   /* mean square: -50 dBFS */
#define PAUSE     10u    /* steps: 50 ms */
#define PIECE     38400u /* samples: a pause before that ends nothing */
#define SHORT_MS  400u   /* STOI wants 384 ms of speech */
#define FIRST     9600u  /* samples: 200 ms */
#define REACH_MS  1500   /* after what was said, at most */
#define TAIL_US   3000000u

struct sound { float *at; size_t n; uint64_t begin_us; };

static void fail(const char *what)
{
    fprintf(stderr, "net_judge: %s\n", what);
    exit(1);
}

static void *need(void *p)
{
    if (!p)
        fail("no memory");
    return p;
}

/* ---- what was heard ---- */

static void append(struct sound *s, size_t *cap, const int16_t *pcm, size_t n)
{
    if (s->n + n > *cap) {
        *cap = *cap ? *cap * 2 : 1u << 20;
        s->at = need(realloc(s->at, *cap * sizeof *s->at));
    }
    for (size_t i = 0; i < n; i++)
        s->at[s->n + i] = (float)pcm[i] / 32768.0f;
    s->n += n;
}

static struct sound play(const char *path, const char *out, struct vtb_player_stats *stats)
{
    uint8_t buffer[VTB_CLIENT_PAYLOAD];
    struct vtb_heard heard;
    struct vtb_wav_writer wav;
    struct vtb_player *player;
    struct sound sound = { 0 };
    FILE *file = fopen(path, "rbe");
    uint64_t now_us;
    size_t cap = 0;
    enum vtb_err err = file ? vtb_trace_read(file, buffer, &heard) : VTB_SYS;

    if (err || vtb_player_create(&player) || vtb_wav_create(out, &wav))
        fail(err == VTB_ABSENT ? "nothing was heard" : "a file cannot be used");
    sound.begin_us = now_us = heard.at_us;
    for (uint64_t end_us = UINT64_MAX; now_us < end_us;) {
        int16_t pcm[VTB_PLAYER_STEP];

        now_us += VTB_PLAYER_STEP_US;
        while (!err && heard.at_us <= now_us) {
            (void)!vtb_player_put(player, &heard); /* one that is malformed is a lost one */
            err = vtb_trace_read(file, buffer, &heard);
        }
        if (err && end_us == UINT64_MAX)
            end_us = now_us + TAIL_US;
        vtb_player_pull(player, now_us, pcm);
        append(&sound, &cap, pcm, VTB_PLAYER_STEP);
        vtb_wav_append(&wav, 0, pcm, VTB_PLAYER_STEP);
    }
    vtb_player_stats(player, stats);
    vtb_player_destroy(player);
    fclose(file);
    if (vtb_wav_close(&wav))
        fail("the recording cannot be written");
    return sound;
}

/* ---- what was said ---- */

static struct sound voice(char *given)
{
    char *colon = strchr(given, ':');
    struct vtb_wav wav;
    struct sound s = { .begin_us = strtoull(given, NULL, 10) };

    if (!colon || vtb_wav_read(colon + 1, &wav))
        fail("a voice cannot be read");
    s.n = wav.n;
    s.at = need(malloc(wav.n * sizeof *s.at));
    for (size_t i = 0; i < wav.n; i++)
        s.at[i] = (float)wav.at[i] / 32768.0f;
    free(wav.at);
    return s;
}

static double power(const float *pcm, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += (double)pcm[i] * (double)pcm[i];
    return sum / (double)n;
}

/* The next utterance from *at on: [*at, *end). False: there is none. */
static bool next_utterance(const struct sound *s, size_t *at, size_t *end)
{
    size_t from = *at, quiet = 0;

    while (from + STEP <= s->n && power(s->at + from, STEP) < TALKS)
        from += STEP;
    if (from + STEP > s->n)
        return false;
    *at = *end = from;
    for (size_t i = from; i + STEP <= s->n && (quiet < PAUSE || i - from < PIECE); i += STEP) {
        quiet = power(s->at + i, STEP) < TALKS ? quiet + 1 : 0;
        if (!quiet)
            *end = i + STEP;
    }
    return true;
}

/* The lag in from..to (samples of 10 kHz), in steps, at which `got` is most like `ref`; *r how much. */
static long best_lag(const float *ref, size_t n, const float *got, size_t got_n, long from, long to, long step,
                     double *r)
{
    long best_at = from;
    double rr = 1e-12;

    *r = -1.0;
    for (size_t i = 0; i < n; i++)
        rr += (double)ref[i] * (double)ref[i];
    for (long lag = from; lag <= to; lag += step) {
        double rg = 0.0, gg = 1e-12;

        if (lag < 0 || (size_t)lag + n > got_n)
            continue;
        for (size_t i = 0; i < n; i += (size_t)step) {
            rg += (double)ref[i] * (double)got[(size_t)lag + i];
            gg += (double)got[(size_t)lag + i] * (double)got[(size_t)lag + i];
        }
        if (rg / sqrt(rr * gg) > *r) {
            *r = rg / sqrt(rr * gg);
            best_at = lag;
        }
    }
    return best_at;
}

/* Silence where the voice speaks, in steps of 5 ms: the longest, or all of it. */
static unsigned silent_ms(const float *ref, size_t n, const float *got, bool longest)
{
    unsigned gap = 0, most = 0, all = 0;

    for (size_t i = 0; i + STEP <= n; i += STEP) {
        double said = power(ref + i, STEP);
        bool is_gap = said > 10 * TALKS && power(got + i, STEP) < said / 1000;

        gap = is_gap ? gap + 1 : 0;
        all += is_gap;
        most = gap > most ? gap : most;
    }
    return 5 * (longest ? most : all);
}

#define PART 4000u /* samples of 10 kHz: 400 ms */
#define NEAR 1200  /* 120 ms */

/* `got` as if its delay were constant: *out holds n samples, each part from where it is most like `ref`
 * (an unlike part stays where the one before was). Returns how far that moved, in samples. */
static long straighten(const float *ref, size_t n, const float *got, size_t got_n, long lag, float *out)
{
    long least = lag, most = lag;

    for (size_t from = 0; from < n;) {
        size_t part = n - from < 2 * PART ? n - from : PART;
        double here, there;
        long at;

        (void)best_lag(ref + from, part, got, got_n, lag + (long)from, lag + (long)from, 1, &here);
        at = best_lag(ref + from, part, got, got_n, lag + (long)from - NEAR, lag + (long)from + NEAR, 1, &there) - (long)from;
        if (there > here + 0.1)
            lag = at;
        for (size_t i = 0; i < part; i++) {
            long place = lag + (long)(from + i);

            out[from + i] = place >= 0 && (size_t)place < got_n ? got[place] : 0.0f;
        }
        least = lag < least ? lag : least;
        most = lag > most ? lag : most;
        from += part;
    }
    return most - least;
}

struct pair { const float *ref, *got; size_t ref_n, got_n; }; /* at 10 kHz */

/* `base`: sample of `heard` in which the voice would stand if nothing took any time. */
static void judge_utterance(const struct sound *said, const struct sound *heard, const struct pair *low, long base,
                            size_t at, size_t end, const char *before)
{
    size_t from = at * 5 / 24, n = (end - at) * 5 / 24, first = FIRST * 5 / 24;
    long base10 = base * 5 / 24, lag, lag1, place, place1, shift;
    double r, first_r, d;
    float *straight = need(calloc(n, sizeof *straight));

    first = first > n ? n : first;
    lag = best_lag(low->ref + from, n, low->got, low->got_n, (long)from + base10 - 50, (long)from + base10 + REACH_MS * 10, 2, &r);
    lag = best_lag(low->ref + from, n, low->got, low->got_n, lag - 4, lag + 4, 1, &r);
    lag1 = best_lag(low->ref + from, first, low->got, low->got_n, lag - 1500, lag + 1500, 1, &first_r);
    place = lag * 24 / 5;
    place1 = lag1 * 24 / 5;
    if (place < 0 || (size_t)place + (end - at) > heard->n || place1 < 0 || (size_t)place1 + FIRST > heard->n)
        fail("the recording ends too early");
    shift = straighten(low->ref + from, n, low->got, low->got_n, lag, straight);
    d = stoi_10k(low->ref + from, straight, n);
    free(straight);
    if (isnan(d))
        return;
    printf("%s{\"at_ms\":%zu,\"ms\":%zu,\"shift_ms\":%ld,\"delay_ms\":%ld,\"stoi\":%.4f,\"r\":%.3f,\"gap_ms\":%u,\"first_ms\":%u,\"first_r\":%.3f}", before,
           at / 48, (end - at) / 48, shift / 10, (place - base - (long)at) / 48, d, r,
           silent_ms(said->at + at, end - at, heard->at + place, true),
           silent_ms(said->at + at, FIRST < end - at ? FIRST : end - at, heard->at + place1, false), first_r);
}

static void judge_voice(char *given, const struct sound *heard, const struct pair *got, const char *before)
{
    struct sound said = voice(given);
    struct pair low = *got;
    long base = ((long)said.begin_us - (long)heard->begin_us) * 48 / 1000;
    size_t at = 0, end;
    const char *comma = "";
    float *ref;

    low.ref = ref = stoi_resample(said.at, said.n, &low.ref_n);
    printf("%s[", before);
    while (next_utterance(&said, &at, &end)) {
        if (end - at >= SHORT_MS * 48 && (end * 5 / 24) <= low.ref_n) {
            judge_utterance(&said, heard, &low, base, at, end, comma);
            comma = ",";
        }
        at = end;
    }
    printf("]");
    free(ref);
    free(said.at);
}

/* Power of a tone in n samples: Goertzel. Under a window of Hann, so that another tone which begins, ends
 * or jumps in them stays where it is in the spectrum. */
static double goertzel(const float *at, size_t n, double hz)
{
    double c = 2.0 * cos(2.0 * M_PI * hz / 48000.0), s1 = 0.0, s2 = 0.0;

    for (size_t i = 0; i < n; i++) {
        double hann = 1.0 - cos(2.0 * M_PI * ((double)i + 0.5) / (double)n);
        double s = (double)at[i] * hann + c * s1 - s2;

        s2 = s1;
        s1 = s;
    }
    return 2.0 * (s1 * s1 + s2 * s2 - c * s1 * s2) / ((double)n * (double)n);
}

#define WINDOW 960u /* of a tone that is there or not: 20 ms */
#define LONG   9600u /* of its strength: 5 Hz apart */

static void judge_tone(const struct sound *heard, double hz, const char *before)
{
    double most = 0.0, most_long = 0.0;
    size_t windows = heard->n / WINDOW, there = 0, first = windows, last = 0, gap = 0, longest = 0;

    for (size_t w = 0; w < windows; w++)
        most = fmax(most, goertzel(heard->at + w * WINDOW, WINDOW, hz));
    for (size_t at = 0; at + LONG <= heard->n; at += LONG)
        most_long = fmax(most_long, goertzel(heard->at + at, LONG, hz));
    for (size_t w = 0; w < windows; w++) {
        bool is = goertzel(heard->at + w * WINDOW, WINDOW, hz) > most / 1000.0 && most > 1e-6;

        there += is;
        first = is && first == windows ? w : first;
        if (is) {
            longest = w > first && gap > longest ? gap : longest;
            last = w;
        }
        gap = is ? 0 : gap + 1;
    }
    printf("%s{\"hz\":%.0f,\"power\":%.9f,\"share\":%.4f,\"gap_ms\":%zu}", before, hz, most_long,
           first < windows ? (double)there / (double)(last - first + 1) : 0.0, longest * 20);
}

static unsigned clipped(const struct sound *heard)
{
    unsigned runs = 0, run = 0;

    for (size_t i = 0; i < heard->n; i++) {
        run = fabsf(heard->at[i]) >= 0.9999f ? run + 1 : 0;
        runs += run == 3;
    }
    return runs;
}

int main(int argc, char **argv)
{
    struct vtb_player_stats stats;
    struct sound heard;
    struct pair got = { 0 };
    float *low;

    if (argc < 4)
        return 2;
    heard = play(argv[1], argv[2], &stats);
    printf("{\"clipped\":%u,\"played\":%llu,\"copies\":%llu,\"fec\":%llu,\"concealed\":%llu,\"late\":%llu,\"shortened_ms\":%llu,\"stretched_ms\":%llu,"
           "\"delay_ms\":%u,\"delay_max_ms\":%u,", clipped(&heard), (unsigned long long)stats.played, (unsigned long long)stats.copies,
           (unsigned long long)stats.fec, (unsigned long long)stats.concealed, (unsigned long long)stats.late,
           (unsigned long long)stats.shortened / 48, (unsigned long long)stats.stretched / 48, stats.delay_ms, stats.delay_max_ms);
    if (strcmp(argv[3], "tone") == 0) {
        printf("\"tones\":[");
        for (int i = 4; i < argc; i++)
            judge_tone(&heard, strtod(argv[i], NULL), i > 4 ? "," : "");
        printf("]}\n");
    } else {
        got.got = low = stoi_resample(heard.at, heard.n, &got.got_n);
        printf("\"voices\":[");
        for (int i = 3; i < argc; i++)
            judge_voice(argv[i], &heard, &got, i > 3 ? "," : "");
        printf("]}\n");
        free(low);
    }
    free(heard.at);
    return 0;
}
