/*
 * files.h - the few things done to files here: read whole, sync a folder, remove a tree.
 *
 * Thread: any; they block, so the pool's, or create's.
 * Errors: OK, ABSENT (no such file), LIMIT (too long), NOMEM, SYS.
 */
#ifndef VTB_DOCUMENTS_FILES_H
#define VTB_DOCUMENTS_FILES_H

#include "base/err.h"

/* Reads a regular file, never through a link, of at most `max` bytes. Caller frees *out. */
VTB_MUST_USE enum vtb_err files_read(const char *path, size_t max, uint8_t **out, size_t *out_len);
VTB_MUST_USE enum vtb_err files_write(const char *path, const void *data, size_t len);
VTB_MUST_USE enum vtb_err files_make_dir(const char *path); /* 0700; fine if it exists */
VTB_MUST_USE enum vtb_err files_sync_dir(const char *path);

/* Removes a file or a folder with all in it, without following links. ABSENT is OK. */
enum vtb_err files_remove(const char *path);

/* Counts files and bytes below `path`; stops when either limit is passed. */
void files_count(const char *path, uint64_t max_files, uint64_t max_bytes, uint64_t *out_files,
                 uint64_t *out_bytes);

/* Lower-case hex of 32 bytes, terminated. */
void files_hex(const uint8_t digest[static 32], char out[static 65]);

#endif
