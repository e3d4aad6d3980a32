#include "seal.h"

#include "base/cursor.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC   "VTBREC01"
#define AAD_LEN 56u /* of the header, under the tag of the wrapped key */
#define NONCE   12u
#define KEY     32u

struct vtb_seal {
    EVP_CIPHER_CTX *close, *open;
    uint8_t id[16];
};

static void put_u64(uint8_t *to, uint64_t v)
{
    vtb_put_u32(to, (uint32_t)(v >> 32));
    vtb_put_u32(to + 4, (uint32_t)v);
}

static enum vtb_err name_of_key(const uint8_t site_key[static KEY], uint8_t out[static 8])
{
    static const char label[] = "vtb recording key";
    uint8_t text[sizeof label - 1 + KEY], digest[EVP_MAX_MD_SIZE];
    unsigned len;
    int ok;

    memcpy(text, label, sizeof label - 1);
    memcpy(text + sizeof label - 1, site_key, KEY);
    ok = EVP_Digest(text, sizeof text, digest, &len, EVP_sha256(), NULL);
    OPENSSL_cleanse(text, sizeof text);
    if (ok != 1)
        return VTB_SYS;
    memcpy(out, digest, 8);
    return VTB_OK;
}

static EVP_CIPHER_CTX *context(const uint8_t key[static KEY], int encrypt)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

    if (ctx && EVP_CipherInit_ex2(ctx, EVP_aes_256_gcm(), key, NULL, encrypt, NULL) != 1) {
        EVP_CIPHER_CTX_free(ctx);
        ctx = NULL;
    }
    return ctx;
}

/* One GCM message. Encrypting writes the tag behind the text, decrypting compares it. */
static bool gcm(EVP_CIPHER_CTX *ctx, int encrypt, const uint8_t nonce[static NONCE], const uint8_t *aad,
                size_t aad_len, const uint8_t *in, size_t len, uint8_t *out, uint8_t tag[static VTB_SEAL_TAG])
{
    int n = 0;

    if (EVP_CipherInit_ex2(ctx, NULL, NULL, nonce, encrypt, NULL) != 1 ||
        EVP_CipherUpdate(ctx, NULL, &n, aad, (int)aad_len) != 1)
        return false;
    if (len && EVP_CipherUpdate(ctx, out, &n, in, (int)len) != 1)
        return false;
    if (!encrypt && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, (int)VTB_SEAL_TAG, tag) != 1)
        return false;
    if (EVP_CipherFinal_ex(ctx, out + len, &n) != 1)
        return false;
    return !encrypt || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, (int)VTB_SEAL_TAG, tag) == 1;
}

static enum vtb_err seal_of(const uint8_t key[static KEY], const uint8_t id[static 16], struct vtb_seal **out)
{
    struct vtb_seal *seal = calloc(1, sizeof *seal);

    if (!seal)
        return VTB_NOMEM;
    memcpy(seal->id, id, sizeof seal->id);
    seal->close = context(key, 1);
    seal->open = context(key, 0);
    if (!seal->close || !seal->open) {
        vtb_seal_destroy(seal);
        return VTB_NOMEM;
    }
    *out = seal;
    return VTB_OK;
}

void vtb_seal_destroy(struct vtb_seal *seal)
{
    if (!seal)
        return;
    EVP_CIPHER_CTX_free(seal->close); /* both wipe their keys */
    EVP_CIPHER_CTX_free(seal->open);
    free(seal);
}

enum vtb_err vtb_seal_make(const struct vtb_seal_about *about,
                           const uint8_t site_key[static VTB_SEAL_SITE_KEY],
                           uint8_t header[static VTB_SEAL_HEADER], struct vtb_seal **out)
{
    uint8_t key[KEY];
    EVP_CIPHER_CTX *wrap;
    enum vtb_err err;

    memset(header, 0, VTB_SEAL_HEADER);
    memcpy(header, MAGIC, 8);
    header[8] = (uint8_t)about->kind;
    header[9] = about->was_cut;
    vtb_put_u32(header + 12, VTB_SEAL_CHUNK);
    memcpy(header + 16, about->id.b, 16);
    err = name_of_key(site_key, header + 32);
    if (err)
        return err;
    vtb_put_u32(header + 40, about->duration_ms);
    put_u64(header + 48, about->plain_bytes);
    vtb_random(header + VTB_SEAL_SECRET_AT, NONCE);
    vtb_random(key, sizeof key);
    wrap = context(site_key, 1);
    if (!wrap || !gcm(wrap, 1, header + VTB_SEAL_SECRET_AT, header, AAD_LEN, key, KEY, header + 68, header + 100))
        err = VTB_SYS;
    EVP_CIPHER_CTX_free(wrap);
    if (!err)
        err = seal_of(key, about->id.b, out);
    OPENSSL_cleanse(key, sizeof key);
    return err;
}

static enum vtb_err about_of(const uint8_t header[static VTB_SEAL_HEADER], struct vtb_seal_about *out)
{
    struct vtb_cursor in = { .at = header + 8, .left = VTB_SEAL_HEADER - 8 };
    struct vtb_seal_about about = { 0 };
    uint8_t kind = vtb_cursor_u8(&in), flags = vtb_cursor_u8(&in);
    uint16_t zero = vtb_cursor_u16(&in);
    uint32_t chunk = vtb_cursor_u32(&in);

    memcpy(about.id.b, vtb_cursor_take(&in, 16), 16);
    vtb_cursor_skip(&in, 8);
    about.duration_ms = vtb_cursor_u32(&in);
    vtb_cursor_skip(&in, 4);
    about.plain_bytes = (uint64_t)vtb_cursor_u32(&in) << 32;
    about.plain_bytes |= vtb_cursor_u32(&in);
    if (memcmp(header, MAGIC, 8) != 0 || kind < VTB_SEAL_LIVE || kind > VTB_SEAL_MARKS || flags > 1 || zero ||
        chunk != VTB_SEAL_CHUNK || about.plain_bytes > (uint64_t)VTB_SEAL_CHUNKS_MAX * VTB_SEAL_CHUNK)
        return VTB_PARSE;
    about.kind = (enum vtb_seal_kind)kind;
    about.was_cut = flags & 1;
    *out = about;
    return VTB_OK;
}

enum vtb_err vtb_seal_take(const uint8_t header[static VTB_SEAL_HEADER],
                           const uint8_t site_key[static VTB_SEAL_SITE_KEY],
                           struct vtb_seal_about *about, struct vtb_seal **out)
{
    uint8_t key[KEY + 16], name[8], tag[VTB_SEAL_TAG];
    struct vtb_seal_about read;
    EVP_CIPHER_CTX *wrap;
    enum vtb_err err = about_of(header, &read);

    if (!err)
        err = name_of_key(site_key, name);
    if (err)
        return err;
    if (memcmp(name, header + 32, sizeof name) != 0)
        return VTB_DENIED;
    memcpy(tag, header + 100, sizeof tag);
    wrap = context(site_key, 0);
    if (!wrap)
        err = VTB_NOMEM;
    else if (!gcm(wrap, 0, header + VTB_SEAL_SECRET_AT, header, AAD_LEN, header + 68, KEY, key, tag))
        err = VTB_CORRUPT;
    EVP_CIPHER_CTX_free(wrap);
    if (!err)
        err = seal_of(key, read.id.b, out);
    OPENSSL_cleanse(key, sizeof key);
    if (!err)
        *about = read;
    return err;
}

struct place {
    uint8_t nonce[NONCE];
    uint8_t aad[25];
};

static struct place place_of(const struct vtb_seal *seal, uint64_t n, bool is_final)
{
    struct place place = { { 0 }, { 0 } };

    put_u64(place.nonce + 4, n);
    memcpy(place.aad, seal->id, 16);
    put_u64(place.aad + 16, n);
    place.aad[24] = is_final;
    return place;
}

enum vtb_err vtb_seal_close(struct vtb_seal *seal, uint64_t n, bool is_final, const uint8_t *plain,
                            size_t len, uint8_t *out)
{
    struct place place = place_of(seal, n, is_final);

    return gcm(seal->close, 1, place.nonce, place.aad, sizeof place.aad, plain, len, out, out + len) ? VTB_OK : VTB_SYS;
}

enum vtb_err vtb_seal_open(struct vtb_seal *seal, uint64_t n, bool is_final, const uint8_t *sealed,
                           size_t len, uint8_t *out)
{
    struct place place = place_of(seal, n, is_final);
    uint8_t tag[VTB_SEAL_TAG];

    if (len < VTB_SEAL_TAG)
        return VTB_CORRUPT;
    memcpy(tag, sealed + len - VTB_SEAL_TAG, sizeof tag);
    return gcm(seal->open, 0, place.nonce, place.aad, sizeof place.aad, sealed, len - VTB_SEAL_TAG, out, tag)
               ? VTB_OK : VTB_CORRUPT;
}
