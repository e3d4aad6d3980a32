#include "rtc/dtls_identity.h"

#include "base/id.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define DAY_S (24L * 3600)

/* Any certificate will do: the fingerprint in the SDP is what is verified (RFC 8827, 6.5). */
static int any_certificate(int ok, X509_STORE_CTX *store)
{
    (void)ok;
    (void)store;
    return 1;
}

static bool make_certificate(struct vtb_dtls_identity *identity)
{
    uint8_t serial[8];
    unsigned len = sizeof identity->fingerprint;
    BIGNUM *number;
    X509_NAME *name;
    bool ok;

    identity->key = EVP_EC_gen("P-256");
    identity->cert = X509_new();
    if (!identity->key || !identity->cert)
        return false;
    vtb_random(serial, sizeof serial);
    serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40);
    number = BN_bin2bn(serial, sizeof serial, NULL);
    name = X509_get_subject_name(identity->cert);
    ok = number && name && X509_set_version(identity->cert, X509_VERSION_3) &&
         BN_to_ASN1_INTEGER(number, X509_get_serialNumber(identity->cert)) &&
         X509_gmtime_adj(X509_getm_notBefore(identity->cert), -DAY_S) &&
         X509_gmtime_adj(X509_getm_notAfter(identity->cert), 3650 * DAY_S) &&
         X509_set_pubkey(identity->cert, identity->key) &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"consilium", -1, -1,
                                    0) &&
         X509_set_issuer_name(identity->cert, name) &&
         X509_sign(identity->cert, identity->key, EVP_sha256()) &&
         X509_digest(identity->cert, EVP_sha256(), identity->fingerprint, &len);
    BN_free(number);
    return ok;
}

static SSL_CTX *make_context(const struct vtb_dtls_identity *identity, const SSL_METHOD *method)
{
    SSL_CTX *ctx = SSL_CTX_new(method);

    if (!ctx)
        return NULL;
    SSL_CTX_set_options(ctx, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, any_certificate);
    SSL_CTX_set_read_ahead(ctx, 1); /* a datagram is read whole */
    if (SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION) != 1 ||
        SSL_CTX_set_max_proto_version(ctx, DTLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(ctx, VTB_DTLS_CIPHER) != 1 ||
        SSL_CTX_set1_groups_list(ctx, "X25519:P-256") != 1 ||
        SSL_CTX_use_certificate(ctx, identity->cert) != 1 ||
        SSL_CTX_use_PrivateKey(ctx, identity->key) != 1 ||
        /* 0 is success; GCM first, SHA1-80 for webrtcbin (measured) */
        SSL_CTX_set_tlsext_use_srtp(ctx, "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80") != 0) {
        SSL_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

enum vtb_err vtb_dtls_identity_create(struct vtb_dtls_identity **out)
{
    struct vtb_dtls_identity *identity = calloc(1, sizeof *identity);

    if (!identity)
        return VTB_NOMEM;
    if (make_certificate(identity)) {
        identity->server = make_context(identity, DTLS_server_method());
        identity->client = make_context(identity, DTLS_client_method());
        identity->bio = vtb_dtls_bio_method();
    }
    if (!identity->server || !identity->client || !identity->bio) {
        ERR_clear_error();
        vtb_dtls_identity_destroy(identity);
        return VTB_SYS;
    }
    *out = identity;
    return VTB_OK;
}

void vtb_dtls_identity_destroy(struct vtb_dtls_identity *identity)
{
    if (!identity)
        return;
    SSL_CTX_free(identity->server);
    SSL_CTX_free(identity->client);
    BIO_meth_free(identity->bio);
    X509_free(identity->cert);
    EVP_PKEY_free(identity->key);
    free(identity);
}

void vtb_dtls_identity_fingerprint(const struct vtb_dtls_identity *identity,
                                   uint8_t out[static 32])
{
    memcpy(out, identity->fingerprint, 32);
}
