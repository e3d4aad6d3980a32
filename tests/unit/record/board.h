/* board.h - one case at the board, with the world of the meeting around it. */
#ifndef VTB_TEST_BOARD_H
#define VTB_TEST_BOARD_H

#include "meeting_world/world.h"
#include "record/plan.h"
#include "record/sign.h"

#include <stdio.h>

struct board {
    struct world world;
    struct vtb_case *record;
    struct vtb_events *out;
    struct vtb_arena arena; /* of the facts and texts of a test */
    struct vtb_plan_facts facts;
    uint64_t seq;
    FILE *log; /* each event as a JSON line, or NULL */
    const char *message; /* of the last refusal, kept */
    char message_text[300];
};

void board_make(struct board *b); /* intake saved, item 0 runs, draft begun */
void board_make_logged(struct board *b, FILE *log);
void board_free(struct board *b);
void board_look(struct board *b);           /* takes the facts of the meeting anew */
void board_fold(struct board *b);
enum vtb_err plan_ask(struct board *b, enum who who, struct vtb_ask ask);
enum vtb_err set_field(struct board *b, enum who who, const char *field, int64_t base, const char *value);
struct vtb_id add_line(struct board *b);
enum vtb_err set_part(struct board *b, struct vtb_id line, const char *part, int64_t base, const char *value);
void fill_plan(struct board *b);            /* everything that sign-rules.json asks for */
void read_back(struct board *b);            /* fill, read back, confirm the outcome, window over */
void sign_it(struct board *b, const char *reason); /* by the chair; signed with seed_of(1) */
const uint8_t *seed_of(unsigned n);
void save_case(struct board *b, const char *referring_plan);
const char *field_text(const struct board *b, unsigned at);

#endif
