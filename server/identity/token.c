/* token.c - 128-bit secrets: base64url for the holder, SHA-256 for the store; and their cookies. */
#include "identity/identity.h"

#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#define TOKEN_BYTES 16
#define VARIANT     sodium_base64_VARIANT_URLSAFE_NO_PADDING

static void digest_of(const char *token, char out[static VTB_DIGEST_TEXT])
{
    uint8_t digest[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(digest, (const uint8_t *)token, strlen(token));
    sodium_bin2hex(out, VTB_DIGEST_TEXT, digest, sizeof digest);
}

void vtb_token_make(char out_token[static VTB_TOKEN_TEXT], char out_digest[static VTB_DIGEST_TEXT])
{
    uint8_t secret[TOKEN_BYTES];

    vtb_random(secret, sizeof secret);
    sodium_bin2base64(out_token, VTB_TOKEN_TEXT, secret, sizeof secret, VARIANT);
    digest_of(out_token, out_digest);
    sodium_memzero(secret, sizeof secret);
}

static bool is_token(struct vtb_str token)
{
    uint8_t secret[TOKEN_BYTES];
    size_t len = 0;

    return token.len == VTB_TOKEN_TEXT - 1 &&
           sodium_base642bin(secret, sizeof secret, token.at, token.len, NULL, &len, NULL,
                             VARIANT) == 0 &&
           len == sizeof secret;
}

enum vtb_err vtb_token_digest(struct vtb_str token, char out[static VTB_DIGEST_TEXT])
{
    char text[VTB_TOKEN_TEXT];

    if (!is_token(token))
        return VTB_PARSE;
    memcpy(text, token.at, token.len);
    text[token.len] = 0;
    digest_of(text, out);
    return VTB_OK;
}

void vtb_cookie_write(const char *name, const char *token, int64_t max_age_s,
                      char out[static VTB_COOKIE_TEXT])
{
    /* __Host-: Secure, Path=/, and no Domain, or browsers drop it. */
    int len = snprintf(out, VTB_COOKIE_TEXT, "%s=%s; Max-Age=%" PRId64 "; Path=/; Secure; HttpOnly; SameSite=Lax",
                       name, max_age_s > 0 ? token : "", max_age_s > 0 ? max_age_s : 0);

    assert(len > 0 && len < VTB_COOKIE_TEXT);
    (void)len;
}

enum vtb_err vtb_cookie_read(struct vtb_str header, const char *name,
                             char out_token[static VTB_TOKEN_TEXT])
{
    struct vtb_str want = vtb_str_of(name), found = { 0 };
    size_t at = 0;

    while (at < header.len) {
        while (at < header.len && (header.at[at] == ' ' || header.at[at] == ';'))
            at++;
        const char *end = memchr(header.at + at, ';', header.len - at);
        size_t stop = end ? (size_t)(end - header.at) : header.len;
        struct vtb_str pair = { header.at + at, stop - at };

        at = stop;
        if (pair.len <= want.len || pair.at[want.len] != '=' ||
            memcmp(pair.at, want.at, want.len) != 0)
            continue;
        if (found.at)
            return VTB_PARSE; /* two of one name: somebody tosses cookies */
        found = (struct vtb_str){ pair.at + want.len + 1, pair.len - want.len - 1 };
    }
    if (!found.at)
        return VTB_ABSENT;
    if (!is_token(found))
        return VTB_PARSE;
    return vtb_str_copy(found, out_token, VTB_TOKEN_TEXT);
}
