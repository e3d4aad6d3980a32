/* The judge is judged: what is whole passes, and each kind of damage is told as what it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <opus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mediaclient/trace.h"
#include "mediaclient/wav.h"
#include "rtc/rtp.h"

#define BEGIN_US 7000000u
#define LATER    125u /* frame from which on packets come later */
#define LEAD     25u  /* frames of silence before: half a second */

static struct vtb_wav said;
static char dir[] = "/tmp/judge_test.XXXXXX", trace[64], wav[64], result[16384];
static size_t onset; /* the frame in which the first word begins */

struct verdict { double stoi, gap_ms, first_ms, delay_ms; }; /* the worst of all utterances */

static double number(const char *from, const char *key)
{
    const char *at = strstr(from, key);

    assert_non_null(at);
    return strtod(at + strlen(key), NULL);
}

static void judge(void)
{
    char voice[512];
    int ends[2], status;
    ssize_t n, len = 0;
    pid_t pid;

    snprintf(voice, sizeof voice, "%u:" VTB_SPEECH_DIR "/anna.wav", BEGIN_US + LEAD * 20000);
    assert_int_equal(pipe(ends), 0);
    pid = fork();
    if (pid == 0) {
        dup2(ends[1], 1);
        close(ends[0]);
        execl(VTB_JUDGE, VTB_JUDGE, trace, wav, voice, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    while ((n = read(ends[0], result + len, sizeof result - 1 - (size_t)len)) > 0)
        len += n;
    result[len] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* What the judge says of anna when only the packets that `comes` names arrive. */
static struct verdict hear(bool (*comes)(size_t frame), uint64_t later_us)
{
    OpusEncoder *encoder = opus_encoder_create(48000, 1, OPUS_APPLICATION_VOIP, NULL);
    FILE *file = fopen(trace, "wbe");
    struct verdict worst = { 2, 0, 0, 0 };

    assert_non_null(file);
    for (size_t f = 0; f < said.n / 960; f++) {
        uint8_t bytes[1275];
        int16_t silence[960] = { 0 };
        int len = opus_encode(encoder, f < LEAD ? silence : said.at + (f - LEAD) * 960, 960, bytes, sizeof bytes);
        struct vtb_heard heard = { .at_us = BEGIN_US + f * 20000 + 20000 + (f > LATER ? later_us : 0),
                                   .timestamp = (uint32_t)f * 960, .seq = (uint16_t)f, .type = VTB_RTP_OPUS,
                                   .payload = bytes, .len = (size_t)len };

        if (comes(f))
            assert_int_equal(vtb_trace_write(file, &heard), 0);
    }
    fclose(file);
    opus_encoder_destroy(encoder);
    judge();
    for (const char *at = strstr(result, "{\"at_ms\""); at; at = strstr(at + 1, "{\"at_ms\"")) {
        double stoi = number(at, "\"stoi\":"), gap = number(at, "\"gap_ms\":"), first = number(at, "\"first_ms\":"),
               delay = number(at, "\"delay_ms\":");

        worst.stoi = stoi < worst.stoi ? stoi : worst.stoi;
        worst.gap_ms = gap > worst.gap_ms ? gap : worst.gap_ms;
        worst.first_ms = first > worst.first_ms ? first : worst.first_ms;
        worst.delay_ms = delay > worst.delay_ms ? delay : worst.delay_ms;
    }
    print_message("    STOI %.3f, gap %.0f, first syllable lacks %.0f, delay %.0f\n", worst.stoi, worst.gap_ms,
                  worst.first_ms, worst.delay_ms);
    return worst;
}

static bool all(size_t frame)
{
    (void)frame;
    return true;
}

static bool without_first_syllable(size_t frame)
{
    return frame < onset || frame >= onset + 8;
}

/* 400 ms, of which 120 are made up and fade. */
static bool with_a_hole(size_t frame)
{
    return frame < onset + 25 || frame >= onset + 45;
}

static bool every_other(size_t frame)
{
    return frame < LEAD || frame % 8 < 4;
}

static void what_is_whole_passes(void **state)
{
    struct verdict v = hear(all, 0);
    (void)state;

    assert_true(v.stoi > 0.95);
    assert_true(v.gap_ms <= 10 && v.first_ms == 0);
    assert_true(v.delay_ms >= 20 && v.delay_ms <= 100);
}

static void damage_is_told_as_what_it_is(void **state)
{
    struct verdict first = hear(without_first_syllable, 0), hole = hear(with_a_hole, 0), half = hear(every_other, 0);
    (void)state;

    assert_true(first.first_ms > 40);
    assert_true(hole.gap_ms > 150);
    assert_true(hole.stoi < 0.9);
    assert_true(half.stoi < 0.7);
}

static void what_comes_later_from_then_on_has_more_delay(void **state)
{
    struct verdict v = hear(all, 300000);
    (void)state;

    assert_true(v.delay_ms >= 250);
}

static int open_all(void **state)
{
    (void)state;
    if (!mkdtemp(dir) || vtb_wav_read(VTB_SPEECH_DIR "/anna.wav", &said))
        return -1;
    snprintf(trace, sizeof trace, "%s/trace", dir);
    snprintf(wav, sizeof wav, "%s/heard.wav", dir);
    for (size_t i = 0; i < said.n; i++)
        if (abs(said.at[i]) > 300) {
            onset = LEAD + i / 960;
            break;
        }
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    free(said.at);
    unlink(trace);
    unlink(wav);
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_whole_passes),
        cmocka_unit_test(damage_is_told_as_what_it_is),
        cmocka_unit_test(what_comes_later_from_then_on_has_more_delay),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
