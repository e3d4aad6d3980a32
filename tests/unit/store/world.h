/* world.h - a store in a folder of its own; calls that wait for their callback. */
#ifndef VTB_TEST_WORLD_H
#define VTB_TEST_WORLD_H

#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

struct world {
    char dir[64];
    int wake_fd;
    struct vtb_store *store;
};

void world_make(struct world *world);
void world_start(struct world *world); /* again, after world_stop */
void world_stop(struct world *world);
void world_end(struct world *world); /* stops and removes the folder */
/* Turns the store until *flag; fails the test after 60 s. */
void world_until(struct world *world, const bool *flag);

struct answer {
    bool is_there;
    enum vtb_err err;
    uint64_t first_seq[VTB_APPEND_PARTS];
    size_t parts;
    json_t *json; /* owned by the test */
};
void world_note_append(void *answer, enum vtb_err err, const uint64_t *first_seq);
void world_note_json(void *answer, enum vtb_err err, json_t *json);

/* Appends and waits. */
enum vtb_err world_add(struct world *world, struct vtb_id stream, enum vtb_stream kind,
                       uint32_t epoch, const struct vtb_event *events, size_t n);
#define WORLD_ADD(world, stream, kind, ...)                                                        \
    world_add((world), (stream), (kind), 0, (const struct vtb_event[]){ __VA_ARGS__ },             \
              sizeof((const struct vtb_event[]){ __VA_ARGS__ }) / sizeof(struct vtb_event))
/* Asks and waits; params by json_pack. NULL with *out_err where there is no answer. */
json_t *world_ask(struct world *world, enum vtb_question question, enum vtb_err *out_err, json_t *params);
json_t *world_load(struct world *world, struct vtb_id stream, uint64_t after, enum vtb_err *out_err);

struct vtb_id id_of(unsigned n); /* always the same */
const char *text_of(unsigned n); /* of id_of(n); 64 at a time */

#endif
