/* Sound files and the one-line form of SDP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mediaclient/base64.h"
#include "mediaclient/wav.h"

static char path[] = "/tmp/consilium-wav-XXXXXX";

static int make_file(void **state)
{
    int fd;

    (void)state;
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    fd = mkstemp(path);
    if (fd >= 0)
        close(fd);
    return fd < 0;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void what_is_written_is_read_back_with_its_gaps(void **state)
{
    (void)state;
    struct vtb_wav_writer writer;
    struct vtb_wav wav;
    int16_t pcm[960];

    for (int i = 0; i < 960; i++)
        pcm[i] = (int16_t)(i * 7 - 3000);
    assert_int_equal(vtb_wav_create(path, &writer), VTB_OK);
    vtb_wav_append(&writer, 0, pcm, 960);
    vtb_wav_append(&writer, 1000, pcm, 960);
    assert_int_equal(vtb_wav_close(&writer), VTB_OK);
    assert_int_equal(vtb_wav_read(path, &wav), VTB_OK);
    assert_int_equal(wav.n, 960 + 1000 + 960);
    assert_memory_equal(wav.at, pcm, sizeof pcm);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(wav.at[960 + i], 0);
    assert_memory_equal(wav.at + 1960, pcm, sizeof pcm);
    free(wav.at);
}

static void a_killed_recording_is_playable_to_its_last_second(void **state)
{
    (void)state;
    struct vtb_wav_writer writer;
    struct vtb_wav wav;
    int16_t pcm[960] = { 1 };

    assert_int_equal(vtb_wav_create(path, &writer), VTB_OK);
    for (int i = 0; i < 120; i++)
        vtb_wav_append(&writer, 0, pcm, 960);
    assert_int_equal(vtb_wav_read(path, &wav), VTB_OK); /* not closed */
    assert_true(wav.n >= 2 * 48000);
    free(wav.at);
    assert_int_equal(vtb_wav_close(&writer), VTB_OK);
}

static void foreign_and_broken_files_are_refused(void **state)
{
    (void)state;
    struct vtb_wav wav = { 0 };
    struct vtb_wav_writer writer;
    uint8_t bytes[64];
    FILE *file;

    assert_int_equal(vtb_wav_read("/nowhere/at.wav", &wav), VTB_ABSENT);
    assert_int_equal(vtb_wav_read(path, &wav), VTB_PARSE); /* empty */
    assert_int_equal(vtb_wav_create(path, &writer), VTB_OK);
    vtb_wav_append(&writer, 0, (int16_t[10]){ 0 }, 10);
    assert_int_equal(vtb_wav_close(&writer), VTB_OK);
    file = fopen(path, "rb");
    assert_int_equal(fread(bytes, 1, sizeof bytes, file), sizeof bytes);
    fclose(file);
    for (size_t at = 20; at < 36; at++) { /* every field of the format */
        uint8_t was = bytes[at];

        if (at >= 28 && at < 34)
            continue; /* byte rate and block size follow from the others */
        bytes[at] = (uint8_t)(was + 1);
        file = fopen(path, "wb");
        assert_int_equal(fwrite(bytes, 1, sizeof bytes, file), sizeof bytes);
        fclose(file);
        assert_int_equal(vtb_wav_read(path, &wav), VTB_PARSE);
        bytes[at] = was;
    }
    assert_null(wav.at);
}

static void base64_follows_the_vectors_of_rfc_4648(void **state)
{
    (void)state;
    static const char *const plain[] = { "", "f", "fo", "foo", "foob", "fooba", "foobar" };
    static const char *const coded[] = { "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=",
                                         "Zm9vYmFy" };
    char out[16];
    uint8_t back[16];
    size_t len;

    for (size_t i = 0; i < VTB_COUNT(plain); i++) {
        vtb_base64_write((const uint8_t *)plain[i], strlen(plain[i]), out);
        assert_string_equal(out, coded[i]);
        assert_int_equal(vtb_base64_read(out, strlen(out), back, sizeof back, &len), VTB_OK);
        assert_int_equal(len, strlen(plain[i]));
        assert_memory_equal(back, plain[i], len);
    }
    assert_int_equal(vtb_base64_read("Zg=", 3, back, sizeof back, &len), VTB_PARSE);
    assert_int_equal(vtb_base64_read("Z===", 4, back, sizeof back, &len), VTB_PARSE);
    assert_int_equal(vtb_base64_read("Zm 9", 4, back, sizeof back, &len), VTB_PARSE);
    assert_int_equal(vtb_base64_read("Zm9vYmFy", 8, back, 5, &len), VTB_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_is_read_back_with_its_gaps, make_file,
                                        remove_file),
        cmocka_unit_test_setup_teardown(a_killed_recording_is_playable_to_its_last_second,
                                        make_file, remove_file),
        cmocka_unit_test_setup_teardown(foreign_and_broken_files_are_refused, make_file,
                                        remove_file),
        cmocka_unit_test(base64_follows_the_vectors_of_rfc_4648),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
