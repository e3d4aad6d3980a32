/* dump.c - what clients see of a meeting, as text. */
#include "world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char *text_of(struct vtb_id id)
{
    static char texts[8][VTB_ID_TEXT];
    static unsigned at;

    vtb_id_write(id, texts[++at % 8]);
    return texts[at % 8];
}

static void dump_frame(const struct vtb_meeting *m, FILE *to)
{
    fprintf(to, "frame %d %s %s %" PRId64 " %" PRId64 " %" PRId64 " %s phase %d opened %" PRId64 " closed %" PRId64 "\n",
            m->is_planned, text_of(m->board), m->board_name, m->starts_us, m->minutes, m->objection_s, m->timezone,
            (int)m->phase, m->opened_us, m->closed_us);
    if (m->may_record || m->recording_us) /* logs from before there were recordings print as they did */
        fprintf(to, "recording %d %d %" PRId64 "\n", m->may_record, (int)m->recording, m->recording_us);
    for (size_t i = 0; i < m->required_n; i++) {
        fprintf(to, "required %s %" PRId64, m->required[i].name, m->required[i].min);
        for (size_t j = 0; j < m->required[i].counts_n; j++)
            fprintf(to, " %s", m->required[i].counts[j]);
        fprintf(to, "\n");
    }
    for (size_t i = 0; i < m->members_n; i++)
        fprintf(to, "member %s %s %s %d\n", text_of(m->members[i].person), m->members[i].name,
                m->members[i].specialty, (int)m->members[i].role);
}

static void dump_items(const struct vtb_meeting *m, FILE *to)
{
    fprintf(to, "agenda %" PRId64 " running %s\n", m->agenda_version,
            m->running > 0 ? text_of(m->items[m->running - 1].id) : "none");
    for (size_t i = 0; i < m->items_n; i++) {
        const struct vtb_agenda_item *item = &m->items[i];

        fprintf(to, "item %s %s %" PRId64 " %s %s %s %s %s %s %s %s state %d %" PRId64 "..%" PRId64 " +%" PRId64
                    " plan %s %" PRId64 "\n",
                text_of(item->id), text_of(item->case_id), item->minutes, text_of(item->presenter),
                item->presenter_name, text_of(item->referrer), item->name, item->birth_date, item->local_id,
                item->stage, item->question, (int)item->state, item->started_us, item->ended_us, item->extended_min,
                text_of(item->plan), item->plan_version);
    }
    for (size_t i = 0; i < m->documents_n; i++) {
        fprintf(to, "document %s %s %d %u", text_of(m->documents[i].id), m->documents[i].title,
                (int)m->documents[i].state, m->documents[i].pages_n);
        for (size_t j = 0; j < m->documents[i].pages_n; j++)
            fprintf(to, " %u:%.8s", m->documents[i].pages[j].width, m->documents[i].pages[j].digest);
        fprintf(to, "\n");
    }
}

static void dump_seats(const struct vtb_meeting *m, FILE *to)
{
    for (size_t i = 0; i < m->seats_n; i++) {
        const struct vtb_seat *s = &m->seats[i];
        const struct vtb_stay *stay = m->running > 0 ? &m->items[m->running - 1].stays[i] : NULL;

        fprintf(to, "seat %s %s %s %s %d confirmed %d state %d %" PRId64 "/%" PRId64 "/%" PRId64 " away %" PRId64
                    " muted %d %s %" PRId64 " spoke %d at %" PRId64 "..%" PRId64 " items",
                text_of(s->id), text_of(s->person), s->name, s->specialty, (int)s->role, s->confirmed, (int)s->state,
                s->joined_us, s->stay_us, s->left_us, s->away_us, s->muted, text_of(s->muted_by), s->muted_us,
                s->spoke, stay ? stay->joined_us : 0, stay ? stay->left_us : 0);
        if (s->acknowledged_us)
            fprintf(to, " acknowledged %" PRId64, s->acknowledged_us);
        if (s->is_device)
            fprintf(to, " device vouched by %s", text_of(s->vouched_by));
        for (size_t j = 0; j < s->items_n; j++)
            fprintf(to, " %s", text_of(s->items[j]));
        fprintf(to, "\n");
    }
}

char *dump(const struct vtb_meeting *m)
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    if (!to)
        abort();
    dump_frame(m, to);
    dump_items(m, to);
    dump_seats(m, to);
    for (size_t i = 0; i < m->hands_n; i++)
        fprintf(to, "hand %s %" PRId64 "\n", text_of(m->hands[i].seat), m->hands[i].at_us);
    fprintf(to, "floor %s presenter %s %" PRId64 " chair %s\n", text_of(m->floor), text_of(m->presenter),
            m->presenter_us, text_of(m->chair));
    if (m->is_handed || m->offered_us)
        fprintf(to, "handed %d offered %s %" PRId64 "\n", m->is_handed, text_of(m->offered), m->offered_us);
    fprintf(to, "shown %s %u %s %" PRId64 " view %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n",
            text_of(m->shown_document), m->shown_page, m->shown_digest, m->shown_us, m->view.x, m->view.y, m->view.w,
            m->view.h);
    for (size_t i = 0; m->running > 0 && i < m->pictures_n; i++)
        if (vtb_id_is(m->pictures[i].item, m->items[m->running - 1].id))
            fprintf(to, "picture %s %u %s %" PRId64 "\n", text_of(m->pictures[i].document), m->pictures[i].page,
                    m->pictures[i].digest, m->pictures[i].at_us);
    fclose(to);
    return text;
}
