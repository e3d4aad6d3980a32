/*
 * seal.h - how a recording lies on the disk: AES-256-GCM in chunks, each file with a key of its own.
 *
 * Header, 128 bytes, big-endian:
 *
 *       0  8  "VTBREC01"
 *       8  1  kind: 1 live (records), 2 whole (chunks), 3 film (chunks), 4 marks (records)
 *       9  1  flags: 1 was cut
 *      10  2  zero
 *      12  4  chunk bytes (plain), 65536
 *      16 16  id of the recording
 *      32  8  which site key: first bytes of SHA-256("vtb recording key" + key)
 *      40  4  duration, ms (whole)
 *      44  4  zero
 *      48  8  plain bytes (whole)
 *      56 12  nonce, random     \
 *      68 32  the file's key     > AES-256-GCM under the site key, over bytes 0..55
 *     100 16  tag               /
 *     116 12  zero
 *
 * Whole: chunks of 65536 plain bytes and their tag, the last one shorter and marked as final. Chunk
 * n lies at 128 + n * 65552, so a range is read without the rest.
 *
 * Live: append-only records, u32 length (top bit: final), ciphertext, tag. Each holds what came
 * within a quarter of a second, so a crash loses no more; a record that is not whole, or does not
 * open, ends the file.
 *
 * Chunk or record n: nonce = 0 (4 bytes), n (8); additional data = id (16), n (8), final (1). The key
 * is new for each file, so a nonce never comes twice. A chunk that was changed, moved, repeated or
 * taken from another file does not open; a whole file that was cut lacks its final chunk.
 *
 * Destroying the 60 bytes from 56 makes the file unreadable for ever, with the site key in hand.
 *
 * Thread: the owner's. Blocks: never; no I/O here. Sources: NIST SP 800-38D (GCM, 8.2.1
 * deterministic nonces; 2^32 chunks of 64 kB are far from any file of ours).
 */
#ifndef VTB_RECORDING_SEAL_H
#define VTB_RECORDING_SEAL_H

#include "base/err.h"
#include "base/id.h"

#define VTB_SEAL_HEADER     128u
#define VTB_SEAL_SECRET_AT  56u /* the part of the header that destroys the file with it */
#define VTB_SEAL_SECRET     60u
#define VTB_SEAL_SITE_KEY   32u
#define VTB_SEAL_CHUNK      65536u
#define VTB_SEAL_TAG        16u
#define VTB_SEAL_CHUNKS_MAX 65536u /* 4 GB: more is no recording */

/* A film and the marks of a pointer carry the id of their recording: their kind keeps one from passing as another. */
enum vtb_seal_kind { VTB_SEAL_LIVE = 1, VTB_SEAL_WHOLE = 2, VTB_SEAL_FILM = 3, VTB_SEAL_MARKS = 4 };

struct vtb_seal_about {
    struct vtb_id id;
    enum vtb_seal_kind kind;
    bool was_cut;
    uint32_t duration_ms;
    uint64_t plain_bytes;
};

struct vtb_seal; /* the key of one file */

/* A new key, and the header that holds it. NOMEM, SYS. */
VTB_MUST_USE enum vtb_err vtb_seal_make(const struct vtb_seal_about *about,
                                        const uint8_t site_key[static VTB_SEAL_SITE_KEY],
                                        uint8_t header[static VTB_SEAL_HEADER], struct vtb_seal **out);
/* The key out of a header. PARSE: no header of ours; DENIED: for another site key; CORRUPT. */
VTB_MUST_USE enum vtb_err vtb_seal_take(const uint8_t header[static VTB_SEAL_HEADER],
                                        const uint8_t site_key[static VTB_SEAL_SITE_KEY],
                                        struct vtb_seal_about *about, struct vtb_seal **out);
void vtb_seal_destroy(struct vtb_seal *seal); /* NULL is fine */

/* out: len + VTB_SEAL_TAG bytes; len at most VTB_SEAL_CHUNK. */
VTB_MUST_USE enum vtb_err vtb_seal_close(struct vtb_seal *seal, uint64_t n, bool is_final,
                                         const uint8_t *plain, size_t len, uint8_t *out);
/* len: with the tag. out: len - VTB_SEAL_TAG bytes, of no use unless OK. CORRUPT. */
VTB_MUST_USE enum vtb_err vtb_seal_open(struct vtb_seal *seal, uint64_t n, bool is_final,
                                        const uint8_t *sealed, size_t len, uint8_t *out);

#endif
