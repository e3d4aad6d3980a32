/*
 * document.h - a document of a case as meeting and case keep it: fixed arrays, no pointer.
 */
#ifndef VTB_MEETING_DOCUMENT_H
#define VTB_MEETING_DOCUMENT_H

#include "limits/limits.h"
#include "signal/signal.h"

#define VTB_MAX_DOCUMENTS 40 /* events.json: item.started */
#define VTB_MAX_SHOWN_PAGES 1000 /* of all documents of an item: about 110 kB in an event and in each snapshot */

struct vtb_doc_page {
    uint16_t width, height; /* pixels, at most 20,000 */
    uint8_t levels;
    char digest[65];
};

struct vtb_doc {
    struct vtb_id id;
    char title[201];
    char message[301];
    enum vtb_t_document_kind kind;
    enum vtb_t_document_state state;
    uint16_t pages_n;
    struct vtb_doc_page pages[VTB_MAX_PDF_PAGES];
};

void vtb_doc_keep(struct vtb_doc *doc, const struct vtb_t_document *from);
void vtb_doc_keep_pages(struct vtb_doc *doc, const struct vtb_t_page *pages, size_t n);
/* Texts borrow from `doc`; the list of pages is taken from `arena`. NOMEM. */
VTB_MUST_USE enum vtb_err vtb_doc_view(const struct vtb_doc *doc, struct vtb_arena *arena,
                                       struct vtb_t_document *out);
/* Some page of it can be shown. */
static inline bool vtb_doc_is_ready(const struct vtb_doc *doc)
{
    return (doc->state == VTB_T_DOCUMENT_STATE_READY || doc->state == VTB_T_DOCUMENT_STATE_PARTLY) &&
           doc->pages_n > 0;
}

/* Copies into a fixed array, cut at a character if it does not fit (schemas bound every text). */
void vtb_keep_bytes(char *to, size_t cap, struct vtb_str from);
#define VTB_KEEP(array, from) vtb_keep_bytes((array), sizeof(array), (from))

#endif
