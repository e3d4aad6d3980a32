/* consilium-voice as the rehearsal and the tests use it: lines in, lines out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "house.h"
#include "mediaclient/base64.h"

#define VOICES 3u
#define LINE   16384

struct child {
    pid_t pid;
    int to;
    FILE *from;
    vtb_peer peer;
    char record[64];
};

static struct house house;
static struct child voices[VOICES];
static struct child *waiting; /* for house_run's condition */
static char last[LINE];
static const char *wanted;

static void start(struct child *child)
{
    int in[2], out[2];

    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    child->pid = fork();
    if (child->pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        for (int fd = 3; fd < 256; fd++)
            close(fd);
        execl(VTB_VOICE_PROGRAM, "consilium-voice", (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    child->to = in[1];
    fcntl(in[1], F_SETFD, FD_CLOEXEC);
    fcntl(out[0], F_SETFD, FD_CLOEXEC);
    child->from = fdopen(out[0], "r");
    setvbuf(child->from, NULL, _IONBF, 0);
}

static void tell(const struct child *child, const char *command, const char *rest)
{
    dprintf(child->to, "%s%s%s\n", command, *rest ? " " : "", rest);
}

/* Reads the lines that are there; true when one begins with `wanted`. */
static bool line_is_there(struct house *h)
{
    struct pollfd fd = { .fd = fileno(waiting->from), .events = POLLIN };

    (void)h;
    while (poll(&fd, 1, 0) > 0) {
        if (!fgets(last, sizeof last, waiting->from))
            return false;
        last[strcspn(last, "\n")] = '\0';
        if (strncmp(last, wanted, strlen(wanted)) == 0)
            return true;
    }
    return false;
}

static void expect(struct child *child, const char *line)
{
    waiting = child;
    wanted = line;
    if (!house_run(&house, line_is_there))
        fail_msg("no line '%s'", line);
}

static void end(struct child *child, const char *how)
{
    int status = -1;

    if (*how)
        tell(child, how, "");
    close(child->to);
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    assert_int_equal(status, 0);
    fclose(child->from);
}

static void connect_voice(struct child *child)
{
    static char line[VTB_BASE64_LEN(VTB_CLIENT_SDP_MAX) + 1];
    static uint8_t answer[VTB_CLIENT_SDP_MAX];
    char *offer = house_offer(&house, &child->peer);
    size_t len;

    vtb_base64_write((const uint8_t *)offer, strlen(offer), line);
    free(offer);
    tell(child, "offer", line);
    expect(child, "answer ");
    assert_int_equal(vtb_base64_read(last + 7, strlen(last + 7), answer, sizeof answer, &len),
                     VTB_OK);
    assert_int_equal(vtb_media_answer(house.media, child->peer, (const char *)answer, len), VTB_OK);
    expect(child, "connected");
}

/* r of `voice` in a recording, at the best of delays up to a second. */
static double presence(const struct hear *voice, const char *path)
{
    struct hear heard = hear_wav(path), ref, got;
    double best = -1.0;

    ref = hear_band(voice->at, voice->n);
    got = hear_band(heard.at, heard.n);
    ref.n = 40000; /* five seconds */
    for (int d = -4000; d <= 8000; d++) {
        double r = hear_r(&ref, &got, d);

        best = r > best ? r : best;
    }
    free(heard.at);
    free(ref.at);
    free(got.at);
    return best;
}

static const char *const names[VOICES] = { "anna", "ben", "cleo" };

/* Everybody says their text into a recording room. */
static void hold_meeting(void)
{
    char path[1024];

    for (size_t i = 0; i < VOICES; i++) {
        start(&voices[i]);
        snprintf(voices[i].record, sizeof voices[i].record, "/tmp/consilium-voice-%d-%zu.wav",
                 (int)getpid(), i);
        tell(&voices[i], "record", voices[i].record);
        connect_voice(&voices[i]);
    }
    for (size_t i = 0; i < VOICES; i++) {
        snprintf(path, sizeof path, "%s/%s.wav", VTB_SPEECH_DIR, names[i]);
        tell(&voices[i], "say", path);
    }
    for (size_t i = 0; i < VOICES; i++)
        expect(&voices[i], "said ");
    for (size_t i = 0; i < VOICES; i++) {
        unsigned long long received = 0, authenticated = 1;

        tell(&voices[i], "stats", "");
        expect(&voices[i], "stats ");
        assert_int_equal(sscanf(last, "stats received=%llu authenticated=%llu", &received,
                                &authenticated), 2);
        assert_true(received > 100);
        assert_int_equal(received, authenticated);
        end(&voices[i], i ? "quit" : ""); /* the end of the input is a goodbye, too */
    }
}

/* Do the recordings hold the others, and never oneself? */
static bool recordings_are_right(void)
{
    bool good = true;

    for (size_t i = 0; i < VOICES; i++) {
        for (size_t v = 0; v < VOICES; v++) {
            struct hear voice = hear_voice(names[v]);
            double r = presence(&voice, voices[i].record);

            print_message("    %s in what %s recorded: %.3f\n", names[v], names[i], r);
            if (v == i)
                assert_true(r < 0.2);
            else
                good = good && r > 0.4;
            free(voice.at);
        }
        unlink(voices[i].record);
    }
    return good;
}

static void three_programs_talk_and_their_recordings_hold_the_others(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        bool late, good;

        house_wait_calm();
        house_open(&house);
        hold_meeting();
        good = recordings_are_right();
        late = house_was_late(&house);
        house_close(&house);
        if (good)
            return;
        /* The programs' own delays cannot be seen from here: twice is the benefit of the doubt. */
        if (!late && i >= 2)
            fail_msg("not heard, though nobody was late");
        print_message("    once more\n");
    }
    fail_msg("the machine is too slow to say");
}

static void wrong_commands_are_answered_and_change_nothing(void **state)
{
    (void)state;
    static char long_line[20000];
    struct child *child = &voices[0];
    char path[1024];

    house_open(&house);
    start(child);
    tell(child, "dance", "");
    expect(child, "failed unknown parse");
    tell(child, "offer", "%%%");
    expect(child, "failed offer parse");
    tell(child, "offer", "aGVsbG8=");
    expect(child, "failed offer parse");
    tell(child, "say", "/nowhere/at.wav");
    expect(child, "failed say absent");
    tell(child, "move", "");
    expect(child, "failed move absent");
    tell(child, "record", "/nowhere/at.wav");
    expect(child, "failed record absent");
    memset(long_line, 'a', sizeof long_line - 1);
    tell(child, long_line, "");
    expect(child, "failed line limit");
    connect_voice(child); /* and then it works as ever */
    snprintf(path, sizeof path, "%s/anna.wav", VTB_SPEECH_DIR);
    tell(child, "loop", path);
    tell(child, "quiet", "");
    assert_int_equal(vtb_media_drop_peer(house.media, child->peer), VTB_OK);
    expect(child, "gone closed");
    connect_voice(child);
    end(child, "quit");
    house_close(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_commands_are_answered_and_change_nothing),
        cmocka_unit_test(three_programs_talk_and_their_recordings_hold_the_others),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
