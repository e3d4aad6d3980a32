/*
 * safety.h - may the server start like this? (decisions 28)
 *
 * Loopback over http is fine, with or without demo data. Everything that other machines can
 * reach (an address beyond loopback; a unix socket or a public name, so a proxy in front) is
 * refused with demo data and without the word that the disk is encrypted; an address beyond
 * loopback needs TLS of ours as well.
 */
#ifndef VTB_APP_SAFETY_H
#define VTB_APP_SAFETY_H

#include "app/config.h"

/* Blocks: looks for DATA/demo. DENIED: `why` says what to do, in a sentence. */
VTB_MUST_USE enum vtb_err vtb_safety_check(const struct vtb_config *cfg, char *why, size_t why_cap);

#endif
