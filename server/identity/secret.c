/* secret.c - passwords and PINs by argon2id (RFC 9106), in libsodium's text form. */
#include "identity/identity.h"

#include <sodium.h>

/* Argon2id of a random password at the same limits: what is compared when nobody has the name,
 * so that the time tells nothing about who has an account. */
static char nobody[crypto_pwhash_STRBYTES];

enum vtb_err vtb_identity_init(void)
{
    char random[32];

    _Static_assert(VTB_SECRET_TEXT >= crypto_pwhash_STRBYTES, "argon2id text does not fit");
    if (sodium_init() < 0)
        return VTB_SYS;
    if (nobody[0])
        return VTB_OK;
    randombytes_buf(random, sizeof random);
    if (crypto_pwhash_str(nobody, random, sizeof random, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
        return VTB_NOMEM;
    return VTB_OK;
}

enum vtb_err vtb_secret_hash(struct vtb_str secret, char out[static VTB_SECRET_TEXT])
{
    char text[crypto_pwhash_STRBYTES];

    if (secret.len == 0)
        return VTB_PARSE;
    if (secret.len > VTB_SECRET_BYTES)
        return VTB_LIMIT;
    if (crypto_pwhash_str(text, secret.at, secret.len, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
        return VTB_NOMEM;
    memcpy(out, text, sizeof text);
    return VTB_OK;
}

enum vtb_err vtb_secret_verify(struct vtb_str secret, const char *hash)
{
    bool known = hash && hash[0] && strlen(hash) < crypto_pwhash_STRBYTES;
    char text[crypto_pwhash_STRBYTES] = { 0 };

    if (secret.len > VTB_SECRET_BYTES)
        return VTB_DENIED;
    memcpy(text, known ? hash : nobody, known ? strlen(hash) : sizeof nobody);
    if (crypto_pwhash_str_verify(text, secret.at ? secret.at : "", secret.len) != 0 || !known)
        return VTB_DENIED;
    return VTB_OK;
}

enum vtb_err vtb_pin_check(struct vtb_str pin)
{
    bool same = true, up = true, down = true;

    if (pin.len < VTB_PIN_DIGITS || pin.len > 12)
        return VTB_PARSE;
    for (size_t i = 0; i < pin.len; i++) {
        if (pin.at[i] < '0' || pin.at[i] > '9')
            return VTB_PARSE;
        if (i == 0)
            continue;
        same = same && pin.at[i] == pin.at[i - 1];
        up = up && pin.at[i] == pin.at[i - 1] + 1;
        down = down && pin.at[i] == pin.at[i - 1] - 1;
    }
    return same || up || down ? VTB_PARSE : VTB_OK;
}
