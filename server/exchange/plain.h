/*
 * plain.h - text from outside, made harmless for print; and text put together from pieces.
 *
 * Pure: any thread.
 */
#ifndef VTB_EXCHANGE_PLAIN_H
#define VTB_EXCHANGE_PLAIN_H

#include "base/err.h"
#include "base/str.h"

#include <glib.h>

/* Appends valid UTF-8 `text` without control characters but \n, direction controls, tag characters and
 * zero-width spaces; a letter keeps four marks; line and paragraph separators become \n. Other
 * than UTF-8: appends U+FFFD. Text with right-to-left letters is isolated, so that it cannot
 * reorder what stands beside it. */
void plain_add(GString *to, struct vtb_str text);

/* "19 November 2026" from "2026-11-19" or "2026-11-19T..."; other text as it is. */
void plain_add_day(GString *to, struct vtb_str iso);
/* "19 Nov 2026" */
void plain_add_short_day(GString *to, struct vtb_str iso);
/* "19 November 2026, 07:51 UTC" */
void plain_add_moment(GString *to, struct vtb_str iso);
/* The same from microseconds since 1970. */
void plain_add_moment_us(GString *to, int64_t us);

#endif
