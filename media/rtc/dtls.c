#include "rtc/dtls.h"

#include "base/str.h"
#include "rtc/dtls_identity.h"

#include <openssl/err.h>
#include <openssl/srtp.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_TIMER_US 200000u  /* OpenSSL begins with a second: too long for one lost datagram */
#define LAST_TIMER_US  2000000u
#define IP_UDP_HEADER  28

struct vtb_dtls {
    struct vtb_dtls_config cfg;
    SSL *ssl;
    const uint8_t *pending; /* the one datagram being fed */
    size_t pending_len;
    bool done;
    struct vtb_dtls_keys keys;
};

static int bio_write(BIO *bio, const char *data, int len)
{
    struct vtb_dtls *dtls = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    if (len > 0)
        dtls->cfg.send(dtls->cfg.send_ctx, (const uint8_t *)data, (size_t)len);
    return len; /* a datagram that the kernel does not take is a lost one */
}

static int bio_read(BIO *bio, char *out, int cap)
{
    struct vtb_dtls *dtls = BIO_get_data(bio);
    size_t n = dtls->pending_len;

    BIO_clear_retry_flags(bio);
    if (!dtls->pending || cap <= 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    if (n > (size_t)cap)
        n = (size_t)cap;
    memcpy(out, dtls->pending, n);
    dtls->pending = NULL;
    return (int)n;
}

static long bio_ctrl(BIO *bio, int what, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    switch (what) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU: /* unanswered, OpenSSL falls back to 256-byte datagrams */
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return VTB_DTLS_MTU;
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
        return IP_UDP_HEADER;
    }
    return 0;
}

static int bio_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

BIO_METHOD *vtb_dtls_bio_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagram");

    if (method && (BIO_meth_set_write(method, bio_write) != 1 ||
                   BIO_meth_set_read(method, bio_read) != 1 ||
                   BIO_meth_set_ctrl(method, bio_ctrl) != 1 ||
                   BIO_meth_set_create(method, bio_create) != 1)) {
        BIO_meth_free(method);
        method = NULL;
    }
    return method;
}

static unsigned next_timer(SSL *ssl, unsigned last_us)
{
    (void)ssl;
    if (last_us == 0)
        return FIRST_TIMER_US;
    return last_us * 2 < LAST_TIMER_US ? last_us * 2 : LAST_TIMER_US;
}

static bool has_right_certificate(const struct vtb_dtls *dtls)
{
    X509 *cert = SSL_get1_peer_certificate(dtls->ssl);
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = sizeof digest;
    bool ok = cert && X509_digest(cert, EVP_sha256(), digest, &len) == 1 &&
              vtb_secret_is(digest, len, dtls->cfg.fingerprint, sizeof dtls->cfg.fingerprint);

    X509_free(cert);
    return ok;
}

/* RFC 5764, 4.2: client key, server key, client salt, server salt. */
static enum vtb_err export_keys(struct vtb_dtls *dtls)
{
    static const char label[] = "EXTRACTOR-dtls_srtp";
    const SRTP_PROTECTION_PROFILE *chosen = SSL_get_selected_srtp_profile(dtls->ssl);
    struct vtb_srtp_master client = { 0 }, server = { 0 };
    uint8_t bytes[2 * (16 + 14)];
    size_t salt;

    if (!chosen || (chosen->id != VTB_SRTP_GCM_128 && chosen->id != VTB_SRTP_CM_SHA1_80))
        return VTB_DENIED;
    client.profile = server.profile =
        chosen->id == VTB_SRTP_GCM_128 ? VTB_SRTP_GCM_128 : VTB_SRTP_CM_SHA1_80;
    salt = client.profile == VTB_SRTP_GCM_128 ? 12 : 14;
    if (SSL_export_keying_material(dtls->ssl, bytes, 2 * (16 + salt), label, sizeof label - 1,
                                   NULL, 0, 0) != 1)
        return VTB_SYS;
    memcpy(client.key, bytes, 16);
    memcpy(server.key, bytes + 16, 16);
    memcpy(client.salt, bytes + 32, salt);
    memcpy(server.salt, bytes + 32 + salt, salt);
    OPENSSL_cleanse(bytes, sizeof bytes);
    dtls->keys.send = dtls->cfg.client ? client : server;
    dtls->keys.receive = dtls->cfg.client ? server : client;
    return vtb_dtls_farewell_derive(dtls->ssl, dtls->cfg.client, &dtls->keys.farewell);
}

static enum vtb_err step(struct vtb_dtls *dtls)
{
    enum vtb_err err;
    int got, why;

    ERR_clear_error();
    got = SSL_do_handshake(dtls->ssl);
    if (got == 1) {
        if (!has_right_certificate(dtls))
            return VTB_DENIED;
        err = export_keys(dtls);
        dtls->done = err == VTB_OK;
        return err;
    }
    why = SSL_get_error(dtls->ssl, got);
    ERR_clear_error();
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
        return VTB_OK;
    return why == SSL_ERROR_ZERO_RETURN ? VTB_CLOSED : VTB_SYS;
}

/* After the handshake a repeated Finished makes OpenSSL repeat its last flight; data is ignored. */
static enum vtb_err after(struct vtb_dtls *dtls)
{
    uint8_t ignored[2048];
    int got, why;

    ERR_clear_error();
    do {
        got = SSL_read(dtls->ssl, ignored, sizeof ignored);
    } while (got > 0);
    why = SSL_get_error(dtls->ssl, got);
    ERR_clear_error();
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
        return VTB_OK;
    return why == SSL_ERROR_ZERO_RETURN ? VTB_CLOSED : VTB_SYS;
}

enum vtb_err vtb_dtls_create(const struct vtb_dtls_config *cfg, struct vtb_dtls **out)
{
    struct vtb_dtls *dtls = calloc(1, sizeof *dtls);
    enum vtb_err err = VTB_NOMEM;
    BIO *bio = NULL;

    if (!dtls)
        return VTB_NOMEM;
    dtls->cfg = *cfg;
    dtls->ssl = SSL_new(cfg->client ? cfg->identity->client : cfg->identity->server);
    if (dtls->ssl)
        bio = BIO_new(cfg->identity->bio);
    if (!bio)
        goto fail;
    BIO_set_data(bio, dtls);
    SSL_set_bio(dtls->ssl, bio, bio);
    SSL_set_mtu(dtls->ssl, VTB_DTLS_MTU);
    DTLS_set_timer_cb(dtls->ssl, next_timer);
    if (cfg->client) {
        SSL_set_connect_state(dtls->ssl);
        err = step(dtls);
        if (err)
            goto fail;
    } else {
        SSL_set_accept_state(dtls->ssl);
    }
    *out = dtls;
    return VTB_OK;

fail:
    ERR_clear_error();
    vtb_dtls_destroy(dtls);
    return err;
}

void vtb_dtls_destroy(struct vtb_dtls *dtls)
{
    if (!dtls)
        return;
    SSL_free(dtls->ssl); /* with its BIO */
    OPENSSL_cleanse(dtls, sizeof *dtls);
    free(dtls);
}

enum vtb_err vtb_dtls_feed(struct vtb_dtls *dtls, const uint8_t *datagram, size_t len)
{
    enum vtb_err err;

    dtls->pending = datagram;
    dtls->pending_len = len;
    err = dtls->done ? after(dtls) : step(dtls);
    dtls->pending = NULL;
    return err;
}

int vtb_dtls_wait_ms(struct vtb_dtls *dtls)
{
    struct timeval left;

    if (dtls->done || DTLSv1_get_timeout(dtls->ssl, &left) != 1)
        return -1;
    return (int)(left.tv_sec * 1000 + (left.tv_usec + 999) / 1000);
}

enum vtb_err vtb_dtls_tick(struct vtb_dtls *dtls)
{
    enum vtb_err err = VTB_OK;

    if (dtls->done)
        return VTB_OK;
    ERR_clear_error();
    if (DTLSv1_handle_timeout(dtls->ssl) < 0)
        err = VTB_TIMEOUT;
    ERR_clear_error();
    return err;
}

bool vtb_dtls_is_done(const struct vtb_dtls *dtls)
{
    return dtls->done;
}

enum vtb_err vtb_dtls_keys(struct vtb_dtls *dtls, struct vtb_dtls_keys *out)
{
    if (!dtls->done)
        return VTB_AGAIN;
    *out = dtls->keys;
    return VTB_OK;
}
