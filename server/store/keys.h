/*
 * keys.h - the secret files of a data folder, DATA/keys: sign.key (Ed25519), clinical.key and
 * deliberation.key (XChaCha20-Poly1305), recording.key (AES-256-GCM, wraps the key of each recording). Made at the first start, mode 0600, folder 0700.
 *
 * A key file that is readable by others, has the wrong size or is missing while the log already
 * has events is refused (SYS, CORRUPT, ABSENT): a new key would silently make the old data
 * unreadable, or notes unverifiable.
 *
 * Thread: any; files are read in the call (start up, or a worker thread).
 */
#ifndef VTB_STORE_KEYS_H
#define VTB_STORE_KEYS_H

#include "base/err.h"

#define VTB_SIGN_SECRET 64 /* crypto_sign_SECRETKEYBYTES: seed and public key */
#define VTB_SIGN_PUBLIC 32
#define VTB_SEAL_KEY    32

struct vtb_keys {
    uint8_t sign_secret[VTB_SIGN_SECRET];
    uint8_t sign_public[VTB_SIGN_PUBLIC];
    uint8_t clinical[VTB_SEAL_KEY];
    uint8_t deliberation[VTB_SEAL_KEY];
    uint8_t recording[VTB_SEAL_KEY];
};

/* may_make: no log exists yet, so absent files are made. */
VTB_MUST_USE enum vtb_err vtb_keys_load(const char *data_dir, bool may_make, struct vtb_keys *out);
/* Into a folder without keys (restore). SYS if one is there. */
VTB_MUST_USE enum vtb_err vtb_keys_save(const char *data_dir, const struct vtb_keys *keys);
void vtb_keys_wipe(struct vtb_keys *keys);

#endif
