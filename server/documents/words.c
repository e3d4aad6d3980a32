#include "words.h"

#include "limits/limits.h"

#include <stdarg.h>
#include <stdio.h>

#define NAMED 3 /* page numbers before "and 4 more" */

struct text {
    char *at;
    size_t left;
};

static void say(struct text *text, const char *format, ...) VTB_PRINTF(2, 3);

static void say(struct text *text, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(text->at, text->left, format, args);
    va_end(args);
    if (n < 0)
        return;
    if ((size_t)n >= text->left)
        n = (int)text->left - 1;
    text->at += n;
    text->left -= (size_t)n;
}

void words_failed(enum fault fault, const struct fault_numbers *numbers,
                  char out[static VTB_DOC_MESSAGE])
{
    struct text text = { out, VTB_DOC_MESSAGE };

    out[0] = '\0';
    switch (fault) {
    case FAULT_NONE:
        break;
    case FAULT_PASSWORD:
        say(&text, "This PDF is protected by a password. The file is kept but cannot be shown. "
                   "Save it without a password and upload it again.");
        break;
    case FAULT_DAMAGED_PDF:
        say(&text, "This file is damaged: the PDF has no readable pages. Nothing was kept but the "
                   "file. Export it again and upload that.");
        break;
    case FAULT_DAMAGED_PICTURE:
        say(&text, "This picture is damaged: it ends too early or cannot be read. Nothing was kept "
                   "but the file. Export it again and upload that.");
        break;
    case FAULT_PAGES:
        say(&text, "This file has %u pages; at most %d can be shown. The file is kept. Split it "
                   "and upload the part the board needs.", numbers->pages, VTB_MAX_PDF_PAGES);
        break;
    case FAULT_SIZE:
        say(&text, "This picture is %u × %u pixels; at most 20,000 a side and 100 million in all "
                   "can be shown. The file is kept. Crop or shrink it and upload that.",
            numbers->width, numbers->height);
        break;
    case FAULT_TOO_LONG:
        say(&text, "This file takes too much work to read, as damaged or malicious files do. "
                   "Nothing was kept but the file. Print it to a new PDF and upload that.");
        break;
    case FAULT_OURS:
        say(&text, "The pictures could not be made, because something on the server failed; the "
                   "file is not at fault and is kept. Try again; if it fails again, tell the "
                   "administrator that the disk may be full.");
        break;
    }
}

/* "Page 4" or "Pages 4, 7 and 12" or "Pages 4, 7, 9 and 3 more", of those that `pick` picks. */
static void say_pages(struct text *text, const struct vtb_drawn_page *pages, size_t n, size_t picked,
                      bool (*pick)(const struct vtb_drawn_page *))
{
    size_t named = 0;

    say(text, picked == 1 ? "Page" : "Pages");
    for (size_t i = 0; i < n && named < NAMED; i++) {
        if (!pick(&pages[i]))
            continue;
        named++;
        if (named > 1)
            say(text, named == picked ? " and" : ",");
        say(text, " %u", pages[i].number);
    }
    if (picked > NAMED)
        say(text, " and %zu more", picked - NAMED);
}

static bool is_missing(const struct vtb_drawn_page *page)
{
    return !page->digest[0];
}

static bool is_faulty(const struct vtb_drawn_page *page)
{
    return page->digest[0] && page->faulty;
}

static size_t count(const struct vtb_drawn_page *pages, size_t n,
                    bool (*pick)(const struct vtb_drawn_page *))
{
    size_t picked = 0;

    for (size_t i = 0; i < n; i++)
        picked += pick(&pages[i]);
    return picked;
}

void words_pages(bool is_pdf, const struct vtb_drawn_page *pages, size_t n, bool out_of_time,
                 char out[static VTB_DOC_MESSAGE])
{
    struct text text = { out, VTB_DOC_MESSAGE };
    size_t missing = count(pages, n, is_missing), faulty = count(pages, n, is_faulty);
    const char *what = is_pdf ? "PDF" : "file";

    out[0] = '\0';
    if (missing == n && n == 1) {
        say(&text, "This %s could not be drawn. Nothing was kept but the file. Export it again "
                   "and upload that.", is_pdf ? "PDF" : "picture");
        return;
    }
    if (missing == n) {
        say(&text, "None of the %zu pages of this %s could be drawn. Nothing was kept but the "
                   "file. Export it again and upload that.", n, what);
        return;
    }
    if (missing > 0) {
        say_pages(&text, pages, n, missing, is_missing);
        say(&text, " of this %s could not be drawn%s. ", what,
            out_of_time ? ": it takes too much work" : "");
        if (n - missing == 1)
            say(&text, "The other page can be shown.");
        else
            say(&text, "The other %zu pages can be shown.", n - missing);
    }
    if (faulty > 0) {
        say(&text, "%s", missing ? " " : "");
        say_pages(&text, pages, n, faulty, is_faulty);
        say(&text, " %s damaged in the file and may lack something. Compare with the original.",
            faulty == 1 ? "is" : "are");
    }
}
