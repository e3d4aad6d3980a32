/*
 * close_notify without an SSL object. Keys by RFC 5246, 6.3 (key expansion) for the one cipher
 * suite that dtls_identity.c allows; records by RFC 6347, 4.1 and RFC 5288, 3: 13 bytes of header,
 * 8 of explicit nonce, the alert's 2, a tag of 16.
 */
#include "rtc/dtls_identity.h"

#include "base/cursor.h"
#include "base/id.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <string.h>

#define ALERT        21
#define DTLS_1_2     0xfefd
#define HEADER       13
#define NONCE        8
#define ALERT_BYTES  2
#define TAG          16
#define FATAL        2
#define CLOSE_NOTIFY 0

static bool prf(uint8_t *secret, size_t secret_len, uint8_t *seed, size_t seed_len, uint8_t *out,
                size_t len)
{
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, secret, secret_len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed, seed_len),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
    EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    bool ok = ctx && EVP_KDF_derive(ctx, out, len, params) == 1;

    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return ok;
}

enum vtb_err vtb_dtls_farewell_derive(SSL *ssl, bool client, struct vtb_dtls_farewell *out)
{
    static const char label[13] = { 'k', 'e', 'y', ' ', 'e', 'x', 'p', 'a', 'n', 's', 'i', 'o',
                                    'n' };
    uint8_t seed[sizeof label + 64], secret[48], block[40];
    size_t len = SSL_SESSION_get_master_key(SSL_get_session(ssl), secret, sizeof secret);
    bool ok;

    memcpy(seed, label, sizeof label);
    ok = len == sizeof secret && SSL_get_server_random(ssl, seed + sizeof label, 32) == 32 &&
         SSL_get_client_random(ssl, seed + sizeof label + 32, 32) == 32 &&
         prf(secret, sizeof secret, seed, sizeof seed, block, sizeof block);
    if (ok) { /* client key, server key, client IV, server IV */
        memcpy(client ? out->write_key : out->read_key, block, 16);
        memcpy(client ? out->read_key : out->write_key, block + 16, 16);
        memcpy(client ? out->write_iv : out->read_iv, block + 32, 4);
        memcpy(client ? out->read_iv : out->write_iv, block + 36, 4);
    }
    OPENSSL_cleanse(secret, sizeof secret);
    OPENSSL_cleanse(block, sizeof block);
    return ok ? VTB_OK : VTB_SYS;
}

/* Epoch and sequence number, type, version, length of the plain text. */
static void additional_data(const uint8_t record[static HEADER], uint8_t out[static HEADER])
{
    memcpy(out, record + 3, 8);
    memcpy(out + 8, record, 3);
    vtb_put_u16(out + 11, ALERT_BYTES);
}

bool vtb_dtls_is_farewell(const struct vtb_dtls_farewell *keys, const uint8_t *datagram, size_t len)
{
    struct vtb_cursor in = { .at = datagram, .left = len };
    uint8_t type = vtb_cursor_u8(&in);
    uint16_t version = vtb_cursor_u16(&in);
    uint16_t epoch = vtb_cursor_u16(&in);
    uint8_t aad[HEADER], nonce[4 + NONCE], alert[ALERT_BYTES], tag[TAG];
    EVP_CIPHER_CTX *ctx;
    bool ok;
    int n;

    vtb_cursor_skip(&in, 6);
    if (vtb_cursor_u16(&in) != NONCE + ALERT_BYTES + TAG || in.bad || len != VTB_DTLS_FAREWELL ||
        type != ALERT || version != DTLS_1_2 || epoch != 1)
        return false;
    ctx = EVP_CIPHER_CTX_new();
    if (!ctx)
        return false;
    additional_data(datagram, aad);
    memcpy(nonce, keys->read_iv, 4);
    memcpy(nonce + 4, datagram + HEADER, NONCE);
    memcpy(tag, datagram + HEADER + NONCE + ALERT_BYTES, TAG);
    ok = EVP_DecryptInit_ex2(ctx, EVP_aes_128_gcm(), keys->read_key, nonce, NULL) == 1 &&
         EVP_DecryptUpdate(ctx, NULL, &n, aad, sizeof aad) == 1 &&
         EVP_DecryptUpdate(ctx, alert, &n, datagram + HEADER + NONCE, ALERT_BYTES) == 1 &&
         EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG, tag) == 1 &&
         EVP_DecryptFinal_ex(ctx, alert + ALERT_BYTES, &n) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return ok && (alert[0] == FATAL || alert[1] == CLOSE_NOTIFY);
}

size_t vtb_dtls_write_farewell(const struct vtb_dtls_farewell *keys,
                               uint8_t out[static VTB_DTLS_FAREWELL])
{
    static const uint8_t alert[ALERT_BYTES] = { 1, CLOSE_NOTIFY };
    uint8_t aad[HEADER], nonce[4 + NONCE];
    uint8_t *body = out + HEADER + NONCE;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool ok;
    int n;

    if (!ctx)
        return 0;
    out[0] = ALERT;
    vtb_put_u16(out + 1, DTLS_1_2);
    vtb_put_u16(out + 3, 1); /* epoch */
    vtb_put_u16(out + 5, 1); /* sequence 2^32: far above what the handshake used */
    vtb_put_u32(out + 7, 0);
    vtb_put_u16(out + 11, NONCE + ALERT_BYTES + TAG);
    vtb_random(out + HEADER, NONCE); /* OpenSSL counts up from a random start too */
    additional_data(out, aad);
    memcpy(nonce, keys->write_iv, 4);
    memcpy(nonce + 4, out + HEADER, NONCE);
    ok = EVP_EncryptInit_ex2(ctx, EVP_aes_128_gcm(), keys->write_key, nonce, NULL) == 1 &&
         EVP_EncryptUpdate(ctx, NULL, &n, aad, sizeof aad) == 1 &&
         EVP_EncryptUpdate(ctx, body, &n, alert, ALERT_BYTES) == 1 &&
         EVP_EncryptFinal_ex(ctx, body + ALERT_BYTES, &n) == 1 &&
         EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, body + ALERT_BYTES) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return ok ? VTB_DTLS_FAREWELL : 0;
}
