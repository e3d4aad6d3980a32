#include "base/blob.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct vtb_blob {
    atomic_uint refs;
    size_t len;
    uint8_t bytes[]; /* VTB_BLOB_ROOM, then the payload */
};

struct vtb_blob *vtb_blob_make(const void *data, size_t len)
{
    struct vtb_blob *blob;

    if (len > SIZE_MAX / 2)
        return NULL;
    blob = malloc(sizeof *blob + VTB_BLOB_ROOM + len);
    if (!blob)
        return NULL;
    atomic_init(&blob->refs, 1);
    blob->len = len;
    if (len)
        memcpy(blob->bytes + VTB_BLOB_ROOM, data, len);
    return blob;
}

struct vtb_blob *vtb_blob_ref(struct vtb_blob *blob)
{
    atomic_fetch_add_explicit(&blob->refs, 1, memory_order_relaxed);
    return blob;
}

void vtb_blob_unref(struct vtb_blob *blob)
{
    if (blob && atomic_fetch_sub_explicit(&blob->refs, 1, memory_order_acq_rel) == 1)
        free(blob);
}

uint8_t *vtb_blob_data(struct vtb_blob *blob)
{
    return blob->bytes + VTB_BLOB_ROOM;
}

size_t vtb_blob_len(const struct vtb_blob *blob)
{
    return blob->len;
}
