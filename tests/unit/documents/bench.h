/* bench.h - a data folder, a loop and a room of documents for one test; waits for callbacks. */
#ifndef BENCH_H
#define BENCH_H

#include "documents.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include <cmocka.h>

struct bench {
    uint32_t pdf_page_px; /* 0: full size */
    uv_loop_t loop;
    char data[64];
    struct vtb_documents *docs;
};

struct imported {
    bool done;
    struct vtb_doc_result result; /* pages are a copy */
    struct vtb_drawn_page pages[500];
    uint32_t progressed, total;
    struct bench *bench;
    struct vtb_id document;
    bool first_page_shown; /* page 1 could be fetched before the last page was drawn */
};

void bench_start(struct bench *bench, const char *sandbox, uint32_t pdf_page_px);
void bench_restart(struct bench *bench, const char *sandbox); /* same data */
void bench_stop(struct bench *bench);                         /* also removes the data */
struct vtb_id bench_id(void);

struct vtb_doc_upload bench_upload(struct bench *bench, struct vtb_id document, const void *data,
                                   size_t len);
struct vtb_doc_upload bench_upload_file(struct bench *bench, struct vtb_id document,
                                        const char *path);
enum vtb_err bench_append(struct bench *bench, struct vtb_id document, uint64_t offset,
                          const void *data, size_t len);
enum vtb_err bench_erase(struct bench *bench, struct vtb_id document, const char *sha256);
void bench_wait(struct bench *bench, const bool *flag);

void bench_import_start(struct bench *bench, struct vtb_id document,
                        const struct vtb_doc_upload *upload, struct imported *out);
void bench_import(struct bench *bench, struct vtb_id document, const struct vtb_doc_upload *upload,
                  struct imported *out);

/* Copies of what came; NULL and *out_err on failure. Caller unrefs. */
struct vtb_blob *bench_tile(struct bench *bench, struct vtb_id document, const char *digest,
                            uint32_t z, uint32_t x, uint32_t y, enum vtb_err *out_err);
struct vtb_blob *bench_text(struct bench *bench, struct vtb_id document, uint32_t page,
                            enum vtb_err *out_err);

uint8_t *bench_read(const char *path, size_t *out_len); /* caller frees */
/* Runs a tool to its end; its first output in `out`. Exit status. */
int bench_tool(char *const argv[], char *out, size_t cap);
unsigned bench_count(const struct bench *bench, const char *folder); /* entries, 0 if absent */

#endif
