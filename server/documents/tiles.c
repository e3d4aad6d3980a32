/*
 * Tiles from memory: 64 MB of the last used, shared as blobs. Sixty-four people who turn to the same
 * page cause one read: who asks while it is under way waits for it.
 */
#include "files.h"
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>

#define CACHE_BYTES  (64u * 1024 * 1024)
#define BUCKETS      4096u /* a power of two; 64 MB of 12 kB tiles are some 5,000 */
#define MAX_BYTES    (2u * 1024 * 1024)
#define MAX_WAITING  4096u /* askers of tiles under way, all together */
#define MAX_ZXY      64u   /* 20,000 px are 40 tiles */
#define ENTRY_WEIGHT 256u  /* what an entry costs beside its bytes */

struct key {
    uint8_t document[16], digest[32];
    uint8_t z, x, y;
};

struct asker {
    struct asker *next;
    vtb_doc_blob_fn *done;
    void *ctx;
};

struct tile {
    struct key key;
    struct tile *next;            /* of the bucket */
    struct tile *newer, *older;   /* of the list; only when `blob` is there */
    struct vtb_blob *blob;        /* NULL while it is read */
    struct asker *askers, **tail; /* in order */
};

struct tiles {
    struct vtb_documents *docs;
    struct tile *buckets[BUCKETS];
    struct tile *newest, *oldest;
    uint64_t bytes, hits, misses;
    uint32_t waiting;
};

struct read {
    struct work work;
    struct tile *tile; /* taken out of the table only by ourselves, or by forget */
    char path[PATH_MAX];
    enum vtb_err err;
    struct vtb_blob *blob;
};

enum vtb_err tiles_create(struct vtb_documents *docs, struct tiles **out_tiles)
{
    struct tiles *tiles = calloc(1, sizeof *tiles);

    if (!tiles)
        return VTB_NOMEM;
    tiles->docs = docs;
    *out_tiles = tiles;
    return VTB_OK;
}

static uint32_t bucket_of(const struct key *key)
{
    const uint8_t *at = (const uint8_t *)key;
    uint32_t h = 2166136261u; /* FNV-1a; the digest cannot be chosen by who asks */

    for (size_t i = 0; i < sizeof *key; i++)
        h = (h ^ at[i]) * 16777619u;
    return h & (BUCKETS - 1);
}

static struct tile *find(const struct tiles *tiles, const struct key *key)
{
    struct tile *tile = tiles->buckets[bucket_of(key)];

    while (tile && memcmp(&tile->key, key, sizeof *key) != 0)
        tile = tile->next;
    return tile;
}

static void list_out(struct tiles *tiles, struct tile *tile)
{
    *(tile->newer ? &tile->newer->older : &tiles->newest) = tile->older;
    *(tile->older ? &tile->older->newer : &tiles->oldest) = tile->newer;
    tile->newer = tile->older = NULL;
}

static void list_in(struct tiles *tiles, struct tile *tile)
{
    tile->older = tiles->newest;
    *(tiles->newest ? &tiles->newest->newer : &tiles->oldest) = tile;
    tiles->newest = tile;
}

static void table_out(struct tiles *tiles, struct tile *tile)
{
    struct tile **at = &tiles->buckets[bucket_of(&tile->key)];

    while (*at != tile)
        at = &(*at)->next;
    *at = tile->next;
}

static void drop(struct tiles *tiles, struct tile *tile)
{
    table_out(tiles, tile);
    list_out(tiles, tile);
    tiles->bytes -= vtb_blob_len(tile->blob) + ENTRY_WEIGHT;
    vtb_blob_unref(tile->blob);
    free(tile);
}

void tiles_destroy(struct tiles *tiles)
{
    if (!tiles)
        return;
    while (tiles->oldest)
        drop(tiles, tiles->oldest);
    free(tiles);
}

/* Tiles under way are taken out of the table, so that they are answered and not kept. */
void tiles_forget(struct tiles *tiles, struct vtb_id document)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        struct tile **at = &tiles->buckets[i];

        while (*at) {
            struct tile *tile = *at;

            if (memcmp(tile->key.document, document.b, 16) != 0)
                at = &tile->next;
            else if (tile->blob)
                drop(tiles, tile);
            else
                *at = tile->next;
        }
    }
}

void tiles_stats(const struct tiles *tiles, struct vtb_documents_stats *out)
{
    out->hits = tiles->hits;
    out->misses = tiles->misses;
    out->cache_bytes = tiles->bytes;
}

static void read_run(struct work *work)
{
    struct read *read = (struct read *)work;
    uint8_t *data;
    size_t len;

    read->err = files_read(read->path, MAX_BYTES, &data, &len);
    if (read->err == VTB_LIMIT)
        read->err = VTB_CORRUPT;
    if (read->err)
        return;
    read->blob = vtb_blob_make(data, len);
    read->err = read->blob ? VTB_OK : VTB_NOMEM;
    free(data);
}

static void answer(struct tiles *tiles, struct tile *tile, enum vtb_err err, struct vtb_blob *blob)
{
    struct asker *asker = tile->askers;

    tile->askers = NULL;
    while (asker) {
        struct asker *next = asker->next;

        tiles->waiting--;
        if (!tiles->docs->closed)
            asker->done(asker->ctx, err, blob);
        free(asker);
        asker = next;
    }
}

static void keep(struct tiles *tiles, struct tile *tile, struct vtb_blob *blob)
{
    tile->blob = vtb_blob_ref(blob);
    list_in(tiles, tile);
    tiles->bytes += vtb_blob_len(blob) + ENTRY_WEIGHT;
    while (tiles->bytes > CACHE_BYTES && tiles->oldest != tile)
        drop(tiles, tiles->oldest);
}

static void read_done(struct work *work)
{
    struct read *read = (struct read *)work;
    struct tiles *tiles = work->docs->tiles;
    struct tile *tile = read->tile;
    bool known = find(tiles, &tile->key) == tile; /* not forgotten meanwhile */
    struct asker *askers = tile->askers;
    struct tile waiting = { .askers = askers };

    tile->askers = NULL;
    if (known && read->blob) {
        keep(tiles, tile, read->blob);
    } else {
        if (known)
            table_out(tiles, tile);
        free(tile);
    }
    answer(tiles, &waiting, read->err, read->blob); /* last: it may ask for more */
    vtb_blob_unref(read->blob);
    free(read);
}

static enum vtb_err ask(struct tiles *tiles, struct tile *tile, vtb_doc_blob_fn *done, void *ctx)
{
    struct asker *asker;

    if (tiles->waiting == MAX_WAITING)
        return VTB_AGAIN;
    asker = calloc(1, sizeof *asker);
    if (!asker)
        return VTB_NOMEM;
    asker->done = done;
    asker->ctx = ctx;
    *tile->tail = asker;
    tile->tail = &asker->next;
    tiles->waiting++;
    return VTB_OK;
}

static enum vtb_err start_read(struct tiles *tiles, const struct key *key, struct vtb_id document,
                               const char *tail, vtb_doc_blob_fn *done, void *ctx)
{
    struct read *read = calloc(1, sizeof *read);
    struct tile *tile = calloc(1, sizeof *tile);
    enum vtb_err err = VTB_NOMEM;

    if (!read || !tile)
        goto fail;
    tile->key = *key;
    tile->tail = &tile->askers;
    read->tile = tile;
    documents_path(tiles->docs, read->path, "tiles", document, tail);
    err = ask(tiles, tile, done, ctx);
    if (err)
        goto fail;
    err = documents_work(tiles->docs, &read->work, read_run, read_done);
    if (err) {
        tiles->waiting--;
        free(tile->askers);
        goto fail;
    }
    tile->next = tiles->buckets[bucket_of(key)];
    tiles->buckets[bucket_of(key)] = tile;
    return VTB_OK;
fail:
    free(read);
    free(tile);
    return err;
}

static uint8_t nibble(char c)
{
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

enum vtb_err vtb_documents_tile(struct vtb_documents *docs, struct vtb_id document,
                                const char *digest, uint32_t z, uint32_t x, uint32_t y,
                                vtb_doc_blob_fn *done, void *ctx)
{
    struct tiles *tiles = docs->tiles;
    struct key key = { .z = (uint8_t)z, .x = (uint8_t)x, .y = (uint8_t)y };
    struct tile *tile;
    char tail[112];

    if (!documents_is_hex(digest, 64) || z >= MAX_ZXY || x >= MAX_ZXY || y >= MAX_ZXY)
        return VTB_ABSENT;
    memcpy(key.document, document.b, sizeof key.document);
    for (size_t i = 0; i < 32; i++)
        key.digest[i] = (uint8_t)(nibble(digest[2 * i]) << 4 | nibble(digest[2 * i + 1]));
    tile = find(tiles, &key);
    if (tile && tile->blob) {
        struct vtb_blob *blob = vtb_blob_ref(tile->blob);

        tiles->hits++;
        list_out(tiles, tile);
        list_in(tiles, tile);
        done(ctx, VTB_OK, blob);
        vtb_blob_unref(blob);
        return VTB_OK;
    }
    if (tile) {
        tiles->hits++;
        return ask(tiles, tile, done, ctx);
    }
    tiles->misses++;
    snprintf(tail, sizeof tail, "/%s/%u/%u_%u.webp", digest, z, x, y);
    return start_read(tiles, &key, document, tail, done, ctx);
}
