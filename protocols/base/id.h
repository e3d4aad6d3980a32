/*
 * id.h - durable ids and live handles.
 *
 * vtb_id: UUIDv7 (RFC 9562, 5.7), 16 bytes, sortable by time of making, text in JSON. Not a
 * secret: tokens are separate 128-bit random values (vtb_random).
 * vtb_peer: {index, generation} of a live media connection, never stored; a late message for a
 * peer that left finds nothing.
 */
#ifndef VTB_BASE_ID_H
#define VTB_BASE_ID_H

#include "base/err.h"
#include "base/str.h"

struct vtb_id {
    uint8_t b[16];
};

#define VTB_ID_TEXT 37 /* 36 characters and the terminator */

static inline bool vtb_id_is(struct vtb_id a, struct vtb_id b)
{
    return memcmp(a.b, b.b, sizeof a.b) == 0;
}
static inline bool vtb_id_is_nil(struct vtb_id id)
{
    return vtb_id_is(id, (struct vtb_id){ { 0 } });
}

/* `unix_us` in microseconds since 1970; only milliseconds are kept. Aborts if the system has no randomness. */
struct vtb_id vtb_id_make(int64_t unix_us);
void vtb_id_write(struct vtb_id id, char out[static VTB_ID_TEXT]);
/* Lower or upper case hex with dashes; PARSE for anything else. `out` untouched on failure. */
VTB_MUST_USE enum vtb_err vtb_id_parse(struct vtb_str text, struct vtb_id *out);

/* Fills with bytes from getrandom(2). Aborts if the system has none. */
void vtb_random(void *out, size_t len);

typedef struct {
    uint32_t index;
    uint32_t generation; /* never 0 for a live peer */
} vtb_peer;

static inline bool vtb_peer_is(vtb_peer a, vtb_peer b)
{
    return a.index == b.index && a.generation == b.generation;
}

#endif
