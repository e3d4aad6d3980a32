/* reader.c - the thread that answers questions and reads logs, on a connection that cannot write. */
#include "inside.h"

#include "sqlite/find.h"

#include <assert.h>

static enum vtb_err add_event(void *ctx, const struct vtb_logged *event)
{
    json_t *events = ctx, *data = json_null();
    char by[VTB_ID_TEXT] = "";

    if (!vtb_id_is_nil(event->by))
        vtb_id_write(event->by, by);
    if (event->payload)
        data = json_loadb(event->payload, event->len, 0, NULL);
    if (!data)
        return VTB_CORRUPT;
    json_t *one = json_pack("{s:I, s:I, s:s, s:s, s:o}", "n", (json_int_t)event->seq, "at",
                            (json_int_t)event->at_us, "by", by, "k", event->kind, "d", data);
    return one && json_array_append_new(events, one) == 0 ? VTB_OK : VTB_NOMEM;
}

static enum vtb_err load(struct vtb_reader *reader, struct vtb_job *job)
{
    json_t *events = json_array();
    enum vtb_err err = events ? VTB_OK : VTB_NOMEM;

    if (!err)
        err = vtb_chain_walk(&reader->db, reader->keys, job->u.load.stream, job->u.load.after_seq,
                           add_event, events);
    if (err) {
        json_decref(events);
        return err;
    }
    job->u.load.events = events;
    return VTB_OK;
}

void *vtb_reader_run(void *arg)
{
    struct vtb_reader *reader = arg;
    struct vtb_job *job;

    while (vtb_mailbox_wait(reader->box, &job, 1) > 0) {
        if (job->kind == VTB_JOB_LOAD)
            job->err = load(reader, job);
        else
            job->err = vtb_find(&reader->db, job->u.ask.question, job->u.ask.params,
                                &job->u.ask.answer);

        struct vtb_back back = { .job = job };
        enum vtb_err full = vtb_mailbox_post(reader->back, &back);
        assert(full == VTB_OK);
        (void)full;
    }
    return NULL;
}
