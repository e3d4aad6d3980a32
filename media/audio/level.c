#include "level.h"

#define GONE_STEPS  10u  /* 200 ms without a packet: the level fades */
#define DOUBT_STEPS 500u /* 10 s, and up to 16 times as long */
#define LIES_MAX    4u
#define CHALLENGE   3u   /* steps: 60 ms */
#define PAUSE_STEPS 5u   /* of the hangover: longer than this it is a pause, not a stop */

void vtb_level_init(struct vtb_loudness *level)
{
    *level = (struct vtb_loudness){ .smooth = 127.0f, .floor = 127.0f,
                                      .latest = VTB_LEVEL_SILENT };
}

/* The loudness from which this source counts as talking, by its own room. */
static float threshold(const struct vtb_loudness *level)
{
    float on = level->floor - VTB_LEVEL_ABOVE;

    return on < VTB_LEVEL_ON ? VTB_LEVEL_ON : on > VTB_LEVEL_FAINT ? VTB_LEVEL_FAINT : on;
}

static void hear(struct vtb_loudness *level, uint8_t latest)
{
    float l = (float)latest, on = threshold(level);
    float stay = on + VTB_LEVEL_ABOVE, faintest = level->floor - VTB_LEVEL_OVER;

    /* Quick but not instant: a door that slams does not take a talker's place. */
    level->smooth += (l < level->smooth ? 0.35f : 0.06f) * (l - level->smooth);
    level->latest = latest;
    if (stay > faintest)
        stay = faintest;
    if (l <= on || (level->hang && l <= stay))
        level->hang = VTB_LEVEL_HANG;
    /* Pauses between words lead the floor down at once; speech lifts it slowly. */
    level->floor += (l > level->floor ? 0.1f : 0.01f) * (l - level->floor);
}

bool vtb_level_needs_ear(const struct vtb_loudness *level)
{
    return level->open && (level->bare || level->doubt);
}

bool vtb_level_may_hide(const struct vtb_loudness *level)
{
    return level->open && level->heavy && !level->chosen && !level->bare && !level->doubt;
}

void vtb_level_declare(struct vtb_loudness *level, uint8_t declared)
{
    level->since = 0;
    level->bare = declared == VTB_LEVEL_UNKNOWN;
    if (!level->bare && !level->doubt)
        hear(level, declared > VTB_LEVEL_SILENT ? VTB_LEVEL_SILENT : declared);
}

void vtb_level_measure(struct vtb_loudness *level, uint8_t measured)
{
    if (vtb_level_needs_ear(level))
        hear(level, measured);
}

bool vtb_level_judge(struct vtb_loudness *level, double declared, double measured)
{
    static const double ratio = 15.85; /* VTB_LEVEL_LIE_DB as a ratio of powers */
    bool boasts = declared > measured * ratio && declared >= 1e-6; /* -60 dBov: not worth a verdict */
    bool hides = measured > declared * ratio && measured >= VTB_LEVEL_VOICE;

    bool was = level->suspect;

    level->unheard = 0;
    level->suspect = (boasts || hides) && !level->doubt;
    if (!was || !level->suspect)
        return false;
    level->suspect = false;
    level->doubt = (uint16_t)(DOUBT_STEPS << level->lies);
    if (level->lies < LIES_MAX)
        level->lies++;
    level->smooth = 127.0f;
    level->latest = VTB_LEVEL_SILENT;
    level->hang = 0;
    return true;
}

static bool is_in_pause(const struct vtb_loudness *level)
{
    return level->hang + PAUSE_STEPS <= VTB_LEVEL_HANG;
}

static void age(struct vtb_loudness *level)
{
    if (level->since < UINT16_MAX)
        level->since++;
    if (level->unheard < UINT16_MAX)
        level->unheard++;
    if (level->doubt)
        level->doubt--;
    if (level->hang)
        level->hang--;
    if (level->since > GONE_STEPS)
        level->smooth += 0.2f * (127.0f - level->smooth);
    if (!level->open || !level->hang) {
        level->chosen = false;
        level->challenge = 0;
    }
}

/* May `level` have the place of `holder`? Counts how long it has been asking. */
static bool wins(struct vtb_loudness *level, const struct vtb_loudness *holder)
{
    if (level->smooth + VTB_LEVEL_MARGIN < holder->smooth)
        level->challenge++;
    else
        level->challenge = 0;
    return level->challenge >= CHALLENGE || (is_in_pause(holder) && !is_in_pause(level));
}

void vtb_level_choose(struct vtb_loudness *levels, uint32_t n, uint32_t places)
{
    uint32_t taken = 0;

    for (uint32_t i = 0; i < n; i++) {
        age(&levels[i]);
        taken += levels[i].chosen;
    }
    for (;;) {
        struct vtb_loudness *best = NULL, *holder = NULL;

        for (uint32_t i = 0; i < n; i++) {
            struct vtb_loudness *level = &levels[i];

            if (level->chosen) {
                if (!holder || level->smooth > holder->smooth)
                    holder = level;
            } else if (level->open && level->hang && (!best || level->smooth < best->smooth)) {
                best = level;
            }
        }
        if (!best)
            return;
        if (taken < places) {
            best->chosen = true;
            best->challenge = 0;
            taken++;
            continue;
        }
        if (holder && wins(best, holder)) {
            holder->chosen = false;
            holder->hang = 0; /* it must speak up again to challenge back */
            best->chosen = true;
            best->challenge = 0;
        }
        return; /* one change of hands a step is enough */
    }
}
