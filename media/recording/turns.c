#include "turns.h"

static struct vtb_turn *find(struct vtb_turns *turns, vtb_peer peer)
{
    for (uint32_t i = 0; i < turns->open_n; i++)
        if (vtb_peer_is(turns->open[i].peer, peer))
            return &turns->open[i];
    return NULL;
}

static void end(const struct vtb_turn *turn, void (*ended)(void *ctx, const struct vtb_turn *turn), void *ctx)
{
    if (turn->to - turn->from >= VTB_TURN_LEAST)
        ended(ctx, turn);
}

void vtb_turns_add(struct vtb_turns *turns, uint32_t slot, const struct vtb_tap_talker *talkers, size_t n,
                   void (*ended)(void *ctx, const struct vtb_turn *turn), void *ctx)
{
    for (uint32_t i = 0; i < turns->open_n;) {
        if (slot >= turns->open[i].to + VTB_TURN_BREATH) {
            end(&turns->open[i], ended, ctx);
            turns->open[i] = turns->open[--turns->open_n];
        } else {
            i++;
        }
    }
    for (size_t i = 0; i < n; i++) {
        struct vtb_turn *turn = find(turns, talkers[i].peer);

        if (!turn && turns->open_n < VTB_TURNS_OPEN) {
            turn = &turns->open[turns->open_n++];
            *turn = (struct vtb_turn){ .peer = talkers[i].peer, .from = slot };
        }
        if (turn)
            turn->to = slot + 1;
    }
}

void vtb_turns_end(struct vtb_turns *turns, void (*ended)(void *ctx, const struct vtb_turn *turn), void *ctx)
{
    for (uint32_t i = 0; i < turns->open_n; i++)
        end(&turns->open[i], ended, ctx);
    turns->open_n = 0;
}
