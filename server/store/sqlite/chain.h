/*
 * chain.h - the chained log: appends events, reads and verifies them, erases a compartment.
 *
 *     payload_digest = SHA-256(salt || payload)
 *     hash           = SHA-256(header || payload_digest || prev)
 *     header         = "vtb1" stream[16] seq:u64 stream_kind:u8 version:u16 at_us:u64 by[16]
 *                      compartment:u8 audience:u8 len:u16 kind        (big-endian)
 *
 * prev of the first event is 32 zeros. The payload (JSON) is sealed by XChaCha20-Poly1305 under its
 * compartment's key, with stream and seq as associated data. Without the payload row the chain
 * still verifies, and the salt, gone with it, keeps the digest from confirming a guess.
 *
 * Thread: of the connection.
 */
#ifndef VTB_STORE_CHAIN_H
#define VTB_STORE_CHAIN_H

#include "signal/signal.h"
#include "store/keys.h"
#include "sqlite/db.h"

#define VTB_EVENT_VERSION 1 /* of the payloads' schemas; a reader for each older one stays */

struct vtb_record { /* one event, as it is written */
    enum vtb_event_kind kind;
    int64_t at_us;
    struct vtb_id by;
    const char *payload;
    size_t len;
};

struct vtb_tail { /* last event of a stream; zeroed for an empty one */
    uint64_t seq;
    uint8_t hash[32];
};

VTB_MUST_USE enum vtb_err vtb_chain_tail(struct vtb_db *db, struct vtb_id stream, struct vtb_tail *out);
/* Inside a transaction. Moves the tail. */
VTB_MUST_USE enum vtb_err vtb_chain_add(struct vtb_db *db, const struct vtb_keys *keys,
                                      struct vtb_id stream, enum vtb_stream stream_kind,
                                      const struct vtb_record *record, struct vtb_tail *tail);

struct vtb_logged {
    uint64_t seq;
    const char *kind;
    int64_t at_us;
    struct vtb_id by;
    const char *payload; /* NULL: erased */
    size_t len;
};
typedef enum vtb_err (*vtb_chain_each)(void *ctx, const struct vtb_logged *event);

/* Every event after `after_seq`, verified: CORRUPT for a gap, a hash that does not fit, or a payload that is
 * not what was hashed. keys NULL: the chain alone. `each` may be NULL; its error ends the walk. */
VTB_MUST_USE enum vtb_err vtb_chain_walk(struct vtb_db *db, const struct vtb_keys *keys,
                                       struct vtb_id stream, uint64_t after_seq, vtb_chain_each each,
                                       void *ctx);
/* All streams of the file; how many events were good. */
VTB_MUST_USE enum vtb_err vtb_chain_verify(struct vtb_db *db, const struct vtb_keys *keys,
                                         uint64_t *out_events);
/* Takes the payloads of one compartment of a stream out for ever. Inside a transaction. */
VTB_MUST_USE enum vtb_err vtb_chain_erase(struct vtb_db *db, struct vtb_id stream,
                                        enum vtb_compartment compartment);

#endif
