/*
 * backup.h - `consilium backup` and `consilium restore`: a consistent copy while the server runs.
 *
 * OUT holds consilium.db (one read transaction: sqlite3_backup_step(-1)), blobs/ and tiles/
 * (hard links where the file system allows, else copies; both are write-once), and keys.sealed:
 * the three keys under argon2id of the passphrase and XSalsa20-Poly1305 (crypto_secretbox). The keys
 * are never copied as they are. OUT is made beside its final name and renamed, so it is whole or absent.
 *
 * Thread: the main thread of a process of its own. Prints to standard output and error.
 */
#ifndef VTB_STORE_BACKUP_H
#define VTB_STORE_BACKUP_H

#include "base/err.h"

/* argv: DATA OUT --passphrase-file F. Exit code: 0 done, 1 failed, 2 wrong usage. */
int vtb_backup_main(int argc, char **argv);
/* argv: OUT DATA --passphrase-file F. DATA must not exist or be empty; chains are verified. */
int vtb_restore_main(int argc, char **argv);

#endif
