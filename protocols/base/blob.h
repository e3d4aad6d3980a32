/*
 * blob.h - immutable reference-counted bytes, the only thing threads share by pointer.
 *
 * VTB_BLOB_ROOM bytes in front of `data` are free for the owner of the send call to scribble
 * on (libwebsockets writes its frame header there); the payload is never written after make.
 *
 * Thread:    any; the count is atomic.
 * Ownership: make gives one reference; every ref needs an unref.
 */
#ifndef VTB_BASE_BLOB_H
#define VTB_BASE_BLOB_H

#include "base/err.h"

#define VTB_BLOB_ROOM 32

struct vtb_blob;

/* Copies `len` bytes (may be 0). NULL when out of memory. */
VTB_MUST_USE struct vtb_blob *vtb_blob_make(const void *data, size_t len);
struct vtb_blob *vtb_blob_ref(struct vtb_blob *blob);
void vtb_blob_unref(struct vtb_blob *blob); /* NULL is fine */

uint8_t *vtb_blob_data(struct vtb_blob *blob); /* borrowed; read only but for the room in front */
size_t vtb_blob_len(const struct vtb_blob *blob);

#endif
