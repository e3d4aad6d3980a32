/* happen.c - what may happen in a meeting, at random. */
#include "random.h"

static struct vtb_ask any_ask(struct dice *dice)
{
    struct vtb_id seat = seat_id((enum who)roll(dice, PEOPLE));
    struct vtb_ask ask = { .kind = (enum vtb_ask_kind)(VTB_ASK_HAND_RAISE + (int)roll(dice, 27)) };

    switch ((unsigned)ask.kind) {
    case VTB_ASK_HAND_LOWER:
        ask.u.hand_lower = (struct vtb_ask_hand_lower){ roll(dice, 2) == 0, seat };
        break;
    case VTB_ASK_FLOOR_GIVE:
        ask.u.floor_give.seat = seat;
        break;
    case VTB_ASK_SOUND_MUTE:
        ask.u.sound_mute.muted = roll(dice, 2) == 0;
        break;
    case VTB_ASK_SEAT_MUTE:
        ask.u.seat_mute.seat = seat;
        break;
    case VTB_ASK_MEETING_CLOSE: /* would end the game */
        ask.kind = VTB_ASK_MEETING_OPEN;
        break;
    case VTB_ASK_ITEM_START:
        ask.u.item_start.item = item_id(roll(dice, 4));
        break;
    case VTB_ASK_ITEM_NEXT:
        ask.u.item_next.unsigned_plan = (enum vtb_ask_item_next_unsigned)roll(dice, 3);
        break;
    case VTB_ASK_ITEM_EXTEND:
        ask.u.item_extend.minutes = 1 + roll(dice, 60);
        break;
    case VTB_ASK_PRESENTER_PASS:
        ask.u.presenter_pass.seat = seat;
        break;
    case VTB_ASK_PAGE_SHOW:
        ask.u.page_show = (struct vtb_ask_page_show){ document_id(roll(dice, 4)), 1 + roll(dice, 6) };
        break;
    case VTB_ASK_VIEW_SETTLE:
        ask.u.view_settle = (struct vtb_ask_view_settle){ roll(dice, 100), roll(dice, 100), 50, 50 };
        break;
    case VTB_ASK_CHAIR_OFFER:
        ask.u.chair_offer = (struct vtb_ask_chair_offer){ roll(dice, 4) != 0, seat };
        break;
    case VTB_ASK_SEAT_CONFIRM:
        ask.u.seat_confirm = (struct vtb_ask_seat_confirm){ seat, VTB_LIT("pathology") };
        break;
    }
    return ask;
}

static struct vtb_id asked_about(const struct vtb_ask *ask, enum who who)
{
    if (ask->kind == VTB_ASK_HAND_LOWER && ask->u.hand_lower.has_seat)
        return ask->u.hand_lower.seat;
    return ask->kind == VTB_ASK_HAND_LOWER ? seat_id(who) : (struct vtb_id){ { 0 } };
}

static void reorder(struct world *w, struct dice *dice)
{
    struct vtb_t_item items[4] = { 0 };
    unsigned first = roll(dice, 4), n = 3 + roll(dice, 2);

    for (unsigned i = 0; i < n; i++)
        items[i] = (struct vtb_t_item){ .item = item_id((first + i) % 4), .case_id = case_id((first + i) % 4),
                                        .minutes = 3, .presenter = person_id(PATHOLOGIST), .name = VTB_LIT("Case") };
    if (vtb_meeting_agenda(w->tail, w->tail->agenda_version, items, n, w->now_us, w->out) == VTB_OK)
        world_fold(w);
}

static void by_the_server(struct world *w, struct dice *dice, unsigned what)
{
    struct vtb_id seat = seat_id((enum who)roll(dice, PEOPLE));
    struct vtb_t_document document = document_of(roll(dice, 8));
    const struct vtb_agenda_item *item = vtb_meeting_running(w->tail);
    enum vtb_err err = VTB_OK;

    switch (what) {
    case 0:
        err = vtb_meeting_away(w->tail, seat, w->now_us, w->out);
        break;
    case 1:
        err = vtb_meeting_back(w->tail, seat, w->now_us, w->out);
        break;
    case 2:
        err = vtb_meeting_gone(w->tail, seat, w->now_us, w->out);
        break;
    case 3:
        err = vtb_meeting_spoke(w->tail, seat, w->now_us, w->out);
        break;
    case 4:
        err = item ? vtb_meeting_share(w->tail, item->case_id, &document, w->now_us, w->out) : VTB_OK;
        break;
    case 5:
        err = item ? vtb_meeting_item_signed(w->tail, item->id, id_of(900 + roll(dice, 3)), 1, w->now_us, w->out)
                   : VTB_OK;
        break;
    }
    (void)err;
    world_fold(w);
}

void happen(struct world *w, struct dice *dice, bool *out_refused_wrongly)
{
    enum who who = (enum who)roll(dice, PEOPLE);
    unsigned what = roll(dice, 20);

    w->now_us += (int64_t)roll(dice, 3) * SECOND; /* often at the same time */
    if (what < 4) {
        (void)join(w, who);
    } else if (what < 10) {
        by_the_server(w, dice, what - 4);
    } else if (what == 10) {
        reorder(w, dice);
    } else {
        struct vtb_ask request = any_ask(dice);
        struct vtb_caller caller;
        struct vtb_standing standing;
        enum vtb_plan_state plan = roll(dice, 2) ? VTB_PLAN_SIGNED : VTB_PLAN_DRAFT;
        enum vtb_err err;

        if (roll(dice, 3) == 0)
            who = CHAIR;
        for (unsigned i = 0; i < PEOPLE; i++) /* only who pressed takes back */
            if (request.kind == VTB_ASK_PRESS_UNDO && vtb_id_is(w->tail->undo.by, seat_id((enum who)i)))
                who = (enum who)i;
        caller = caller_of(who);
        standing = vtb_meeting_standing(w->tail, &caller, asked_about(&request, who));
        err = ask_with(w, who, request, plan);
        if (!err && !vtb_policy_may((enum vtb_deed)request.kind, &standing))
            *out_refused_wrongly = true;
    }
}
