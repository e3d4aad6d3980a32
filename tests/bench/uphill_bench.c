/*
 * uphill_bench - what bad links leave of speech on its way up, by the hundred: what browsers send (uphill), the
 * server's NACKs, buffer and decoder, on a clock that is turned. Prints the worst, not the mean.
 *
 *     uphill_bench [LINKS [VOICE [KIND]]]      50 links of each kind; anna, ben or cleo; the kinds that hold KIND
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stoi.h"
#include "uphill.h"

#define LEAD 144000u /* samples of silence before the first word, as an open microphone sends: 3 s */

static struct hear voice; /* LEAD, then the words */
static double lossless;

static int smaller(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void kind(const char *name, const struct uphill_config *like, uint32_t n)
{
    double *stoi = calloc(n, sizeof *stoi), worst = 1, delay = 0, most = 0, made_up = 0, resent = 0, copied = 0;
    int gap = 0;

    for (uint32_t i = 0; i < n; i++) {
        struct uphill_config cfg = *like;
        struct uphill_result r;
        struct stoi_spoken s;

        cfg.voice = &voice;
        cfg.seconds = (double)voice.n / 48000;
        cfg.phase_us = 1000 * (7 * i % 20);
        cfg.up.seed = 1000 + i;
        cfg.down.seed = 5000 + i;
        uphill(&cfg, &r);
        s = stoi_spoken(voice.at + LEAD, voice.n - LEAD, r.heard.at + LEAD, r.heard.n - LEAD, 500);
        stoi[i] = s.stoi;
        worst = s.worst < worst ? s.worst : worst;
        gap = s.gap_ms > gap ? s.gap_ms : gap;
        most = r.most_ms > most ? r.most_ms : most;
        delay += (double)s.delay_max_ms / n;
        made_up += (double)r.way.concealed / n;
        resent += (double)r.way.resent / n;
        copied += (double)r.way.copied / n;
        free(r.heard.at);
    }
    qsort(stoi, n, sizeof *stoi, smaller);
    lossless = lossless > 0 ? lossless : stoi[n / 2];
    printf("%-30s share of lossless: worst %.3f, 1 of 20 %.3f, half %.3f; phrase at worst %.3f; longest gap %d ms; delay %.0f ms, buffer at most %.0f; "
           "copied %.0f, again %.0f, made up %.0f\n", name, stoi[0] / lossless, stoi[n / 20] / lossless, stoi[n / 2] / lossless, worst, gap, delay,
           most, copied, resent, made_up);
    fflush(stdout);
    free(stoi);
}

#define WAY(us, l, b) { .delay_us = us, .jitter_us = us / 10, .loss = l, .burst = b, .in_order = true }
#define BOTH(us, l, b) .up = WAY(us, l, b), .down = WAY(us, l, b), .nack = true

int main(int argc, char **argv)
{
    static const struct { const char *name; struct uphill_config like; } kinds[] = {
        { "clean", { BOTH(500, 0, 1), .copies = 1 } },
        { "random 10 %", { BOTH(500, 0.1, 1), .copies = 1 } },
        { "bursts 10 %", { BOTH(500, 0.1, 3), .copies = 1 } },
        { "bursts 10 %, RED and FEC", { BOTH(500, 0.1, 3), .copies = 1, .fec = true } },
        { "bursts 10 %, FEC not RED", { BOTH(500, 0.1, 3), .fec = true } },
        { "bursts 10 %, 80 ms", { BOTH(40000, 0.1, 3), .copies = 1 } },
        { "bursts 10 %, 300 ms", { BOTH(150000, 0.1, 3), .copies = 1 } },
        { "random 10 %, 300 ms", { BOTH(150000, 0.1, 1), .copies = 1 } },
        { "bursts 20 %", { BOTH(500, 0.2, 3), .copies = 1 } },
    };
    uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 50;
    struct hear words = hear_voice(argc > 2 ? argv[2] : "anna");

    voice.n = LEAD + words.n;
    voice.at = calloc(voice.n, sizeof *voice.at);
    memcpy(voice.at + LEAD, words.at, words.n * sizeof *words.at);
    for (size_t i = 0; i < VTB_COUNT(kinds); i++)
        if (argc < 4 || i == 0 || strstr(kinds[i].name, argv[3]))
            kind(kinds[i].name, &kinds[i].like, n ? n : 1);
    free(voice.at);
    free(words.at);
    return 0;
}
