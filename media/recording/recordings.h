/*
 * recordings.h - reading and destroying finished recordings; the other half of what server/ may see.
 *
 * A recording is one file, DATA/recordings/<id>.rec: WebM, sealed at rest (media/recording/seal.h has
 * the format). Its name is an id and says nothing of whom it is about. Reading decrypts only the
 * 64 kB chunks that are asked for; a chunk that was changed, moved or cut off is refused.
 *
 * Thread:    any; one recording is used by one thread at a time.
 * Ownership: open gives, close takes. Paths and keys are borrowed for the call.
 * Blocks:    on the disk: never on the control thread.
 * Errors:    ABSENT no such file; DENIED sealed for another site key; CORRUPT not what was written.
 */
#ifndef VTB_RECORDING_RECORDINGS_H
#define VTB_RECORDING_RECORDINGS_H

#include "base/err.h"
#include "base/id.h"

#define VTB_RECORDING_KEY    32 /* bytes of the site key for recordings, AES-256 */
#define VTB_RECORDING_DIGEST 32 /* SHA-256 of the WebM */

struct vtb_recording;

struct vtb_recording_info {
    uint64_t bytes;       /* of the WebM */
    uint32_t duration_ms; /* of its sound; equals the time it ran */
    bool was_cut;         /* the server ended before the recording did: at most its last second is missing */
};

VTB_MUST_USE enum vtb_err vtb_recording_open(const char *dir, const uint8_t key[static VTB_RECORDING_KEY],
                                             struct vtb_id id, struct vtb_recording **out);
void vtb_recording_close(struct vtb_recording *rec); /* NULL is fine */
struct vtb_recording_info vtb_recording_info(const struct vtb_recording *rec);

/* Up to `len` bytes from `at`; *out_len is shorter only at the end. */
VTB_MUST_USE enum vtb_err vtb_recording_read(struct vtb_recording *rec, uint64_t at, uint8_t *out,
                                             size_t len, size_t *out_len);
/* Reads it all. */
VTB_MUST_USE enum vtb_err vtb_recording_digest(struct vtb_recording *rec,
                                               uint8_t out[static VTB_RECORDING_DIGEST]);

/* Overwrites the key of the file, so that no copy of its blocks opens again, and removes it, finished
 * or not, with its film and its marks. OK when it is gone already. SYS: it may still be there; try again. */
VTB_MUST_USE enum vtb_err vtb_recording_destroy(const char *dir, struct vtb_id id);

/* ---- its film: <id>.film, sealed like the sound with a key of its own, read and closed like it ---- */

VTB_MUST_USE enum vtb_err vtb_film_open(const char *dir, const uint8_t key[static VTB_RECORDING_KEY],
                                        struct vtb_id id, struct vtb_recording **out);
/* Seals all of `fd` (borrowed, read from its start) as the film, in place of one that is there. ABSENT: the recording
 * was removed meanwhile, and nothing is kept. */
VTB_MUST_USE enum vtb_err vtb_film_keep(const char *dir, const uint8_t key[static VTB_RECORDING_KEY], struct vtb_id id,
                                        int fd, uint32_t duration_ms, struct vtb_recording_info *out,
                                        uint8_t digest[static VTB_RECORDING_DIGEST]);
VTB_MUST_USE enum vtb_err vtb_film_destroy(const char *dir, struct vtb_id id); /* as vtb_recording_destroy */

/* ---- where the presenter pointed: <id>.marks, growing, sealed; what a kill of the process may take is what was not
 * appended. A mark is 21 bytes, big-endian: kind (1), at_ms (4), x, y, w, h (4 each). ---- */

#define VTB_MARK_BYTES 21u
#define VTB_MARKS_MAX  250000u /* of one recording: 10 a second for seven hours; 5 MB */

enum vtb_mark_kind { VTB_MARK_POINTER = 1, VTB_MARK_AWAY = 2, VTB_MARK_VIEW = 3 };

struct vtb_mark {
    enum vtb_mark_kind kind;
    uint32_t at_ms;     /* in the sound */
    int32_t x, y, w, h; /* 1/10000 of the page's width; w, h of a view alone */
};

struct vtb_marks;

VTB_MUST_USE enum vtb_err vtb_marks_create(const char *dir, const uint8_t key[static VTB_RECORDING_KEY],
                                           struct vtb_id id, struct vtb_marks **out);
/* Written to the file when it returns. LIMIT: there are VTB_MARKS_MAX. */
VTB_MUST_USE enum vtb_err vtb_marks_append(struct vtb_marks *marks, const struct vtb_mark *mark, size_t n);
void vtb_marks_close(struct vtb_marks *marks); /* NULL is fine */
/* All that is there, of VTB_MARK_BYTES each, in order of time; free it. ABSENT: nobody pointed. */
VTB_MUST_USE enum vtb_err vtb_marks_read(const char *dir, const uint8_t key[static VTB_RECORDING_KEY],
                                         struct vtb_id id, uint8_t **out, size_t *out_len);
struct vtb_mark vtb_mark_of(const uint8_t bytes[static VTB_MARK_BYTES]);

#endif
