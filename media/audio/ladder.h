/*
 * ladder.h - which rung a listener should be on, from what its receiver reports (RFC 3550, 6.4).
 *
 * Two things are told apart. A link that loses gets copies; a link that is full gets fewer bits and
 * fewer packets, since copies would make it worse. Full shows as a round trip that grows over its
 * own floor, as loss that grows after copies were added, or as a third of all packets lost. Loss comes
 * in bursts, so few packets say little: what they say is believed when it stays.
 *
 * Who is new is taken for one that loses some, since the first words count, too, and a report takes five
 * seconds. Down at once, up slowly:
 *
 *     loss       2 % some, 5 % much             one report
 *     less       under 1 % in 3 reports and 10 s on end; if it then comes back within 30 s, the
 *                next time takes twice as long, 80 s at most; who is new: none in 2 reports of 60
 *                packets and 2 s
 *     full       150 ms over the floor in 2 reports on end, or in one with much loss; twice the loss
 *                and 10 % more after copies were added, or 35 % lost, twice for 4 s (once, if the round
 *                trip is 60 ms over its floor); 50 % of 100 packets
 *     relieved   within 60 ms of the floor and under 5 % in 3 reports and 20 s on end; twice as long
 *                if it comes back, 160 s at most
 *
 * A report counts by the packets we sent since the one before, not by what it claims, and there is one
 * decision a second at most: forged, frequent or absurd reports move their own sender's rung and
 * nothing else.
 *
 * Pure; the owner's thread; no allocation. Time is an argument.
 */
#ifndef VTB_AUDIO_LADDER_H
#define VTB_AUDIO_LADDER_H

#include "rung.h"

struct vtb_ladder_report {
    uint32_t sent;    /* packets to this listener since its last report */
    uint32_t missed;  /* of these it asked for again (NACK); its own figure leaves them out */
    uint8_t fraction; /* lost, of 256 */
    uint32_t rtt_ms;  /* 0: unknown */
};

struct vtb_ladder_side {
    uint8_t at;        /* loss 0..2, squeeze 0..3 */
    uint8_t calm;      /* reports in a row that would allow less */
    uint64_t since_us; /* of the first of them */
    uint64_t eased_us; /* when it last went down; 0: never */
    uint32_t hold_s;
};

struct vtb_ladder_window { /* in which loss is looked at for being a full link's */
    uint64_t since_us;
    uint32_t sent, lost;
    uint8_t over; /* windows on end that look like one */
};

struct vtb_ladder {
    bool has_red; /* negotiated */
    bool is_new;  /* nothing is known of its link yet: taken for one that loses some */
    bool passive; /* may get joined packets without being asked: it only listens in a large room */
    struct vtb_ladder_side loss, squeeze;
    struct vtb_ladder_window window;
    uint32_t floor_ms, rtt_ms; /* of the round trip; 0: unknown */
    uint8_t late;              /* decisions in a row over the floor */
    bool full;                 /* at the last one */
    uint32_t before_pm;        /* loss when copies were added; 0: not watching */
    uint32_t sent, lost;       /* gathered for the next decision */
    uint32_t lost_pm;          /* of the last decision */
    uint64_t decided_us;
};

void vtb_ladder_init(struct vtb_ladder *ladder, bool has_red);
void vtb_ladder_report(struct vtb_ladder *ladder, const struct vtb_ladder_report *report,
                       uint64_t now_us);
enum vtb_rung_name vtb_ladder_rung(const struct vtb_ladder *ladder);

#endif
