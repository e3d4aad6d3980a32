/*
 * fixed.c - the web client's files, held in memory.
 *
 * Read whole at start and on reload (a few megabytes), so a page costs no disk and a half-copied
 * new version is never served. "name.gz" beside "name" is its compressed form. Names under
 * /assets/ carry a hash of their content and are immutable; everything else is asked for anew.
 */
#include "inner.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX  4096u
#define BYTES_MAX  ((size_t)64 * 1024 * 1024)
#define DEPTH_MAX  8
#define PATH_ROOM  1024

struct fixed_file {
    char *path; /* "/index.html" */
    const char *type;
    struct vtb_blob *plain, *gz;
    char etag[24], etag_gz[24];
};

struct web_fixed {
    struct fixed_file *files;
    size_t n, room, bytes;
};

static const struct {
    const char *end, *type;
} types[] = {
    { ".html", "text/html; charset=utf-8" },
    { ".js", "text/javascript; charset=utf-8" },
    { ".mjs", "text/javascript; charset=utf-8" },
    { ".css", "text/css; charset=utf-8" },
    { ".json", "application/json" },
    { ".webmanifest", "application/manifest+json" },
    { ".svg", "image/svg+xml" },
    { ".png", "image/png" },
    { ".jpg", "image/jpeg" },
    { ".webp", "image/webp" },
    { ".ico", "image/x-icon" },
    { ".woff2", "font/woff2" },
    { ".wasm", "application/wasm" },
    { ".mp3", "audio/mpeg" },
    { ".ogg", "audio/ogg" },
    { ".opus", "audio/ogg" },
    { ".wav", "audio/wav" },
    { ".txt", "text/plain; charset=utf-8" },
    { ".map", "application/json" },
};

static bool ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);

    return a >= b && strcmp(text + a - b, end) == 0;
}

static const char *type_of(const char *path)
{
    for (size_t i = 0; i < VTB_COUNT(types); i++)
        if (ends_with(path, types[i].end))
            return types[i].type;
    return "application/octet-stream";
}

/* FNV-1a, 64 bits: two versions of one file differ; nobody is kept out by it. */
static void write_etag(struct vtb_blob *blob, char out[static 24])
{
    uint64_t h = 14695981039346656037u;
    const uint8_t *at = vtb_blob_data(blob);

    for (size_t i = 0; i < vtb_blob_len(blob); i++)
        h = (h ^ at[i]) * 1099511628211u;
    snprintf(out, 24, "\"%016llx\"", (unsigned long long)h);
}

static enum vtb_err read_whole(const char *path, size_t left, struct vtb_blob **out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    enum vtb_err err = VTB_SYS;
    uint8_t *bytes = NULL;
    struct stat st;
    size_t at = 0;

    if (fd < 0)
        return VTB_SYS;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        goto done;
    if ((uint64_t)st.st_size > left) {
        err = VTB_LIMIT;
        goto done;
    }
    bytes = malloc((size_t)st.st_size + 1);
    if (!bytes) {
        err = VTB_NOMEM;
        goto done;
    }
    while (at < (size_t)st.st_size) {
        ssize_t got = read(fd, bytes + at, (size_t)st.st_size - at);

        if (got <= 0)
            goto done;
        at += (size_t)got;
    }
    *out = vtb_blob_make(bytes, at);
    err = *out ? VTB_OK : VTB_NOMEM;
done:
    free(bytes);
    close(fd);
    return err;
}

static struct fixed_file *find(const struct web_fixed *fixed, struct vtb_str path)
{
    for (size_t i = 0; fixed && i < fixed->n; i++)
        if (vtb_str_is(vtb_str_of(fixed->files[i].path), path))
            return &fixed->files[i];
    return NULL;
}

static enum vtb_err add(struct web_fixed *fixed, const char *from, const char *path)
{
    struct fixed_file *file;
    enum vtb_err err;

    if (fixed->n == FILES_MAX)
        return VTB_LIMIT;
    if (fixed->n == fixed->room) {
        size_t room = fixed->room ? fixed->room * 2 : 64;
        struct fixed_file *grown = realloc(fixed->files, room * sizeof *grown);

        if (!grown)
            return VTB_NOMEM;
        fixed->files = grown;
        fixed->room = room;
    }
    file = &fixed->files[fixed->n];
    *file = (struct fixed_file){ .path = strdup(path), .type = type_of(path) };
    if (!file->path)
        return VTB_NOMEM;
    fixed->n++;
    err = read_whole(from, BYTES_MAX - fixed->bytes, &file->plain);
    if (err)
        return err;
    fixed->bytes += vtb_blob_len(file->plain);
    write_etag(file->plain, file->etag);
    return VTB_OK;
}

static enum vtb_err walk(struct web_fixed *fixed, const char *folder, const char *prefix, int depth)
{
    char from[PATH_ROOM], path[PATH_ROOM];
    enum vtb_err err = VTB_OK;
    struct dirent *entry;
    DIR *dir;

    if (depth > DEPTH_MAX)
        return VTB_LIMIT;
    dir = opendir(folder);
    if (!dir)
        return VTB_SYS;
    while (!err && (entry = readdir(dir)) != NULL) {
        struct stat st;
        int a = snprintf(from, sizeof from, "%s/%s", folder, entry->d_name);
        int b = snprintf(path, sizeof path, "%s/%s", prefix, entry->d_name);

        if (entry->d_name[0] == '.')
            continue;
        if (a < 0 || (size_t)a >= sizeof from || b < 0 || (size_t)b >= sizeof path)
            err = VTB_LIMIT;
        else if (lstat(from, &st) != 0)
            err = VTB_SYS;
        else if (S_ISDIR(st.st_mode))
            err = walk(fixed, from, path, depth + 1);
        else if (S_ISREG(st.st_mode))
            err = add(fixed, from, path);
    }
    closedir(dir);
    return err;
}

/* Gives each "name.gz" to its "name". It stays in the list, for who asks for it by name. */
static void pair_up(struct web_fixed *fixed)
{
    for (size_t i = 0; i < fixed->n; i++) {
        struct fixed_file *gz = &fixed->files[i], *plain;
        size_t len = strlen(gz->path);

        if (!ends_with(gz->path, ".gz"))
            continue;
        plain = find(fixed, (struct vtb_str){ gz->path, len - 3 });
        if (plain) {
            plain->gz = vtb_blob_ref(gz->plain);
            memcpy(plain->etag_gz, gz->etag, sizeof plain->etag_gz);
        }
    }
}

enum vtb_err web_fixed_load(const char *root, struct web_fixed **out_fixed)
{
    struct web_fixed *fixed = calloc(1, sizeof *fixed);
    enum vtb_err err;

    if (!fixed)
        return VTB_NOMEM;
    err = walk(fixed, root, "", 0);
    if (!err && !find(fixed, VTB_LIT("/index.html")))
        err = VTB_ABSENT;
    if (err) {
        VTB_LOG(VTB_ERROR, "web.root_unreadable", VTB_STR("root", root), VTB_ERR(err));
        web_fixed_free(fixed);
        return err;
    }
    pair_up(fixed);
    VTB_LOG(VTB_INFO, "web.root_loaded", VTB_U64("files", fixed->n),
            VTB_U64("bytes", fixed->bytes));
    *out_fixed = fixed;
    return VTB_OK;
}

void web_fixed_free(struct web_fixed *fixed)
{
    if (!fixed)
        return;
    for (size_t i = 0; i < fixed->n; i++) {
        free(fixed->files[i].path);
        vtb_blob_unref(fixed->files[i].plain);
        vtb_blob_unref(fixed->files[i].gz);
    }
    free(fixed->files);
    free(fixed);
}

/* "/schedule" is a screen of the single page; "/assets/x.js" and "/logo.png" are files. */
static bool is_screen(struct vtb_str path)
{
    size_t at = path.len;

    if (path.len >= 8 && memcmp(path.at, "/assets/", 8) == 0)
        return false;
    while (at && path.at[at - 1] != '/')
        if (path.at[--at] == '.')
            return false;
    return true;
}

bool web_fixed_answer(struct vtb_web_request *req)
{
    const struct web_fixed *fixed = req->conn->web->fixed;
    struct fixed_file *file = find(fixed, req->path);
    struct vtb_web_header headers[5];
    struct vtb_blob *blob;
    size_t n = 0;
    bool is_gz;

    if (!file && is_screen(req->path))
        file = find(fixed, VTB_LIT("/index.html"));
    if (!file)
        return false;
    is_gz = file->gz && web_text_takes_gzip(req->fields[VTB_WEB_ACCEPT_ENCODING]);
    blob = is_gz ? file->gz : file->plain;
    headers[n++] = (struct vtb_web_header){ "content-type", file->type };
    headers[n++] = (struct vtb_web_header){ "etag", is_gz ? file->etag_gz : file->etag };
    headers[n++] = (struct vtb_web_header){
        "cache-control", strncmp(file->path, "/assets/", 8) == 0
                             ? "public, max-age=31536000, immutable" : "no-cache" };
    if (file->gz)
        headers[n++] = (struct vtb_web_header){ "vary", "accept-encoding" };
    if (is_gz)
        headers[n++] = (struct vtb_web_header){ "content-encoding", "gzip" };
    if (web_answer_set(req, 200, headers, n, vtb_blob_data(blob), vtb_blob_len(blob), 0,
                       vtb_blob_len(blob)) &&
        req->at < req->end)
        req->blob = vtb_blob_ref(blob);
    return true;
}
