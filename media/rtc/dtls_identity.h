/*
 * dtls_identity.h - what dtls.c needs of an identity. Private to dtls*.c.
 */
#ifndef VTB_RTC_DTLS_IDENTITY_H
#define VTB_RTC_DTLS_IDENTITY_H

#include "rtc/dtls.h"

#include <openssl/ssl.h>

struct vtb_dtls_identity {
    EVP_PKEY *key;
    X509 *cert;
    SSL_CTX *server, *client;
    BIO_METHOD *bio; /* filled by vtb_dtls_bio_method */
    uint8_t fingerprint[32];
};

BIO_METHOD *vtb_dtls_bio_method(void); /* dtls.c; NULL: out of memory */

VTB_MUST_USE enum vtb_err vtb_dtls_farewell_derive(SSL *ssl, bool client,
                                                   struct vtb_dtls_farewell *out);

#define VTB_DTLS_CIPHER "ECDHE-ECDSA-AES128-GCM-SHA256"
#define VTB_DTLS_MTU    1200

#endif
