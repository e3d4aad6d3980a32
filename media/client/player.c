#include "player.h"

#include "codec.h"
#include "rtc/red.h"
#include "rtc/rtp.h"

#include <stdlib.h>
#include <string.h>

#define HELD_MAX   512u     /* packets, copies too */
#define START_US   40000u   /* before anything is known about the link */
#define BINS       50u      /* of 20 ms */
#define BIN_US     20000u
#define FADE_MS    120u     /* made-up sound after which there is silence */
#define AHEAD_MAX  144000   /* samples: a packet further ahead begins anew (3 s) */
#define PENDING    (2u * CLIENT_CODEC_MAX)
#define QUIET      1100u    /* mean square: below -45 dBFS */
#define CAME       256u     /* times of which it is known that their sound came: 2.5 s and more */

enum source { FROM_PACKET, FROM_COPY };

struct held {
    int64_t ts;
    uint64_t at_us;
    enum source source;
    size_t len;
    uint8_t *data;
};

struct vtb_player {
    struct client_codec *codec;
    struct held held[HELD_MAX]; /* by ts; one for each */
    size_t n;
    bool started, playing;
    uint32_t last_ts;
    int64_t last_long;          /* last_ts without wraps */
    int64_t next_ts;            /* what plays next */
    int64_t waited;             /* samples made up since next_ts should have played */
    int64_t played_to;          /* ts of the last sample that came from a packet */
    uint64_t play_us;           /* when the first sample may be pulled */
    int16_t pcm[PENDING];       /* decoded, not pulled yet */
    size_t pcm_n;
    int64_t pcm_ts;             /* of its end */
    uint32_t concealed_run;     /* samples */
    /* delays: arrival - ts, against the least of the last two seconds */
    int64_t least[4];           /* of half seconds */
    int64_t half_begin_us;
    int64_t half_worst;
    double worst[BINS], overtaken[BINS];
    int64_t newest;             /* ts */
    int64_t came[CAME];         /* ts, by the 10 ms it lies in */
    uint32_t target_us;
    uint64_t calm_us;           /* speech is not shortened again before */
    struct vtb_player_stats stats;
};

enum vtb_err vtb_player_create(struct vtb_player **out)
{
    struct vtb_player *player = calloc(1, sizeof *player);
    enum vtb_err err = player ? client_codec_create(false, true, 0, &player->codec) : VTB_NOMEM;

    if (err) {
        free(player);
        return err;
    }
    player->target_us = START_US;
    player->worst[1] = 0.25; /* as after a quarter of a minute on a good link: one stall is no habit */
    *out = player;
    return VTB_OK;
}

void vtb_player_destroy(struct vtb_player *player)
{
    if (!player)
        return;
    for (size_t i = 0; i < player->n; i++)
        free(player->held[i].data);
    client_codec_destroy(player->codec);
    free(player);
}

/* ---- how long to wait ---- */

static int64_t least_of(const struct vtb_player *player)
{
    int64_t least = player->least[0];

    for (size_t i = 1; i < VTB_COUNT(player->least); i++)
        least = player->least[i] < least ? player->least[i] : least;
    return least;
}

static unsigned bin_of(int64_t late_us)
{
    return late_us <= 0 ? 0u : late_us >= (int64_t)BINS * BIN_US ? BINS - 1 : (unsigned)(late_us / BIN_US);
}

static void choose_target(struct vtb_player *player)
{
    double sum = 0.0, all = 0.0, beyond, best = 1e9;
    unsigned quantile = 0, cheapest = 0;

    for (unsigned i = 0; i < BINS; i++) {
        sum += player->worst[i];
        all += player->overtaken[i];
    }
    if (sum > 0.0)
        for (double n = 0.0; quantile + 1 < BINS && (n += player->worst[quantile]) < 0.95 * sum;)
            quantile++;
    beyond = all;
    for (unsigned i = 0; i < BINS; i++) { /* 20 ms of delay against 1 % that comes too late */
        double cost;

        beyond -= player->overtaken[i];
        cost = (i + 1) * 20.0 + (all > 0.0 ? 20.0 * 100.0 * beyond / all : 0.0);
        if (cost < best) {
            best = cost;
            cheapest = i;
        }
    }
    player->target_us = ((quantile > cheapest ? quantile : cheapest) + 1) * BIN_US;
}

/* The first arrival of a piece of sound, by itself or as a copy. What was overtaken counts for the
 * price of waiting, what came in order for the quantile too: a stall is no reason to wait for ever. */
static void learn(struct vtb_player *player, int64_t ts, uint64_t at_us)
{
    bool is_overtaken = ts < player->newest;
    int64_t transit = (int64_t)at_us - ts * 1000 / 48, late;

    if (!player->half_begin_us || (int64_t)at_us - player->half_begin_us > 500000) {
        if (player->half_begin_us) {
            for (unsigned i = 0; i < BINS; i++)
                player->worst[i] *= 0.983;
            player->worst[bin_of(player->half_worst)] += 0.017;
            memmove(player->least + 1, player->least, sizeof player->least - sizeof player->least[0]);
        } else {
            for (size_t i = 0; i < VTB_COUNT(player->least); i++)
                player->least[i] = transit;
        }
        player->least[0] = transit;
        player->half_begin_us = (int64_t)at_us;
        player->half_worst = 0;
    }
    player->least[0] = transit < player->least[0] ? transit : player->least[0];
    late = transit - least_of(player);
    if (!is_overtaken && late > player->half_worst)
        player->half_worst = late;
    for (unsigned i = 0; i < BINS; i++)
        player->overtaken[i] *= 0.9993;
    player->overtaken[is_overtaken ? bin_of(late) : 0] += 0.0007;
    player->newest = is_overtaken ? player->newest : ts;
    choose_target(player);
}

/* ---- in ---- */

/* The first time? */
static bool note(struct vtb_player *player, int64_t ts)
{
    int64_t *came = &player->came[(uint64_t)ts / VTB_PLAYER_STEP % CAME];
    bool is_first = *came != ts;

    *came = ts;
    return is_first;
}

static enum vtb_err hold(struct vtb_player *player, int64_t ts, uint64_t at_us, enum source source,
                         const uint8_t *data, size_t len)
{
    size_t at = player->n;
    uint8_t *copy;

    if (!note(player, ts))
        return VTB_OK;
    while (at > 0 && player->held[at - 1].ts > ts)
        at--;
    if (player->playing && ts < player->next_ts + (len <= 2 ? player->waited : 0)) {
        player->stats.late += source == FROM_PACKET && ts >= player->played_to;
        if (len > 2) /* silence that comes late (asked for after a pause of 400 ms) is nothing to wait for */
            learn(player, ts, at_us);
        return VTB_OK;
    }
    if (player->n == HELD_MAX)
        return VTB_LIMIT;
    copy = malloc(len);
    if (!copy)
        return VTB_NOMEM;
    memcpy(copy, data, len);
    memmove(player->held + at + 1, player->held + at, (player->n - at) * sizeof player->held[0]);
    player->held[at] = (struct held){ ts, at_us, source, len, copy };
    player->n++;
    learn(player, ts, at_us);
    return VTB_OK;
}

static void drop_first(struct vtb_player *player)
{
    free(player->held[0].data);
    memmove(player->held, player->held + 1, --player->n * sizeof player->held[0]);
}

enum vtb_err vtb_player_put(struct vtb_player *player, const struct vtb_heard *heard)
{
    struct vtb_red red = { .n = 1, .blocks = { { heard->payload, heard->len, 0 } } };
    enum vtb_err err = VTB_OK;
    int64_t ts;

    if (heard->type == VTB_RTP_RED)
        err = vtb_red_parse(heard->payload, heard->len, VTB_RTP_OPUS, &red);
    if (err)
        return err;
    if (!player->started) {
        player->started = true;
        player->last_ts = heard->timestamp;
        player->last_long = 1ll << 32;
        player->next_ts = player->last_long;
        player->play_us = heard->at_us + player->target_us;
    }
    player->last_long += (int32_t)(heard->timestamp - player->last_ts);
    player->last_ts = heard->timestamp;
    ts = player->last_long;
    /* Its own sound first: a copy counts only where that never came. */
    for (size_t i = red.n; i-- > 0 && !err;)
        if (red.blocks[i].len)
            err = hold(player, ts - red.blocks[i].offset, heard->at_us,
                       i + 1 == red.n ? FROM_PACKET : FROM_COPY, red.blocks[i].payload, red.blocks[i].len);
    return err;
}

/* ---- out ---- */

static uint64_t power(const int16_t *pcm, size_t n)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (uint64_t)((int32_t)pcm[i] * pcm[i]);
    return n ? sum / n : 0;
}

/* The period, 120..720 samples, at which the sound repeats itself best; 0: none is alike enough (r
 * squared). */
static size_t period_of(const int16_t *pcm, size_t n, double best)
{
    size_t best_at = 0;

    for (size_t lag = 120; lag <= 720 && lag + 240 <= n; lag += 2) {
        double ab = 0.0, aa = 1.0, bb = 1.0;

        for (size_t i = 0; i < 240; i++) {
            ab += (double)pcm[i] * pcm[i + lag];
            aa += (double)pcm[i] * pcm[i];
            bb += (double)pcm[i + lag] * pcm[i + lag];
        }
        if (ab > 0.0 && ab * ab / (aa * bb) > best) {
            best = ab * ab / (aa * bb);
            best_at = lag;
        }
    }
    return best_at;
}

/* Brings the delay nearer to what is aimed at, at the cost of the sound that waits to be pulled. */
static void change_delay(struct vtb_player *player, uint64_t now_us, size_t fresh)
{
    int64_t is_us = (int64_t)now_us - player->pcm_ts * 1000 / 48 + (int64_t)player->pcm_n * 1000 / 48 - least_of(player);
    int64_t off = is_us - (int64_t)player->target_us;
    int16_t *pcm = player->pcm + player->pcm_n - fresh;
    bool in_haste = off > 200000;
    size_t lag;

    player->stats.delay_ms = is_us > 0 ? (uint32_t)(is_us / 1000) : 0;
    if (player->stats.delay_ms > player->stats.delay_max_ms)
        player->stats.delay_max_ms = player->stats.delay_ms;
    if (power(pcm, fresh) < QUIET) {
        if (off > 10000 && fresh >= VTB_PLAYER_STEP) { /* of a pause less */
            player->pcm_n -= VTB_PLAYER_STEP;
            player->stats.shortened += VTB_PLAYER_STEP;
        } else if (off < -10000 && player->pcm_n + VTB_PLAYER_STEP <= PENDING) { /* or more */
            memmove(pcm + VTB_PLAYER_STEP, pcm, fresh * sizeof *pcm);
            player->pcm_n += VTB_PLAYER_STEP;
            player->stats.stretched += VTB_PLAYER_STEP;
        }
        return;
    }
    if (off < 60000 || now_us < player->calm_us)
        return;
    lag = period_of(pcm, fresh, in_haste ? 0.25 : 0.5);
    if (lag && in_haste) /* as many periods as 15 ms hold */
        lag = 720u / lag * lag;
    if (!lag || lag + 240 > fresh)
        return;
    for (size_t i = 0; i < 240; i++)
        pcm[i] = (int16_t)((pcm[i] * (int)(240 - i) + pcm[i + lag] * (int)i) / 240);
    memmove(pcm + 240, pcm + 240 + lag, (fresh - 240 - lag) * sizeof *pcm);
    player->pcm_n -= lag;
    player->stats.shortened += lag;
    player->calm_us = now_us + (in_haste ? 0 : 50000);
}

static void play_first(struct vtb_player *player, uint64_t now_us)
{
    struct held *first = &player->held[0];
    size_t n = client_codec_decode(player->codec, first->data, first->len, player->pcm + player->pcm_n);

    if (n) {
        if (first->source == FROM_PACKET)
            player->stats.played += n / VTB_PLAYER_STEP;
        else
            player->stats.copies += n / VTB_PLAYER_STEP;
        player->pcm_n += n;
        player->next_ts = first->ts + (int64_t)n;
        player->pcm_ts = player->played_to = player->next_ts;
        player->waited = 0;
        player->concealed_run = 0;
    }
    drop_first(player);
    if (n)
        change_delay(player, now_us, n);
}

/* 10 ms, or the whole of a lost packet when the next one may carry it. */
static void make_up(struct vtb_player *player)
{
    int16_t *to = player->pcm + player->pcm_n;
    size_t n = VTB_PLAYER_STEP;
    bool by_fec = false;

    if (player->n && player->held[0].ts - (player->next_ts + player->waited) == (int64_t)VTB_CLIENT_FRAME &&
        client_codec_has_fec(player->held[0].data, player->held[0].len)) {
        n = client_codec_conceal(player->codec, player->held[0].data, player->held[0].len, VTB_CLIENT_FRAME, to);
        by_fec = n > 0;
    }
    if (!by_fec) {
        n = client_codec_make_up(player->codec, VTB_PLAYER_STEP, to);
        if (!n || player->concealed_run > FADE_MS * 48u) {
            n = VTB_PLAYER_STEP;
            memset(to, 0, n * sizeof *to);
        }
        player->concealed_run += (uint32_t)n;
        player->stats.concealed++;
    } else {
        player->concealed_run = 0;
        player->stats.fec += n / VTB_PLAYER_STEP;
    }
    player->pcm_n += n;
    player->waited += (int64_t)n;
    if (by_fec || player->n) { /* a later packet is here: this one's place is filled for good */
        player->next_ts += player->waited;
        player->waited = 0;
    }
    player->pcm_ts = player->next_ts + player->waited;
}

static void fill(struct vtb_player *player, uint64_t now_us)
{
    while (player->n && player->held[0].ts < player->next_ts)
        drop_first(player);
    if (player->n && player->held[0].ts - (player->next_ts + player->waited) > AHEAD_MAX)
        player->next_ts = player->held[0].ts; /* the sender's clock jumped */
    /* While nothing was there the clock went on by `waited`; what comes late plays at once. */
    if (player->n && player->held[0].ts <= player->next_ts + player->waited)
        play_first(player, now_us);
    else
        make_up(player);
}

void vtb_player_pull(struct vtb_player *player, uint64_t now_us, int16_t pcm[static VTB_PLAYER_STEP])
{
    if (!player->started || (!player->playing && now_us < player->play_us)) {
        memset(pcm, 0, VTB_PLAYER_STEP * sizeof *pcm);
        return;
    }
    player->playing = true;
    while (player->pcm_n < VTB_PLAYER_STEP)
        fill(player, now_us);
    memcpy(pcm, player->pcm, VTB_PLAYER_STEP * sizeof *pcm);
    player->pcm_n -= VTB_PLAYER_STEP;
    memmove(player->pcm, player->pcm + VTB_PLAYER_STEP, player->pcm_n * sizeof *pcm);
}

void vtb_player_stats(const struct vtb_player *player, struct vtb_player_stats *out)
{
    *out = player->stats;
}
