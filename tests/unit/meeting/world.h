/* world.h - a small board for tests: people, three cases, and requests spoken as browsers do. */
#ifndef VTB_TEST_WORLD_H
#define VTB_TEST_WORLD_H

#include "meeting/meeting.h"

#define SECOND INT64_C(1000000)
#define T0 INT64_C(1764000000000000)

enum who { CHAIR, CO_CHAIR, COORDINATOR, SCRIBE, SURGEON, RADIOLOGIST, PATHOLOGIST, ONCOLOGIST, OBSERVER, GUEST_A, GUEST_B,
           PEOPLE };

struct world {
    struct vtb_meeting *tail, *shown;
    struct vtb_events *out;
    int64_t now_us;
    uint64_t seq;
    void (*heard)(void *ctx, const struct vtb_event *event); /* each folded event, or NULL */
    void *heard_ctx;
};

void world_make(struct world *w); /* planned, agenda of three items, nobody here, not open */
void world_free(struct world *w);

struct vtb_id id_of(unsigned n); /* stable made-up ids */
struct vtb_id seat_id(enum who who);
struct vtb_id person_id(enum who who);
struct vtb_id item_id(unsigned n); /* 0..2 */
struct vtb_id case_id(unsigned n);
struct vtb_id document_id(unsigned n); /* of case n: five pages */
struct vtb_caller caller_of(enum who who);
struct vtb_t_document document_of(unsigned n);

/* Folds what was decided into tail and shown, as live does. */
void world_fold(struct world *w);
enum vtb_err join(struct world *w, enum who who);
enum vtb_err ask(struct world *w, enum who who, struct vtb_ask ask); /* decides and folds; state of plan: DRAFT */
enum vtb_err ask_with(struct world *w, enum who who, struct vtb_ask ask, enum vtb_plan_state plan);
/* Chair, coordinator, scribe and four disciplines join; the room is open. */
void open_room(struct world *w);
void start_item(struct world *w, unsigned n);
const struct vtb_seat *seat(const struct world *w, enum who who);

/* Everything that a client sees, as text; free it. `attendance`: with times at the running item. */
char *dump(const struct vtb_meeting *m);

#endif
