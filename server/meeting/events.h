/*
 * events.h - who asks, and the list of events that a decision adds.
 *
 * Pure. Thread: the one that runs the meeting. Strings inside `at` are borrowed from the request, the
 * facts, the state decided on, or `arena`; they live until vtb_events_fini and as long as those do.
 * Every event has its kind, `at_us` (= now_us of the decision) and `by`; `seq` is 0 until stored.
 */
#ifndef VTB_MEETING_EVENTS_H
#define VTB_MEETING_EVENTS_H

#include "signal/signal.h"

#define VTB_EVENTS_MAX 512 /* muting all of 500 seats is one decision */

struct vtb_events {
    struct vtb_event at[VTB_EVENTS_MAX];
    size_t n;
    int64_t now_us;       /* set by decide */
    struct vtb_id by;     /* set by decide: the caller's seat or person; nil: the server */
    struct vtb_arena arena;
    const char *message;  /* a sentence for a person when refused; NULL: none. May name one: never logged */
}; /* zero-initialised is empty. About 130 kB: keep one, not on a small stack. */

/* Adds with at_us and by filled in. LIMIT when full. */
VTB_MUST_USE enum vtb_err vtb_events_add(struct vtb_events *events, struct vtb_event event);
/* A copy of the text in the arena; NOMEM. */
VTB_MUST_USE enum vtb_err vtb_events_text(struct vtb_events *events, struct vtb_str text,
                                          struct vtb_str *out);
/* Sets the sentence and gives the error back: return vtb_events_refuse(out, VTB_DENIED, "..."); */
enum vtb_err vtb_events_refuse(struct vtb_events *events, enum vtb_err err, const char *message);
/* The same with a name in front: "<name> writes this field now." The text lies in the arena. */
enum vtb_err vtb_events_refuse_for(struct vtb_events *events, enum vtb_err err, const char *name, const char *rest);
/* Empties for the next decision; the arena is freed. */
void vtb_events_fini(struct vtb_events *events);

/* Who asks. Filled by live from the session and the seat; never from the message. */
struct vtb_caller {
    struct vtb_id seat;   /* nil: has no seat */
    struct vtb_id person;
    enum vtb_t_member_role role;
    bool is_server;       /* timers and other rooms: no role is asked */
    struct vtb_str name, specialty; /* as on the seat; written into plan events */
};

#endif
