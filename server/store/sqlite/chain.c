#include "sqlite/chain.h"

#include "base/cursor.h"

#include <sodium.h>
#include <stdlib.h>

#define SALT   16
#define NONCE  crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG    crypto_aead_xchacha20poly1305_ietf_ABYTES
#define HEADER (4 + 16 + 8 + 1 + 2 + 8 + 16 + 1 + 1 + 2) /* and the kind's name */

struct header {
    struct vtb_id stream, by;
    uint64_t seq;
    int64_t at_us;
    unsigned stream_kind, version, compartment, audience;
    const char *kind;
};

static void put_u64(uint8_t *to, uint64_t v)
{
    vtb_put_u32(to, (uint32_t)(v >> 32));
    vtb_put_u32(to + 4, (uint32_t)v);
}

static void hash_header(const struct header *head, const uint8_t digest[static 32],
                        const uint8_t prev[static 32], uint8_t out[static 32])
{
    uint8_t bytes[HEADER] = "vtb1";
    size_t len = strlen(head->kind);
    crypto_hash_sha256_state sha;

    memcpy(bytes + 4, head->stream.b, 16);
    put_u64(bytes + 20, head->seq);
    bytes[28] = (uint8_t)head->stream_kind;
    vtb_put_u16(bytes + 29, (uint16_t)head->version);
    put_u64(bytes + 31, (uint64_t)head->at_us);
    memcpy(bytes + 39, head->by.b, 16);
    bytes[55] = (uint8_t)head->compartment;
    bytes[56] = (uint8_t)head->audience;
    vtb_put_u16(bytes + 57, (uint16_t)len);
    crypto_hash_sha256_init(&sha);
    crypto_hash_sha256_update(&sha, bytes, sizeof bytes);
    crypto_hash_sha256_update(&sha, (const uint8_t *)head->kind, len);
    crypto_hash_sha256_update(&sha, digest, 32);
    crypto_hash_sha256_update(&sha, prev, 32);
    crypto_hash_sha256_final(&sha, out);
}

static void digest_payload(const uint8_t salt[static SALT], const char *payload, size_t len,
                           uint8_t out[static 32])
{
    crypto_hash_sha256_state sha;

    crypto_hash_sha256_init(&sha);
    crypto_hash_sha256_update(&sha, salt, SALT);
    crypto_hash_sha256_update(&sha, (const uint8_t *)payload, len);
    crypto_hash_sha256_final(&sha, out);
}

/* Associated data: a payload moved to another place does not open. */
static void place_of(struct vtb_id stream, uint64_t seq, uint8_t out[static 24])
{
    memcpy(out, stream.b, 16);
    put_u64(out + 16, seq);
}

static const uint8_t *key_of(const struct vtb_keys *keys, unsigned compartment)
{
    return compartment == VTB_CLINICAL ? keys->clinical : keys->deliberation;
}

enum vtb_err vtb_chain_tail(struct vtb_db *db, struct vtb_id stream, struct vtb_tail *out)
{
    sqlite3_stmt *stmt = NULL;
    enum vtb_err err = vtb_db_bind(
        db, "SELECT seq, hash FROM events WHERE stream = ? ORDER BY seq DESC LIMIT 1", &stmt, "b",
        stream.b, sizeof stream.b);

    if (err)
        return err;
    *out = (struct vtb_tail){ 0 };
    int code = sqlite3_step(stmt);
    if (code == SQLITE_ROW) {
        out->seq = (uint64_t)sqlite3_column_int64(stmt, 0);
        memcpy(out->hash, sqlite3_column_blob(stmt, 1), 32); /* the table checks the length */
    }
    sqlite3_reset(stmt);
    return vtb_db_err(code);
}

static enum vtb_err add_payload(struct vtb_db *db, const struct vtb_keys *keys,
                                const struct header *head, const uint8_t salt[static SALT],
                                const char *payload, size_t len)
{
    static const char clinical[] =
        "INSERT INTO payload_clinical (stream, seq, salt, nonce, sealed) VALUES (?, ?, ?, ?, ?)";
    static const char deliberation[] =
        "INSERT INTO payload_deliberation (stream, seq, salt, nonce, sealed) VALUES (?, ?, ?, ?, ?)";
    uint8_t nonce[NONCE], place[24];
    uint8_t *sealed = malloc(len + TAG);
    unsigned long long sealed_len = 0;

    if (!sealed)
        return VTB_NOMEM;
    randombytes_buf(nonce, sizeof nonce);
    place_of(head->stream, head->seq, place);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, &sealed_len, (const uint8_t *)payload, len,
                                               place, sizeof place, NULL, nonce,
                                               key_of(keys, head->compartment));
    enum vtb_err err = vtb_db_run(db, head->compartment == VTB_CLINICAL ? clinical : deliberation,
                                  "bibbb", head->stream.b, sizeof head->stream.b,
                                  (int64_t)head->seq, salt, (size_t)SALT, nonce, sizeof nonce,
                                  sealed, (size_t)sealed_len);
    free(sealed);
    return err;
}

enum vtb_err vtb_chain_add(struct vtb_db *db, const struct vtb_keys *keys, struct vtb_id stream,
                         enum vtb_stream stream_kind, const struct vtb_record *record,
                         struct vtb_tail *tail)
{
    struct header head = {
        .stream = stream,
        .by = record->by,
        .seq = tail->seq + 1,
        .at_us = record->at_us,
        .stream_kind = (unsigned)stream_kind,
        .version = VTB_EVENT_VERSION,
        .compartment = (unsigned)vtb_event_compartment(record->kind),
        .audience = (unsigned)vtb_event_audience(record->kind),
        .kind = vtb_event_name(record->kind),
    };
    uint8_t salt[SALT], digest[32], hash[32];
    enum vtb_err err;

    randombytes_buf(salt, sizeof salt);
    digest_payload(salt, record->payload, record->len, digest);
    hash_header(&head, digest, tail->hash, hash);
    err = vtb_db_run(db,
                     "INSERT INTO events (stream, seq, stream_kind, kind, version, at_us, by, "
                     "compartment, audience, payload_digest, prev, hash) "
                     "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                     "biisiibiibbb", stream.b, sizeof stream.b, (int64_t)head.seq,
                     (int64_t)head.stream_kind, head.kind, (int64_t)head.version, head.at_us,
                     head.by.b, sizeof head.by.b, (int64_t)head.compartment,
                     (int64_t)head.audience, digest, sizeof digest, tail->hash, sizeof tail->hash,
                     hash, sizeof hash);
    if (!err)
        err = add_payload(db, keys, &head, salt, record->payload, record->len);
    if (err)
        return err;
    tail->seq = head.seq;
    memcpy(tail->hash, hash, sizeof hash);
    return VTB_OK;
}

/* Opens the payload that lies beside the event: columns 10 salt, 11 nonce, 12 sealed. NULL: erased. */
static enum vtb_err open_payload(sqlite3_stmt *row, const struct header *head,
                                 const struct vtb_keys *keys, const uint8_t digest[static 32],
                                 char **out, size_t *out_len)
{
    const uint8_t *salt = sqlite3_column_blob(row, 10), *nonce = sqlite3_column_blob(row, 11);
    const uint8_t *sealed = sqlite3_column_blob(row, 12);
    size_t len = (size_t)sqlite3_column_bytes(row, 12);
    unsigned long long got = 0;
    uint8_t place[24], check[32];

    *out = NULL;
    if (!salt || !keys)
        return VTB_OK;
    if (len < TAG || sqlite3_column_bytes(row, 10) != SALT || sqlite3_column_bytes(row, 11) != (int)NONCE)
        return VTB_CORRUPT;
    char *payload = malloc(len - TAG + 1);
    if (!payload)
        return VTB_NOMEM;
    place_of(head->stream, head->seq, place);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt((uint8_t *)payload, &got, NULL, sealed, len,
                                                   place, sizeof place, nonce,
                                                   key_of(keys, head->compartment)) != 0) {
        free(payload);
        return VTB_CORRUPT;
    }
    payload[got] = 0;
    digest_payload(salt, payload, (size_t)got, check);
    if (memcmp(check, digest, sizeof check) != 0) {
        free(payload);
        return VTB_CORRUPT;
    }
    *out = payload;
    *out_len = (size_t)got;
    return VTB_OK;
}

/* Columns of one event: seq stream_kind kind version at_us by compartment audience digest hash. */
static enum vtb_err read_row(sqlite3_stmt *row, const struct vtb_keys *keys, struct vtb_id stream,
                             struct vtb_tail *tail, vtb_chain_each each, void *ctx)
{
    VTB_AUTO(vtb_free_ptr) char *payload = NULL;
    struct header head = { .stream = stream,
                           .seq = (uint64_t)sqlite3_column_int64(row, 0),
                           .stream_kind = (unsigned)sqlite3_column_int(row, 1),
                           .kind = (const char *)sqlite3_column_text(row, 2),
                           .version = (unsigned)sqlite3_column_int(row, 3),
                           .at_us = sqlite3_column_int64(row, 4),
                           .compartment = (unsigned)sqlite3_column_int(row, 6),
                           .audience = (unsigned)sqlite3_column_int(row, 7) };
    const void *by = sqlite3_column_blob(row, 5), *digest = sqlite3_column_blob(row, 8);
    const void *stored = sqlite3_column_blob(row, 9);
    struct vtb_logged event;
    uint8_t hash[32];
    size_t len = 0;
    enum vtb_err err;

    if (!head.kind || !by || !digest || !stored || head.seq != tail->seq + 1)
        return VTB_CORRUPT;
    memcpy(head.by.b, by, sizeof head.by.b);
    hash_header(&head, digest, tail->hash, hash);
    if (memcmp(hash, stored, sizeof hash) != 0)
        return VTB_CORRUPT;
    err = open_payload(row, &head, keys, digest, &payload, &len);
    if (err)
        return err;
    tail->seq = head.seq;
    memcpy(tail->hash, hash, sizeof hash);
    if (!each)
        return VTB_OK;
    event = (struct vtb_logged){ head.seq, head.kind, head.at_us, head.by, payload, len };
    return each(ctx, &event);
}

/* The hash before `after_seq + 1`, from which the walk goes on. */
static enum vtb_err start_of(struct vtb_db *db, struct vtb_id stream, uint64_t after_seq,
                             struct vtb_tail *out)
{
    sqlite3_stmt *stmt = NULL;
    enum vtb_err err;

    *out = (struct vtb_tail){ .seq = after_seq };
    if (after_seq == 0)
        return VTB_OK;
    err = vtb_db_bind(db, "SELECT hash FROM events WHERE stream = ? AND seq = ?", &stmt, "bi",
                      stream.b, sizeof stream.b, (int64_t)after_seq);
    if (err)
        return err;
    int code = sqlite3_step(stmt);
    if (code == SQLITE_ROW)
        memcpy(out->hash, sqlite3_column_blob(stmt, 0), 32);
    sqlite3_reset(stmt);
    return code == SQLITE_DONE ? VTB_ABSENT : vtb_db_err(code);
}

enum vtb_err vtb_chain_walk(struct vtb_db *db, const struct vtb_keys *keys, struct vtb_id stream,
                          uint64_t after_seq, vtb_chain_each each, void *ctx)
{
    static const char sql[] =
        "SELECT e.seq, e.stream_kind, e.kind, e.version, e.at_us, e.by, e.compartment, e.audience, "
        "e.payload_digest, e.hash, coalesce(c.salt, d.salt), coalesce(c.nonce, d.nonce), "
        "coalesce(c.sealed, d.sealed) FROM events e "
        "LEFT JOIN payload_clinical c ON e.compartment = 0 AND c.stream = e.stream AND c.seq = e.seq "
        "LEFT JOIN payload_deliberation d ON e.compartment = 1 AND d.stream = e.stream AND d.seq = e.seq "
        "WHERE e.stream = ? AND e.seq > ? ORDER BY e.seq";
    sqlite3_stmt *stmt = NULL;
    struct vtb_tail tail;
    enum vtb_err err = start_of(db, stream, after_seq, &tail);
    int code;

    if (err == VTB_ABSENT)
        return VTB_OK; /* asked for what comes after the last one that there is not yet */
    if (err)
        return err;
    err = vtb_db_bind(db, sql, &stmt, "bi", stream.b, sizeof stream.b, (int64_t)after_seq);
    if (err)
        return err;
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW && !err)
        err = read_row(stmt, keys, stream, &tail, each, ctx);
    sqlite3_reset(stmt);
    return err ? err : vtb_db_err(code);
}

static enum vtb_err count(void *ctx, const struct vtb_logged *event)
{
    (void)event;
    ++*(uint64_t *)ctx;
    return VTB_OK;
}

enum vtb_err vtb_chain_verify(struct vtb_db *db, const struct vtb_keys *keys, uint64_t *out_events)
{
    uint64_t events = 0;
    sqlite3_stmt *stmt = NULL;
    enum vtb_err err = vtb_db_bind(db, "SELECT DISTINCT stream FROM events", &stmt, "");
    int code = SQLITE_DONE;

    while (!err && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct vtb_id stream;

        memcpy(stream.b, sqlite3_column_blob(stmt, 0), sizeof stream.b);
        err = vtb_chain_walk(db, keys, stream, 0, count, &events);
    }
    if (stmt)
        sqlite3_reset(stmt);
    if (err)
        return err;
    *out_events = events;
    return vtb_db_err(code);
}

enum vtb_err vtb_chain_erase(struct vtb_db *db, struct vtb_id stream, enum vtb_compartment compartment)
{
    return vtb_db_run(db,
                      compartment == VTB_CLINICAL ? "DELETE FROM payload_clinical WHERE stream = ?"
                                                  : "DELETE FROM payload_deliberation WHERE stream = ?",
                      "b", stream.b, sizeof stream.b);
}
