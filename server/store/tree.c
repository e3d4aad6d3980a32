#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH 16

enum vtb_err vtb_tree_path(const char *folder, const char *name, char out[static VTB_TREE_PATH])
{
    int len = snprintf(out, VTB_TREE_PATH, "%s/%s", folder, name);

    return len > 0 && len < VTB_TREE_PATH ? VTB_OK : VTB_LIMIT;
}

static enum vtb_err copy_bytes(int in, int out)
{
    VTB_AUTO(vtb_free_ptr) char *piece = malloc(1 << 16);
    ssize_t n;

    if (!piece)
        return VTB_NOMEM;
    while ((n = read(in, piece, 1 << 16)) > 0) {
        for (ssize_t at = 0; at < n;) {
            ssize_t wrote = write(out, piece + at, (size_t)(n - at));

            if (wrote < 0)
                return VTB_SYS;
            at += wrote;
        }
    }
    return n == 0 && fsync(out) == 0 ? VTB_OK : VTB_SYS;
}

enum vtb_err vtb_tree_copy_file(const char *from, const char *to)
{
    enum vtb_err err = VTB_SYS;
    int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), out;

    if (in < 0)
        return errno == ENOENT ? VTB_ABSENT : VTB_SYS;
    out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (out >= 0) {
        err = copy_bytes(in, out);
        if (close(out) != 0 && !err)
            err = VTB_SYS;
    }
    close(in);
    return err;
}

static enum vtb_err copy_folder(const char *from, const char *to, uint64_t *files, unsigned depth);

/* A recording that is not finished: a link to it would change with it. Films are not kept long enough to be backed up, and
 * can be made again. Marks grow too, but by whole records, and a copy that is cut reads as one. */
static bool is_growing(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot && (strcmp(dot, ".live") == 0 || strcmp(dot, ".part") == 0 || strcmp(dot, ".film") == 0 || strcmp(dot, ".fpart") == 0);
}

static enum vtb_err copy_entry(const char *from, const char *to, uint64_t *files, unsigned depth)
{
    struct stat st;
    enum vtb_err err;

    if (lstat(from, &st) != 0)
        return errno == ENOENT ? VTB_OK : VTB_SYS;
    if (S_ISDIR(st.st_mode))
        return copy_folder(from, to, files, depth + 1);
    if (!S_ISREG(st.st_mode) || is_growing(from))
        return VTB_OK;
    ++*files;
    if (link(from, to) == 0)
        return VTB_OK;
    err = vtb_tree_copy_file(from, to); /* another file system, or one without links */
    if (err == VTB_ABSENT) {
        --*files;
        err = VTB_OK;
    }
    return err;
}

static enum vtb_err copy_folder(const char *from, const char *to, uint64_t *files, unsigned depth)
{
    enum vtb_err err = VTB_OK;
    struct dirent *entry;
    DIR *dir;

    if (depth > DEPTH)
        return VTB_LIMIT;
    dir = opendir(from);
    if (!dir)
        return errno == ENOENT ? VTB_OK : VTB_SYS;
    if (mkdir(to, 0700) != 0 && errno != EEXIST)
        err = VTB_SYS;
    while (!err && (entry = readdir(dir))) {
        char source[VTB_TREE_PATH], target[VTB_TREE_PATH];

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        err = vtb_tree_path(from, entry->d_name, source);
        if (!err)
            err = vtb_tree_path(to, entry->d_name, target);
        if (!err)
            err = copy_entry(source, target, files, depth);
    }
    closedir(dir);
    return err ? err : vtb_tree_sync(to);
}

enum vtb_err vtb_tree_copy(const char *from, const char *to, uint64_t *files)
{
    return copy_folder(from, to, files, 0);
}

enum vtb_err vtb_tree_sync(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return good ? VTB_OK : VTB_SYS;
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

void vtb_tree_remove(const char *folder)
{
    nftw(folder, remove_entry, DEPTH, FTW_DEPTH | FTW_PHYS);
}

bool vtb_tree_is_free(const char *folder)
{
    struct dirent *entry;
    bool is_free = true;
    DIR *dir = opendir(folder);

    if (!dir)
        return errno == ENOENT;
    while ((entry = readdir(dir)))
        is_free = is_free && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
    closedir(dir);
    return is_free;
}
