/*
 * err.h - the one list of errors, and the few macros that every file needs.
 *
 * The caller's: PARSE DENIED STALE ABSENT LIMIT. The weather's: AGAIN TIMEOUT CLOSED.
 * Ours: NOMEM SYS CORRUPT. A function logs an error or returns it, never both.
 */
#ifndef VTB_BASE_ERR_H
#define VTB_BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vtb_err {
    VTB_OK = 0,
    VTB_PARSE,   /* malformed input */
    VTB_DENIED,  /* policy says no */
    VTB_STALE,   /* made against an older version */
    VTB_ABSENT,  /* no such thing, or not visible to the caller */
    VTB_LIMIT,   /* over a limit of protocols/limits.json */
    VTB_AGAIN,   /* full just now; try again */
    VTB_TIMEOUT,
    VTB_CLOSED,
    VTB_NOMEM,
    VTB_SYS,     /* the operating system or a library failed */
    VTB_CORRUPT, /* stored bytes are not what was stored */
};

/* Stable lower-case word, e.g. "denied"; never NULL. Used in logs and in messages to clients. */
const char *vtb_err_name(enum vtb_err err);

#define VTB_MUST_USE __attribute__((warn_unused_result))
#define VTB_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define VTB_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* VTB_AUTO(fn) T *x: calls fn(&x) at the end of the scope. */
#define VTB_AUTO(fn) __attribute__((cleanup(fn)))
void vtb_free_ptr(void *pointer_to_pointer); /* free(*(void **)p) */

#endif
