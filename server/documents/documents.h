/*
 * documents.h - uploaded files and the tiles made of them.
 *
 * A file comes in pieces, is named by its SHA-256 and kept as it came. An import draws it by
 * sandboxed children (consilium-sandbox) into tiles of 512 px and publishes each page with one
 * rename. Nothing of ours decodes PDF or pictures. Permission, case quotas and what is stored in
 * the database are the caller's.
 *
 * Disk:      DATA/uploads/<document>.<size>.part     half an upload
 *            DATA/blobs/<2 hex>/<sha256>             the file
 *            DATA/jobs/<document>/                   removed at create
 *            DATA/tiles/<document>/<digest>/<z>/<x>_<y>.webp
 *            DATA/tiles/<document>/text/<page>.txt
 * Levels:    z = 0 is the whole page in one tile (the thumbnail); each next level doubles; the last
 *            is full size. Tiles do not overlap.
 * Digest:    SHA-256 over the full-size tiles as they are served, row by row, each preceded by its
 *            length as 4 bytes, big-endian; before them width and height likewise.
 * Thread:    the loop's, callbacks too; a callback may call anything here but destroy. Files are
 *            touched in the pool.
 * Ownership: strings and blobs passed in are borrowed for the call; a blob handed to append is
 *            referenced until its callback. A blob handed to a callback is borrowed: ref to keep.
 * Limits:    protocols/limits.json; 256 uploads, 64 waiting imports, 64 MB of tiles in memory.
 */
#ifndef VTB_DOCUMENTS_DOCUMENTS_H
#define VTB_DOCUMENTS_DOCUMENTS_H

#include "base/blob.h"
#include "base/err.h"
#include "base/id.h"

#include <sys/types.h>

struct uv_loop_s;
struct vtb_documents;

enum vtb_doc_kind { VTB_DOC_PDF, VTB_DOC_JPEG, VTB_DOC_PNG, VTB_DOC_WEBP, VTB_DOC_TIFF };
const char *vtb_doc_kind_name(enum vtb_doc_kind kind); /* "pdf", "jpeg", ... */
VTB_MUST_USE enum vtb_err vtb_doc_kind_parse(struct vtb_str name, enum vtb_doc_kind *out_kind);

struct vtb_documents_config {
    const char *data_dir;     /* exists */
    const char *sandbox_path; /* absolute path of consilium-sandbox */
    struct uv_loop_s *loop;
    uint32_t pdf_page_px;  /* long side of a drawn PDF page; 0: 2560 */
    uid_t child_uid;       /* user of the children when we are root; 0: 65534 */
    bool require_landlock; /* refuse to import on a kernel without it */
};

VTB_MUST_USE enum vtb_err vtb_documents_create(const struct vtb_documents_config *cfg,
                                               struct vtb_documents **out_docs);
/* Ends a running child; no callback comes any more. The loop must run until it has no handles. */
void vtb_documents_destroy(struct vtb_documents *docs); /* NULL is fine */

/* ---- upload ---- */

#define VTB_DOC_MESSAGE 301 /* as in protocols/http/answers.json */
#define VTB_DOC_SHA256  65

/* Does a file of `more` bytes still fit into a case that holds `there` bytes, those on their way counted? */
bool vtb_documents_case_takes(uint64_t there, uint64_t more);
/* Starts, or resumes what a crash left. Another size than before starts anew. LIMIT, AGAIN. */
VTB_MUST_USE enum vtb_err vtb_documents_begin(struct vtb_documents *docs, struct vtb_id document,
                                              uint64_t size);
/* ABSENT if there is no such upload; *out_offset bytes have been kept of *out_size. */
VTB_MUST_USE enum vtb_err vtb_documents_offset(const struct vtb_documents *docs,
                                               struct vtb_id document, uint64_t *out_offset,
                                               uint64_t *out_size);

/* Unfinished uploads of before a start, where the caller kept no record of whose they were. */
void vtb_documents_forget_uploads(struct vtb_documents *docs);

typedef void vtb_doc_done_fn(void *ctx, enum vtb_err err);

/* STALE if `offset` is not where the upload stands (ask offset), AGAIN while a piece is being
 * written, LIMIT for too long a piece. Returns an error or calls `done`, never both. */
VTB_MUST_USE enum vtb_err vtb_documents_append(struct vtb_documents *docs, struct vtb_id document,
                                               uint64_t offset, struct vtb_blob *piece,
                                               vtb_doc_done_fn *done, void *ctx);

struct vtb_doc_upload {
    enum vtb_err err;             /* PARSE: not a kind we take, see message. ABSENT: erased while
                                   * being stored; erase `sha256` too unless others have it */
    char sha256[VTB_DOC_SHA256];  /* lower-case hex */
    enum vtb_doc_kind kind;
    char message[VTB_DOC_MESSAGE]; /* for people, when err is set */
};

typedef void vtb_doc_upload_fn(void *ctx, const struct vtb_doc_upload *upload);

/* STALE while bytes are missing. A refused file is removed. */
VTB_MUST_USE enum vtb_err vtb_documents_finish(struct vtb_documents *docs, struct vtb_id document,
                                               vtb_doc_upload_fn *done, void *ctx);

/* ---- import ---- */

struct vtb_drawn_page {
    uint32_t number; /* from 1, as in the file */
    uint32_t width_px, height_px, levels;
    uint64_t bytes;                /* of all tiles */
    char digest[VTB_DOC_SHA256];   /* "" if the page could not be drawn */
    bool has_text;
    bool lossy;  /* tiles are WebP quality 88; otherwise without loss */
    bool faulty; /* drawn, but the tool met damaged parts: compare with the original */
};

struct vtb_doc_result {
    enum { VTB_DOC_READY, VTB_DOC_PARTLY, VTB_DOC_FAILED } state;
    enum vtb_err err;              /* OK when the file is at fault; SYS, NOMEM: try again later */
    char message[VTB_DOC_MESSAGE]; /* for people; empty when there is nothing to say */
    const struct vtb_drawn_page *pages; /* borrowed */
    size_t n;
};

/* `page` is published and can be shown, or has an empty digest. */
typedef void vtb_doc_progress_fn(void *ctx, uint32_t pages_done, uint32_t pages_total,
                                 const struct vtb_drawn_page *page);
typedef void vtb_doc_result_fn(void *ctx, const struct vtb_doc_result *result);

/* Queues an import; one page is drawn at a time, jobs take turns. Doing it again is harmless.
 * AGAIN when 64 wait or this document is being imported; ABSENT without the file. */
VTB_MUST_USE enum vtb_err vtb_documents_import(struct vtb_documents *docs, struct vtb_id document,
                                               const char *sha256, enum vtb_doc_kind kind,
                                               vtb_doc_progress_fn *progress,
                                               vtb_doc_result_fn *done, void *ctx);

/* ---- what is shown ---- */

/* `blob` is NULL when err is set: ABSENT, SYS, CORRUPT. */
typedef void vtb_doc_blob_fn(void *ctx, enum vtb_err err, struct vtb_blob *blob);

/* May call back at once, when the tile is in memory. ABSENT for a malformed address. */
VTB_MUST_USE enum vtb_err vtb_documents_tile(struct vtb_documents *docs, struct vtb_id document,
                                             const char *digest, uint32_t z, uint32_t x, uint32_t y,
                                             vtb_doc_blob_fn *done, void *ctx);
/* The page's words in reading order, UTF-8 without control characters but \n. Never cached. */
VTB_MUST_USE enum vtb_err vtb_documents_text(struct vtb_documents *docs, struct vtb_id document,
                                             uint32_t page, vtb_doc_blob_fn *done, void *ctx);

/* Path of a stored file, for a download; LIMIT if `cap` is short, PARSE for a malformed name. */
VTB_MUST_USE enum vtb_err vtb_documents_blob_path(const struct vtb_documents *docs,
                                                  const char *sha256, char *out, size_t cap);

/* ---- erase ---- */

/* Upload, import, tiles and text; the file too when `sha256` is given (the caller knows that no
 * other document has the same). A running import ends without its callback. */
VTB_MUST_USE enum vtb_err vtb_documents_erase(struct vtb_documents *docs, struct vtb_id document,
                                              const char *sha256, vtb_doc_done_fn *done, void *ctx);

struct vtb_documents_stats {
    uint64_t hits, misses, cache_bytes;
    uint32_t uploads, imports;
};
void vtb_documents_stats(const struct vtb_documents *docs, struct vtb_documents_stats *out);

#endif
