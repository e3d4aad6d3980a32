/*
 * file.h - writes the sealed files of seal.h: the live one, the whole one; reads a live one back.
 *
 *     <id>.live   grows while it is recorded; every flush is a record, sync makes it durable
 *     <id>.part   the whole file while it is made from the live one
 *     <id>.rec    the whole file (recordings.h reads it)
 *     <id>.film, <id>.fpart   the same of a film; <id>.marks grows like a live one
 *
 * Thread: the owner's. Blocks: on the disk. Modes: 0600, O_NOFOLLOW; the folder is made 0700.
 */
#ifndef VTB_RECORDING_FILE_H
#define VTB_RECORDING_FILE_H

#include "recordings.h"
#include "seal.h"

#define VTB_FILE_PATH 4096

/* <dir>/<id><ending>. LIMIT */
VTB_MUST_USE enum vtb_err vtb_file_path(const char *dir, struct vtb_id id, const char *ending,
                                        char out[static VTB_FILE_PATH]);
bool vtb_file_is_there(const char *dir, struct vtb_id id, const char *ending);

/* ---- live ---- */
struct vtb_live_file;

/* kind: LIVE or MARKS. SYS: the name is taken, or the disk. The name is durable when it returns. */
VTB_MUST_USE enum vtb_err vtb_live_file_create(const char *dir, const uint8_t site_key[static VTB_SEAL_SITE_KEY],
                                               struct vtb_id id, enum vtb_seal_kind kind, struct vtb_live_file **out);
/* Keeps the bytes for the next flush; flushes by itself when a record is full. */
VTB_MUST_USE enum vtb_err vtb_live_file_append(struct vtb_live_file *file, const uint8_t *bytes, size_t len);
/* After this a kill of the process loses nothing that was appended. SYS: the disk is full or broken;
 * the file ends with what was flushed before, and takes no more (CLOSED). */
VTB_MUST_USE enum vtb_err vtb_live_file_flush(struct vtb_live_file *file);
/* After this a power cut loses nothing that was flushed. */
VTB_MUST_USE enum vtb_err vtb_live_file_sync(struct vtb_live_file *file);
/* Flushes and marks the end, if `is_whole`; closes and frees, always. */
VTB_MUST_USE enum vtb_err vtb_live_file_close(struct vtb_live_file *file, bool is_whole);

/* Gives each record in order to `take` until it says anything but OK. out_was_cut: the file has no end
 * mark, or a record that does not open ends it. ABSENT, PARSE, DENIED, CORRUPT: of the header. */
VTB_MUST_USE enum vtb_err vtb_live_file_read(const char *dir, const uint8_t site_key[static VTB_SEAL_SITE_KEY],
                                             struct vtb_id id, enum vtb_seal_kind kind,
                                             enum vtb_err (*take)(void *, const uint8_t *, size_t),
                                             void *ctx, bool *out_was_cut);

/* ---- whole ---- */
struct vtb_whole_file;

/* about: plain_bytes and duration_ms are what will be written; kind: WHOLE or FILM. Replaces a part left by a crash. */
VTB_MUST_USE enum vtb_err vtb_whole_file_create(const char *dir, const uint8_t site_key[static VTB_SEAL_SITE_KEY],
                                                const struct vtb_seal_about *about, struct vtb_whole_file **out);
VTB_MUST_USE enum vtb_err vtb_whole_file_append(struct vtb_whole_file *file, const uint8_t *bytes, size_t len);
/* Durable under its name, or removed (err, or not as many bytes as were promised). Frees, always. */
VTB_MUST_USE enum vtb_err vtb_whole_file_close(struct vtb_whole_file *file, enum vtb_err err);

#endif
