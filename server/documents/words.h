/*
 * words.h - what people read when a file could not be shown, or not all of it.
 *
 * Pure: any thread. Each sentence says what happened, what was kept, what to do.
 */
#ifndef VTB_DOCUMENTS_WORDS_H
#define VTB_DOCUMENTS_WORDS_H

#include "documents.h"

enum fault {
    FAULT_NONE,
    FAULT_PASSWORD,
    FAULT_DAMAGED_PDF,
    FAULT_DAMAGED_PICTURE,
    FAULT_PAGES, /* too many */
    FAULT_SIZE,  /* too many pixels */
    FAULT_TOO_LONG,
    FAULT_OURS,  /* disk, memory, sandbox */
};

struct fault_numbers {
    uint32_t pages, width, height;
};

void words_failed(enum fault fault, const struct fault_numbers *numbers,
                  char out[static VTB_DOC_MESSAGE]);

/* After drawing: pages without a digest and faulty pages, by number. Empty if all is well. */
void words_pages(bool is_pdf, const struct vtb_drawn_page *pages, size_t n, bool out_of_time,
                 char out[static VTB_DOC_MESSAGE]);

#endif
