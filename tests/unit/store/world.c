#include "world.h"

#include "base/clock.h"

#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void wake(void *ctx)
{
    const uint64_t one = 1;
    ssize_t n = write(((struct world *)ctx)->wake_fd, &one, sizeof one);

    (void)n;
}

void world_start(struct world *world)
{
    struct vtb_store_config cfg = { .data_dir = world->dir, .wake = wake, .wake_ctx = world };

    assert_int_equal(vtb_store_start(&cfg, &world->store), VTB_OK);
}

void world_make(struct world *world)
{
    *world = (struct world){ .dir = "/tmp/vtb-store-XXXXXX" };
    assert_non_null(mkdtemp(world->dir));
    world->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    assert_true(world->wake_fd >= 0);
    world_start(world);
}

void world_stop(struct world *world)
{
    vtb_store_stop(world->store);
    world->store = NULL;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

void world_end(struct world *world)
{
    world_stop(world);
    close(world->wake_fd);
    nftw(world->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void world_until(struct world *world, const bool *flag)
{
    uint64_t end_us = vtb_mono_us() + 60000000;

    while (!*flag) {
        struct pollfd fd = { .fd = world->wake_fd, .events = POLLIN };
        uint64_t n;

        if (poll(&fd, 1, 200) > 0 && read(world->wake_fd, &n, sizeof n) < 0)
            fail();
        vtb_store_turn(world->store);
        assert_true(vtb_mono_us() < end_us);
    }
}

void world_note_append(void *ctx, enum vtb_err err, const uint64_t *first_seq)
{
    struct answer *answer = ctx;

    answer->is_there = true;
    answer->err = err;
    assert_true((first_seq != NULL) == (err == VTB_OK) || answer->parts == 0); /* an erasure has none */
    for (size_t i = 0; first_seq && i < answer->parts; i++)
        answer->first_seq[i] = first_seq[i];
}

void world_note_json(void *ctx, enum vtb_err err, json_t *json)
{
    struct answer *answer = ctx;

    answer->is_there = true;
    answer->err = err;
    answer->json = json_incref(json);
    assert_true((json != NULL) == (err == VTB_OK));
}

enum vtb_err world_add(struct world *world, struct vtb_id stream, enum vtb_stream kind, uint32_t epoch,
                       const struct vtb_event *events, size_t n)
{
    struct answer answer = { .parts = 1 };
    struct vtb_append part = { stream, kind, epoch, events, n };

    assert_int_equal(vtb_store_append(world->store, part, world_note_append, &answer), VTB_OK);
    world_until(world, &answer.is_there);
    return answer.err;
}

json_t *world_ask(struct world *world, enum vtb_question question, enum vtb_err *out_err, json_t *params)
{
    struct answer answer = { 0 };

    assert_int_equal(vtb_store_ask(world->store, question, params, world_note_json, &answer), VTB_OK);
    world_until(world, &answer.is_there);
    if (out_err)
        *out_err = answer.err;
    else
        assert_int_equal(answer.err, VTB_OK);
    return answer.json;
}

json_t *world_load(struct world *world, struct vtb_id stream, uint64_t after, enum vtb_err *out_err)
{
    struct answer answer = { 0 };

    assert_int_equal(vtb_store_load(world->store, stream, after, world_note_json, &answer), VTB_OK);
    world_until(world, &answer.is_there);
    if (out_err)
        *out_err = answer.err;
    else
        assert_int_equal(answer.err, VTB_OK);
    return answer.json;
}

struct vtb_id id_of(unsigned n)
{
    struct vtb_id id = { { 1, 2, 3, 4, 5, 6, 0x70, 8, 0x90 } };

    id.b[14] = (uint8_t)(n >> 8);
    id.b[15] = (uint8_t)n;
    return id;
}

const char *text_of(unsigned n)
{
    static char texts[64][VTB_ID_TEXT];
    static unsigned next;
    char *text = texts[next++ % 64];

    vtb_id_write(id_of(n), text);
    return text;
}
