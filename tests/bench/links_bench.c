/*
 * links_bench - what bad links leave of speech, by the hundred: the worker's own way down (downhill) and its way
 * up (uphill) on a clock that is turned, each link with a seed of its own. Prints the worst, not the mean.
 *
 *     links_bench [LINKS [VOICE]]      100 links of each kind; anna, ben or cleo
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "downhill.h"
#include "stoi.h"

static struct hear voice;
static double lossless;

struct judged { double share, worst; int gap_ms; uint32_t at; };

static int by_share(const void *a, const void *b)
{
    const struct judged *x = a, *y = b;

    return x->share < y->share ? -1 : x->share > y->share;
}

static int by_gap(const void *a, const void *b)
{
    return ((const struct judged *)b)->gap_ms - ((const struct judged *)a)->gap_ms;
}

static void kind(const char *name, const struct downhill_ear *like, uint32_t n)
{
    struct downhill_ear *ears = calloc(n, sizeof *ears);
    struct judged *judged = calloc(n, sizeof *judged);
    double on[VTB_RUNGS] = { 0 }, moves = 0, delay = 0;

    for (uint32_t i = 0; i < n; i++) {
        ears[i] = *like;
        ears[i].seed = 1000 + i;
    }
    downhill(&voice, ears, n);
    for (uint32_t i = 0; i < n; i++) {
        struct stoi_spoken s = stoi_spoken(voice.at, voice.n, ears[i].heard.at, ears[i].heard.n, 700);

        judged[i] = (struct judged){ s.stoi, s.worst, s.gap_ms, i };
        moves += ears[i].moves;
        delay += ears[i].delay_ms;
        for (size_t r = 0; r < VTB_RUNGS; r++)
            on[r] += ears[i].on[r];
        free(ears[i].heard.at);
    }
    qsort(judged, n, sizeof *judged, by_share);
    if (lossless == 0)
        lossless = judged[n / 2].share;
    printf("%-28s share of lossless: worst %.3f, 1 of 20 %.3f, half %.3f; phrase at worst %.3f;", name,
           judged[0].share / lossless, judged[n / 20].share / lossless, judged[n / 2].share / lossless, judged[0].worst);
    qsort(judged, n, sizeof *judged, by_gap);
    printf(" gap: most %d, 1 of 20 %d, half %d ms; %.1f moves, delay %.0f ms;", judged[0].gap_ms, judged[n / 20].gap_ms,
           judged[n / 2].gap_ms, moves / n, delay / n);
    for (size_t r = 0; r < VTB_RUNGS; r++)
        if (on[r] > 0)
            printf(" %s %.0f %%", vtb_rung_of((enum vtb_rung_name)r)->name, 100.0 * on[r] / n / (double)(voice.n / 960 + 50));
    printf("\n");
    fflush(stdout);
    free(ears);
    free(judged);
}

int main(int argc, char **argv)
{
    static const struct { const char *name; struct downhill_ear like; } kinds[] = {
        { "clean, known to be", { .has_red = true, .is_known = true } }, /* what the others are measured by */
        { "clean", { .has_red = true } },
        { "random 10 %", { .rules = { "loss 0.1" }, .has_red = true } },
        { "bursts 10 %", { .rules = { "burst 0.1 3" }, .has_red = true } },
        { "bursts 10 %, 5 s reports", { .rules = { "burst 0.1 3" }, .has_red = true, .report_us = 5000000 } },
        { "bursts 10 %, without RED", { .rules = { "burst 0.1 3" } } },
        { "bursts 10 %, no NACK", { .rules = { "burst 0.1 3" }, .has_red = true, .no_nack = true } },
        { "bursts 10 %, 80 ms", { .rules = { "burst 0.1 3", "delay 40 5" }, .has_red = true } },
        { "bursts 10 %, 300 ms", { .rules = { "burst 0.1 3", "delay 150 20" }, .has_red = true } },
        { "random 10 %, 300 ms", { .rules = { "loss 0.1", "delay 150 20" }, .has_red = true } },
        { "bursts 5 %", { .rules = { "burst 0.05 3" }, .has_red = true } },
        { "bursts 20 %", { .rules = { "burst 0.2 3" }, .has_red = true } },
        { "random 20 %", { .rules = { "loss 0.2" }, .has_red = true } },
        { "64 kbit/s, 300 ms", { .rules = { "rate 64000", "delay 150 20" }, .has_red = true } },
        { "300 +- 80 ms", { .rules = { "delay 300 80" }, .has_red = true } },
    };
    uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 100;

    voice = hear_voice(argc > 2 ? argv[2] : "ben");
    for (size_t i = 0; i < VTB_COUNT(kinds); i++)
        if (argc < 4 || i == 0 || strstr(kinds[i].name, argv[3]))
            kind(kinds[i].name, &kinds[i].like, n ? n : 1);
    free(voice.at);
    return 0;
}
