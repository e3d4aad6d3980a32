/* sign.c - Ed25519 with a separate domain for each purpose. */
#include "record/sign.h"

#include "record/canon.h"

#include <sodium.h>
#include <stdio.h>

#define DOMAIN_MAX 40
#define MESSAGE_MAX (DOMAIN_MAX + 1 + 32)

enum vtb_err vtb_sign_init(void)
{
    return sodium_init() < 0 ? VTB_SYS : VTB_OK;
}

static struct vtb_str domain_of(enum vtb_seal seal)
{
    switch (seal) {
    case VTB_SEAL_PLAN:
        return VTB_LIT("consilium.plan/1");
    case VTB_SEAL_COSIGNATURE:
        return VTB_LIT("consilium.cosignature/1");
    case VTB_SEAL_ADDENDUM:
        return VTB_LIT("consilium.addendum/1");
    case VTB_SEAL_WITHDRAWAL:
        return VTB_LIT("consilium.withdrawal/1");
    }
    return VTB_LIT("");
}

/* Domain, zero byte, digest. Returns its length, 0 for a digest that is none. */
static size_t message_of(enum vtb_seal seal, struct vtb_str digest, uint8_t out[static MESSAGE_MAX])
{
    struct vtb_str domain = domain_of(seal);

    memcpy(out, domain.at, domain.len);
    out[domain.len] = 0;
    return vtb_hex_read(digest, out + domain.len + 1, 32) ? 0 : domain.len + 1 + 32;
}

void vtb_key_of_seed(const uint8_t seed[static VTB_SIGN_SEED], char out_key[static VTB_KEY_TEXT])
{
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];

    crypto_sign_seed_keypair(public_key, secret, seed);
    vtb_hex_write(public_key, sizeof public_key, out_key);
    sodium_memzero(secret, sizeof secret);
}

enum vtb_err vtb_sign(const uint8_t seed[static VTB_SIGN_SEED], enum vtb_seal seal, struct vtb_str digest,
                      char out_signature[static VTB_SIGNATURE_TEXT])
{
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
    uint8_t message[MESSAGE_MAX], signature[crypto_sign_BYTES];
    size_t len = message_of(seal, digest, message);

    if (!len)
        return VTB_PARSE;
    crypto_sign_seed_keypair(public_key, secret, seed);
    crypto_sign_detached(signature, NULL, message, len, secret);
    sodium_memzero(secret, sizeof secret);
    vtb_hex_write(signature, sizeof signature, out_signature);
    return VTB_OK;
}

bool vtb_sign_holds(struct vtb_str key, enum vtb_seal seal, struct vtb_str digest, struct vtb_str signature)
{
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES], bytes[crypto_sign_BYTES], message[MESSAGE_MAX];
    size_t len = message_of(seal, digest, message);

    return len && !vtb_hex_read(key, public_key, sizeof public_key) &&
           !vtb_hex_read(signature, bytes, sizeof bytes) &&
           crypto_sign_verify_detached(bytes, message, len, public_key) == 0;
}

void vtb_key_fingerprint(struct vtb_str key, char out[static 48])
{
    uint8_t public_key[32];
    char hex[65];
    size_t n = 0;

    out[0] = '\0';
    if (vtb_hex_read(key, public_key, sizeof public_key))
        return;
    vtb_sha256_hex(public_key, sizeof public_key, hex);
    for (size_t group = 0; group < 8; group++) {
        if (group > 0)
            out[n++] = ' ';
        memcpy(out + n, hex + 4 * group, 4);
        n += 4;
    }
    out[n] = '\0';
}
