#include "rtc/srtp_crypt.h"

#include "base/cursor.h"
#include "base/str.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#define SECRET_MAX 2048

static EVP_MAC_CTX *hmac_sha1(const uint8_t key[20])
{
    char digest[] = "SHA1";
    OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                            OSSL_PARAM_construct_end() };
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;

    EVP_MAC_free(mac);
    if (ctx && EVP_MAC_init(ctx, key, 20, params) != 1) {
        EVP_MAC_CTX_free(ctx);
        ctx = NULL;
    }
    return ctx;
}

enum vtb_err vtb_srtp_half_init(struct vtb_srtp_half *half, enum vtb_srtp_profile profile,
                                const uint8_t key[16], const uint8_t auth[20],
                                const uint8_t salt[14])
{
    bool gcm = profile == VTB_SRTP_GCM_128;

    *half = (struct vtb_srtp_half){ .profile = profile };
    memcpy(half->salt, salt, sizeof half->salt);
    half->seal = EVP_CIPHER_CTX_new();
    if (!half->seal)
        return VTB_NOMEM;
    if (EVP_EncryptInit_ex2(half->seal, gcm ? EVP_aes_128_gcm() : EVP_aes_128_ctr(), key, NULL,
                            NULL) != 1)
        return VTB_SYS;
    if (!gcm) {
        half->mac = hmac_sha1(auth);
        return half->mac ? VTB_OK : VTB_NOMEM;
    }
    half->open = EVP_CIPHER_CTX_new();
    if (!half->open)
        return VTB_NOMEM;
    return EVP_DecryptInit_ex2(half->open, EVP_aes_128_gcm(), key, NULL, NULL) == 1 ? VTB_OK
                                                                                    : VTB_SYS;
}

void vtb_srtp_half_fini(struct vtb_srtp_half *half)
{
    EVP_CIPHER_CTX_free(half->seal);
    EVP_CIPHER_CTX_free(half->open);
    EVP_MAC_CTX_free(half->mac);
    OPENSSL_cleanse(half, sizeof *half);
}

/* RFC 7714, 8.1 and 9.1. */
static void gcm_iv(const struct vtb_srtp_half *half, const struct vtb_srtp_span *span,
                   uint8_t iv[static 12])
{
    memset(iv, 0, 12);
    vtb_put_u32(iv + 2, span->ssrc);
    if (!span->rtcp)
        vtb_put_u16(iv + 6, (uint16_t)(span->index >> 32));
    vtb_put_u32(iv + 8, (uint32_t)span->index);
    for (size_t i = 0; i < 12; i++)
        iv[i] ^= half->salt[i];
}

/* RFC 3711, 4.1.1. */
static void cm_iv(const struct vtb_srtp_half *half, const struct vtb_srtp_span *span,
                  uint8_t iv[static 16])
{
    memset(iv, 0, 16);
    vtb_put_u32(iv + 4, span->ssrc);
    vtb_put_u16(iv + 8, (uint16_t)(span->index >> 32));
    vtb_put_u32(iv + 10, (uint32_t)span->index);
    for (size_t i = 0; i < 14; i++)
        iv[i] ^= half->salt[i];
}

static bool cm_crypt(struct vtb_srtp_half *half, const struct vtb_srtp_span *span)
{
    uint8_t iv[16];
    uint8_t *at = span->packet + span->clear;
    int n;

    cm_iv(half, span, iv);
    return EVP_EncryptInit_ex2(half->seal, NULL, NULL, iv, NULL) == 1 &&
           EVP_EncryptUpdate(half->seal, at, &n, at, (int)span->secret) == 1;
}

static bool cm_tag(struct vtb_srtp_half *half, const struct vtb_srtp_span *span,
                   uint8_t tag[static 20])
{
    size_t len;

    return EVP_MAC_init(half->mac, NULL, 0, NULL) == 1 &&
           EVP_MAC_update(half->mac, span->packet, span->clear + span->secret) == 1 &&
           EVP_MAC_update(half->mac, span->word, 4) == 1 &&
           EVP_MAC_final(half->mac, tag, &len, 20) == 1;
}

bool vtb_srtp_seal(struct vtb_srtp_half *half, const struct vtb_srtp_span *span, uint8_t *tag)
{
    uint8_t *at = span->packet + span->clear;
    uint8_t iv[12], full[20];
    int n;

    if (half->profile != VTB_SRTP_GCM_128) {
        if (!cm_crypt(half, span) || !cm_tag(half, span, full))
            return false;
        memcpy(tag, full, VTB_SRTP_CM_TAG);
        return true;
    }
    gcm_iv(half, span, iv);
    return EVP_EncryptInit_ex2(half->seal, NULL, NULL, iv, NULL) == 1 &&
           EVP_EncryptUpdate(half->seal, NULL, &n, span->packet, (int)span->clear) == 1 &&
           (!span->rtcp || EVP_EncryptUpdate(half->seal, NULL, &n, span->word, 4) == 1) &&
           EVP_EncryptUpdate(half->seal, at, &n, at, (int)span->secret) == 1 &&
           EVP_EncryptFinal_ex(half->seal, at, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(half->seal, EVP_CTRL_AEAD_GET_TAG, VTB_SRTP_GCM_TAG, tag) == 1;
}

/* Decrypts aside: a packet that fails must stay whole, it may be tried with another count. */
static bool gcm_unseal(struct vtb_srtp_half *half, const struct vtb_srtp_span *span,
                       const uint8_t *tag)
{
    uint8_t *at = span->packet + span->clear;
    uint8_t plain[SECRET_MAX], iv[12], copy[VTB_SRTP_GCM_TAG];
    int n;

    if (span->secret > sizeof plain)
        return false;
    memcpy(copy, tag, sizeof copy);
    gcm_iv(half, span, iv);
    if (EVP_DecryptInit_ex2(half->open, NULL, NULL, iv, NULL) != 1 ||
        EVP_DecryptUpdate(half->open, NULL, &n, span->packet, (int)span->clear) != 1 ||
        (span->rtcp && EVP_DecryptUpdate(half->open, NULL, &n, span->word, 4) != 1) ||
        EVP_DecryptUpdate(half->open, plain, &n, at, (int)span->secret) != 1 ||
        EVP_CIPHER_CTX_ctrl(half->open, EVP_CTRL_AEAD_SET_TAG, sizeof copy, copy) != 1 ||
        EVP_DecryptFinal_ex(half->open, plain, &n) != 1)
        return false;
    memcpy(at, plain, span->secret);
    return true;
}

bool vtb_srtp_unseal(struct vtb_srtp_half *half, const struct vtb_srtp_span *span,
                     const uint8_t *tag)
{
    uint8_t full[20];

    if (half->profile == VTB_SRTP_GCM_128)
        return gcm_unseal(half, span, tag);
    return cm_tag(half, span, full) &&
           vtb_secret_is(full, VTB_SRTP_CM_TAG, tag, VTB_SRTP_CM_TAG) && cm_crypt(half, span);
}
