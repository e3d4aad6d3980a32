#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum vtb_err err_of_errno(void)
{
    return errno == ENOENT || errno == ENOTDIR ? VTB_ABSENT : errno == ENOMEM ? VTB_NOMEM : VTB_SYS;
}

static enum vtb_err read_all(int fd, uint8_t *to, size_t len)
{
    size_t at = 0;

    while (at < len) {
        ssize_t n = read(fd, to + at, len - at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return VTB_SYS;
        at += (size_t)n;
    }
    return VTB_OK;
}

enum vtb_err files_read(const char *path, size_t max, uint8_t **out, size_t *out_len)
{
    struct stat st;
    uint8_t *bytes = NULL;
    enum vtb_err err;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return err_of_errno();
    err = VTB_SYS;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode))
        goto done;
    err = VTB_LIMIT;
    if ((uint64_t)st.st_size > max)
        goto done;
    err = VTB_NOMEM;
    bytes = malloc((size_t)st.st_size + 1); /* malloc(0) may be NULL */
    if (!bytes)
        goto done;
    err = read_all(fd, bytes, (size_t)st.st_size);
    if (err)
        goto done;
    *out = bytes;
    *out_len = (size_t)st.st_size;
    bytes = NULL;
done:
    free(bytes);
    close(fd);
    return err;
}

enum vtb_err files_write(const char *path, const void *data, size_t len)
{
    const uint8_t *at = data;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return err_of_errno();
    while (len > 0) {
        ssize_t n = write(fd, at, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            close(fd);
            return VTB_SYS;
        }
        at += n;
        len -= (size_t)n;
    }
    return close(fd) ? VTB_SYS : VTB_OK;
}

enum vtb_err files_make_dir(const char *path)
{
    return mkdir(path, 0700) && errno != EEXIST ? VTB_SYS : VTB_OK;
}

enum vtb_err files_sync_dir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum vtb_err err;

    if (fd < 0)
        return err_of_errno();
    err = fsync(fd) ? VTB_SYS : VTB_OK;
    close(fd);
    return err;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

enum vtb_err files_remove(const char *path)
{
    if (nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS) && errno != ENOENT)
        return VTB_SYS;
    return VTB_OK;
}

struct count {
    uint64_t files, bytes, max_files, max_bytes;
    unsigned depth;
};

/* Runs while a child writes, so that anything may vanish between two calls. */
static void count_below(int at, const char *name, struct count *count)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;

    if (!dir) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while (count->files <= count->max_files && count->bytes <= count->max_bytes &&
           (entry = readdir(dir))) {
        struct stat st;

        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW))
            continue;
        count->files++;
        count->bytes += (uint64_t)st.st_blocks * 512u;
        if (!S_ISDIR(st.st_mode))
            continue;
        if (count->depth == 16) { /* no tool of ours nests so deep */
            count->files = count->max_files + 1;
            break;
        }
        count->depth++;
        count_below(fd, entry->d_name, count);
        count->depth--;
    }
    closedir(dir);
}

void files_count(const char *path, uint64_t max_files, uint64_t max_bytes, uint64_t *out_files,
                 uint64_t *out_bytes)
{
    struct count count = { .max_files = max_files, .max_bytes = max_bytes };

    count_below(AT_FDCWD, path, &count);
    *out_files = count.files;
    *out_bytes = count.bytes;
}

void files_hex(const uint8_t digest[static 32], char out[static 65])
{
    static const char hex[] = "0123456789abcdef";

    for (size_t i = 0; i < 32; i++) {
        out[2 * i] = hex[digest[i] >> 4];
        out[2 * i + 1] = hex[digest[i] & 15];
    }
    out[64] = '\0';
}
