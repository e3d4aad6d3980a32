#include "delay.h"

#include <string.h>

#define KNOWN_MAX  500.0f    /* packets of 20 ms: ten seconds */
#define QUANTILE   0.99f
#define TOGETHER_US 5000u
#define WINDOW_US  1000000u
#define JUMP       144000    /* samples: after three seconds it is the sender's clock that moved */

/* 48 kHz of a microsecond clock; wraps with the timestamps. */
static uint32_t samples_of(uint64_t us)
{
    return (uint32_t)(us * 6 / 125);
}

void vtb_delay_init(struct vtb_delay *delay)
{
    memset(delay, 0, sizeof *delay);
    delay->target = VTB_DELAY_LEAST;
}

static void follow_lowest(struct vtb_delay *delay, uint32_t transit, uint64_t now_us)
{
    int32_t jump = (int32_t)(transit - delay->lowest);

    if (!delay->any || jump > JUMP || jump < -JUMP) {
        delay->lowest = delay->lowest_now = transit;
        delay->window_us = now_us + WINDOW_US;
        delay->any = true;
        return;
    }
    if (now_us >= delay->window_us) {
        delay->lowest = delay->lowest_now;
        delay->lowest_now = transit;
        delay->window_us = now_us + WINDOW_US;
    }
    if ((int32_t)(transit - delay->lowest_now) < 0)
        delay->lowest_now = transit;
    if ((int32_t)(delay->lowest_now - delay->lowest) < 0)
        delay->lowest = delay->lowest_now;
}

static uint32_t quantile(const struct vtb_delay *delay)
{
    float sum = 0.0f;
    uint32_t bin = 0;

    while (bin < VTB_DELAY_BINS - 1) {
        sum += delay->share[bin];
        if (sum >= QUANTILE)
            break;
        bin++;
    }
    return (bin + 1) * VTB_DELAY_BIN;
}

static void count(struct vtb_delay *delay, uint32_t relative, uint32_t duration)
{
    float weight = (float)duration / 960.0f, part;
    uint32_t target;

    delay->known = delay->known + weight > KNOWN_MAX ? KNOWN_MAX : delay->known + weight;
    part = weight / delay->known;
    for (uint32_t i = 0; i < VTB_DELAY_BINS; i++)
        delay->share[i] *= 1.0f - part;
    delay->share[relative / VTB_DELAY_BIN] += part;
    delay->jitter += ((float)relative - delay->jitter) * part;
    target = quantile(delay);
    delay->target = target > VTB_DELAY_LEAST ? target : VTB_DELAY_LEAST;
}

void vtb_delay_came(struct vtb_delay *delay, uint32_t timestamp, uint32_t duration, uint64_t now_us)
{
    uint32_t transit = samples_of(now_us) - timestamp;
    uint64_t came_us = delay->came_us;
    int32_t relative;

    delay->came_us = now_us;
    follow_lowest(delay, transit, now_us);
    relative = (int32_t)(transit - delay->lowest);
    /* What was held up together comes together: a stall counts once, whatever it held. */
    if (now_us - came_us < TOGETHER_US && relative > (int32_t)VTB_DELAY_LEAST)
        return;
    if (relative < (int32_t)VTB_DELAY_MOST)
        count(delay, relative > 0 ? (uint32_t)relative : 0, duration);
}

void vtb_delay_repaired(struct vtb_delay *delay, uint32_t timestamp, uint32_t duration,
                        uint64_t now_us)
{
    int32_t relative = vtb_delay_age(delay, timestamp, now_us);

    if (delay->any && relative >= 0 && relative < (int32_t)VTB_DELAY_REPAIR)
        count(delay, (uint32_t)relative, duration);
}

int32_t vtb_delay_age(const struct vtb_delay *delay, uint32_t timestamp, uint64_t now_us)
{
    return (int32_t)(samples_of(now_us) - timestamp - delay->lowest);
}
