/*
 * note.h - the printed plan: one signed plan as a PDF for a chart or a fax.
 *
 * Pure: no clock, no disk but the fonts; the same input gives the same bytes on the same machine.
 * Thread:    any; takes some 50 to 200 ms, so the pool's (uv_queue_work), never the loop's.
 * Ownership: all strings are borrowed for the call. *out is the caller's, by free().
 * Format:    A4, tagged PDF 1.5. Every page names the patient by name and birth date or local id,
 *            the version, and whether the plan still stands.
 */
#ifndef VTB_EXCHANGE_NOTE_H
#define VTB_EXCHANGE_NOTE_H

#include "base/err.h"
#include "base/str.h"

enum vtb_note_state { VTB_NOTE_SIGNED, VTB_NOTE_AMENDED, VTB_NOTE_SUPERSEDED, VTB_NOTE_WITHDRAWN };

struct vtb_note_cosigner {
    struct vtb_str name, role; /* role as people read it, "referring" */
    int64_t at_us;             /* since 1970, UTC */
};

struct vtb_note_addendum {
    struct vtb_str author, reason, text; /* reason: new_result, correction, clarification */
    int64_t at_us;
};

struct vtb_note {
    struct vtb_str plan; /* the signed bytes: JSON of format consilium.plan/1 */
    enum vtb_note_state state;
    struct vtb_str state_reason;    /* of withdrawal or supersession; may be empty */
    struct vtb_str digest;          /* 64 hex characters */
    struct vtb_str key_fingerprint; /* vtb_key_fingerprint */
    const struct vtb_note_cosigner *cosigners;
    size_t cosigners_n;
    const struct vtb_note_addendum *addenda;
    size_t addenda_n;
};

/* PARSE: not a plan, or one that does not say whose it is. LIMIT: over plan_bytes. */
VTB_MUST_USE enum vtb_err vtb_note_pdf(const struct vtb_note *note, uint8_t **out, size_t *out_len);

#endif
