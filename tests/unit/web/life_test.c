/* Start, stop, certificates, the unix socket. */
#include "bed.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void a_stop_says_restarting_and_leaves_nothing(void **state)
{
    struct bed *bed = bed_start(NULL);
    int a = ws_good(bed), b = ws_good(bed), idle = client_open(bed);
    struct frame frame;

    (void)state;
    CHECK_EQ(client_status(idle, "GET /api/hello/x HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
    bed_begin_stop(bed);
    frame = ws_read(a);
    CHECK_EQ(frame.opcode, 8);
    CHECK_EQ(frame.code, 1001);
    assert_memory_equal(frame.data + 2, "restarting", 10);
    frame_fini(&frame);
    frame = ws_read(b);
    CHECK_EQ(frame.code, 1001);
    frame_fini(&frame);
    bed_stop(bed); /* checks that the loop closes, and that every open had its close */
    CHECK(client_is_closed(idle));
    close(a);
    close(b);
    close(idle);
}

static void a_stop_ends_with_everything_half_open(void **state)
{
    struct bed *bed = bed_start(NULL);
    int silent = client_open(bed), half = client_open(bed), body = client_open(bed),
        late = client_open(bed), socket = ws_good(bed), file = client_open_small(bed);

    (void)state;
    client_send(half, "GET /api/hel");
    client_send(body, "POST /api/machine HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc");
    client_send(late, "GET /api/hello/late HTTP/1.1\r\nHost: x\r\n\r\n");
    client_send(file, "GET /api/file HTTP/1.1\r\nHost: x\r\n\r\n");
    while (bed_figures(bed).requests < 4)
        usleep(1000);
    bed_stop(bed); /* ASan: nothing leaks although none of them was finished */
    close(silent);
    close(half);
    close(body);
    close(late);
    close(socket);
    close(file);
}

static const char *taken_port[] = { "127.0.0.1" };
static uint16_t port_in_use;

static void same_port(struct vtb_web_config *cfg)
{
    cfg->addresses = taken_port;
    cfg->port = port_in_use;
}

static void a_port_in_use_is_an_error(void **state)
{
    struct bed *first = bed_start(NULL), *second;

    (void)state;
    port_in_use = first->port;
    second = bed_start(same_port);
    CHECK_EQ(second->start_err, VTB_SYS);
    bed_stop(second);
    bed_stop(first);
}

/* ---- TLS ---- */

static char cert[64], key[64];

static void write_pair(long serial)
{
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    FILE *file;

    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
    X509_gmtime_adj(X509_getm_notBefore(x), 0);
    X509_gmtime_adj(X509_getm_notAfter(x), 86400);
    X509_set_pubkey(x, pair);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    CHECK(X509_sign(x, pair, EVP_sha256()) > 0);
    file = fopen(cert, "w");
    CHECK_EQ(PEM_write_X509(file, x), 1);
    fclose(file);
    file = fopen(key, "w");
    CHECK_EQ(PEM_write_PrivateKey(file, pair, NULL, NULL, 0, NULL, NULL), 1);
    fclose(file);
    X509_free(x);
    EVP_PKEY_free(pair);
}

static void use_tls(struct vtb_web_config *cfg)
{
    snprintf(cert, sizeof cert, "/tmp/consilium-%d.crt", (int)getpid());
    snprintf(key, sizeof key, "/tmp/consilium-%d.key", (int)getpid());
    write_pair(1);
    cfg->cert = cert;
    cfg->key = key;
}

/* The serial of the certificate shown, or 0 if the handshake was refused. */
static long handshake(struct bed *bed, int max_version, char *out_answer, size_t cap)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    int fd = client_open(bed);
    long serial = 0;
    SSL *ssl;

    SSL_CTX_set_security_level(ctx, 0);
    SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(ctx, max_version);
    ssl = SSL_new(ctx);
    SSL_set_alpn_protos(ssl, (const unsigned char *)"\x02h2\x08http/1.1", 12);
    SSL_set_fd(ssl, fd);
    if (SSL_connect(ssl) == 1) {
        const unsigned char *alpn;
        unsigned alpn_len;
        X509 *x = SSL_get1_peer_certificate(ssl);
        int n;

        SSL_get0_alpn_selected(ssl, &alpn, &alpn_len);
        CHECK_EQ(alpn_len, 8);
        assert_memory_equal(alpn, "http/1.1", 8);
        serial = ASN1_INTEGER_get(X509_get_serialNumber(x));
        X509_free(x);
        SSL_write(ssl, "GET /api/hello/x HTTP/1.1\r\nHost: board.example.org\r\n\r\n", 54);
        n = SSL_read(ssl, out_answer, (int)cap - 1);
        out_answer[n > 0 ? n : 0] = '\0';
    }
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    ERR_clear_error();
    close(fd);
    return serial;
}

static void reload(struct bed *bed, void *ctx)
{
    *(enum vtb_err *)ctx = vtb_web_reload(bed->web);
}

static void a_new_certificate_is_shown_and_a_broken_one_is_not(void **state)
{
    struct bed *bed = bed_start(use_tls);
    char answer[4096];
    enum vtb_err err;
    FILE *file;

    (void)state;
    CHECK_EQ(handshake(bed, TLS1_3_VERSION, answer, sizeof answer), 1);
    assert_non_null(strstr(answer, "HTTP/1.1 200"));
    assert_non_null(strstr(answer, "strict-transport-security"));
    CHECK_EQ(handshake(bed, TLS1_2_VERSION, answer, sizeof answer), 1);
    CHECK_EQ(handshake(bed, TLS1_1_VERSION, answer, sizeof answer), 0);
    write_pair(2);
    bed_call(bed, reload, &err);
    CHECK_EQ(err, VTB_OK);
    CHECK_EQ(handshake(bed, TLS1_3_VERSION, answer, sizeof answer), 2);
    file = fopen(cert, "w");
    fputs("broken", file);
    fclose(file);
    bed_call(bed, reload, &err);
    CHECK_EQ(err, VTB_CORRUPT);
    CHECK_EQ(handshake(bed, TLS1_3_VERSION, answer, sizeof answer), 2);
    bed_stop(bed);
    unlink(cert);
    unlink(key);
}

static void use_broken_tls(struct vtb_web_config *cfg)
{
    use_tls(cfg);
    cfg->key = "/nowhere.key";
}

static void a_start_with_a_bad_pair_is_an_error(void **state)
{
    struct bed *bed = bed_start(use_broken_tls);

    (void)state;
    CHECK_EQ(bed->start_err, VTB_SYS);
    bed_stop(bed);
    unlink(cert);
    unlink(key);
}

/* ---- behind a proxy ---- */

static char unix_path[64];

static void use_unix(struct vtb_web_config *cfg)
{
    snprintf(unix_path, sizeof unix_path, "/tmp/consilium-%d.sock", (int)getpid());
    cfg->unix_path = unix_path;
}

static void only_the_unix_socket_believes_forwarded_addresses(void **state)
{
    static const char request[] = "GET /api/hello/x HTTP/1.1\r\nHost: x\r\n"
                                  "X-Forwarded-For: 203.0.113.9, 192.0.2.7\r\n\r\n";
    struct bed *bed = bed_start(use_unix);
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct reply reply;
    struct stat st;

    (void)state;
    CHECK_EQ(stat(unix_path, &st), 0);
    CHECK_EQ(st.st_mode & 0777, 0660);
    memcpy(to.sun_path, unix_path, strlen(unix_path) + 1);
    CHECK_EQ(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    client_send(fd, request);
    client_reply(fd, false, &reply);
    assert_string_equal((char *)reply.body, "x|||192.0.2.7|");
    reply_fini(&reply);
    close(fd);
    fd = client_open(bed);
    client_send(fd, request);
    client_reply(fd, false, &reply);
    assert_string_equal((char *)reply.body, "x|||127.0.0.1|127.0.0.1");
    reply_fini(&reply);
    close(fd);
    bed_stop(bed);
    CHECK(access(unix_path, F_OK) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_says_restarting_and_leaves_nothing),
        cmocka_unit_test(a_stop_ends_with_everything_half_open),
        cmocka_unit_test(a_port_in_use_is_an_error),
        cmocka_unit_test(a_new_certificate_is_shown_and_a_broken_one_is_not),
        cmocka_unit_test(a_start_with_a_bad_pair_is_an_error),
        cmocka_unit_test(only_the_unix_socket_believes_forwarded_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
