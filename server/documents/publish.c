#include "publish.h"

#include "files.h"
#include "sniff.h"

#include "base/cursor.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TILE_PX        512u
#define MAX_TILE_BYTES (2u * 1024 * 1024) /* 512 x 512 without loss is below 1.1 MB */
#define MAX_TEXT_BYTES (256u * 1024)

enum vtb_err publish_prepare(const struct publish *publish)
{
    if (files_remove(publish->folder) || files_make_dir(publish->folder))
        return VTB_SYS;
    if (publish->child_uid &&
        chown(publish->folder, publish->child_uid, (gid_t)publish->child_uid))
        return VTB_SYS;
    return VTB_OK;
}

static void path_in(const struct publish *publish, char out[static PATH_MAX + 64], const char *name)
{
    snprintf(out, PATH_MAX + 64, "%s/%s", publish->folder, name);
}

enum vtb_err publish_measure(const struct publish *publish, const char *name,
                             struct publish_drawing *out_drawing)
{
    char path[PATH_MAX + 64];
    uint8_t head[32];
    struct sniff_png png;
    struct stat st;
    ssize_t n;
    int fd;

    path_in(publish, path, name);
    fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? VTB_ABSENT : VTB_SYS;
    n = fstat(fd, &st) || !S_ISREG(st.st_mode) ? -1 : read(fd, head, sizeof head);
    close(fd);
    if (n < 0)
        return VTB_SYS;
    if (sniff_png(head, (size_t)n, &png))
        return VTB_PARSE;
    *out_drawing = (struct publish_drawing){ png.width, png.height, (uint64_t)st.st_size, png.alpha };
    return VTB_OK;
}

uint32_t publish_levels(uint32_t width, uint32_t height)
{
    uint32_t levels = 1;

    for (; width > TILE_PX || height > TILE_PX; levels++) {
        width = width - width / 2; /* half, rounded up, as vips does */
        height = height - height / 2;
    }
    return levels;
}

void publish_level_size(uint32_t width, uint32_t height, uint32_t levels, uint32_t z,
                        uint32_t *out_width, uint32_t *out_height)
{
    for (uint32_t i = z + 1; i < levels; i++) {
        width = width - width / 2;
        height = height - height / 2;
    }
    *out_width = width;
    *out_height = height;
}

static uint32_t tiles_across(uint32_t px)
{
    return (px + TILE_PX - 1) / TILE_PX;
}

struct check {
    const struct publish *publish;
    struct vtb_drawn_page *page;
    EVP_MD_CTX *sha;
    uint64_t tiles;
};

static bool feed(EVP_MD_CTX *sha, const void *data, size_t len)
{
    return EVP_DigestUpdate(sha, data, len) == 1;
}

static bool feed_u32(EVP_MD_CTX *sha, uint32_t v)
{
    uint8_t bytes[4];

    vtb_put_u32(bytes, v);
    return feed(sha, bytes, sizeof bytes);
}

static enum vtb_err own(const struct publish *publish, const char *path)
{
    if (publish->child_uid && lchown(path, geteuid(), getegid()))
        return VTB_SYS;
    return VTB_OK;
}

/* Pixels only: libvips leaves a block of its own EXIF in each tile, also when told to strip. The
 * plain file is made in place, in front of the chunk of pixels. */
static enum vtb_err make_plain(const char *path, const struct sniff_webp *webp, uint8_t *data,
                               size_t *io_len)
{
    if (webp->image_len + 12 == *io_len)
        return VTB_OK;
    memmove(data + 12, webp->image, webp->image_len);
    *io_len = 12 + webp->image_len;
    for (unsigned i = 0; i < 4; i++)
        data[4 + i] = (uint8_t)((*io_len - 8) >> 8 * i);
    return files_write(path, data, *io_len);
}

static enum vtb_err check_tile(struct check *check, uint32_t z, uint32_t x, uint32_t y,
                               uint32_t width, uint32_t height)
{
    char name[64], path[PATH_MAX + 64];
    struct sniff_webp webp;
    uint8_t *data;
    size_t len;
    enum vtb_err err;

    snprintf(name, sizeof name, "p_files/%u/%u_%u.webp", z, x, y);
    path_in(check->publish, path, name);
    err = files_read(path, MAX_TILE_BYTES, &data, &len);
    if (err)
        return err == VTB_ABSENT || err == VTB_LIMIT ? VTB_PARSE : err;
    if (sniff_webp(data, len, &webp) || webp.width != width || webp.height != height)
        err = VTB_PARSE;
    else
        err = make_plain(path, &webp, data, &len);
    if (!err && z + 1 == check->page->levels &&
        !(feed_u32(check->sha, (uint32_t)len) && feed(check->sha, data, len)))
        err = VTB_SYS;
    free(data);
    if (!err)
        err = own(check->publish, path);
    check->tiles++;
    check->page->bytes += len;
    return err;
}

static enum vtb_err check_level(struct check *check, uint32_t z)
{
    const struct vtb_drawn_page *page = check->page;
    char name[32], path[PATH_MAX + 64];
    uint32_t width, height;

    publish_level_size(page->width_px, page->height_px, page->levels, z, &width, &height);
    for (uint32_t y = 0; y < tiles_across(height); y++) {
        for (uint32_t x = 0; x < tiles_across(width); x++) {
            uint32_t w = width - x * TILE_PX, h = height - y * TILE_PX;
            enum vtb_err err = check_tile(check, z, x, y, w > TILE_PX ? TILE_PX : w,
                                          h > TILE_PX ? TILE_PX : h);

            if (err)
                return err;
        }
    }
    snprintf(name, sizeof name, "p_files/%u", z);
    path_in(check->publish, path, name);
    return own(check->publish, path);
}

static enum vtb_err check_all(struct check *check)
{
    char path[PATH_MAX + 64];
    struct vtb_drawn_page *page = check->page;
    uint8_t digest[32];
    uint64_t files, bytes;

    path_in(check->publish, path, "p_files/vips-properties.xml"); /* of no use to us */
    if (unlink(path) && errno != ENOENT)
        return VTB_SYS;
    if (EVP_DigestInit_ex(check->sha, EVP_sha256(), NULL) != 1 ||
        !feed_u32(check->sha, page->width_px) || !feed_u32(check->sha, page->height_px))
        return VTB_SYS;
    for (uint32_t z = 0; z < page->levels; z++) {
        enum vtb_err err = check_level(check, z);

        if (err)
            return err;
    }
    path_in(check->publish, path, "p_files");
    files_count(path, UINT64_MAX, UINT64_MAX, &files, &bytes);
    if (files != check->tiles + page->levels) /* tiles and folders, nothing else */
        return VTB_PARSE;
    if (EVP_DigestFinal_ex(check->sha, digest, NULL) != 1)
        return VTB_SYS;
    files_hex(digest, page->digest);
    return own(check->publish, path);
}

/* Control characters are dropped but for line ends; a form feed is one. Returns the new length. */
static size_t tidy(uint8_t *text, size_t len, bool *out_any)
{
    size_t n = 0;

    *out_any = false;
    for (size_t i = 0; i < len; i++) {
        uint8_t c = text[i] == '\f' ? '\n' : text[i] == '\t' ? ' ' : text[i];

        if ((c < 0x20 && c != '\n') || c == 0x7f)
            continue;
        *out_any = *out_any || (c != ' ' && c != '\n');
        text[n++] = c;
    }
    return n;
}

static enum vtb_err move_text(const struct publish *publish, struct vtb_drawn_page *page)
{
    char path[PATH_MAX + 64], folder[PATH_MAX + 64], to[PATH_MAX + 96];
    uint8_t *text;
    size_t len;
    enum vtb_err err;

    path_in(publish, path, "text.txt");
    err = files_read(path, MAX_TEXT_BYTES, &text, &len);
    if (err == VTB_ABSENT || err == VTB_LIMIT)
        return VTB_OK; /* a picture, or text that nobody could hear out: the page shows without */
    if (err)
        return err;
    len = tidy(text, len, &page->has_text);
    snprintf(folder, sizeof folder, "%s/text", publish->tiles);
    snprintf(to, sizeof to, "%s/%u.txt", folder, page->number);
    if (page->has_text) {
        err = files_make_dir(folder);
        if (!err)
            err = files_write(to, text, len);
    }
    free(text);
    return err;
}

static enum vtb_err move_tiles(const struct publish *publish, const char *digest)
{
    char from[PATH_MAX + 64], to[PATH_MAX + 80];

    path_in(publish, from, "p_files");
    snprintf(to, sizeof to, "%s/%s", publish->tiles, digest);
    if (rename(from, to) == 0)
        return VTB_OK;
    /* The same page again, whole: whatever has this name came here by one rename. */
    return errno == EEXIST || errno == ENOTEMPTY ? VTB_OK : VTB_SYS;
}

enum vtb_err publish_page(const struct publish *publish, struct vtb_drawn_page *page)
{
    struct vtb_drawn_page made = *page;
    struct check check = { .publish = publish, .page = &made };
    enum vtb_err err;

    made.levels = publish_levels(made.width_px, made.height_px);
    check.sha = EVP_MD_CTX_new();
    if (!check.sha)
        return VTB_NOMEM;
    err = check_all(&check);
    EVP_MD_CTX_free(check.sha);
    if (!err)
        err = files_make_dir(publish->tiles);
    if (!err)
        err = move_text(publish, &made);
    if (!err)
        err = move_tiles(publish, made.digest);
    if (!err)
        *page = made;
    return err;
}

enum vtb_err publish_end(const struct publish *publish)
{
    enum vtb_err err = files_remove(publish->folder);
    int fd = open(publish->tiles, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return errno == ENOENT ? err : VTB_SYS; /* no page was drawn */
    if (syncfs(fd))
        err = VTB_SYS;
    close(fd);
    return err;
}
