#include "feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char magic[8] = "VTBFILM1";

static enum vtb_err read_all(int fd, void *out, size_t len)
{
    uint8_t *at = out;

    while (len) {
        ssize_t n = read(fd, at, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return VTB_CLOSED;
        at += n;
        len -= (size_t)n;
    }
    return VTB_OK;
}

static enum vtb_err read_number(int fd, uint32_t *out)
{
    uint8_t bytes[4];
    enum vtb_err err = read_all(fd, bytes, sizeof bytes);

    if (!err)
        *out = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    return err;
}

static enum vtb_err read_line(int fd, struct vtb_timeline **out)
{
    char head[sizeof magic];
    char *text = NULL;
    uint32_t len = 0;
    enum vtb_err err = read_all(fd, head, sizeof head);

    if (!err && memcmp(head, magic, sizeof head) != 0)
        err = VTB_PARSE;
    if (!err)
        err = read_number(fd, &len);
    if (!err && len > VTB_TIMELINE_BYTES)
        err = VTB_LIMIT;
    if (!err) {
        text = malloc(len + 1u);
        err = text ? read_all(fd, text, len) : VTB_NOMEM;
    }
    if (!err)
        err = vtb_timeline_parse(text, len, out);
    free(text);
    return err;
}

static enum vtb_err read_tile(int fd, struct vtb_feed_tile *tile, size_t *all)
{
    uint32_t len = 0;
    enum vtb_err err = read_number(fd, &len);

    if (err)
        return err;
    *all += len;
    if (len > VTB_FEED_TILE_BYTES || *all > VTB_FEED_TILES_BYTES)
        return VTB_LIMIT;
    if (len == 0)
        return VTB_OK; /* its document was removed since */
    tile->at = malloc(len);
    if (!tile->at)
        return VTB_NOMEM;
    tile->len = len;
    return read_all(fd, tile->at, len);
}

enum vtb_err vtb_feed_read(int fd, struct vtb_feed *out)
{
    struct vtb_feed feed = { 0 };
    size_t all = 0;
    enum vtb_err err = read_line(fd, &feed.line);

    for (size_t i = 0; !err && i < vtb_timeline_pages(feed.line); i++) {
        const struct vtb_page *page = vtb_timeline_page(feed.line, i);

        feed.tiles_n += (size_t)page->cols * page->rows;
    }
    if (!err) {
        feed.tiles = calloc(feed.tiles_n + 1, sizeof *feed.tiles);
        err = feed.tiles ? VTB_OK : VTB_NOMEM;
    }
    for (size_t i = 0; !err && i < feed.tiles_n; i++)
        err = read_tile(fd, &feed.tiles[i], &all);
    if (err)
        vtb_feed_fini(&feed);
    else
        *out = feed;
    return err;
}

void vtb_feed_fini(struct vtb_feed *feed)
{
    for (size_t i = 0; feed->tiles && i < feed->tiles_n; i++)
        free(feed->tiles[i].at);
    free(feed->tiles);
    vtb_timeline_destroy(feed->line);
    memset(feed, 0, sizeof *feed);
}
