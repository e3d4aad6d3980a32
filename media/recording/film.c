/* film.c - a film that was made is sealed beside its recording, or not at all. */
#include "recordings.h"

#include "file.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE 65536u

static enum vtb_err copy(int fd, struct vtb_whole_file *file, EVP_MD_CTX *sum, uint64_t bytes)
{
    uint8_t *piece = malloc(PIECE);
    enum vtb_err err = piece ? VTB_OK : VTB_NOMEM;

    for (uint64_t at = 0; !err && at < bytes;) {
        ssize_t n = pread(fd, piece, PIECE, (off_t)at);

        if (n <= 0 || EVP_DigestUpdate(sum, piece, (size_t)n) != 1)
            err = VTB_SYS;
        else
            err = vtb_whole_file_append(file, piece, (size_t)n);
        at += n > 0 ? (uint64_t)n : 0;
    }
    free(piece);
    return err;
}

static enum vtb_err seal(const char *dir, const uint8_t *key, int fd, const struct vtb_seal_about *about,
                         EVP_MD_CTX *sum, uint8_t *digest)
{
    struct vtb_whole_file *file;
    enum vtb_err err = vtb_whole_file_create(dir, key, about, &file);

    if (err)
        return err;
    if (EVP_DigestInit_ex(sum, EVP_sha256(), NULL) != 1)
        err = VTB_SYS;
    if (!err)
        err = copy(fd, file, sum, about->plain_bytes);
    if (!err && EVP_DigestFinal_ex(sum, digest, NULL) != 1)
        err = VTB_SYS;
    return vtb_whole_file_close(file, err);
}

enum vtb_err vtb_film_keep(const char *dir, const uint8_t key[static VTB_RECORDING_KEY], struct vtb_id id, int fd,
                           uint32_t duration_ms, struct vtb_recording_info *out,
                           uint8_t digest[static VTB_RECORDING_DIGEST])
{
    struct vtb_seal_about about = { .id = id, .kind = VTB_SEAL_FILM, .duration_ms = duration_ms };
    EVP_MD_CTX *sum;
    struct stat st;
    enum vtb_err err;

    if (fstat(fd, &st) != 0 || st.st_size <= 0)
        return VTB_SYS;
    about.plain_bytes = (uint64_t)st.st_size;
    err = vtb_film_destroy(dir, id); /* the key of one that is replaced goes, not its name alone */
    sum = err ? NULL : EVP_MD_CTX_new();
    if (!err)
        err = sum ? seal(dir, key, fd, &about, sum, digest) : VTB_NOMEM;
    EVP_MD_CTX_free(sum);
    /* A removal takes the sound first and the film after it. Whichever came between, one of the two sees the other. */
    if (!err && !vtb_file_is_there(dir, id, ".rec")) {
        err = vtb_film_destroy(dir, id);
        return err ? err : VTB_ABSENT;
    }
    if (!err)
        *out = (struct vtb_recording_info){ .bytes = about.plain_bytes, .duration_ms = duration_ms };
    return err;
}
