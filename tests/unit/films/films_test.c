/* Films of recordings by the real child in the real sandbox: made and sealed, or nothing is left of them. */
#include "kit.h"

#include "films/films.h"
#include "recording/recordings.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>
#include <webp/encode.h>

#define DIGEST "abababababababababababababababababababababababababababababababab"

struct house {
    struct kit kit;
    char jobs[100];
    uv_loop_t loop;
    struct vtb_films *films;
    struct vtb_film_end last;
    unsigned ends;
    bool has_tiles;
};

static enum vtb_err tile(void *ctx, struct vtb_id document, const char *digest, uint32_t z, uint32_t x, uint32_t y,
                         vtb_doc_blob_fn *done, void *done_ctx)
{
    static uint32_t px[512 * 512];
    struct house *house = ctx;
    struct vtb_blob *blob;
    uint8_t *webp;
    size_t len;

    (void)document;
    assert_string_equal(digest, DIGEST);
    assert_int_equal(z, 2);
    assert_true(x < 4 && y < 3);
    if (!house->has_tiles)
        return VTB_ABSENT;
    memset(px, 0xff, sizeof px);
    len = WebPEncodeLosslessBGRA((uint8_t *)px, x == 3 ? 464 : 512, y == 2 ? 476 : 512, 4 * 512, &webp);
    blob = vtb_blob_make(webp, len);
    WebPFree(webp);
    done(done_ctx, VTB_OK, blob);
    vtb_blob_unref(blob);
    return VTB_OK;
}

static void ended(void *ctx, const struct vtb_film_end *end)
{
    struct house *house = ctx;

    house->last = *end;
    house->ends++;
}

static void house_open(struct house *house, uint32_t seconds)
{
    struct vtb_films_config cfg = { .loop = &house->loop, .data_dir = house->kit.dir, .sandbox_path = SANDBOX,
                                    .program_path = PROGRAM, .record_dir = house->kit.dir, .record_key = house->kit.key,
                                    .tile = tile, .tile_ctx = house, .done = ended, .ctx = house };

    kit_open(&house->kit);
    assert_int_equal(chmod(house->kit.dir, 0755), 0); /* the child is another user when we are root */
    snprintf(house->jobs, sizeof house->jobs, "%s/jobs", house->kit.dir);
    assert_int_equal(mkdir(house->jobs, 0755), 0);
    kit_make(&house->kit, seconds * 50, 0);
    uv_loop_init(&house->loop);
    house->has_tiles = true;
    assert_int_equal(vtb_films_create(&cfg, &house->films), VTB_OK);
}

static void house_close(struct house *house)
{
    vtb_films_destroy(house->films);
    uv_run(&house->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&house->loop), 0);
    rmdir(house->jobs);
    kit_close(&house->kit);
}

static bool has_file(const struct house *house, const char *ending)
{
    char id[VTB_ID_TEXT], path[160];

    vtb_id_write(house->kit.id, id);
    snprintf(path, sizeof path, "%s/%s%s", house->kit.dir, id, ending);
    return access(path, F_OK) == 0;
}

static struct vtb_film_order order_of(struct vtb_id recording, uint32_t ms)
{
    struct vtb_film_order order;
    json_t *moments = json_pack("[{s:s,s:i,s:s,s:s,s:i,s:{s:i,s:i,s:i,s:s}},{s:s,s:i,s:i,s:i,s:i,s:i},{s:s,s:i},{s:s,s:i}]",
        "kind", "page", "at_ms", 0, "document", "019a0000-0000-7000-8000-000000000001", "title", "CT", "number", 1, "page",
        "width", 2000, "height", 1500, "levels", 3, "digest", DIGEST,
        "kind", "view", "at_ms", 1000, "x", 0, "y", 0, "w", 9000, "h", 6000,
        "kind", "signed", "at_ms", 1500, "kind", "hidden", "at_ms", 3000);
    json_t *spans = json_pack("[{s:s,s:i,s:i,s:s},{s:s,s:i,s:i,s:s},{s:s,s:i,s:i,s:s}]",
        "kind", "turn", "from_ms", 500, "to_ms", 2000, "name", "Dr Ito", "kind", "turn", "from_ms", 1500, "to_ms", 2500,
        "name", "Dr Weiss", "kind", "off", "from_ms", 2500, "to_ms", 2600, "name", "");
    uint8_t marks[2 * VTB_MARK_BYTES] = { 1, 0, 0, 4, 0, 0, 0, 0, 9, 0, 0, 0, 8 };

    marks[VTB_MARK_BYTES] = 2;
    marks[VTB_MARK_BYTES + 3] = 8;
    assert_int_equal(vtb_film_order_make(recording, ms, moments, spans, marks, sizeof marks, &order), VTB_OK);
    json_decref(moments);
    json_decref(spans);
    return order;
}

static void the_time_line_is_in_order_and_pages_are_as_sharp_as_they_were_zoomed(void **state)
{
    struct vtb_film_order order = order_of(vtb_id_make(5), 4000);

    (void)state;
    assert_string_equal(order.line,
        "{\"duration_ms\":4000,\"pages\":[{\"width\":2000,\"height\":1500}],\"events\":["
        "{\"page\":0,\"at_ms\":0},{\"names\":[\"Dr Ito\"],\"at_ms\":500},{\"view\":[0,0,9000,6000],\"at_ms\":1000},"
        "{\"pointer\":[9,8],\"at_ms\":1024},{\"names\":[\"Dr Ito\",\"Dr Weiss\"],\"at_ms\":1500},"
        "{\"names\":[\"Dr Weiss\"],\"at_ms\":2000},{\"pointer\":null,\"at_ms\":2048},{\"names\":[],\"at_ms\":2500},"
        "{\"page\":null,\"at_ms\":3000}]}");
    assert_int_equal(order.pages_n, 1);
    assert_int_equal(order.pages[0].z, 2); /* whole, level 1 were enough */
    assert_int_equal(order.pages[0].cols, 4);
    assert_int_equal(order.pages[0].rows, 3);
    vtb_film_order_fini(&order);
}

static void run_until(struct house *house, unsigned ends)
{
    while (house->ends < ends)
        uv_run(&house->loop, UV_RUN_ONCE);
}

static void a_film_is_made_in_the_sandbox_and_sealed(void **state)
{
    struct house house = { 0 };
    struct vtb_film_order order;
    struct vtb_film_progress progress;
    struct vtb_recording *film;
    uint8_t head[4];
    size_t n;

    (void)state;
    house_open(&house, 4);
    order = order_of(house.kit.id, 4000);
    assert_int_equal(vtb_films_ask(house.films, &order), VTB_OK);
    order = order_of(house.kit.id, 4000);
    assert_int_equal(vtb_films_ask(house.films, &order), VTB_STALE); /* it is being made */
    run_until(&house, 1);
    assert_int_equal(house.last.how, VTB_FILM_MADE);
    assert_true(vtb_id_is(house.last.recording, house.kit.id));
    assert_false(vtb_films_progress(house.films, house.kit.id, &progress));
    assert_int_equal(vtb_film_open(house.kit.dir, house.kit.key, house.kit.id, &film), VTB_OK);
    assert_int_equal(vtb_recording_info(film).bytes, house.last.bytes);
    assert_int_equal(vtb_recording_info(film).duration_ms, 4000);
    assert_int_equal(vtb_recording_read(film, 0, head, sizeof head, &n), VTB_OK);
    assert_memory_equal(head, "\x1a\x45\xdf\xa3", 4);
    vtb_recording_close(film);
    assert_int_equal(strlen(house.last.sha256), 64);
    house.has_tiles = false; /* its document was removed since: the sound is worth a film all the same */
    order = order_of(house.kit.id, 4000);
    assert_int_equal(vtb_films_ask(house.films, &order), VTB_OK);
    run_until(&house, 2);
    assert_int_equal(house.last.how, VTB_FILM_MADE);
    house_close(&house);
}

static void what_cannot_be_opened_fails_and_the_next_is_made(void **state)
{
    struct house house = { 0 };
    struct vtb_film_order order;

    (void)state;
    house_open(&house, 1);
    order = order_of(vtb_id_make(77), 1000); /* no such recording */
    assert_int_equal(vtb_films_ask(house.films, &order), VTB_OK);
    order = order_of(house.kit.id, 1000);
    assert_int_equal(vtb_films_ask(house.films, &order), VTB_OK);
    run_until(&house, 1);
    assert_int_equal(house.last.how, VTB_FILM_FAILED);
    run_until(&house, 2);
    assert_int_equal(house.last.how, VTB_FILM_MADE);
    house_close(&house);
}

static void wait_for_progress(struct house *house)
{
    struct vtb_film_progress progress = { 0 };

    while (progress.percent < 2 && house->ends == 0) {
        assert_true(vtb_films_progress(house->films, house->kit.id, &progress));
        assert_int_equal(progress.ahead, 0);
        uv_run(&house->loop, UV_RUN_ONCE);
    }
    assert_int_equal(house->ends, 0);
}

static void one_is_made_at_a_time_so_many_wait_and_each_can_be_cancelled(void **state)
{
    struct house house = { 0 };
    struct vtb_film_order order;
    struct vtb_film_progress progress;

    (void)state;
    house_open(&house, 120);
    for (uint64_t i = 0; i < VTB_FILMS_MAX; i++) {
        assert_true(vtb_films_have_room(house.films));
        order = order_of(i ? vtb_id_make((int64_t)(1000 + i)) : house.kit.id, 120000);
        assert_int_equal(vtb_films_ask(house.films, &order), VTB_OK);
        assert_true(vtb_films_progress(house.films, i ? house.kit.id : house.kit.id, &progress));
    }
    assert_false(vtb_films_have_room(house.films));
    order = order_of(vtb_id_make(5000), 120000);
    assert_int_equal(vtb_films_ask(house.films, &order), VTB_AGAIN);
    wait_for_progress(&house);
    assert_false(vtb_films_cancel(house.films, vtb_id_make(5000)));
    assert_true(vtb_films_cancel(house.films, house.kit.id));
    run_until(&house, 1);
    assert_int_equal(house.last.how, VTB_FILM_CANCELLED);
    assert_false(has_file(&house, ".film") || has_file(&house, ".fpart"));
    run_until(&house, VTB_FILMS_MAX); /* the others are of no recording */
    house_close(&house);
}

/* The server's end, of any kind, takes the child with it, and nothing is left on the disk. */
static void a_killed_server_leaves_no_film_and_no_child(void **state)
{
    struct house house = { 0 };
    struct vtb_film_order order;
    int status, n = 0;
    pid_t server;

    (void)state;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0); /* orphans become ours */
    house_open(&house, 120);
    server = fork();
    assert_true(server >= 0);
    if (server == 0) {
        uv_loop_fork(&house.loop);
        order = order_of(house.kit.id, 120000);
        if (vtb_films_ask(house.films, &order) != VTB_OK)
            _exit(1);
        wait_for_progress(&house);
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(server, &status, 0), server);
    assert_true(WIFSIGNALED(status));
    while (waitpid(-1, &status, 0) > 0) { /* the exporter */
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        n++;
    }
    assert_int_equal(n, 1);
    assert_true(has_file(&house, ".rec"));
    assert_false(has_file(&house, ".film") || has_file(&house, ".fpart"));
    char path[200], id[VTB_ID_TEXT];
    vtb_id_write(house.kit.id, id);
    snprintf(path, sizeof path, "%s/film.%s", house.jobs, id);
    assert_int_equal(rmdir(path), 0); /* empty: nothing was written there (the server clears jobs when it starts) */
    house_close(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_server_leaves_no_film_and_no_child), /* first: the pool's threads do not survive a fork */
        cmocka_unit_test(the_time_line_is_in_order_and_pages_are_as_sharp_as_they_were_zoomed),
        cmocka_unit_test(a_film_is_made_in_the_sandbox_and_sealed),
        cmocka_unit_test(what_cannot_be_opened_fails_and_the_next_is_made),
        cmocka_unit_test(one_is_made_at_a_time_so_many_wait_and_each_can_be_cancelled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
