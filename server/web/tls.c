/*
 * tls.c - tries a certificate and key in a context of its own before lws is given them.
 */
#include "inner.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

enum vtb_err web_tls_check(const char *cert, const char *key)
{
    SSL_CTX *scratch;
    bool is_good;

    if (!cert || !key)
        return VTB_ABSENT;
    scratch = SSL_CTX_new(TLS_server_method());
    if (!scratch)
        return VTB_NOMEM;
    is_good = SSL_CTX_use_certificate_chain_file(scratch, cert) == 1 &&
              SSL_CTX_use_PrivateKey_file(scratch, key, SSL_FILETYPE_PEM) == 1 &&
              SSL_CTX_check_private_key(scratch) == 1;
    SSL_CTX_free(scratch);
    ERR_clear_error();
    return is_good ? VTB_OK : VTB_CORRUPT;
}
