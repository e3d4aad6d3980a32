#include "link.h"

#include <stdio.h>
#include <string.h>

#define QUEUE_US  250000u /* of an unnamed queue: what a cheap router holds */
#define RATE_MIN  1000u
#define MS_MAX    60000u

/* splitmix64 (Steele, Lea, Flood 2014): small, seeded by any number. 53 bits as 0..1. */
static double chance(struct link_way *way)
{
    uint64_t z = way->random += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

void link_init(struct link_way *way, uint64_t seed)
{
    *way = (struct link_way){ .random = seed };
}

/* One number is drawn for each packet, whatever becomes of it: a rule that changes half-way leaves
 * the rest of the sequence as it was. */
static bool is_lost(struct link_way *way)
{
    const struct link_rule *rule = &way->rule;
    double drawn = chance(way);

    if (rule->burst <= 1.0)
        return drawn < rule->loss;
    if (way->in_burst)
        way->in_burst = drawn >= 1.0 / rule->burst;
    else /* in balance: bad / (good + bad) = loss */
        way->in_burst = drawn < rule->loss / ((1.0 - rule->loss) * rule->burst);
    return way->in_burst;
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

uint64_t link_take(struct link_way *way, uint64_t now_us, size_t len, bool is_udp)
{
    const struct link_rule *rule = &way->rule;
    bool lost = is_lost(way);
    double spread = chance(way) * 2.0 - 1.0;
    uint64_t at = now_us;

    if (rule->no_udp && is_udp) {
        way->refused++;
        return LINK_LOST;
    }
    if (lost) {
        way->lost++;
        return LINK_LOST;
    }
    if (rule->rate_bps) {
        uint64_t takes = len * 8000000u / rule->rate_bps;
        uint64_t waits = way->free_us > now_us ? way->free_us - now_us : 0;
        uint64_t holds = rule->queue_bytes ? rule->queue_bytes * 8000000ull / rule->rate_bps : QUEUE_US;

        if (waits > 0 && waits + takes > holds) {
            way->full++;
            return LINK_LOST;
        }
        at = later(at, later(way->free_us, way->stalled_us)) + takes;
        way->free_us = at;
    }
    at += rule->delay_us + (uint64_t)(int64_t)(spread * rule->jitter_us);
    at = later(at, way->stalled_us);
    if (!rule->reorders)
        at = later(at, way->last_us);
    way->last_us = later(at, way->last_us);
    way->passed++;
    return at;
}

void link_stall(struct link_way *way, uint64_t now_us, uint64_t for_us)
{
    way->stalled_us = later(way->stalled_us, now_us + for_us);
}

static bool obey_number(struct link_way *way, uint64_t now_us, const char *word, int n, double a, double b)
{
    struct link_rule *rule = &way->rule;

    if (strcmp(word, "loss") == 0 && n == 2 && a >= 0.0 && a <= 1.0) {
        rule->loss = a;
        rule->burst = 1.0;
    } else if (strcmp(word, "burst") == 0 && n == 3 && a >= 0.0 && a < 1.0 && b >= 1.0) {
        rule->loss = a;
        rule->burst = b;
    } else if (strcmp(word, "delay") == 0 && n >= 2 && a >= 0.0 && a <= MS_MAX && b >= 0.0 && b <= a) {
        rule->delay_us = (uint32_t)(a * 1000.0);
        rule->jitter_us = (uint32_t)(b * 1000.0);
    } else if (strcmp(word, "rate") == 0 && n >= 2 && (a == 0.0 || a >= RATE_MIN) && a <= 1e9 && b >= 0.0 && b <= 1e8) {
        rule->rate_bps = (uint32_t)a;
        rule->queue_bytes = (uint32_t)b;
    } else if (strcmp(word, "stall") == 0 && n == 2 && a >= 0.0 && a <= MS_MAX) {
        link_stall(way, now_us, (uint64_t)(a * 1000.0));
    } else {
        return false;
    }
    return true;
}

bool link_obey(struct link_way *way, uint64_t now_us, const char *words)
{
    char word[16], state[8];
    double a = 0.0, b = 0.0;
    int n = sscanf(words, "%15s %lf %lf", word, &a, &b);

    if (n == 1 && strcmp(word, "clear") == 0) {
        way->rule = (struct link_rule){ 0 };
        return true;
    }
    if (n == 1 && sscanf(words, "%*s %7s", state) == 1) {
        bool on = strcmp(state, "on") == 0;

        if (!on && strcmp(state, "off") != 0)
            return false;
        if (strcmp(word, "udp") == 0)
            way->rule.no_udp = !on;
        else if (strcmp(word, "order") == 0)
            way->rule.reorders = !on;
        else
            return false;
        return true;
    }
    return n > 1 && obey_number(way, now_us, word, n, a, b);
}

bool link_is_udp(const uint8_t *packet, size_t len)
{
    return len >= 20 && packet[0] >> 4 == 4 && packet[9] == 17;
}
