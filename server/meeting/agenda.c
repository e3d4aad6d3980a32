/* agenda.c - folds the frame of a meeting, its running order, and the start and end of items. */
#include "inner.h"

void vtb_fold_frame(struct vtb_meeting *meeting, const struct vtb_ev_meeting_planned *frame)
{
    meeting->is_planned = true;
    meeting->board = frame->board;
    VTB_KEEP(meeting->board_name, frame->board_name);
    VTB_KEEP(meeting->timezone, frame->timezone);
    meeting->starts_us = frame->starts_us;
    meeting->minutes = frame->minutes;
    meeting->objection_s = frame->objection_s;
    meeting->may_record = frame->has_recording && frame->recording == VTB_EV_MEETING_PLANNED_RECORDING_ALLOWED;
    meeting->record_days = frame->has_recording_days ? frame->recording_days : 0;
    meeting->required_n = frame->required_n < VTB_MAX_DISCIPLINES ? frame->required_n : VTB_MAX_DISCIPLINES;
    for (size_t i = 0; i < meeting->required_n; i++) {
        struct vtb_required *to = &meeting->required[i];
        const struct vtb_t_discipline *from = &frame->required[i];

        VTB_KEEP(to->name, from->name);
        to->min = from->min;
        to->counts_n = (uint8_t)(from->counts_n < 16 ? from->counts_n : 16);
        for (size_t j = 0; j < to->counts_n; j++)
            VTB_KEEP(to->counts[j], from->counts[j]);
    }
    meeting->members_n = frame->members_n < VTB_MAX_MEMBERS ? frame->members_n : VTB_MAX_MEMBERS;
    for (size_t i = 0; i < meeting->members_n; i++) {
        struct vtb_meeting_member *to = &meeting->members[i];

        to->person = frame->members[i].person;
        to->role = frame->members[i].role;
        VTB_KEEP(to->name, frame->members[i].name);
        VTB_KEEP(to->specialty, frame->members[i].specialty);
        VTB_KEEP(to->site, frame->members[i].site);
    }
}

static void keep_item(struct vtb_agenda_item *to, const struct vtb_t_item *from)
{
    to->id = from->item;
    to->case_id = from->case_id;
    to->presenter = from->presenter;
    to->referrer = from->referrer;
    to->minutes = from->minutes;
    VTB_KEEP(to->presenter_name, from->presenter_name);
    VTB_KEEP(to->referrer_name, from->referrer_name);
    VTB_KEEP(to->name, from->name);
    VTB_KEEP(to->birth_date, from->birth_date);
    VTB_KEEP(to->local_id, from->local_id);
    VTB_KEEP(to->diagnosis, from->diagnosis);
    VTB_KEEP(to->stage, from->stage);
    VTB_KEEP(to->question, from->question);
}

static bool is_on(const struct vtb_ev_agenda_set *agenda, struct vtb_id item)
{
    for (size_t i = 0; i < agenda->items_n; i++)
        if (vtb_id_is(agenda->items[i].item, item))
            return true;
    return false;
}

/* Puts the kept item with this id at place `at`, or an empty one. Places before `at` are settled. */
static void settle(struct vtb_meeting *meeting, const struct vtb_ev_agenda_set *agenda, size_t at)
{
    struct vtb_agenda_item spare;
    size_t from = at;

    while (from < meeting->items_n && !vtb_id_is(meeting->items[from].id, agenda->items[at].item))
        from++;
    if (from == meeting->items_n) {
        /* Not known yet: take a free place, or that of one that fell off (there is one, since the wanted
         * ones fit and this one is not among them). */
        if (meeting->items_n < VTB_MAX_MEETING_ITEMS) {
            meeting->items_n++;
        } else {
            from = at;
            while (from + 1 < meeting->items_n && is_on(agenda, meeting->items[from].id))
                from++;
        }
        memset(&meeting->items[from], 0, sizeof meeting->items[from]);
    }
    if (from != at) {
        spare = meeting->items[at];
        meeting->items[at] = meeting->items[from];
        meeting->items[from] = spare;
    }
}

void vtb_fold_agenda(struct vtb_meeting *meeting, const struct vtb_ev_agenda_set *agenda)
{
    const struct vtb_agenda_item *running = vtb_meeting_running(meeting);
    struct vtb_id id = running ? running->id : (struct vtb_id){ { 0 } };
    size_t n = agenda->items_n < VTB_MAX_MEETING_ITEMS ? agenda->items_n : VTB_MAX_MEETING_ITEMS;

    for (size_t i = 0; i < n; i++) {
        settle(meeting, agenda, i);
        keep_item(&meeting->items[i], &agenda->items[i]);
    }
    meeting->items_n = n;
    meeting->agenda_version = agenda->version;
    meeting->running = running ? vtb_item_place(meeting, id) + 1 : 0;
}

void vtb_fold_nothing_shown(struct vtb_meeting *meeting)
{
    meeting->shown_document = (struct vtb_id){ { 0 } };
    meeting->shown_page = 0;
    meeting->shown_digest[0] = '\0';
    meeting->shown_us = 0;
    memset(&meeting->view, 0, sizeof meeting->view);
}

static void show_nothing(struct vtb_meeting *meeting)
{
    vtb_fold_nothing_shown(meeting);
    meeting->presenter = (struct vtb_id){ { 0 } };
    meeting->presenter_us = 0;
}

void vtb_fold_item_started(struct vtb_meeting *meeting, const struct vtb_ev_item_started *started, int64_t at_us)
{
    int at = vtb_item_place(meeting, started->item);
    struct vtb_agenda_item *item;

    if (at == VTB_NO_ITEM)
        return;
    item = &meeting->items[at];
    item->state = VTB_ITEM_RUNNING;
    item->started_us = at_us;
    item->ended_us = item->extended_min = item->extended_us = 0;
    item->run = ++meeting->runs;
    meeting->running = at + 1;
    meeting->documents_n = started->documents_n < VTB_MAX_DOCUMENTS ? started->documents_n : VTB_MAX_DOCUMENTS;
    for (size_t i = 0; i < meeting->documents_n; i++)
        vtb_doc_keep(&meeting->documents[i], &started->documents[i]);
    show_nothing(meeting);
    memset(item->stays, 0, sizeof item->stays);
    for (size_t i = 0; i < meeting->seats_n; i++) {
        meeting->seats[i].spoke = false;
        meeting->seats[i].spoke_us = 0;
        meeting->seats[i].gap_us = 0;
        if (vtb_seat_is_present(&meeting->seats[i]))
            item->stays[i].joined_us = at_us;
    }
}

void vtb_fold_item_ended(struct vtb_meeting *meeting, const struct vtb_ev_item_ended *ended, int64_t at_us)
{
    int at = vtb_item_place(meeting, ended->item);

    if (at == VTB_NO_ITEM || meeting->running != at + 1)
        return;
    switch (ended->outcome) {
    case VTB_EV_ITEM_ENDED_OUTCOME_SIGNED:
        meeting->items[at].state = VTB_ITEM_SIGNED;
        break;
    case VTB_EV_ITEM_ENDED_OUTCOME_DEFERRED:
        meeting->items[at].state = VTB_ITEM_DEFERRED;
        break;
    case VTB_EV_ITEM_ENDED_OUTCOME_LEFT_OPEN:
        meeting->items[at].state = VTB_ITEM_LEFT_OPEN;
        break;
    }
    meeting->items[at].ended_us = at_us;
    meeting->running = 0;
    meeting->documents_n = 0;
    show_nothing(meeting);
}

void vtb_fold_document(struct vtb_meeting *meeting, const struct vtb_ev_document_shared *shared)
{
    const struct vtb_agenda_item *item = vtb_meeting_running(meeting);
    size_t at = 0;

    if (!item || !vtb_id_is(item->id, shared->item))
        return;
    while (at < meeting->documents_n && !vtb_id_is(meeting->documents[at].id, shared->document.document))
        at++;
    if (at == VTB_MAX_DOCUMENTS)
        return;
    if (at == meeting->documents_n)
        meeting->documents_n++;
    vtb_doc_keep(&meeting->documents[at], &shared->document);
}
