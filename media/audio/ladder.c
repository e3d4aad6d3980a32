#include "ladder.h"

#define SOME_PM     20u
#define MUCH_PM     50u
#define CALM_PM     10u
#define WORSE_PM    30u  /* and half as much again: the copies fill the link */
#define FLOOD_PM    250u /* of all packets: no copies help a link that is as full as that */
#define LATE_MS     150u
#define NEAR_MS     60u
#define CALM_N      3u
#define LESS_S      10u
#define RELIEF_S    20u
#define RELAPSE_US  30000000u
#define DECIDE_US   1000000u
#define EVIDENCE    20u  /* packets; in silence two a second are sent, and one lost says nothing */
#define SENT_MAX    4000u

void vtb_ladder_init(struct vtb_ladder *ladder, bool has_red)
{
    *ladder = (struct vtb_ladder){ .has_red = has_red, .loss.hold_s = LESS_S,
                                   .squeeze.hold_s = RELIEF_S };
}

/* More protection, at once. What had to come back soon is given up more slowly the next time. */
static void raise(struct vtb_ladder_side *side, uint8_t to, uint32_t hold_s, uint64_t now_us)
{
    side->calm = 0;
    if (to <= side->at)
        return;
    side->at = to;
    if (side->eased_us && now_us - side->eased_us < RELAPSE_US) {
        if (side->hold_s < 8 * hold_s)
            side->hold_s *= 2;
    } else {
        side->hold_s = hold_s;
    }
}

static void ease(struct vtb_ladder_side *side, bool calm, uint64_t now_us)
{
    if (!side->at || !calm) {
        side->calm = 0;
        return;
    }
    if (!side->calm)
        side->since_us = now_us;
    if (side->calm < CALM_N)
        side->calm++;
    if (side->calm < CALM_N || now_us - side->since_us < side->hold_s * 1000000ull)
        return;
    side->at--;
    side->calm = 0;
    side->eased_us = now_us;
}

static uint32_t square_root(uint32_t value)
{
    uint32_t root = 0;

    while ((root + 1) * (root + 1) <= value)
        root++;
    return root;
}

/* The floor sinks at once and rises by an eighth of the difference a report: a route that got longer
 * for good is the new floor after some minutes. */
static void watch_rtt(struct vtb_ladder *ladder, uint32_t rtt_ms)
{
    if (rtt_ms == 0)
        return;
    ladder->rtt_ms = rtt_ms;
    if (!ladder->floor_ms || rtt_ms < ladder->floor_ms)
        ladder->floor_ms = rtt_ms;
    else if (rtt_ms < ladder->floor_ms + LATE_MS)
        ladder->floor_ms += (rtt_ms - ladder->floor_ms) / 8;
    else
        ladder->floor_ms += (rtt_ms - ladder->floor_ms) / 64;
}

static bool is_full(struct vtb_ladder *ladder, uint32_t lost_pm)
{
    uint32_t over = ladder->rtt_ms > ladder->floor_ms ? ladder->rtt_ms - ladder->floor_ms : 0;
    uint32_t before = ladder->before_pm;

    ladder->before_pm = 0;
    ladder->full = over > LATE_MS;
    ladder->late = (uint8_t)(ladder->full ? ladder->late + 1 : 0);
    if (ladder->late >= 2) { /* one alone is a hiccup: of the listener, or of ours while many join */
        ladder->late = 0;
        return true;
    }
    return lost_pm >= FLOOD_PM || (before && lost_pm >= before + before / 2 + WORSE_PM);
}

static bool has_copies(enum vtb_rung_name name)
{
    const struct vtb_rung *rung = vtb_rung_of(name);

    return rung->copies || rung->again;
}

static void decide(struct vtb_ladder *ladder, uint32_t lost_pm, uint64_t now_us)
{
    enum vtb_rung_name was = vtb_ladder_rung(ladder);
    bool near = ladder->rtt_ms <= ladder->floor_ms + NEAR_MS;

    if (is_full(ladder, lost_pm)) {
        uint8_t to = (uint8_t)(ladder->squeeze.at + 1);

        if (lost_pm >= FLOOD_PM && to < 2)
            to = 2;
        raise(&ladder->squeeze, to > 3 ? 3 : to, RELIEF_S, now_us);
    } else {
        ease(&ladder->squeeze, near && lost_pm < MUCH_PM, now_us);
    }
    /* A packet sent twice is missed when both are lost: what is seen is about the square. */
    if (vtb_rung_of(was)->again)
        lost_pm = square_root(1000 * lost_pm);
    ladder->lost_pm = lost_pm;
    if (lost_pm >= SOME_PM)
        raise(&ladder->loss, lost_pm >= MUCH_PM ? 2 : 1, LESS_S, now_us);
    else
        ease(&ladder->loss, lost_pm < CALM_PM, now_us);
    if (!has_copies(was) && has_copies(vtb_ladder_rung(ladder)))
        ladder->before_pm = lost_pm;
}

void vtb_ladder_report(struct vtb_ladder *ladder, const struct vtb_ladder_report *report,
                       uint64_t now_us)
{
    uint32_t sent = report->sent < SENT_MAX ? report->sent : SENT_MAX;
    uint32_t lost = sent * report->fraction / 256;

    lost += report->missed < sent - lost ? report->missed : sent - lost;
    ladder->sent += sent;
    ladder->lost += lost;
    watch_rtt(ladder, report->rtt_ms);
    if (ladder->sent < EVIDENCE || now_us - ladder->decided_us < DECIDE_US)
        return;
    ladder->decided_us = now_us;
    decide(ladder, 1000 * ladder->lost / ladder->sent, now_us);
    ladder->sent = ladder->lost = 0;
}

enum vtb_rung_name vtb_ladder_rung(const struct vtb_ladder *ladder)
{
    enum vtb_rung_name copies = ladder->has_red ? VTB_RUNG_RED : VTB_RUNG_AGAIN;
    enum vtb_rung_name lean = ladder->has_red ? VTB_RUNG_LEAN_RED : VTB_RUNG_LEAN_AGAIN;

    if (ladder->squeeze.at == 3)
        return VTB_RUNG_SURVIVAL;
    if (ladder->squeeze.at && ladder->loss.at && !ladder->full)
        return lean;
    if (ladder->squeeze.at == 2 || (ladder->squeeze.at && ladder->loss.at))
        return VTB_RUNG_LEAN;
    if (ladder->loss.at)
        return ladder->loss.at == 2 ? copies : VTB_RUNG_FEC;
    return ladder->squeeze.at || ladder->passive ? VTB_RUNG_JOINED : VTB_RUNG_CLEAR;
}
