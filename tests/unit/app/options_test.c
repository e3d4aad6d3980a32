/* Options: sources, limits, refusals with the nearest name. */
#include "app/options.h"
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char why[512];

static enum vtb_err load(struct vtb_config *cfg, const char *const env[], size_t n,
                         const char *const args[])
{
    why[0] = '\0';
    return vtb_options_load(n, args, env, cfg, why, sizeof why);
}

#define LOAD(cfg, env, ...) \
    load((cfg), (env), VTB_COUNT(((const char *const[]){ __VA_ARGS__ })), \
         (const char *const[]){ __VA_ARGS__ })

static void the_defaults_listen_on_loopback_only(void **state)
{
    struct vtb_config cfg;

    (void)state;
    assert_int_equal(load(&cfg, NULL, 0, NULL), VTB_OK);
    assert_int_equal(cfg.listen.n, 1);
    assert_string_equal(cfg.listen.at[0], "127.0.0.1");
    assert_int_equal(cfg.port, 8080);
    assert_int_equal(cfg.media_port, VTB_MEDIA_PORT_AS_WEB);
    assert_int_equal(cfg.media_turn.n, 0);
    assert_int_equal(cfg.store_disk_encrypted, 0);
    assert_int_equal(cfg.media_threads, 1);
    assert_int_equal(cfg.log_level, VTB_INFO);
    assert_string_equal(cfg.tls_cert, "");
}

static void later_sources_win(void **state)
{
    const char *env[] = { "PATH=/bin", "CONSILIUM_PORT=2000", "CONSILIUM_TLS_CERT=/env.crt",
                          "CONSILIUM_CONFIG=/nowhere", NULL };
    char path[] = "/tmp/consilium-conf-XXXXXX", arg[64];
    static const char text[] = "# ours\n\nport = 1000\n  data=/srv/a b\nlisten = 127.0.0.1 , ::1\n"
                               "media.port = 3000\nstore.disk_encrypted = yes";
    struct vtb_config cfg;
    int fd = mkstemp(path);

    (void)state;
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    snprintf(arg, sizeof arg, "--config=%s", path);
    assert_int_equal(LOAD(&cfg, env, "--media.port", "4000", arg, "--log.level=debug"), VTB_OK);
    assert_int_equal(cfg.port, 2000);                 /* environment over file */
    assert_int_equal(cfg.media_port, 4000);           /* command line over file */
    assert_string_equal(cfg.data, "/srv/a b");        /* file over default */
    assert_string_equal(cfg.tls_cert, "/env.crt");
    assert_int_equal(cfg.store_disk_encrypted, 1);
    assert_int_equal(cfg.log_level, VTB_DEBUG);
    assert_int_equal(cfg.listen.n, 2);
    assert_string_equal(cfg.listen.at[1], "::1");
    assert_ptr_equal(cfg.listen.at[1], cfg.listen.items[1]);
    unlink(path);
}

static void an_unknown_name_is_refused_with_the_nearest(void **state)
{
    static const struct {
        const char *arg, *near;
    } rows[] = {
        { "--tls.crt=x", "\"tls.cert\"" },
        { "--cert=x", "\"tls.cert\"" },
        { "--prot=1", "\"port\"" },
        { "--store.disk-encrypted=yes", "\"store.disk_encrypted\"" },
        { "--medai.address=::1", "\"media.address\"" },
    };
    const char *env[] = { "CONSILIUM_STORE_DISK_ENCRYPTD=yes", NULL };
    struct vtb_config cfg = { .port = 77 };

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(rows); i++) {
        assert_int_equal(LOAD(&cfg, NULL, rows[i].arg), VTB_PARSE);
        if (!strstr(why, rows[i].near))
            fail_msg("%s: %s", rows[i].arg, why);
    }
    assert_int_equal(load(&cfg, env, 0, NULL), VTB_PARSE);
    assert_non_null(strstr(why, "store.disk_encrypted"));
    assert_int_equal(LOAD(&cfg, NULL, "--xyzzyxyzzy=1"), VTB_PARSE);
    assert_null(strstr(why, "Did you mean"));
    assert_int_equal(cfg.port, 77); /* untouched on failure */
}

static void values_keep_their_limits(void **state)
{
    static const char *const good[] = {
        "--port=0", "--port=65535", "--media.threads=1", "--web.connections=64",
        "--public_host=board.example.org, tumor-board.example.org", "--media.address=", "--tls.cert=",
    };
    static const char *const bad[] = {
        "--port=65536", "--port=-1", "--port=", "--port=80a", "--port=99999999999",
        "--media.threads=2", "--media.threads=0", "--web.connections=63",
        "--store.disk_encrypted=true", "--store.disk_encrypted=YES", "--log.level=loud",
        "--listen=localhost", "--listen=1.2.3", "--listen=1.2.3.4:80", "--listen=::1,,::",
        "--public_host=https://x", "--public_host=a:80", "--public_host=.",
        "--listen=::1,::1,::1,::1,::1,::1,::1,::1,::1", "port=80", "serve", "--", "--port",
    };
    struct vtb_config cfg;
    char *path = malloc(VTB_CONFIG_TEXT + 16);

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(good); i++)
        if (LOAD(&cfg, NULL, good[i]) != VTB_OK)
            fail_msg("%s: %s", good[i], why);
    for (size_t i = 0; i < VTB_COUNT(bad); i++) {
        if (LOAD(&cfg, NULL, bad[i]) == VTB_OK)
            fail_msg("%s was taken", bad[i]);
        assert_true(strlen(why) > 10);
    }
    memset(path, 'a', VTB_CONFIG_TEXT + 16);
    memcpy(path, "--data=", 7);
    path[7 + VTB_CONFIG_TEXT - 1] = '\0';
    assert_int_equal(LOAD(&cfg, NULL, path), VTB_OK);
    path[7 + VTB_CONFIG_TEXT - 1] = 'a';
    path[7 + VTB_CONFIG_TEXT] = '\0';
    assert_int_equal(LOAD(&cfg, NULL, path), VTB_PARSE);
    free(path);
}

static void a_wrong_line_is_named(void **state)
{
    char path[] = "/tmp/consilium-conf-XXXXXX", arg[64];
    static const char text[] = "port = 1000\n\ntls.key /x\n";
    struct vtb_config cfg;
    int fd = mkstemp(path);

    (void)state;
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    snprintf(arg, sizeof arg, "--config=%s", path);
    assert_int_equal(LOAD(&cfg, NULL, arg), VTB_PARSE);
    assert_non_null(strstr(why, "line 3"));
    unlink(path);
    assert_int_equal(LOAD(&cfg, NULL, arg), VTB_ABSENT);
}

static void what_is_printed_reads_back_the_same(void **state)
{
    char path[] = "/tmp/consilium-conf-XXXXXX", arg[64];
    struct vtb_config cfg, again;
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "w");

    (void)state;
    assert_int_equal(LOAD(&cfg, NULL, "--listen=::,127.0.0.1", "--port=9", "--tls.cert=/a", "--log.level=warn",
                          "--store.disk_encrypted=yes", "--public_host=a.example"), VTB_OK);
    vtb_options_print(&cfg, file);
    fclose(file);
    snprintf(arg, sizeof arg, "--config=%s", path);
    assert_int_equal(LOAD(&again, NULL, arg), VTB_OK);
    assert_int_equal(again.port, 9);
    assert_int_equal(again.listen.n, 2);
    assert_string_equal(again.tls_cert, "/a");
    assert_int_equal(again.log_level, VTB_WARN);
    assert_int_equal(again.store_disk_encrypted, 1);
    assert_string_equal(again.public_host.at[0], "a.example");
    unlink(path);
}

static void every_row_is_in_help_and_manual(void **state)
{
    char *help = NULL, *manual = NULL;
    size_t n;
    FILE *to = open_memstream(&help, &n);

    (void)state;
    vtb_options_help(to);
    fclose(to);
    to = open_memstream(&manual, &n);
    vtb_options_manual(to);
    fclose(to);
    for (const struct vtb_option *row = vtb_options; row->name; row++) {
        char text[128];

        snprintf(text, sizeof text, "--%s=", row->name);
        assert_non_null(strstr(help, text));
        snprintf(text, sizeof text, "| `%s` | `CONSILIUM_", row->name);
        assert_non_null(strstr(manual, text));
    }
    free(help);
    free(manual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_listen_on_loopback_only),
        cmocka_unit_test(later_sources_win),
        cmocka_unit_test(an_unknown_name_is_refused_with_the_nearest),
        cmocka_unit_test(values_keep_their_limits),
        cmocka_unit_test(a_wrong_line_is_named),
        cmocka_unit_test(what_is_printed_reads_back_the_same),
        cmocka_unit_test(every_row_is_in_help_and_manual),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
