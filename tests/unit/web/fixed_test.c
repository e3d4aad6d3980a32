/* The web client's files. */
#include "bed.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];

static void put(const char *name, const char *text)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", root, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void use_root(struct vtb_web_config *cfg)
{
    char path[256];

    snprintf(root, sizeof root, "%s", "/tmp/consilium-root-XXXXXX");
    assert_non_null(mkdtemp(root));
    snprintf(path, sizeof path, "%s/assets", root);
    CHECK_EQ(mkdir(path, 0700), 0);
    put("index.html", "<!doctype html>page");
    put("logo.svg", "<svg/>");
    put("assets/app-1a2b.js", "let plain;");
    put("assets/app-1a2b.js.gz", "not really gzip");
    put(".secret", "no");
    snprintf(path, sizeof path, "%s/link.txt", root);
    CHECK_EQ(symlink("/etc/passwd", path), 0);
    cfg->root = root;
}

static void remove_root(void)
{
    static const char *const names[] = { "assets/app-1a2b.js", "assets/app-1a2b.js.gz", "assets",
                                         "index.html", "logo.svg", ".secret", "link.txt", "" };
    char path[256];

    for (size_t i = 0; i < VTB_COUNT(names); i++) {
        snprintf(path, sizeof path, "%s/%s", root, names[i]);
        remove(path);
    }
}

static void expect(int fd, const char *path, const char *extra, int status, const char *body,
                   const char *line)
{
    struct reply reply;

    client_sendf(fd, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n", path, extra);
    client_reply(fd, false, &reply);
    if (reply.status != status)
        fail_msg("%s: %d", path, reply.status);
    if (body)
        assert_string_equal((char *)reply.body, body);
    if (line)
        CHECK(reply_has(&reply, line));
    reply_fini(&reply);
}

static void files_come_with_type_cache_and_compression(void **state)
{
    struct bed *bed = bed_start(use_root);
    int fd = client_open(bed);

    (void)state;
    expect(fd, "/", "", 200, "<!doctype html>page", "cache-control: no-cache");
    expect(fd, "/index.html", "", 200, "<!doctype html>page", "content-type: text/html; charset=utf-8");
    expect(fd, "/logo.svg", "", 200, "<svg/>", "content-type: image/svg+xml");
    expect(fd, "/assets/app-1a2b.js", "", 200, "let plain;", "cache-control: public, max-age=31536000, immutable");
    expect(fd, "/assets/app-1a2b.js", "Accept-Encoding: gzip\r\n", 200, "not really gzip", "content-encoding: gzip");
    expect(fd, "/assets/app-1a2b.js", "Accept-Encoding: br\r\n", 200, "let plain;", "vary: accept-encoding");
    close(fd);
    bed_stop(bed);
    remove_root();
}

static void screens_fall_back_to_the_page_and_files_do_not(void **state)
{
    struct bed *bed = bed_start(use_root);
    int fd = client_open(bed);

    (void)state;
    expect(fd, "/schedule/2026-11-24", "", 200, "<!doctype html>page", "cache-control: no-cache");
    expect(fd, "/assets/gone.js", "", 404, NULL, NULL);
    expect(fd, "/favicon.ico", "", 404, NULL, NULL);
    expect(fd, "/api/unknown", "", 404, NULL, "content-type: application/json");
    expect(fd, "/t/x", "", 404, NULL, NULL);
    expect(fd, "/ws", "", 404, NULL, NULL);
    expect(fd, "/tumour", "", 200, "<!doctype html>page", NULL); /* not /t/ */
    close(fd);
    bed_stop(bed);
    remove_root();
}

static void nothing_outside_the_folder_is_served(void **state)
{
    static const char *const paths[] = { "/../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
                                         "/assets/..%2f..%2f..%2fetc/passwd", "/.secret", "/link.txt" };
    struct bed *bed = bed_start(use_root);

    (void)state;
    for (size_t i = 0; i < VTB_COUNT(paths); i++) {
        int fd = client_open(bed);
        struct reply reply;

        client_sendf(fd, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", paths[i]);
        client_reply(fd, false, &reply);
        CHECK(!reply.body || !strstr((char *)reply.body, "root:"));
        CHECK(!reply.body || strcmp((char *)reply.body, "no") != 0);
        reply_fini(&reply);
        close(fd);
    }
    bed_stop(bed);
    remove_root();
}

static void reload(struct bed *bed, void *ctx)
{
    *(enum vtb_err *)ctx = vtb_web_reload(bed->web);
}

static void a_reload_brings_the_new_page_and_keeps_the_old_if_it_is_gone(void **state)
{
    struct bed *bed = bed_start(use_root);
    int fd = client_open(bed);
    enum vtb_err err;
    char path[256];

    (void)state;
    put("index.html", "second");
    expect(fd, "/", "", 200, "<!doctype html>page", NULL);
    bed_call(bed, reload, &err);
    CHECK_EQ(err, VTB_OK);
    expect(fd, "/", "", 200, "second", NULL);
    snprintf(path, sizeof path, "%s/index.html", root);
    unlink(path);
    bed_call(bed, reload, &err);
    CHECK_EQ(err, VTB_ABSENT);
    expect(fd, "/", "", 200, "second", NULL);
    close(fd);
    bed_stop(bed);
    remove_root();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_come_with_type_cache_and_compression),
        cmocka_unit_test(screens_fall_back_to_the_page_and_files_do_not),
        cmocka_unit_test(nothing_outside_the_folder_is_served),
        cmocka_unit_test(a_reload_brings_the_new_page_and_keeps_the_old_if_it_is_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
