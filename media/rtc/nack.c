#include "rtc/nack.h"

#include <string.h>

#define JUMP_MAX     48
#define PATIENCE_US  10000u  /* while packets overtake each other */
#define OVERTAKING   100u    /* packets: two seconds */
#define UNKNOWN_US   100000u /* between two tries when the round trip is not known */
#define MARGIN_US    10000u
#define RATE_US      10000u  /* one packet costs: 100 a second */
#define SAVED_US     500000u /* 50 at once */

static void remove_hole(struct vtb_nack *nack, uint32_t at)
{
    nack->n--;
    memmove(nack->holes + at, nack->holes + at + 1, (nack->n - at) * sizeof *nack->holes);
}

static uint32_t find(const struct vtb_nack *nack, uint16_t seq)
{
    uint32_t at = 0;

    while (at < nack->n && nack->holes[at].seq != seq)
        at++;
    return at;
}

static void jump_over(struct vtb_nack *nack, int by, uint64_t now_us)
{
    uint64_t next = now_us + (nack->overtaken ? PATIENCE_US : 0);

    if (by > JUMP_MAX) {
        nack->n = 0;
        return;
    }
    for (int i = 1; i < by; i++) {
        if (nack->n == VTB_NACK_HOLES)
            remove_hole(nack, 0);
        nack->holes[nack->n++] = (struct vtb_nack_hole){
            .found_us = now_us, .next_us = next, .seq = (uint16_t)(nack->newest + i),
        };
    }
}

static void learn(struct vtb_nack *nack, const struct vtb_nack_hole *hole, uint64_t now_us)
{
    uint64_t took = now_us - hole->asked_us;

    nack->answered++;
    /* After several tries nobody knows which one is answered: at least the last is no lie by much. */
    if (hole->tries > 1 && nack->rtt_us)
        return;
    if (took < 1000)
        took = 1000;
    nack->rtt_us = nack->rtt_us ? (uint32_t)((7 * (uint64_t)nack->rtt_us + took) / 8)
                                : (uint32_t)took;
}

enum vtb_nack_came vtb_nack_got(struct vtb_nack *nack, uint16_t seq, uint64_t now_us)
{
    int by = (int16_t)(uint16_t)(seq - nack->newest);
    enum vtb_nack_came came;
    uint32_t at;

    if (!nack->any) {
        nack->any = true;
        nack->newest = seq;
        return VTB_NACK_NEW;
    }
    if (by > 0) {
        if (nack->overtaken)
            nack->overtaken--;
        jump_over(nack, by, now_us);
        nack->newest = seq;
        return VTB_NACK_NEW;
    }
    at = find(nack, seq);
    if (at == nack->n)
        return VTB_NACK_OLD;
    came = nack->holes[at].tries ? VTB_NACK_AGAIN : VTB_NACK_NEW;
    if (came == VTB_NACK_AGAIN)
        learn(nack, &nack->holes[at], now_us);
    else
        nack->overtaken = OVERTAKING;
    remove_hole(nack, at);
    return came;
}

void vtb_nack_fill(struct vtb_nack *nack, uint16_t seq)
{
    uint32_t at = find(nack, seq);

    if (at < nack->n)
        remove_hole(nack, at);
}

static bool pay(struct vtb_nack *nack, uint64_t now_us)
{
    if (nack->paid_us < now_us)
        nack->paid_us = now_us;
    if (nack->paid_us + RATE_US > now_us + SAVED_US)
        return false;
    nack->paid_us += RATE_US;
    return true;
}

size_t vtb_nack_due(struct vtb_nack *nack, uint64_t rtt_us, uint64_t most_us, uint64_t now_us,
                    uint16_t out[static VTB_NACK_ASKED])
{
    uint64_t rtt = rtt_us ? rtt_us : nack->rtt_us;
    size_t n = 0;

    if (rtt > most_us) {
        nack->n = 0;
        return 0;
    }
    for (uint32_t i = 0; i < nack->n;) {
        struct vtb_nack_hole *hole = &nack->holes[i];

        if (now_us - hole->found_us > VTB_NACK_AGE_US ||
            (hole->tries == VTB_NACK_TRIES && now_us >= hole->next_us)) {
            remove_hole(nack, i);
            continue;
        }
        i++;
        if (hole->tries == VTB_NACK_TRIES || now_us < hole->next_us || n == VTB_NACK_ASKED ||
            !pay(nack, now_us))
            continue;
        out[n++] = hole->seq;
        hole->tries++;
        hole->asked_us = now_us;
        hole->next_us = now_us + (rtt ? rtt + rtt / 4 + MARGIN_US : UNKNOWN_US);
        nack->asked++;
    }
    return n;
}
