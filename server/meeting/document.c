#include "meeting/document.h"

void vtb_keep_bytes(char *to, size_t cap, struct vtb_str from)
{
    size_t n = from.len < cap ? from.len : cap - 1;

    if (n < from.len) /* never in the middle of a character */
        while (n > 0 && ((unsigned char)from.at[n] & 0xc0) == 0x80)
            n--;
    if (n)
        memcpy(to, from.at, n);
    to[n] = '\0';
}

void vtb_doc_keep_pages(struct vtb_doc *doc, const struct vtb_t_page *pages, size_t n)
{
    doc->pages_n = (uint16_t)(n < VTB_MAX_PDF_PAGES ? n : VTB_MAX_PDF_PAGES);
    for (size_t i = 0; i < doc->pages_n; i++) {
        struct vtb_doc_page *page = &doc->pages[i];

        page->width = (uint16_t)pages[i].width;
        page->height = (uint16_t)pages[i].height;
        page->levels = (uint8_t)pages[i].levels;
        VTB_KEEP(page->digest, pages[i].digest);
    }
}

void vtb_doc_keep(struct vtb_doc *doc, const struct vtb_t_document *from)
{
    doc->id = from->document;
    VTB_KEEP(doc->title, from->title);
    VTB_KEEP(doc->message, from->message);
    doc->kind = from->kind;
    doc->state = from->state;
    vtb_doc_keep_pages(doc, from->pages, from->pages_n);
}

enum vtb_err vtb_doc_view(const struct vtb_doc *doc, struct vtb_arena *arena, struct vtb_t_document *out)
{
    struct vtb_t_page *pages = vtb_arena_take(arena, doc->pages_n * sizeof *pages + 1);

    if (!pages)
        return VTB_NOMEM;
    for (size_t i = 0; i < doc->pages_n; i++)
        pages[i] = (struct vtb_t_page){
            .width = doc->pages[i].width,
            .height = doc->pages[i].height,
            .levels = doc->pages[i].levels,
            .digest = vtb_str_of(doc->pages[i].digest),
        };
    *out = (struct vtb_t_document){
        .document = doc->id,
        .title = vtb_str_of(doc->title),
        .kind = doc->kind,
        .state = doc->state,
        .message = vtb_str_of(doc->message),
        .pages = pages,
        .pages_n = doc->pages_n,
    };
    return VTB_OK;
}
