/* A wrong key, a flipped byte, a cut, moved or foreign chunk is refused; any range reads as it was written. */
#include "kit.h"

#include "recording/file.h"
#include "recording/reader.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SLOTS  400u
#define FRAME  600u  /* 240 kB: four chunks */
#define SEALED (VTB_SEAL_CHUNK + VTB_SEAL_TAG)

static uint8_t *file_bytes(const struct kit *kit, size_t *out_len)
{
    char path[VTB_FILE_PATH];
    struct stat st;
    uint8_t *bytes;
    int fd;

    assert_int_equal(vtb_file_path(kit->dir, kit->id, ".rec", path), VTB_OK);
    fd = open(path, O_RDONLY);
    assert_int_equal(fstat(fd, &st), 0);
    bytes = malloc((size_t)st.st_size);
    assert_int_equal(read(fd, bytes, (size_t)st.st_size), st.st_size);
    close(fd);
    *out_len = (size_t)st.st_size;
    return bytes;
}

static enum vtb_err open_bytes(const struct kit *kit, const uint8_t *bytes, size_t len, struct vtb_recording **out)
{
    char path[VTB_FILE_PATH];
    int fd;

    assert_int_equal(vtb_file_path(kit->dir, kit->id, ".rec", path), VTB_OK);
    fd = open(path, O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    close(fd);
    return vtb_recording_open(kit->dir, kit->key, kit->id, out);
}

/* Opens and reads it all; the bytes given out before an error must be the true ones. */
static enum vtb_err read_all(const struct kit *kit, const uint8_t *bytes, size_t len, const uint8_t *truth, size_t truth_len)
{
    uint8_t piece[4096];
    struct vtb_recording *rec;
    size_t at = 0, n = 0;
    enum vtb_err err = open_bytes(kit, bytes, len, &rec);

    if (err)
        return err;
    do {
        err = vtb_recording_read(rec, at, piece, sizeof piece, &n);
        if (!err) {
            assert_true(at + n <= truth_len);
            assert_memory_equal(piece, truth + at, n);
            at += n;
        }
    } while (!err && n);
    if (!err)
        assert_int_equal(at, truth_len);
    vtb_recording_close(rec);
    return err;
}

static void any_range_reads_as_the_whole_does(void **state)
{
    struct kit kit;
    struct vtb_recording *rec;
    size_t len, n;
    uint8_t *all, piece[70000], digest[VTB_RECORDING_DIGEST], sum[VTB_RECORDING_DIGEST];

    (void)state;
    kit_open(&kit);
    kit_make(&kit, SLOTS, FRAME);
    all = kit_read(&kit, &len);
    assert_true(len > 3 * VTB_SEAL_CHUNK);
    assert_int_equal(vtb_recording_open(kit.dir, kit.key, kit.id, &rec), VTB_OK);
    for (unsigned i = 0; i < 2000; i++) {
        size_t at = (size_t)(i * 2654435761u) % (len + 100), want = (size_t)(i * 40503u) % sizeof piece;

        assert_int_equal(vtb_recording_read(rec, at, piece, want, &n), VTB_OK);
        assert_int_equal(n, at >= len ? 0 : at + want > len ? len - at : want);
        assert_memory_equal(piece, all + (at < len ? at : 0), n);
    }
    assert_int_equal(vtb_recording_digest(rec, digest), VTB_OK);
    assert_int_equal(EVP_Digest(all, len, sum, NULL, EVP_sha256(), NULL), 1);
    assert_memory_equal(digest, sum, sizeof sum);
    vtb_recording_close(rec);
    vtb_recording_close(NULL);
    free(all);
    kit_close(&kit);
}

/* Exactly a chunk, one less, one more, nothing: the last one is the last one. */
static void every_length_closes_and_opens(void **state)
{
    static const size_t lengths[] = { 0, 1, VTB_SEAL_CHUNK - 1, VTB_SEAL_CHUNK, VTB_SEAL_CHUNK + 1, 3 * VTB_SEAL_CHUNK };
    static uint8_t bytes[3 * VTB_SEAL_CHUNK], back[3 * VTB_SEAL_CHUNK + 1];
    struct kit kit;

    (void)state;
    kit_open(&kit);
    vtb_random(bytes, sizeof bytes);
    for (size_t i = 0; i < VTB_COUNT(lengths); i++) {
        struct vtb_seal_about about = { .id = kit.id, .kind = VTB_SEAL_WHOLE, .plain_bytes = lengths[i] };
        struct vtb_whole_file *file;
        struct vtb_recording *rec;
        size_t n;

        assert_int_equal(vtb_whole_file_create(kit.dir, kit.key, &about, &file), VTB_OK);
        assert_int_equal(vtb_whole_file_append(file, bytes, lengths[i]), VTB_OK);
        assert_int_equal(vtb_whole_file_close(file, VTB_OK), VTB_OK);
        assert_int_equal(vtb_recording_open(kit.dir, kit.key, kit.id, &rec), VTB_OK);
        assert_int_equal(vtb_recording_read(rec, 0, back, sizeof back, &n), VTB_OK);
        assert_int_equal(n, lengths[i]);
        assert_memory_equal(back, bytes, n);
        vtb_recording_close(rec);
    }
    kit_close(&kit);
}

static void a_file_that_is_shorter_than_promised_gets_no_name(void **state)
{
    struct kit kit;
    struct vtb_whole_file *file;

    (void)state;
    kit_open(&kit);
    struct vtb_seal_about about = { .id = kit.id, .kind = VTB_SEAL_WHOLE, .plain_bytes = 10 };
    assert_int_equal(vtb_whole_file_create(kit.dir, kit.key, &about, &file), VTB_OK);
    assert_int_equal(vtb_whole_file_append(file, (const uint8_t *)"nine byte", 9), VTB_OK);
    assert_int_equal(vtb_whole_file_close(file, VTB_OK), VTB_CORRUPT);
    assert_false(vtb_file_is_there(kit.dir, kit.id, ".rec"));
    assert_false(vtb_file_is_there(kit.dir, kit.id, ".part"));
    kit_close(&kit);
}

static void another_site_key_is_refused_by_name(void **state)
{
    struct kit kit;
    struct vtb_recording *rec;

    (void)state;
    kit_open(&kit);
    kit_make(&kit, 10, 0);
    kit.key[31] ^= 1;
    assert_int_equal(vtb_recording_open(kit.dir, kit.key, kit.id, &rec), VTB_DENIED);
    kit.key[31] ^= 1;
    assert_int_equal(vtb_recording_open(kit.dir, kit.key, kit.id, &rec), VTB_OK);
    vtb_recording_close(rec);
    kit_close(&kit);
}

static void a_flipped_byte_anywhere_is_refused(void **state)
{
    struct kit kit;
    size_t len, plain_len;
    uint8_t *bytes, *plain;

    (void)state;
    kit_open(&kit);
    kit_make(&kit, SLOTS, FRAME);
    plain = kit_read(&kit, &plain_len);
    bytes = file_bytes(&kit, &len);
    for (size_t at = 0; at < len; at += at < VTB_SEAL_HEADER ? 1 : 6007) {
        if (at >= 116 && at < VTB_SEAL_HEADER)
            continue; /* twelve bytes that mean nothing */
        bytes[at] ^= 0x10;
        assert_int_not_equal(read_all(&kit, bytes, len, plain, plain_len), VTB_OK);
        bytes[at] ^= 0x10;
    }
    assert_int_equal(read_all(&kit, bytes, len, plain, plain_len), VTB_OK);
    free(bytes);
    free(plain);
    kit_close(&kit);
}

static void a_cut_or_lengthened_file_is_refused(void **state)
{
    struct kit kit;
    size_t len, plain_len;
    uint8_t *bytes, *plain;

    (void)state;
    kit_open(&kit);
    kit_make(&kit, SLOTS, FRAME);
    plain = kit_read(&kit, &plain_len);
    bytes = file_bytes(&kit, &len);
    bytes = realloc(bytes, len + 100);
    memset(bytes + len, 0, 100);
    assert_int_equal(read_all(&kit, bytes, len + 100, plain, plain_len), VTB_CORRUPT);
    for (size_t chunks = 0; VTB_SEAL_HEADER + chunks * SEALED < len; chunks++)
        assert_int_equal(read_all(&kit, bytes, VTB_SEAL_HEADER + chunks * SEALED, plain, plain_len), VTB_CORRUPT);
    assert_int_equal(read_all(&kit, bytes, len - 1, plain, plain_len), VTB_CORRUPT);
    assert_int_equal(read_all(&kit, bytes, 50, plain, plain_len), VTB_CORRUPT);
    free(bytes);
    free(plain);
    kit_close(&kit);
}

static void swap(uint8_t *a, uint8_t *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t was = a[i];

        a[i] = b[i];
        b[i] = was;
    }
}

static void chunks_in_another_order_or_of_another_file_are_refused(void **state)
{
    struct kit kit, other;
    size_t len, other_len, plain_len;
    uint8_t *bytes, *foreign, *plain;

    (void)state;
    kit_open(&kit);
    kit_open(&other);
    memcpy(other.key, kit.key, sizeof kit.key);
    kit_make(&kit, SLOTS, FRAME);
    kit_make(&other, SLOTS, FRAME);
    plain = kit_read(&kit, &plain_len);
    bytes = file_bytes(&kit, &len);
    foreign = file_bytes(&other, &other_len);
    assert_int_equal(len, other_len);
    swap(bytes + VTB_SEAL_HEADER, bytes + VTB_SEAL_HEADER + SEALED, SEALED);
    assert_int_equal(read_all(&kit, bytes, len, plain, plain_len), VTB_CORRUPT);
    swap(bytes + VTB_SEAL_HEADER, bytes + VTB_SEAL_HEADER + SEALED, SEALED);
    memcpy(bytes + VTB_SEAL_HEADER, bytes + VTB_SEAL_HEADER + SEALED, SEALED); /* one twice */
    assert_int_equal(read_all(&kit, bytes, len, plain, plain_len), VTB_CORRUPT);
    memcpy(bytes + VTB_SEAL_HEADER, foreign + VTB_SEAL_HEADER, SEALED);
    assert_int_equal(read_all(&kit, bytes, len, plain, plain_len), VTB_CORRUPT);
    assert_int_equal(read_all(&kit, foreign, len, plain, plain_len), VTB_CORRUPT); /* a file under another's name */
    free(bytes);
    free(foreign);
    free(plain);
    kit_close(&kit);
    kit_close(&other);
}

static void after_destroying_not_even_a_copy_of_the_blocks_opens(void **state)
{
    struct kit kit;
    struct vtb_recording *rec;
    char path[VTB_FILE_PATH], kept[VTB_FILE_PATH];
    int fd;

    (void)state;
    kit_open(&kit);
    kit_make(&kit, 10, 0);
    assert_int_equal(vtb_file_path(kit.dir, kit.id, ".rec", path), VTB_OK);
    assert_int_equal(vtb_file_path(kit.dir, kit.id, ".kept", kept), VTB_OK);
    assert_int_equal(link(path, kept), 0); /* the same blocks, still reachable */
    assert_int_equal(vtb_recording_destroy(kit.dir, kit.id), VTB_OK);
    assert_false(vtb_file_is_there(kit.dir, kit.id, ".rec"));
    fd = open(kept, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(vtb_recording_take_fd(fd, kit.key, &rec), VTB_CORRUPT);
    assert_int_equal(vtb_recording_open(kit.dir, kit.key, kit.id, &rec), VTB_ABSENT);
    assert_int_equal(vtb_recording_destroy(kit.dir, kit.id), VTB_OK); /* again is fine */
    kit_close(&kit);
}

static void finishing_twice_or_after_half_a_finish_ends_in_the_same_file(void **state)
{
    struct kit kit;
    struct vtb_recording_info first, again;
    uint8_t one[VTB_RECORDING_DIGEST], two[VTB_RECORDING_DIGEST];
    char path[VTB_FILE_PATH];
    int fd;

    (void)state;
    kit_open(&kit);
    kit_make(&kit, 100, 0);
    assert_int_equal(vtb_finish(kit.dir, kit.key, kit.id, &first, one), VTB_OK);
    assert_int_equal(vtb_finish(kit.dir, kit.key, kit.id, &again, two), VTB_OK);
    assert_memory_equal(one, two, sizeof one);
    assert_int_equal(first.bytes, again.bytes);
    assert_int_equal(again.duration_ms, 2000);
    /* What a crash in the middle of a finish leaves. */
    kit.id = vtb_id_make(2000000);
    assert_int_equal(vtb_file_path(kit.dir, kit.id, ".part", path), VTB_OK);
    fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, "half", 4), 4);
    close(fd);
    kit_make(&kit, 100, 0);
    assert_false(vtb_file_is_there(kit.dir, kit.id, ".part"));
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_range_reads_as_the_whole_does),
        cmocka_unit_test(every_length_closes_and_opens),
        cmocka_unit_test(a_file_that_is_shorter_than_promised_gets_no_name),
        cmocka_unit_test(another_site_key_is_refused_by_name),
        cmocka_unit_test(a_flipped_byte_anywhere_is_refused),
        cmocka_unit_test(a_cut_or_lengthened_file_is_refused),
        cmocka_unit_test(chunks_in_another_order_or_of_another_file_are_refused),
        cmocka_unit_test(after_destroying_not_even_a_copy_of_the_blocks_opens),
        cmocka_unit_test(finishing_twice_or_after_half_a_finish_ends_in_the_same_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
