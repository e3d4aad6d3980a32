/* Backup while somebody writes; restore; the same rows, a chain that verifies, keys only with the passphrase. */
#include "content.h"
#include "store/backup.h"

#include "sqlite/chain.h"

#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    struct world world;
    char out[96], back[96], pass[96], wrong[96];
};

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int setup(void **state)
{
    struct place *place = test_calloc(1, sizeof *place);

    world_make(&place->world);
    snprintf(place->out, sizeof place->out, "%s.out", place->world.dir);
    snprintf(place->back, sizeof place->back, "%s.back", place->world.dir);
    snprintf(place->pass, sizeof place->pass, "%s.pass", place->world.dir);
    snprintf(place->wrong, sizeof place->wrong, "%s.wrong", place->world.dir);
    write_file(place->pass, "correct horse battery\n");
    write_file(place->wrong, "incorrect horse battery\n");
    *state = place;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static int teardown(void **state)
{
    struct place *place = *state;

    world_end(&place->world);
    nftw(place->out, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    nftw(place->back, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    unlink(place->pass);
    unlink(place->wrong);
    test_free(place);
    return 0;
}

static int run_main(int (*main_of)(int, char **), char *from, char *to, char *pass)
{
    char flag[] = "--passphrase-file";
    char *argv[] = { from, to, flag, pass };

    return main_of(4, argv);
}

static void *back_up(void *arg)
{
    struct place *place = arg;

    return (void *)(intptr_t)run_main(vtb_backup_main, place->world.dir, place->out, place->pass);
}

static void put_blob(struct place *place, const char *folder, const char *name, const char *text)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s", place->world.dir, folder);
    assert_true(mkdir(path, 0700) == 0 || access(path, F_OK) == 0);
    snprintf(path, sizeof path, "%s/%s/%s", place->world.dir, folder, name);
    write_file(path, text);
}

static void a_backup_made_while_writing_comes_back_whole(void **state)
{
    struct place *place = *state;
    struct world *world = &place->world;
    pthread_t thread;
    void *code = (void *)1;
    char path[256], text[64] = { 0 };
    unsigned written = 0;

    content_board(world);
    content_sign(world, "Lobectomy");
    put_blob(place, "blobs", "ab", "a blob");
    put_blob(place, "blobs/a", "b", "in a folder");
    put_blob(place, "recordings", "one.rec", "sealed");
    put_blob(place, "recordings", "two.live", "it grows");
    assert_int_equal(pthread_create(&thread, NULL, back_up, place), 0);
    while (pthread_tryjoin_np(thread, &code) != 0) {
        struct vtb_event event = { .kind = VTB_EVENT_HAND_RAISED, .at_us = T0, .u.hand_raised = { .seat = id_of(SEAT) } };

        assert_int_equal(world_add(world, id_of(MEETING), VTB_STREAM_MEETING, 0, &event, 1), VTB_OK);
        written++;
    }
    assert_int_equal((intptr_t)code, 0);
    assert_true(written > 0);

    assert_int_equal(run_main(vtb_restore_main, place->out, place->back, place->pass), 0);
    snprintf(path, sizeof path, "%s/blobs/a/b", place->back);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && read(fd, text, sizeof text - 1) > 0);
    close(fd);
    assert_string_equal(text, "in a folder");
    snprintf(path, sizeof path, "%s/recordings/one.rec", place->back);
    assert_int_equal(access(path, F_OK), 0);
    snprintf(path, sizeof path, "%s/recordings/two.live", place->out);
    assert_int_not_equal(access(path, F_OK), 0); /* it is in the next one, finished */

    struct vtb_keys old, restored;
    assert_int_equal(vtb_keys_load(world->dir, false, &old), VTB_OK);
    assert_int_equal(vtb_keys_load(place->back, false, &restored), VTB_OK);
    assert_memory_equal(&old, &restored, sizeof old);

    /* It serves, with the plan, and goes on with the chain. */
    struct world again = *world;
    snprintf(again.dir, sizeof again.dir, "%.63s", place->back);
    world_start(&again);
    json_t *plan = world_ask(&again, VTB_FIND_PLAN, NULL, json_pack("{s:s}", "plan", text_of(PLAN)));
    assert_string_equal(json_string_value(json_object_get(plan, "line")), "Lobectomy");
    json_decref(plan);
    struct vtb_event event = { .kind = VTB_EVENT_HAND_RAISED, .at_us = T0, .u.hand_raised = { .seat = id_of(SEAT) } };
    assert_int_equal(world_add(&again, id_of(MEETING), VTB_STREAM_MEETING, 0, &event, 1), VTB_OK);
    json_t *events = world_load(&again, id_of(MEETING), 0, NULL);
    assert_true(json_array_size(events) >= 6);
    json_decref(events);
    world_stop(&again);
}

static bool file_has(const char *path, const uint8_t *bytes, size_t len)
{
    FILE *file = fopen(path, "r");
    static uint8_t all[1 << 20];
    size_t n;

    assert_non_null(file);
    n = fread(all, 1, sizeof all, file);
    fclose(file);
    return memmem(all, n, bytes, len) != NULL;
}

static void keys_lie_in_a_backup_only_sealed(void **state)
{
    struct place *place = *state;
    struct vtb_keys keys;
    char path[256];

    content_board(&place->world);
    assert_int_equal(run_main(vtb_backup_main, place->world.dir, place->out, place->pass), 0);
    snprintf(path, sizeof path, "%s/keys", place->out);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(vtb_keys_load(place->world.dir, false, &keys), VTB_OK);
    snprintf(path, sizeof path, "%s/keys.sealed", place->out);
    assert_false(file_has(path, keys.clinical, sizeof keys.clinical));
    assert_false(file_has(path, keys.sign_secret, 32));
    assert_false(file_has(path, keys.recording, sizeof keys.recording));
    assert_int_equal(run_main(vtb_restore_main, place->out, place->back, place->wrong), 1);
    assert_int_not_equal(access(place->back, F_OK), 0); /* nothing was written */
}

/* keys.sealed as the version before recordings wrote it: three keys, another name. */
static void seal_first_version(const struct place *place, const struct vtb_keys *keys)
{
    uint8_t file[8 + 8 + 16 + 24 + 128 + 16] = "vtbkeys1\0\0\0\1\0\0\0\10", plain[128], key[32];
    char path[256];

    memcpy(plain, keys->sign_secret, 64);
    memcpy(plain + 64, keys->clinical, 32);
    memcpy(plain + 96, keys->deliberation, 32);
    randombytes_buf(file + 16, 16 + 24);
    assert_int_equal(crypto_pwhash(key, sizeof key, "correct horse battery", 21, file + 16, 1, 8 * 1024, crypto_pwhash_ALG_ARGON2ID13), 0);
    crypto_secretbox_easy(file + 56, plain, sizeof plain, file + 32, key);
    snprintf(path, sizeof path, "%s/keys.sealed", place->out);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(file, 1, sizeof file, out), sizeof file);
    fclose(out);
}

static void a_backup_of_before_there_were_recordings_comes_back(void **state)
{
    struct place *place = *state;
    struct vtb_keys keys, restored;

    content_board(&place->world);
    assert_int_equal(run_main(vtb_backup_main, place->world.dir, place->out, place->pass), 0);
    assert_int_equal(vtb_keys_load(place->world.dir, false, &keys), VTB_OK);
    seal_first_version(place, &keys);
    assert_int_equal(run_main(vtb_restore_main, place->out, place->back, place->pass), 0);
    assert_int_equal(vtb_keys_load(place->back, false, &restored), VTB_OK);
    assert_memory_equal(keys.sign_secret, restored.sign_secret, sizeof keys.sign_secret);
    assert_memory_equal(keys.clinical, restored.clinical, sizeof keys.clinical);
    assert_memory_not_equal(keys.recording, restored.recording, sizeof keys.recording); /* a new one */
}

/* A data folder of a version without recordings gets its key at the next start; one with recordings must have it. */
static void a_lost_recording_key_is_not_made_anew_over_recordings(void **state)
{
    struct place *place = *state;
    struct vtb_keys keys;
    char path[256];

    content_board(&place->world);
    snprintf(path, sizeof path, "%s/keys/recording.key", place->world.dir);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(vtb_keys_load(place->world.dir, false, &keys), VTB_OK);
    assert_int_equal(unlink(path), 0);
    put_blob(place, "recordings", "one.rec", "sealed");
    assert_int_equal(vtb_keys_load(place->world.dir, false, &keys), VTB_ABSENT);
}

static void an_altered_backup_is_not_restored(void **state)
{
    struct place *place = *state;
    struct vtb_db db;
    char path[256];

    content_board(&place->world);
    assert_int_equal(run_main(vtb_backup_main, place->world.dir, place->out, place->pass), 0);
    snprintf(path, sizeof path, "%s/consilium.db", place->out);
    assert_int_equal(vtb_db_open(path, VTB_DB_WRITE, &db), VTB_OK);
    assert_int_equal(vtb_db_exec(&db, "DROP TRIGGER events_are_final; UPDATE events SET at_us = 1"), VTB_OK);
    vtb_db_close(&db);
    assert_int_equal(run_main(vtb_restore_main, place->out, place->back, place->pass), 1);
    assert_int_not_equal(access(place->back, F_OK), 0);
}

static void nothing_is_ever_overwritten(void **state)
{
    struct place *place = *state;
    char flag[] = "--passphrase-file";
    char *few[] = { place->world.dir, place->out, flag };

    content_board(&place->world);
    assert_int_equal(vtb_backup_main(3, few), 2);
    assert_int_equal(run_main(vtb_backup_main, place->world.dir, place->out, place->pass), 0);
    assert_int_equal(run_main(vtb_backup_main, place->world.dir, place->out, place->pass), 1);
    assert_int_equal(run_main(vtb_restore_main, place->out, place->world.dir, place->pass), 1);
    write_file(place->wrong, "short\n");
    assert_int_equal(run_main(vtb_backup_main, place->world.dir, place->back, place->wrong), 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_backup_made_while_writing_comes_back_whole), T(keys_lie_in_a_backup_only_sealed),
        T(a_backup_of_before_there_were_recordings_comes_back), T(a_lost_recording_key_is_not_made_anew_over_recordings),
        T(an_altered_backup_is_not_restored), T(nothing_is_ever_overwritten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
