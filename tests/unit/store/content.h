/* content.h - a board with people, a meeting, cases and a signed plan, as events. */
#ifndef VTB_TEST_CONTENT_H
#define VTB_TEST_CONTENT_H

#include "world.h"

enum { /* ids */
    BOARD = 1, OTHER_BOARD, MEETING = 10, OTHER_MEETING,
    CHAIR = 20, COORDINATOR, MEMBER, OBSERVER, CLINIC, STRANGER, OTHER_COORDINATOR, GUEST,
    CASE = 40, CASE_2, CASE_WAITS, ITEM = 50, ITEM_2, DOC = 60, PLAN = 70, PLAN_2,
    INVITATION = 80, SESSION = 90, SEAT = 100, ROOM = 110, ROOM_ONCE,
};
#define T0 INT64_C(1764000000000000) /* starts_us of the meeting */

struct vtb_event person_event(unsigned person, const char *name, const char *email);
struct vtb_event case_event(int64_t version, const char *name, const char *local_id, const char *question,
                            unsigned referrer, unsigned author);
struct vtb_event planned_event(unsigned board);
struct vtb_event signed_event(unsigned plan, int64_t version, unsigned case_id, const char *line);
struct vtb_event invitation_event(const char *token, int64_t until_us);

/* People, two boards, a meeting of BOARD with CASE (ITEM) and CASE_2 (ITEM_2), CASE_WAITS on no agenda;
 * GUEST invited with ITEM until T0 + 1000. CLINIC refers CASE. */
void content_board(struct world *world);
/* The meeting opens, ITEM runs, PLAN is begun, signed (line) and the item ends signed. */
void content_sign(struct world *world, const char *line);

/* ROOM (token room-1) is of every meeting of BOARD, was used and is revoked; ROOM_ONCE (room-2) of MEETING's ITEM. */
void content_devices(struct world *world);

#endif
