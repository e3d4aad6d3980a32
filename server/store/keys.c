#include "store/keys.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH 4096

_Static_assert(VTB_SIGN_SECRET == crypto_sign_SECRETKEYBYTES, "Ed25519 secret");
_Static_assert(VTB_SIGN_PUBLIC == crypto_sign_PUBLICKEYBYTES, "Ed25519 public");
_Static_assert(VTB_SEAL_KEY == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "XChaCha20-Poly1305");

static enum vtb_err path_of(const char *data_dir, const char *name, char out[static PATH])
{
    int len = snprintf(out, PATH, "%s/keys%s%s", data_dir, name[0] ? "/" : "", name);

    return len > 0 && len < PATH ? VTB_OK : VTB_LIMIT;
}

/* The name is synced too, or a power cut could take a key whose data is already durable. */
static enum vtb_err write_key(const char *data_dir, const char *name, const uint8_t *bytes, size_t len)
{
    char path[PATH], folder[PATH];
    enum vtb_err err = path_of(data_dir, name, path);
    int fd, dir;
    bool good;

    if (!err)
        err = path_of(data_dir, "", folder);
    if (err)
        return err;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return VTB_SYS;
    good = write(fd, bytes, len) == (ssize_t)len && fsync(fd) == 0;
    good = close(fd) == 0 && good;
    dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    good = dir >= 0 && fsync(dir) == 0 && good;
    if (dir >= 0)
        close(dir);
    if (!good)
        unlink(path);
    return good ? VTB_OK : VTB_SYS;
}

/* ABSENT, or SYS for a file that others can read, or CORRUPT for one of another size. */
static enum vtb_err read_key(const char *data_dir, const char *name, uint8_t *out, size_t len)
{
    char path[PATH];
    uint8_t more;
    struct stat st;
    enum vtb_err err = path_of(data_dir, name, path);

    if (err)
        return err;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? VTB_ABSENT : VTB_SYS;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & 077) != 0) {
        VTB_LOG(VTB_ERROR, "keys.open_to_others", VTB_STR("key", name));
        err = VTB_SYS;
    } else if (read(fd, out, len) != (ssize_t)len || read(fd, &more, 1) != 0) {
        err = VTB_CORRUPT;
    }
    close(fd);
    return err;
}

/* Makes the keys; a folder left half made by a power cut is completed, never overwritten. */
static enum vtb_err make_key(const char *data_dir, const char *name, uint8_t *bytes, size_t len)
{
    enum vtb_err err = read_key(data_dir, name, bytes, len);

    if (err != VTB_ABSENT)
        return err;
    if (len == VTB_SIGN_SECRET) {
        uint8_t public_key[VTB_SIGN_PUBLIC];

        crypto_sign_keypair(public_key, bytes);
    } else {
        randombytes_buf(bytes, len);
    }
    return write_key(data_dir, name, bytes, len);
}

/* A data folder of a version without recordings has no such key; one with recordings must have it. */
static enum vtb_err take_recording_key(const char *data_dir, struct vtb_keys *keys)
{
    char path[PATH];
    enum vtb_err err = read_key(data_dir, "recording.key", keys->recording, sizeof keys->recording);
    int len = snprintf(path, sizeof path, "%s/recordings", data_dir);

    if (err != VTB_ABSENT)
        return err;
    if (len < 0 || len >= PATH || access(path, F_OK) == 0)
        return VTB_ABSENT;
    return make_key(data_dir, "recording.key", keys->recording, sizeof keys->recording);
}

enum vtb_err vtb_keys_load(const char *data_dir, bool may_make, struct vtb_keys *out)
{
    enum vtb_err (*take)(const char *, const char *, uint8_t *, size_t) = may_make ? make_key : read_key;
    struct vtb_keys keys;
    char folder[PATH];
    enum vtb_err err = path_of(data_dir, "", folder);

    if (!err && sodium_init() < 0)
        err = VTB_SYS;
    if (!err && may_make && mkdir(folder, 0700) != 0 && errno != EEXIST)
        err = VTB_SYS;
    if (!err)
        err = take(data_dir, "sign.key", keys.sign_secret, sizeof keys.sign_secret);
    if (!err)
        err = take(data_dir, "clinical.key", keys.clinical, sizeof keys.clinical);
    if (!err)
        err = take(data_dir, "deliberation.key", keys.deliberation, sizeof keys.deliberation);
    if (!err)
        err = take_recording_key(data_dir, &keys);
    if (!err) {
        crypto_sign_ed25519_sk_to_pk(keys.sign_public, keys.sign_secret);
        *out = keys;
    }
    vtb_keys_wipe(&keys);
    return err;
}

enum vtb_err vtb_keys_save(const char *data_dir, const struct vtb_keys *keys)
{
    char folder[PATH];
    enum vtb_err err = path_of(data_dir, "", folder);

    if (!err && mkdir(folder, 0700) != 0 && errno != EEXIST)
        err = VTB_SYS;
    if (!err)
        err = write_key(data_dir, "sign.key", keys->sign_secret, sizeof keys->sign_secret);
    if (!err)
        err = write_key(data_dir, "clinical.key", keys->clinical, sizeof keys->clinical);
    if (!err)
        err = write_key(data_dir, "deliberation.key", keys->deliberation, sizeof keys->deliberation);
    if (!err)
        err = write_key(data_dir, "recording.key", keys->recording, sizeof keys->recording);
    return err;
}

void vtb_keys_wipe(struct vtb_keys *keys)
{
    sodium_memzero(keys, sizeof *keys);
}
