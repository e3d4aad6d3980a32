/*
 * films.h - films of recordings: sound, pages, pointer and names as one WebM, made by consilium-export in the sandbox of
 * the other children (media/imaging), one at a time, at the lowest priority.
 *
 *     ask -> queue -> child: time line, tiles, sound by a pipe | film into memory -> sealed as <id>.film -> done
 *
 * Nothing of a film is plain on a disk, on a command line or in an environment: what the child is told comes by a pipe,
 * what it makes lies in memory that is nobody's file (memfd), and is sealed from there. So a film that fails, is
 * cancelled, or is cut off by the end of this process leaves nothing. The child ends with us.
 *
 * Thread:    the loop's, `done` too. Disk and ciphers: in the pool.
 * Ownership: config strings, key and tile source outlive the room. ask takes the order.
 * Limits:    VTB_FILMS_MAX in all; a film 1 GB, of three hours of work.
 */
#ifndef VTB_FILMS_FILMS_H
#define VTB_FILMS_FILMS_H

#include "documents/documents.h"

#include <jansson.h>

#define VTB_FILMS_MAX 8u

struct vtb_films;

/* As vtb_documents_tile. */
typedef enum vtb_err vtb_film_tile(void *ctx, struct vtb_id document, const char *digest, uint32_t z, uint32_t x, uint32_t y,
                                   vtb_doc_blob_fn *done, void *done_ctx);

struct vtb_film_end {
    struct vtb_id recording;
    enum { VTB_FILM_MADE, VTB_FILM_FAILED, VTB_FILM_CANCELLED } how;
    uint64_t bytes;             /* of a made one */
    char sha256[VTB_DOC_SHA256];
};

struct vtb_films_config {
    struct uv_loop_s *loop;
    const char *data_dir;                    /* DATA/jobs/film.<id>: an empty folder while one is made */
    const char *sandbox_path, *program_path; /* absolute */
    const char *record_dir;
    const uint8_t *record_key;
    uid_t child_uid;                         /* user of the child when we are root; 0: 65534 */
    vtb_film_tile *tile;
    void *tile_ctx;
    void (*done)(void *ctx, const struct vtb_film_end *end);
    void *ctx;
};

VTB_MUST_USE enum vtb_err vtb_films_create(const struct vtb_films_config *cfg, struct vtb_films **out);
/* Ends the child; `done` comes no more: who asked learns at the next start that it was cut off. A tile that was asked for
 * must not come any more: end its source at the same time. The loop must run until it has no handles. NULL is fine. */
void vtb_films_destroy(struct vtb_films *films);

/* ---- an order: what is seen and heard when (line.c) ---- */

struct vtb_film_page { /* whose tiles are wanted; digest "" is none */
    struct vtb_id document;
    char digest[VTB_DOC_SHA256];
    uint32_t z, cols, rows;
};

struct vtb_film_order {
    struct vtb_id recording;
    uint32_t duration_ms;
    char *line; /* time line, JSON (media/recording/export/timeline.h) */
    struct vtb_film_page *pages;
    size_t pages_n;
};

/* moments, spans: of recording_full (protocols/http/answers.json); marks: as vtb_marks_read gives them. Pages are taken as
 * sharp as they were zoomed. NOMEM, LIMIT. */
VTB_MUST_USE enum vtb_err vtb_film_order_make(struct vtb_id recording, uint32_t duration_ms, json_t *moments, json_t *spans,
                                              const uint8_t *marks, size_t marks_len, struct vtb_film_order *out);
void vtb_film_order_fini(struct vtb_film_order *order);

/* May one more wait? */
bool vtb_films_have_room(const struct vtb_films *films);
/* AGAIN: VTB_FILMS_MAX wait. STALE: one of this recording is being made. `done` follows an OK. */
VTB_MUST_USE enum vtb_err vtb_films_ask(struct vtb_films *films, struct vtb_film_order *take_order);
/* `done` follows, with CANCELLED, unless it is just over. False: none is being made. */
bool vtb_films_cancel(struct vtb_films *films, struct vtb_id recording);

struct vtb_film_progress {
    uint32_t ahead;   /* so many are made before it */
    uint32_t percent; /* as the program says */
};
/* False: none is being made. */
bool vtb_films_progress(const struct vtb_films *films, struct vtb_id recording, struct vtb_film_progress *out);

#endif
