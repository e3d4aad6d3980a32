/*
 * Session keys from master keys, RFC 3711, 4.3: AES in counter mode over (salt XOR label), key
 * derivation rate 0. The 12-byte salt of AEAD profiles is padded with zeros (RFC 7714, 11).
 */
#include "rtc/srtp.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

enum { RTP_KEY, RTP_AUTH, RTP_SALT, RTCP_KEY, RTCP_AUTH, RTCP_SALT };

static bool expand(EVP_CIPHER_CTX *ctx, const struct vtb_srtp_master *master, uint8_t label,
                   uint8_t *out, size_t len)
{
    uint8_t iv[16] = { 0 };
    int n;

    memcpy(iv, master->salt, master->profile == VTB_SRTP_GCM_128 ? 12 : 14);
    iv[7] ^= label;
    memset(out, 0, len);
    return EVP_EncryptInit_ex2(ctx, NULL, NULL, iv, NULL) == 1 &&
           EVP_EncryptUpdate(ctx, out, &n, out, (int)len) == 1;
}

enum vtb_err vtb_srtp_derive(const struct vtb_srtp_master *master, struct vtb_srtp_keys *out)
{
    struct vtb_srtp_keys keys = { .profile = master->profile };
    size_t salt = master->profile == VTB_SRTP_GCM_128 ? 12 : 14;
    EVP_CIPHER_CTX *ctx;
    bool ok;

    if (master->profile != VTB_SRTP_GCM_128 && master->profile != VTB_SRTP_CM_SHA1_80)
        return VTB_PARSE;
    ctx = EVP_CIPHER_CTX_new();
    ok = ctx && EVP_EncryptInit_ex2(ctx, EVP_aes_128_ctr(), master->key, NULL, NULL) == 1 &&
         expand(ctx, master, RTP_KEY, keys.rtp_key, sizeof keys.rtp_key) &&
         expand(ctx, master, RTP_AUTH, keys.rtp_auth, sizeof keys.rtp_auth) &&
         expand(ctx, master, RTP_SALT, keys.rtp_salt, salt) &&
         expand(ctx, master, RTCP_KEY, keys.rtcp_key, sizeof keys.rtcp_key) &&
         expand(ctx, master, RTCP_AUTH, keys.rtcp_auth, sizeof keys.rtcp_auth) &&
         expand(ctx, master, RTCP_SALT, keys.rtcp_salt, salt);
    EVP_CIPHER_CTX_free(ctx);
    if (ok)
        *out = keys;
    OPENSSL_cleanse(&keys, sizeof keys);
    return ok ? VTB_OK : VTB_SYS;
}

enum vtb_err vtb_srtp_open(const struct vtb_srtp_master *master, struct vtb_srtp **out)
{
    struct vtb_srtp_keys keys;
    enum vtb_err err = vtb_srtp_derive(master, &keys);

    if (!err)
        err = vtb_srtp_create(&keys, out);
    OPENSSL_cleanse(&keys, sizeof keys);
    return err;
}
