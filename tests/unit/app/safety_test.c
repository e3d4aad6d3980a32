/* The rule of start. */
#include "app/options.h"
#include "app/safety.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char data[] = "/tmp/consilium-data-XXXXXX";

struct row {
    const char *listen, *socket, *host;
    bool has_tls, is_encrypted, is_demo;
    const char *says; /* NULL: may start */
};

static void check(const struct row *row)
{
    char text[6][600], why[512] = "", marker[64];
    const char *args[6];
    struct vtb_config cfg;
    enum vtb_err err;

    snprintf(marker, sizeof marker, "%s/demo", data);
    if (row->is_demo)
        assert_int_equal(mkdir(marker, 0700), 0);
    snprintf(text[0], sizeof text[0], "--listen=%s", row->listen);
    snprintf(text[1], sizeof text[1], "--socket=%s", row->socket);
    snprintf(text[2], sizeof text[2], "--public_host=%s", row->host);
    snprintf(text[3], sizeof text[3], "--data=%s", data);
    snprintf(text[4], sizeof text[4], "--tls.cert=%s", row->has_tls ? "/c" : "");
    snprintf(text[5], sizeof text[5], "--tls.key=%s", row->has_tls ? "/k" : "");
    for (size_t i = 0; i < 6; i++)
        args[i] = text[i];
    assert_int_equal(vtb_options_load(6, args, NULL, &cfg, why, sizeof why), VTB_OK);
    cfg.store_disk_encrypted = row->is_encrypted;
    err = vtb_safety_check(&cfg, why, sizeof why);
    rmdir(marker);
    if (!row->says) {
        if (err)
            fail_msg("%s refused: %s", row->listen, why);
        return;
    }
    if (err != VTB_DENIED)
        fail_msg("%s %s %s may start", row->listen, row->socket, row->host);
    if (!strstr(why, row->says))
        fail_msg("%s: %s", row->listen, why);
}

static void only_a_safe_public_start_is_allowed(void **state)
{
    static const struct row rows[] = {
        /* loopback over http, with and without demo data */
        { "127.0.0.1", "", "", false, false, false, NULL },
        { "127.0.0.1", "", "", false, false, true, NULL },
        { "127.8.8.8, ::1", "", "chair.localhost, localhost", false, false, true, NULL },
        { "::ffff:127.0.0.1", "", "", false, false, true, NULL },
        /* an address beyond it */
        { "0.0.0.0", "", "b.example", true, true, false, NULL },
        { "::", "", "b.example", true, true, false, NULL },
        { "0.0.0.0", "", "b.example", false, true, false, "tls.cert" },
        { "::", "", "b.example", false, true, false, "tls.cert" },
        { "127.0.0.1, 192.0.2.1", "", "b.example", false, true, false, "tls.cert" },
        { "::ffff:192.0.2.1", "", "b.example", false, true, false, "tls.cert" },
        { "192.0.2.1", "", "b.example", true, false, false, "store.disk_encrypted=yes" },
        { "192.0.2.1", "", "", true, true, false, "public_host" },
        /* demo data: refused even with TLS and everything else */
        { "192.0.2.1", "", "b.example", true, true, true, "demo data" },
        { "::", "", "b.example", true, true, true, "demo data" },
        /* a proxy in front is public too */
        { "127.0.0.1", "", "b.example", false, true, false, NULL },
        { "127.0.0.1", "", "b.example", false, false, false, "store.disk_encrypted=yes" },
        { "127.0.0.1", "", "b.example", false, true, true, "demo data" },
        { "", "/run/c.sock", "b.example", false, true, false, NULL },
        { "", "/run/c.sock", "b.example", false, true, true, "demo data" },
        { "", "/run/c.sock", "", false, true, false, "public_host" },
        { "", "", "", false, true, false, "nothing to listen on" },
        /* names that only look local */
        { "127.0.0.1", "", "localhost.example", false, false, false, "store.disk_encrypted=yes" },
        { "127.0.0.1", "", "xlocalhost", false, false, false, "store.disk_encrypted=yes" },
    };

    (void)state;
    assert_non_null(mkdtemp(data));
    for (size_t i = 0; i < VTB_COUNT(rows); i++)
        check(&rows[i]);
    rmdir(data);
}

static void half_a_certificate_is_refused(void **state)
{
    const char *args[] = { "--tls.cert=/c" };
    struct vtb_config cfg;
    char why[512];

    (void)state;
    assert_int_equal(vtb_options_load(1, args, NULL, &cfg, why, sizeof why), VTB_OK);
    assert_int_equal(vtb_safety_check(&cfg, why, sizeof why), VTB_DENIED);
    assert_non_null(strstr(why, "tls.key"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_safe_public_start_is_allowed),
        cmocka_unit_test(half_a_certificate_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
