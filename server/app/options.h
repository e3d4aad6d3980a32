/*
 * options.h - one row makes the option, its limits, its help and its manual.
 *
 * Sources, later ones win: the defaults, the file (--config FILE or CONSILIUM_CONFIG), the
 * environment (tls.cert is CONSILIUM_TLS_CERT), the command line (--tls.cert=PATH).
 * The file has lines "name = value"; # starts a comment line. A list is parted by commas.
 * An unknown name is refused wherever it stands, with the nearest name that exists.
 *
 * Thread: start, before any other thread. Blocks: reads one file.
 */
#ifndef VTB_APP_OPTIONS_H
#define VTB_APP_OPTIONS_H

#include "app/config.h"

#include <stdio.h>

enum vtb_option_type {
    VTB_T_U32,       /* min..max */
    VTB_T_BOOL,      /* yes, no; a uint32_t of 1 or 0 */
    VTB_T_TEXT,      /* a path; char[VTB_CONFIG_TEXT] */
    VTB_T_ADDRESSES, /* struct vtb_config_list of IP addresses */
    VTB_T_NAMES,     /* struct vtb_config_list of host names */
    VTB_T_LEVEL,     /* debug, info, warn, error; a uint32_t */
};

struct vtb_option {
    const char *name; /* NULL ends the table */
    enum vtb_option_type type;
    size_t offset; /* in struct vtb_config */
    uint32_t min, max;
    const char *def; /* as it would be written */
    const char *doc; /* sentences */
};

extern const struct vtb_option vtb_options[];

/* `args` without the program and the subcommand. On failure `why` is a sentence for the operator:
   PARSE (a name or value is wrong), ABSENT (the file is not there), SYS. */
VTB_MUST_USE enum vtb_err vtb_options_load(size_t n_args, const char *const args[],
                                           const char *const environ_list[],
                                           struct vtb_config *out_cfg, char *why, size_t why_cap);

void vtb_options_help(FILE *to);                                    /* --help */
void vtb_options_manual(FILE *to);                                  /* the same as Markdown */
void vtb_options_print(const struct vtb_config *cfg, FILE *to);     /* what is in force, as a file */
const char *vtb_options_nearest(const char *name, size_t len);      /* NULL: nothing is near */

#endif
