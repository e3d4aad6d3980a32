#include "echo.h"

#include <math.h>
#include <string.h>

#define RANGE_DB   30.0f /* what lies further below the loudest is noise of the room */
#define SPEECH     50u   /* -dBov: the room speaks */
#define SPOKEN     40u   /* steps of the window that must be speech */
#define AUDIBLE    62u   /* -dBov: what never gets louder comes back to nobody's ear */
#define MOVES      6.0f  /* dB, squared mean: a level that stands still is like anything */
#define UNLIKE     0.4f
#define UNLIKE_END 4u
#define LAGS_STEP  32u   /* searched in a step */
#define EARLIER    320u  /* points before the lag of the levels at which the search begins: 40 ms */
#define LATER      480u
#define REFUTED    6u    /* the pause after a search in vain doubles up to 2^6 looks */
#define DECIM      6u
#define LAST       (VTB_ECHO_STEPS * VTB_ECHO_POINTS - VTB_ECHO_PIECE)
#define HOP        400u

void vtb_echo_init(struct vtb_echo *echo)
{
    memset(echo, 0, sizeof *echo);
}

void vtb_echo_probe_init(struct vtb_echo_probe *probe)
{
    probe->who = VTB_ECHO_NOBODY;
}

void vtb_echo_step(struct vtb_echo *echo, uint8_t sent, uint8_t back)
{
    echo->sent[echo->at] = sent;
    echo->back[echo->at] = back;
    echo->at = (uint16_t)((echo->at + 1u) % VTB_ECHO_RING);
    if (echo->known < VTB_ECHO_RING)
        echo->known++;
    if (echo->rest)
        echo->rest--;
}

/* The last n levels of a ring as loudness: within RANGE_DB of the loudest, smoothed over three steps,
 * since packets come a step early or late. Returns the loudest, -dBov. */
static uint8_t unroll(const uint8_t *ring, uint16_t at, uint32_t n, float *out)
{
    uint8_t loudest = 127;
    float raw[VTB_ECHO_WINDOW + VTB_ECHO_MOST];

    for (uint32_t i = 0; i < n; i++) {
        uint8_t level = ring[(at + VTB_ECHO_RING - n + i) % VTB_ECHO_RING];

        raw[i] = -(float)level;
        loudest = level < loudest ? level : loudest;
    }
    for (uint32_t i = 0; i < n; i++)
        raw[i] = fmaxf(raw[i], -(float)loudest - RANGE_DB);
    for (uint32_t i = 0; i < n; i++)
        out[i] = (raw[i ? i - 1 : 0] + raw[i] + raw[i + 1 < n ? i + 1 : i]) / 3.0f;
    return loudest;
}

static float mean_of(const float *x, uint32_t n)
{
    float sum = 0.0f;

    for (uint32_t i = 0; i < n; i++)
        sum += x[i];
    return sum / (float)n;
}

/* Likeness of the window's levels at one lag, -1..1; 0 where nothing moves. */
static float like(const float *sent, const float *back)
{
    float a = mean_of(sent, VTB_ECHO_WINDOW), b = mean_of(back, VTB_ECHO_WINDOW);
    float ab = 0.0f, aa = 0.0f, bb = 0.0f;

    for (uint32_t i = 0; i < VTB_ECHO_WINDOW; i++) {
        float x = sent[i] - a, y = back[i] - b;

        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    if (aa < MOVES * VTB_ECHO_WINDOW || bb < MOVES * VTB_ECHO_WINDOW)
        return 0.0f;
    return ab / sqrtf(aa * bb);
}

static bool room_speaks(const struct vtb_echo *echo)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < VTB_ECHO_WINDOW; i++)
        n += echo->sent[(echo->at + VTB_ECHO_RING - VTB_ECHO_WINDOW + i) % VTB_ECHO_RING] <= SPEECH;
    return n >= SPOKEN;
}

/* The lag, in steps, at which the source says what it was sent; *out_best says how much alike. */
static uint32_t find_lag(const struct vtb_echo *echo, float *out_best)
{
    float sent[VTB_ECHO_WINDOW + VTB_ECHO_MOST], back[VTB_ECHO_WINDOW];
    uint32_t best = 0;

    *out_best = 0.0f;
    (void)unroll(echo->sent, echo->at, VTB_ECHO_WINDOW + VTB_ECHO_MOST, sent);
    if (unroll(echo->back, echo->at, VTB_ECHO_WINDOW, back) > AUDIBLE)
        return 0;
    for (uint32_t lag = VTB_ECHO_LEAST; lag <= VTB_ECHO_MOST; lag++) {
        float r = like(sent + VTB_ECHO_MOST - lag, back);

        if (r > *out_best) {
            *out_best = r;
            best = lag;
        }
    }
    return best;
}

/* To 8 kHz, as slopes: a voice's low tones are like any other voice's, its slopes are its own. */
static void thin(const float *pcm, float *last, float *out)
{
    for (uint32_t i = 0; i < VTB_ECHO_POINTS; i++) {
        float sum = 0.0f;

        for (uint32_t k = 0; pcm && k < DECIM; k++)
            sum += pcm[i * DECIM + k];
        out[i] = sum - *last;
        *last = sum;
    }
}

void vtb_echo_record(struct vtb_echo_probe *probe, const float *sent, const float *back)
{
    if (probe->steps == VTB_ECHO_STEPS)
        return;
    thin(sent, &probe->sent_last, probe->sent + probe->steps * VTB_ECHO_POINTS);
    thin(back, &probe->back_last, probe->back + probe->steps * VTB_ECHO_POINTS);
    probe->steps++;
}

static void begin(struct vtb_echo_probe *probe, uint32_t who, uint32_t lag_steps, uint32_t delay_ms)
{
    uint32_t lag = lag_steps * VTB_ECHO_POINTS;

    probe->who = who;
    probe->steps = 0;
    probe->from = lag > EARLIER ? lag - EARLIER : 0;
    probe->to = lag + delay_ms * 8u + LATER;
    if (probe->to > LAST)
        probe->to = LAST;
    probe->next = probe->from;
    probe->best = 0.0f;
    probe->sent_last = probe->back_last = 0.0f;
}

static float energy(const float *x, uint32_t n)
{
    float sum = 1e-9f;

    for (uint32_t i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sum;
}

/* The loudest piece of what came back that has all its lags before it. */
static void choose_piece(struct vtb_echo_probe *probe)
{
    float top = -1.0f;

    for (uint32_t at = probe->to; at <= LAST; at += HOP) {
        float e = energy(probe->back + at, VTB_ECHO_PIECE);

        if (e > top) {
            top = e;
            probe->piece = at;
        }
    }
}

/* Some lags more. True when all have been looked at. */
static bool search(struct vtb_echo_probe *probe)
{
    const float *back = probe->back + probe->piece, *sent = probe->sent + probe->piece;
    float bb = energy(back, VTB_ECHO_PIECE);

    for (uint32_t n = 0; n < LAGS_STEP && probe->next < probe->to; n++, probe->next++) {
        const float *then = sent - probe->next;
        float ab = 0.0f, r;

        for (uint32_t i = 0; i < VTB_ECHO_PIECE; i++)
            ab += then[i] * back[i];
        r = fabsf(ab) / sqrtf(energy(then, VTB_ECHO_PIECE) * bb); /* a loudspeaker may be wired the other way round */
        probe->best = fmaxf(probe->best, r);
    }
    return probe->next >= probe->to;
}

static void go_on(struct vtb_echo *echo, struct vtb_echo_probe *probe)
{
    if (probe->steps < VTB_ECHO_STEPS)
        return;
    if (probe->next == probe->from)
        choose_piece(probe);
    if (!search(probe))
        return;
    probe->who = VTB_ECHO_NOBODY;
    echo->lag = 0;
    if (probe->best >= VTB_ECHO_SAME) {
        echo->found = true;
        echo->unlike = echo->refuted = 0;
        return;
    }
    if (echo->refuted < REFUTED)
        echo->refuted++;
    echo->rest = (uint16_t)(VTB_ECHO_EVERY << echo->refuted);
}

void vtb_echo_turn(struct vtb_echo *echo, struct vtb_echo_probe *probe, uint32_t who, uint32_t delay_ms)
{
    uint32_t lag, was = echo->lag;
    float alike;

    if (probe->who == who) {
        go_on(echo, probe);
        return;
    }
    if (echo->rest || echo->known < VTB_ECHO_WINDOW + VTB_ECHO_MOST)
        return;
    echo->rest = VTB_ECHO_EVERY;
    if (!room_speaks(echo))
        return;
    lag = find_lag(echo, &alike);
    echo->lag = (uint8_t)(alike >= VTB_ECHO_LIKE ? lag : 0);
    if (echo->found) {
        echo->unlike = (uint8_t)(alike < UNLIKE ? echo->unlike + 1 : 0);
        echo->found = echo->unlike < UNLIKE_END;
        return;
    }
    if (echo->lag && was && echo->lag <= was + 1 && was <= echo->lag + 1u && probe->who == VTB_ECHO_NOBODY)
        begin(probe, who, echo->lag, delay_ms);
}
