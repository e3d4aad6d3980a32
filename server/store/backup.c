/*
 * backup.c - copies a data folder while it is served, and brings it back.
 *
 * keys.sealed: "vtbkeys2" ops:u32 mem_kib:u32 salt[16] nonce[24] box. The box (XSalsa20-Poly1305,
 * crypto_secretbox) holds sign.key, clinical.key, deliberation.key and recording.key, 160 bytes; its
 * key is argon2id13 of the passphrase with these limits. "vtbkeys1" is of a version without
 * recordings and holds the first three: a new recording.key is made, there is nothing it should open.
 *
 * Recordings are copied as they are, sealed; one that is still running is in the next backup. Where
 * the copy is a link, a recording that is removed is removed from the backup as well.
 */
#include "store/backup.h"

#include "base/cursor.h"
#include "sqlite/chain.h"
#include "store/keys.h"
#include "tree.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC      "vtbkeys2"
#define MAGIC_1    "vtbkeys1" /* without recording.key */
#define SALT       crypto_pwhash_SALTBYTES
#define NONCE      crypto_secretbox_NONCEBYTES
#define PLAIN_1    (VTB_SIGN_SECRET + 2 * VTB_SEAL_KEY)
#define PLAIN      (PLAIN_1 + VTB_SEAL_KEY)
#define BOX        (PLAIN + crypto_secretbox_MACBYTES)
#define SEALED     (8 + 4 + 4 + SALT + NONCE + BOX)
#define PASSPHRASE 1024
#define SHORTEST   12

static const char *const folders[] = { "blobs", "tiles", "recordings" };

static int complain(const char *what, const char *then)
{
    fprintf(stderr, "consilium: %s\n%s\n", what, then);
    return 1;
}

/* ---- the passphrase ---- */

static enum vtb_err read_passphrase(const char *path, char out[static PASSPHRASE])
{
    FILE *file = fopen(path, "re");
    size_t len;

    if (!file)
        return VTB_ABSENT;
    len = fread(out, 1, PASSPHRASE - 1, file);
    fclose(file);
    out[len] = 0;
    out[strcspn(out, "\r\n")] = 0; /* the first line */
    return strlen(out) < SHORTEST ? VTB_LIMIT : VTB_OK;
}

static enum vtb_err key_of(const char *passphrase, const uint8_t *salt, uint32_t ops, uint32_t mem_kib,
                           uint8_t out[static crypto_secretbox_KEYBYTES])
{
    /* Bounds, for a file that asks for all the memory there is. */
    if (ops < 1 || ops > 32 || mem_kib < 8 || mem_kib > 4 * 1024 * 1024)
        return VTB_PARSE;
    return crypto_pwhash(out, crypto_secretbox_KEYBYTES, passphrase, strlen(passphrase), salt, ops,
                         (size_t)mem_kib * 1024, crypto_pwhash_ALG_ARGON2ID13) == 0
               ? VTB_OK
               : VTB_NOMEM;
}

static enum vtb_err seal_keys(const struct vtb_keys *keys, const char *passphrase, const char *path)
{
    const uint32_t ops = crypto_pwhash_OPSLIMIT_MODERATE;
    const uint32_t mem_kib = crypto_pwhash_MEMLIMIT_MODERATE / 1024;
    uint8_t file[SEALED] = MAGIC, plain[PLAIN], key[crypto_secretbox_KEYBYTES];
    uint8_t *salt = file + 16, *nonce = salt + SALT, *box = nonce + NONCE;
    enum vtb_err err;
    int fd;

    vtb_put_u32(file + 8, ops);
    vtb_put_u32(file + 12, mem_kib);
    randombytes_buf(salt, SALT);
    randombytes_buf(nonce, NONCE);
    memcpy(plain, keys->sign_secret, VTB_SIGN_SECRET);
    memcpy(plain + VTB_SIGN_SECRET, keys->clinical, VTB_SEAL_KEY);
    memcpy(plain + VTB_SIGN_SECRET + VTB_SEAL_KEY, keys->deliberation, VTB_SEAL_KEY);
    memcpy(plain + PLAIN_1, keys->recording, VTB_SEAL_KEY);
    err = key_of(passphrase, salt, ops, mem_kib, key);
    if (!err)
        crypto_secretbox_easy(box, plain, sizeof plain, nonce, key);
    sodium_memzero(plain, sizeof plain);
    sodium_memzero(key, sizeof key);
    if (err)
        return err;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return VTB_SYS;
    bool good = write(fd, file, sizeof file) == (ssize_t)sizeof file && fsync(fd) == 0;
    return close(fd) == 0 && good ? VTB_OK : VTB_SYS;
}

/* DENIED: another passphrase, or an altered file. */
static enum vtb_err open_keys(const char *path, const char *passphrase, struct vtb_keys *out)
{
    uint8_t file[SEALED], plain[PLAIN], key[crypto_secretbox_KEYBYTES];
    struct vtb_cursor in = { .at = file, .left = sizeof file };
    FILE *stream = fopen(path, "re");
    enum vtb_err err;

    if (!stream)
        return VTB_ABSENT;
    size_t len = fread(file, 1, sizeof file, stream);
    fclose(stream);
    bool is_first = len == sizeof file - VTB_SEAL_KEY && memcmp(file, MAGIC_1, 8) == 0;
    if (!is_first && (len != sizeof file || memcmp(file, MAGIC, 8) != 0))
        return VTB_PARSE;
    vtb_cursor_skip(&in, 8);
    uint32_t ops = vtb_cursor_u32(&in), mem_kib = vtb_cursor_u32(&in);
    const uint8_t *salt = vtb_cursor_take(&in, SALT), *nonce = vtb_cursor_take(&in, NONCE);

    err = key_of(passphrase, salt, ops, mem_kib, key);
    if (!err && crypto_secretbox_open_easy(plain, in.at, is_first ? BOX - VTB_SEAL_KEY : BOX, nonce, key) != 0)
        err = VTB_DENIED;
    if (!err) {
        memcpy(out->sign_secret, plain, VTB_SIGN_SECRET);
        memcpy(out->clinical, plain + VTB_SIGN_SECRET, VTB_SEAL_KEY);
        memcpy(out->deliberation, plain + VTB_SIGN_SECRET + VTB_SEAL_KEY, VTB_SEAL_KEY);
        if (is_first)
            randombytes_buf(out->recording, VTB_SEAL_KEY);
        else
            memcpy(out->recording, plain + PLAIN_1, VTB_SEAL_KEY);
        crypto_sign_ed25519_sk_to_pk(out->sign_public, out->sign_secret);
    }
    sodium_memzero(plain, sizeof plain);
    sodium_memzero(key, sizeof key);
    return err;
}

/* ---- the database ---- */

/* In one step: in smaller ones it would begin anew with every commit of the server. */
static enum vtb_err copy_database(const char *from, const char *to)
{
    struct vtb_db source;
    sqlite3 *target = NULL;
    enum vtb_err err = vtb_db_open(from, VTB_DB_READ, &source);

    if (err)
        return err;
    int fd = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0)
        close(fd);
    int code = sqlite3_open_v2(to, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (code == SQLITE_OK) {
        sqlite3_backup *backup = sqlite3_backup_init(target, "main", source.handle, "main");

        if (backup)
            sqlite3_backup_step(backup, -1);
        code = backup ? sqlite3_backup_finish(backup) : sqlite3_errcode(target);
    }
    sqlite3_close(target);
    vtb_db_close(&source);
    return vtb_db_err(code);
}

static enum vtb_err verify(const char *path, const struct vtb_keys *keys, uint64_t *out_events)
{
    struct vtb_db db;
    enum vtb_err err = vtb_db_open(path, VTB_DB_WRITE, &db);

    if (err)
        return err;
    err = vtb_chain_verify(&db, keys, out_events);
    vtb_db_close(&db);
    return err;
}

/* ---- the two programs ---- */

struct args {
    const char *from, *to, *passphrase_file;
};

static bool parse_args(int argc, char **argv, struct args *out)
{
    *out = (struct args){ 0 };
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--passphrase-file") == 0 && i + 1 < argc)
            out->passphrase_file = argv[++i];
        else if (!out->from)
            out->from = argv[i];
        else if (!out->to)
            out->to = argv[i];
        else
            return false;
    }
    return out->from && out->to && out->passphrase_file;
}

static enum vtb_err make_backup(const char *data, const char *out, const char *passphrase,
                                uint64_t *events, uint64_t *files)
{
    char from[VTB_TREE_PATH], to[VTB_TREE_PATH];
    struct vtb_keys keys;
    enum vtb_err err = vtb_keys_load(data, false, &keys);

    if (err)
        return err;
    err = vtb_tree_path(data, "consilium.db", from);
    if (!err)
        err = vtb_tree_path(out, "consilium.db", to);
    if (!err)
        err = copy_database(from, to);
    if (!err)
        err = verify(to, &keys, events);
    if (!err)
        err = vtb_tree_path(out, "keys.sealed", to);
    if (!err)
        err = seal_keys(&keys, passphrase, to);
    /* After the database: a file is there before the event that names it. */
    for (size_t i = 0; i < VTB_COUNT(folders) && !err; i++) {
        err = vtb_tree_path(data, folders[i], from);
        if (!err)
            err = vtb_tree_path(out, folders[i], to);
        if (!err)
            err = vtb_tree_copy(from, to, files);
    }
    vtb_keys_wipe(&keys);
    return err ? err : vtb_tree_sync(out);
}

static enum vtb_err bring_back(const char *out, const char *data, const char *passphrase,
                               uint64_t *events, uint64_t *files)
{
    char from[VTB_TREE_PATH], to[VTB_TREE_PATH];
    struct vtb_keys keys;
    enum vtb_err err = vtb_tree_path(out, "keys.sealed", from);

    if (!err)
        err = open_keys(from, passphrase, &keys);
    if (err)
        return err;
    err = vtb_keys_save(data, &keys);
    if (!err)
        err = vtb_tree_path(out, "consilium.db", from);
    if (!err)
        err = vtb_tree_path(data, "consilium.db", to);
    if (!err)
        err = vtb_tree_copy_file(from, to);
    if (!err)
        err = verify(to, &keys, events);
    for (size_t i = 0; i < VTB_COUNT(folders) && !err; i++) {
        err = vtb_tree_path(out, folders[i], from);
        if (!err)
            err = vtb_tree_path(data, folders[i], to);
        if (!err)
            err = vtb_tree_copy(from, to, files);
    }
    vtb_keys_wipe(&keys);
    return err ? err : vtb_tree_sync(data);
}

/* Made beside its name and renamed, so that what has the name is whole. */
static int into_place(const struct args *args, const char *verb,
                      enum vtb_err (*make)(const char *, const char *, const char *, uint64_t *, uint64_t *))
{
    char partial[VTB_TREE_PATH], passphrase[PASSPHRASE];
    uint64_t events = 0, files = 0;
    enum vtb_err err = VTB_OK;
    int len = snprintf(partial, sizeof partial, "%s.partial", args->to);

    if (len < 0 || len >= (int)sizeof partial || sodium_init() < 0)
        return complain("the path is too long.", "Nothing was written.");
    if (!vtb_tree_is_free(args->to))
        return complain("there is something at the target already.",
                        "Nothing was written. Give a folder that is not there yet.");
    if (read_passphrase(args->passphrase_file, passphrase))
        return complain("the passphrase file is absent, or its first line is shorter than 12 "
                        "characters.",
                        "Nothing was written.");
    vtb_tree_remove(partial); /* of a run that was cut off */
    if (mkdir(partial, 0700) != 0)
        err = VTB_SYS;
    if (!err)
        err = make(args->from, partial, passphrase, &events, &files);
    sodium_memzero(passphrase, sizeof passphrase);
    if (!err && rename(partial, args->to) != 0) /* also onto an empty folder */
        err = VTB_SYS;
    if (err) {
        vtb_tree_remove(partial);
        fprintf(stderr, "consilium: %s failed: %s.\n%s\n", verb, vtb_err_name(err),
                err == VTB_DENIED    ? "The passphrase is not the one of this backup. Nothing was written."
                : err == VTB_CORRUPT ? "The log does not verify. Nothing was written; keep the source "
                                       "and ask for help."
                                     : "Nothing was written. Is the source a data folder or backup, "
                                       "and is there room?");
        return 1;
    }
    printf("%s done: %" PRIu64 " events verified, %" PRIu64 " files.\n", verb, events, files);
    return 0;
}

int vtb_backup_main(int argc, char **argv)
{
    struct args args;

    if (!parse_args(argc, argv, &args)) {
        fprintf(stderr, "usage: consilium backup DATA OUT --passphrase-file FILE\n");
        return 2;
    }
    return into_place(&args, "backup", make_backup);
}

int vtb_restore_main(int argc, char **argv)
{
    struct args args;

    if (!parse_args(argc, argv, &args)) {
        fprintf(stderr, "usage: consilium restore OUT DATA --passphrase-file FILE\n");
        return 2;
    }
    return into_place(&args, "restore", bring_back);
}
