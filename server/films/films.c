/*
 * films.c - the queue, and one film after the other: opened, fed, kept.
 *
 * A film is at one place at a time: in the pool, waiting for a tile, for a write, or for the child's end. `busy`
 * counts the first two; the child counts its handles. When neither holds it any more, it is over.
 */
#include "inner.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE 131072u

struct film {
    struct film_child child; /* first */
    struct vtb_films *films;
    struct vtb_film_order order;
    char folder[PATH_MAX];
    int memory; /* the film while it is made; -1 */
    struct vtb_recording *sound;
    size_t page, tile; /* the next to give */
    uint64_t at;       /* of the sound */
    struct vtb_blob *blob;
    uint8_t head[16];
    uint8_t *piece;
    size_t piece_n;
    unsigned busy;
    bool is_running, is_fed, is_cancelled, waits_for_tile;
    uv_work_t work;
    enum vtb_err err;
    struct vtb_film_end end;
};

struct vtb_films {
    struct vtb_films_config cfg;
    struct film *queue[VTB_FILMS_MAX]; /* the first is being made */
    size_t n;
    bool is_closed;
};

enum vtb_err vtb_films_create(const struct vtb_films_config *cfg, struct vtb_films **out)
{
    struct vtb_films *films = calloc(1, sizeof *films);

    if (!films)
        return VTB_NOMEM;
    films->cfg = *cfg;
    signal(SIGPIPE, SIG_IGN); /* a child that is gone is an error of the write, not our end */
    if (geteuid() != 0)
        films->cfg.child_uid = 0;
    else if (films->cfg.child_uid == 0)
        films->cfg.child_uid = 65534;
    *out = films;
    return VTB_OK;
}

static void film_free(struct film *film)
{
    if (film->memory >= 0)
        close(film->memory);
    vtb_recording_close(film->sound);
    vtb_blob_unref(film->blob);
    vtb_film_order_fini(&film->order);
    free(film->piece);
    free(film);
}

static void start_next(struct vtb_films *films);

/* Nothing holds it any more. */
static void finish(struct film *film)
{
    struct vtb_films *films = film->films;
    struct vtb_film_end end = film->end;

    rmdir(film->folder);
    end.recording = film->order.recording;
    films->n--;
    memmove(films->queue, films->queue + 1, films->n * sizeof films->queue[0]);
    film_free(film);
    if (films->is_closed) {
        free(films);
        return;
    }
    VTB_LOG(VTB_INFO, "films.over", VTB_ID("recording", end.recording), VTB_U64("how", (uint64_t)end.how),
            VTB_U64("bytes", end.bytes));
    films->cfg.done(films->cfg.ctx, &end);
    start_next(films);
}

/* ---- the end: kept, or not ---- */

static void keep_run(uv_work_t *work)
{
    struct film *film = work->data;
    const struct vtb_films_config *cfg = &film->films->cfg;
    uint8_t digest[VTB_RECORDING_DIGEST];
    struct vtb_recording_info info;

    film->err = vtb_film_keep(cfg->record_dir, cfg->record_key, film->order.recording, film->memory, film->order.duration_ms,
                              &info, digest);
    if (film->err)
        return;
    film->end.bytes = info.bytes;
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(film->end.sha256 + 2 * i, 3, "%02x", digest[i]);
}

static void keep_done(uv_work_t *work, int status)
{
    struct film *film = work->data;

    film->busy--;
    film->end.how = status || film->err ? VTB_FILM_FAILED : VTB_FILM_MADE;
    if (film->end.how == VTB_FILM_FAILED)
        VTB_LOG(VTB_ERROR, "films.unkept", VTB_ID("recording", film->order.recording), VTB_ERR(film->err));
    finish(film);
}

static bool queue_work(struct film *film, uv_work_cb run, uv_after_work_cb done)
{
    film->work.data = film;
    if (uv_queue_work(film->films->cfg.loop, &film->work, run, done) != 0)
        return false;
    film->busy++;
    return true;
}

static void settle(struct film *film)
{
    const struct film_child *child = &film->child;

    if (film->busy || child->handles)
        return;
    film->end.how = film->is_cancelled ? VTB_FILM_CANCELLED : VTB_FILM_FAILED;
    if (!film->is_cancelled && !film->films->is_closed && film->is_fed && child->is_over && child->status == 0 &&
        child->signal == 0 && queue_work(film, keep_run, keep_done))
        return;
    finish(film);
}

static void child_over(struct film_child *child)
{
    settle((struct film *)child);
}

/* Something of ours went wrong, or it is not wanted any more: the child goes, and its end ends the film. */
static void give_up(struct film *film)
{
    film_child_kill(&film->child);
    settle(film);
}

/* ---- what the child is given ---- */

static void give_next(struct film *film);

static void put_number(uint8_t *at, size_t n)
{
    at[0] = (uint8_t)(n >> 24);
    at[1] = (uint8_t)(n >> 16);
    at[2] = (uint8_t)(n >> 8);
    at[3] = (uint8_t)n;
}

static void give(struct film *film, size_t head_n, const void *bytes, size_t len)
{
    uv_buf_t parts[2] = { uv_buf_init((char *)film->head, (unsigned)head_n), uv_buf_init((char *)(uintptr_t)bytes, (unsigned)len) };

    if (film_child_give(&film->child, head_n ? parts : parts + 1, head_n && len ? 2 : 1) != VTB_OK)
        give_up(film);
}

static void given(struct film_child *child, bool good)
{
    struct film *film = (struct film *)child;

    vtb_blob_unref(film->blob);
    film->blob = NULL;
    if (film->is_cancelled || film->films->is_closed || !good)
        give_up(film);
    else
        give_next(film);
}

static void has_tile(void *ctx, enum vtb_err err, struct vtb_blob *blob)
{
    struct film *film = ctx;

    film->busy--;
    film->waits_for_tile = false;
    if (film->is_cancelled || film->films->is_closed) {
        give_up(film);
        return;
    }
    /* A document that was removed since: its place stays dark, and what was said is there. */
    film->blob = err ? NULL : vtb_blob_ref(blob);
    put_number(film->head, film->blob ? vtb_blob_len(film->blob) : 0);
    give(film, 4, film->blob ? vtb_blob_data(film->blob) : NULL, film->blob ? vtb_blob_len(film->blob) : 0);
}

static void ask_tile(struct film *film)
{
    const struct vtb_film_page *page = &film->order.pages[film->page];
    const struct vtb_films_config *cfg = &film->films->cfg;
    uint32_t x = (uint32_t)film->tile % page->cols, y = (uint32_t)film->tile / page->cols;
    enum vtb_err err;

    if (++film->tile == (size_t)page->cols * page->rows) {
        film->tile = 0;
        film->page++;
    }
    film->busy++;
    film->waits_for_tile = true;
    err = cfg->tile(cfg->tile_ctx, page->document, page->digest, page->z, x, y, has_tile, film);
    if (err)
        has_tile(film, err, NULL);
}

static void read_run(uv_work_t *work)
{
    struct film *film = work->data;

    film->err = vtb_recording_read(film->sound, film->at, film->piece, PIECE, &film->piece_n);
}

static void read_done(uv_work_t *work, int status)
{
    struct film *film = work->data;

    film->busy--;
    if (status || film->err || film->is_cancelled || film->films->is_closed) {
        give_up(film);
    } else if (film->piece_n == 0) {
        film->is_fed = true;
        film_child_end_input(&film->child);
    } else {
        film->at += film->piece_n;
        give(film, 0, film->piece, film->piece_n);
    }
}

static void give_next(struct film *film)
{
    if (film->page < film->order.pages_n)
        ask_tile(film);
    else if (!queue_work(film, read_run, read_done))
        give_up(film);
}

/* ---- the beginning ---- */

static void open_run(uv_work_t *work)
{
    struct film *film = work->data;
    const struct vtb_films_config *cfg = &film->films->cfg;

    film->piece = malloc(PIECE);
    film->memory = memfd_create("film", MFD_CLOEXEC);
    film->err = vtb_recording_open(cfg->record_dir, cfg->record_key, film->order.recording, &film->sound);
    if (!film->piece || film->memory < 0 || (mkdir(film->folder, 0700) != 0 && errno != EEXIST) ||
        (cfg->child_uid && chown(film->folder, cfg->child_uid, cfg->child_uid) != 0))
        film->err = film->err ? film->err : VTB_SYS;
}

static void open_done(uv_work_t *work, int status)
{
    struct film *film = work->data;
    const struct vtb_films_config *cfg = &film->films->cfg;
    struct film_child_spec spec = { cfg->sandbox_path, cfg->program_path, film->folder, cfg->child_uid, film->memory };

    film->busy--;
    if (status || film->err)
        VTB_LOG(VTB_ERROR, "films.open", VTB_ID("recording", film->order.recording), VTB_ERR(film->err));
    if (status || film->err || film->is_cancelled || film->films->is_closed) {
        settle(film);
        return;
    }
    film->child.written = given;
    film->child.over = child_over;
    if (film_child_start(&film->child, cfg->loop, &spec) != VTB_OK)
        return; /* its handles close, and that ends it */
    memcpy(film->head, "VTBFILM1", 8);
    put_number(film->head + 8, strlen(film->order.line));
    give(film, 12, film->order.line, strlen(film->order.line));
}

static void start_next(struct vtb_films *films)
{
    struct film *film = films->n ? films->queue[0] : NULL;

    if (!film || film->is_running)
        return;
    film->is_running = true;
    if (!queue_work(film, open_run, open_done))
        settle(film);
}

/* ---- asked from outside ---- */

static struct film *find(const struct vtb_films *films, struct vtb_id recording, size_t *out_at)
{
    for (size_t i = 0; i < films->n; i++) {
        if (vtb_id_is(films->queue[i]->order.recording, recording)) {
            *out_at = i;
            return films->queue[i];
        }
    }
    return NULL;
}

bool vtb_films_have_room(const struct vtb_films *films)
{
    return films->n < VTB_FILMS_MAX;
}

enum vtb_err vtb_films_ask(struct vtb_films *films, struct vtb_film_order *take_order)
{
    struct film *film = NULL;
    char id[VTB_ID_TEXT];
    size_t at;
    enum vtb_err err = VTB_OK;

    if (find(films, take_order->recording, &at))
        err = VTB_STALE;
    else if (!vtb_films_have_room(films))
        err = VTB_AGAIN;
    if (!err) {
        film = calloc(1, sizeof *film);
        err = film ? VTB_OK : VTB_NOMEM;
    }
    if (err) {
        vtb_film_order_fini(take_order);
        return err;
    }
    film->films = films;
    film->order = *take_order;
    film->memory = -1;
    *take_order = (struct vtb_film_order){ 0 };
    vtb_id_write(film->order.recording, id);
    snprintf(film->folder, sizeof film->folder, "%s/jobs/film.%s", films->cfg.data_dir, id);
    films->queue[films->n++] = film;
    start_next(films);
    return VTB_OK;
}

bool vtb_films_cancel(struct vtb_films *films, struct vtb_id recording)
{
    size_t at;
    struct film *film = find(films, recording, &at);

    if (!film)
        return false;
    film->is_cancelled = true;
    if (film->is_running) {
        film_child_kill(&film->child);
        return true;
    }
    films->n--;
    memmove(films->queue + at, films->queue + at + 1, (films->n - at) * sizeof films->queue[0]);
    film->end = (struct vtb_film_end){ .recording = recording, .how = VTB_FILM_CANCELLED };
    films->cfg.done(films->cfg.ctx, &film->end);
    film_free(film);
    return true;
}

bool vtb_films_progress(const struct vtb_films *films, struct vtb_id recording, struct vtb_film_progress *out)
{
    size_t at;
    const struct film *film = find(films, recording, &at);

    if (!film)
        return false;
    *out = (struct vtb_film_progress){ .ahead = (uint32_t)at, .percent = film->child.percent };
    return true;
}

void vtb_films_destroy(struct vtb_films *films)
{
    if (!films)
        return;
    films->is_closed = true;
    while (films->n > 1 || (films->n == 1 && !films->queue[0]->is_running))
        film_free(films->queue[--films->n]);
    if (films->n == 0) {
        free(films);
        return;
    }
    if (films->queue[0]->waits_for_tile)
        films->queue[0]->busy--; /* it comes no more */
    give_up(films->queue[0]);    /* what holds it lets go, and frees the room */
}
