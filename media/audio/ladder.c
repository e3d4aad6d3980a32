#include "ladder.h"

#define SOME_PM     20u
#define MUCH_PM     50u
#define CALM_PM     10u
#define WORSE_PM    100u /* and twice as much: the copies fill the link */
#define FLOOD_PM    350u /* of all packets: no copies help a link that is as full as that */
#define DROWNED_PM  500u
#define DROWNED_N   100u /* packets: enough to be sure of it */
#define WINDOW_US   4000000u /* what is not as plain is looked at for so long, and for */
#define WINDOW_N    60u      /* packets, and then once more: a tenth lost in bursts looks like a
                              * third of a second's packets every now and then (measured) */
#define WINDOWS     2u
#define LATE_MS     150u
#define NEAR_MS     60u
#define CALM_N      3u
#define CALM_NEW_N  2u
#define LESS_S      10u
#define LESS_NEW_S  2u
#define RELIEF_S    20u
#define RELAPSE_US  30000000u
#define DECIDE_US   1000000u
#define EVIDENCE    20u  /* packets; in silence two a second are sent, and one lost says nothing */
#define EVIDENCE_NEW 60u /* for a link being good of which nothing is known */
#define SENT_MAX    4000u

void vtb_ladder_init(struct vtb_ladder *ladder, bool has_red)
{
    *ladder = (struct vtb_ladder){ .has_red = has_red, .is_new = true, .loss.at = 1, .loss.hold_s = LESS_NEW_S,
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

static void ease(struct vtb_ladder_side *side, bool calm, uint8_t calm_n, uint64_t now_us)
{
    if (!side->at || !calm) {
        side->calm = 0;
        return;
    }
    if (!side->calm)
        side->since_us = now_us;
    if (side->calm < calm_n)
        side->calm++;
    if (side->calm < calm_n || now_us - side->since_us < side->hold_s * 1000000ull)
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

static void look_anew(struct vtb_ladder *ladder, uint64_t now_us)
{
    ladder->window.sent = ladder->window.lost = 0;
    ladder->window.since_us = now_us;
}

/* Does it lose so much because it is full? *out_flood: no copies would help. */
static bool is_flooded(struct vtb_ladder *ladder, bool near, uint64_t now_us, bool *out_flood)
{
    struct vtb_ladder_window *window = &ladder->window;
    uint32_t lost_pm;

    window->sent += ladder->sent;
    window->lost += ladder->lost;
    lost_pm = 1000 * window->lost / window->sent;
    *out_flood = lost_pm >= FLOOD_PM;
    if (window->sent >= DROWNED_N && lost_pm >= DROWNED_PM) {
        window->over = WINDOWS;
    } else {
        if (window->sent < WINDOW_N || now_us - window->since_us < WINDOW_US)
            return false;
        if (!*out_flood && (!ladder->before_pm || lost_pm < 2 * ladder->before_pm + WORSE_PM)) {
            window->over = 0;
            ladder->before_pm = 0;
        } else {
            window->over = (uint8_t)(near ? window->over + 1u : WINDOWS);
        }
    }
    look_anew(ladder, now_us);
    if (window->over < WINDOWS)
        return false;
    window->over = 0;
    ladder->before_pm = 0;
    return true;
}

static bool is_full(struct vtb_ladder *ladder, uint32_t lost_pm, bool near, uint64_t now_us, bool *out_flood)
{
    uint32_t over = ladder->rtt_ms > ladder->floor_ms ? ladder->rtt_ms - ladder->floor_ms : 0;
    bool flooded = is_flooded(ladder, near, now_us, out_flood);

    ladder->full = over > LATE_MS;
    ladder->late = (uint8_t)(ladder->full ? ladder->late + 1 : 0);
    /* One alone is a hiccup, of the listener or of ours while many join; but not if it also loses. */
    if (ladder->late >= 2 || (ladder->full && lost_pm >= MUCH_PM)) {
        ladder->late = 0;
        *out_flood = false;
        return true;
    }
    return flooded;
}

static bool has_copies(enum vtb_rung_name name)
{
    const struct vtb_rung *rung = vtb_rung_of(name);

    return rung->copies || rung->again;
}

static void decide(struct vtb_ladder *ladder, uint32_t lost_pm, uint64_t now_us)
{
    enum vtb_rung_name was = vtb_ladder_rung(ladder);
    bool near = ladder->rtt_ms <= ladder->floor_ms + NEAR_MS, flood;

    if (is_full(ladder, lost_pm, near, now_us, &flood)) {
        uint8_t to = (uint8_t)(ladder->squeeze.at + 1);

        if (flood && to < 2)
            to = 2;
        raise(&ladder->squeeze, to > 3 ? 3 : to, RELIEF_S, now_us);
    } else {
        ease(&ladder->squeeze, near && lost_pm < MUCH_PM, CALM_N, now_us);
    }
    /* A packet sent twice is missed when both are lost: what is seen is about the square. */
    if (vtb_rung_of(was)->again)
        lost_pm = square_root(1000 * lost_pm);
    ladder->lost_pm = lost_pm;
    if (lost_pm >= SOME_PM) {
        raise(&ladder->loss, lost_pm >= MUCH_PM ? 2 : 1, LESS_S, now_us);
        ladder->is_new = false;
    } else {
        ease(&ladder->loss, lost_pm < CALM_PM, ladder->is_new ? CALM_NEW_N : CALM_N, now_us);
        if (ladder->is_new && !ladder->loss.at) { /* that it might lose was only presumed */
            ladder->is_new = false;
            ladder->loss.eased_us = 0;
            ladder->loss.hold_s = LESS_S;
        }
    }
    if (!has_copies(was) && has_copies(vtb_ladder_rung(ladder))) {
        ladder->before_pm = lost_pm;
        look_anew(ladder, now_us);
    }
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
    if (ladder->sent < (ladder->is_new && !ladder->lost ? EVIDENCE_NEW : EVIDENCE) ||
        now_us - ladder->decided_us < DECIDE_US)
        return;
    ladder->decided_us = now_us;
    decide(ladder, 1000 * ladder->lost / ladder->sent, now_us);
    ladder->sent = ladder->lost = 0;
}

enum vtb_rung_name vtb_ladder_rung(const struct vtb_ladder *ladder)
{
    enum vtb_rung_name lean = ladder->has_red ? VTB_RUNG_LEAN_RED : VTB_RUNG_LEAN_AGAIN;
    uint8_t loss = ladder->is_new && ladder->passive ? 0 : ladder->loss.at;

    if (ladder->squeeze.at == 3)
        return VTB_RUNG_SURVIVAL;
    if (ladder->squeeze.at && loss && !ladder->full)
        return lean;
    if (ladder->squeeze.at == 2 || (ladder->squeeze.at && loss))
        return VTB_RUNG_LEAN;
    if (loss && ladder->has_red)
        return ladder->is_new ? VTB_RUNG_CAREFUL : VTB_RUNG_RED;
    if (loss)
        return loss == 2 ? VTB_RUNG_AGAIN : VTB_RUNG_FEC;
    if (ladder->passive)
        return VTB_RUNG_JOINED;
    return ladder->squeeze.at ? VTB_RUNG_PAIRED : VTB_RUNG_CLEAR;
}
