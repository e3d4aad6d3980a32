/*
 * record.h - the control thread's side of recordings: taps out, the recorder's events in.
 *
 * Thread: create, begin, finish, destroy: control. Events are posted by the recorder's threads.
 * Ownership: the media plane has it; the events' mailbox outlives it.
 */
#ifndef VTB_WORKER_RECORD_H
#define VTB_WORKER_RECORD_H

#include "worker.h"

struct vtb_record;

VTB_MUST_USE enum vtb_err vtb_record_create(const struct vtb_media_config *cfg, struct vtb_worker *worker,
                                            struct vtb_record **out);
VTB_MUST_USE enum vtb_err vtb_record_begin(struct vtb_record *record, struct vtb_id room, struct vtb_id recording);
VTB_MUST_USE enum vtb_err vtb_record_finish(struct vtb_record *record, struct vtb_id recording);
/* The worker's thread has ended, its mailboxes are still there. NULL is fine. */
void vtb_record_destroy(struct vtb_record *record);
void vtb_record_figures(const struct vtb_record *record, struct vtb_media_figures *out); /* NULL is fine */

#endif
