/*
 * reader.c - recordings.h: any range of a whole file, decrypting only the chunks it lies in.
 */
#include "reader.h"

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALED_CHUNK (VTB_SEAL_CHUNK + VTB_SEAL_TAG)
#define NONE         UINT64_MAX

struct vtb_recording {
    int fd;
    struct vtb_seal *seal;
    struct vtb_seal_about about;
    uint64_t chunks;
    uint64_t at; /* the chunk that is in `plain`, or NONE */
    uint8_t sealed[SEALED_CHUNK];
    uint8_t plain[VTB_SEAL_CHUNK];
};

static size_t plain_of(const struct vtb_recording *rec, uint64_t chunk)
{
    return chunk + 1 < rec->chunks ? VTB_SEAL_CHUNK : (size_t)(rec->about.plain_bytes - chunk * VTB_SEAL_CHUNK);
}

static bool read_at(int fd, uint8_t *out, size_t len, uint64_t at)
{
    while (len) {
        ssize_t n = pread(fd, out, len, (off_t)at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        out += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

static enum vtb_err load(struct vtb_recording *rec, uint64_t chunk)
{
    size_t len = plain_of(rec, chunk) + VTB_SEAL_TAG;
    enum vtb_err err;

    if (rec->at == chunk)
        return VTB_OK;
    rec->at = NONE;
    if (!read_at(rec->fd, rec->sealed, len, VTB_SEAL_HEADER + chunk * SEALED_CHUNK))
        return VTB_CORRUPT; /* its length was right when it was opened */
    err = vtb_seal_open(rec->seal, chunk, chunk + 1 == rec->chunks, rec->sealed, len, rec->plain);
    if (!err)
        rec->at = chunk;
    return err;
}

/* The size must be exactly that of the header; the last chunk must be the last. */
static enum vtb_err check(struct vtb_recording *rec)
{
    uint64_t plain = rec->about.plain_bytes;
    struct stat st;

    rec->chunks = plain ? (plain + VTB_SEAL_CHUNK - 1) / VTB_SEAL_CHUNK : 1;
    if ((rec->about.kind != VTB_SEAL_WHOLE && rec->about.kind != VTB_SEAL_FILM) || fstat(rec->fd, &st) != 0 ||
        (uint64_t)st.st_size != VTB_SEAL_HEADER + plain + rec->chunks * VTB_SEAL_TAG)
        return VTB_CORRUPT;
    return load(rec, rec->chunks - 1);
}

enum vtb_err vtb_recording_take_fd(int take_fd, const uint8_t key[static VTB_RECORDING_KEY], struct vtb_recording **out)
{
    uint8_t header[VTB_SEAL_HEADER];
    struct vtb_recording *rec = malloc(sizeof *rec);
    enum vtb_err err = VTB_OK;

    if (!rec) {
        close(take_fd);
        return VTB_NOMEM;
    }
    rec->fd = take_fd;
    rec->seal = NULL;
    rec->at = NONE;
    if (!read_at(rec->fd, header, sizeof header, 0))
        err = VTB_CORRUPT;
    if (!err)
        err = vtb_seal_take(header, key, &rec->about, &rec->seal);
    if (err == VTB_PARSE)
        err = VTB_CORRUPT;
    if (!err)
        err = check(rec);
    if (err) {
        vtb_recording_close(rec);
        return err;
    }
    *out = rec;
    return VTB_OK;
}

static enum vtb_err open_as(const char *dir, const uint8_t key[static VTB_RECORDING_KEY], struct vtb_id id,
                            enum vtb_seal_kind kind, struct vtb_recording **out)
{
    char path[VTB_FILE_PATH];
    struct vtb_recording *rec;
    enum vtb_err err = vtb_file_path(dir, id, kind == VTB_SEAL_FILM ? ".film" : ".rec", path);
    int fd;

    if (err)
        return err;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? VTB_ABSENT : VTB_SYS;
    err = vtb_recording_take_fd(fd, key, &rec);
    if (err)
        return err;
    if (!vtb_id_is(rec->about.id, id) || rec->about.kind != kind) { /* a file under another's name */
        vtb_recording_close(rec);
        return VTB_CORRUPT;
    }
    *out = rec;
    return VTB_OK;
}

enum vtb_err vtb_recording_open(const char *dir, const uint8_t key[static VTB_RECORDING_KEY], struct vtb_id id,
                                struct vtb_recording **out)
{
    return open_as(dir, key, id, VTB_SEAL_WHOLE, out);
}

enum vtb_err vtb_film_open(const char *dir, const uint8_t key[static VTB_RECORDING_KEY], struct vtb_id id,
                           struct vtb_recording **out)
{
    return open_as(dir, key, id, VTB_SEAL_FILM, out);
}

void vtb_recording_close(struct vtb_recording *rec)
{
    if (!rec)
        return;
    close(rec->fd);
    vtb_seal_destroy(rec->seal);
    free(rec);
}

struct vtb_recording_info vtb_recording_info(const struct vtb_recording *rec)
{
    return (struct vtb_recording_info){ .bytes = rec->about.plain_bytes, .duration_ms = rec->about.duration_ms,
                                        .was_cut = rec->about.was_cut };
}

enum vtb_err vtb_recording_read(struct vtb_recording *rec, uint64_t at, uint8_t *out, size_t len, size_t *out_len)
{
    size_t done = 0;

    while (done < len && at + done < rec->about.plain_bytes) {
        uint64_t chunk = (at + done) / VTB_SEAL_CHUNK;
        size_t from = (size_t)((at + done) % VTB_SEAL_CHUNK), n;
        enum vtb_err err = load(rec, chunk);

        if (err)
            return err;
        n = plain_of(rec, chunk) - from;
        n = n < len - done ? n : len - done;
        memcpy(out + done, rec->plain + from, n);
        done += n;
    }
    *out_len = done;
    return VTB_OK;
}

enum vtb_err vtb_recording_digest(struct vtb_recording *rec, uint8_t out[static VTB_RECORDING_DIGEST])
{
    EVP_MD_CTX *sum = EVP_MD_CTX_new();
    enum vtb_err err = sum && EVP_DigestInit_ex(sum, EVP_sha256(), NULL) == 1 ? VTB_OK : VTB_NOMEM;

    for (uint64_t chunk = 0; !err && chunk < rec->chunks; chunk++) {
        err = load(rec, chunk);
        if (!err && EVP_DigestUpdate(sum, rec->plain, plain_of(rec, chunk)) != 1)
            err = VTB_SYS;
    }
    if (!err && EVP_DigestFinal_ex(sum, out, NULL) != 1)
        err = VTB_SYS;
    EVP_MD_CTX_free(sum);
    return err;
}

/* First the key, so that whatever keeps the blocks keeps nothing that opens. */
static enum vtb_err destroy(const char *dir, struct vtb_id id, const char *ending)
{
    uint8_t noise[VTB_SEAL_SECRET];
    char path[VTB_FILE_PATH];
    enum vtb_err err = vtb_file_path(dir, id, ending, path);
    int fd;

    if (err)
        return err;
    fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? VTB_OK : VTB_SYS;
    vtb_random(noise, sizeof noise);
    if (pwrite(fd, noise, sizeof noise, VTB_SEAL_SECRET_AT) != (ssize_t)sizeof noise || fsync(fd) != 0)
        err = VTB_SYS;
    close(fd);
    if (unlink(path) != 0 && errno != ENOENT)
        err = VTB_SYS;
    return err;
}

enum vtb_err vtb_recording_drop_live(const char *dir, struct vtb_id id)
{
    return destroy(dir, id, ".live");
}

static enum vtb_err destroy_all(const char *dir, struct vtb_id id, const char *const *endings, size_t n)
{
    enum vtb_err err = VTB_OK;

    for (size_t i = 0; i < n; i++) {
        enum vtb_err one = destroy(dir, id, endings[i]);

        err = err ? err : one;
    }
    if (!err) {
        int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0 ? errno != ENOENT : fsync(fd) != 0)
            err = VTB_SYS;
        if (fd >= 0)
            close(fd);
    }
    return err;
}

/* The sound first: a film that is being kept meanwhile looks for it, and goes with it (film.c). */
enum vtb_err vtb_recording_destroy(const char *dir, struct vtb_id id)
{
    static const char *const endings[] = { ".rec", ".live", ".part", ".marks", ".film", ".fpart" };

    return destroy_all(dir, id, endings, VTB_COUNT(endings));
}

enum vtb_err vtb_film_destroy(const char *dir, struct vtb_id id)
{
    static const char *const endings[] = { ".film", ".fpart" };

    return destroy_all(dir, id, endings, VTB_COUNT(endings));
}
