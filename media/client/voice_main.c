/*
 * consilium-voice - one voice of the rehearsed meeting or of a test.
 *
 * One command a line on standard input, one event a line on standard output:
 *
 *     offer BASE64     the server's SDP offer         -> answer BASE64, later: connected
 *     seq N            the next connection sends from sequence number N on (1..65535)
 *     say PATH         plays a file once, after what is playing  -> says US PATH, then said PATH
 *                      (US: monotonic microseconds of its first sample)
 *     loop PATH        plays it again and again, instead of what is playing
 *     quiet            stops at once; what was to be said is forgotten
 *     record PATH      writes what is heard from now on as WAV, silence included; a new path ends
 *                      the old file, no path just ends it
 *     trace PATH       writes what arrives from now on, undecoded, with its times (trace.h); no path
 *                      ends it
 *     move             goes on from a new UDP port, as after a change of network
 *     stats                                 -> stats received=N authenticated=N lost=N sent=N again=N repaired=N
 *     quit             says goodbye and ends; the end of the input does the same
 *
 *     gone WORD        the connection is over (closed, timeout, denied); a new offer may follow
 *     failed COMMAND WORD   the command was not carried out; everything else goes on
 *
 * Sound files are WAV, 48 kHz, mono, 16 bit (wav.h). Between the sounds it sends silence, as
 * a browser with an open microphone in a quiet room does.
 */
#include "base/clock.h"
#include "mediaclient/base64.h"
#include "mediaclient/client.h"
#include "mediaclient/trace.h"
#include "mediaclient/wav.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_LEN 16384u /* an offer of 8192 bytes in base64, with room */
#define QUEUE_MAX    32u

struct clip {
    char *path;
    struct vtb_wav wav;
    size_t at;
    bool loops;
};

struct voice {
    struct vtb_crew *crew;
    struct vtb_client *client;
    struct clip queue[QUEUE_MAX]; /* the first one plays */
    size_t queued;
    struct vtb_wav_writer record;
    FILE *trace;
    uint16_t first_seq;
    char line[LINE_MAX_LEN];
    size_t line_len;
    bool skips; /* the line was too long: up to its end nothing is read */
    bool quits;
};

static void answer_failed(const char *command, enum vtb_err err)
{
    printf("failed %s %s\n", command, vtb_err_name(err));
}

static void drop_first(struct voice *voice)
{
    free(voice->queue[0].path);
    free(voice->queue[0].wav.at);
    voice->queued--;
    memmove(voice->queue, voice->queue + 1, voice->queued * sizeof *voice->queue);
}

static bool speak(void *ctx, int16_t pcm[static VTB_CLIENT_FRAME])
{
    struct voice *voice = ctx;
    size_t filled = 0;

    while (filled < VTB_CLIENT_FRAME && voice->queued) {
        struct clip *clip = &voice->queue[0];
        size_t n = clip->wav.n - clip->at;

        if (clip->at == 0 && !clip->loops)
            printf("says %llu %s\n", (unsigned long long)(vtb_mono_us() + filled * 1000u / 48u), clip->path);
        if (n > VTB_CLIENT_FRAME - filled)
            n = VTB_CLIENT_FRAME - filled;
        memcpy(pcm + filled, clip->wav.at + clip->at, n * sizeof *pcm);
        clip->at += n;
        filled += n;
        if (clip->at < clip->wav.n)
            break;
        clip->at = 0;
        if (!clip->loops) {
            printf("said %s\n", clip->path);
            drop_first(voice);
        }
    }
    memset(pcm + filled, 0, (VTB_CLIENT_FRAME - filled) * sizeof *pcm);
    return filled != 0;
}

static void hear(void *ctx, uint64_t gap, const int16_t *pcm, size_t n)
{
    struct voice *voice = ctx;

    vtb_wav_append(&voice->record, gap, pcm, n);
}

static void packet(void *ctx, const struct vtb_heard *heard)
{
    struct voice *voice = ctx;

    if (voice->trace && vtb_trace_write(voice->trace, heard)) {
        answer_failed("trace", VTB_SYS);
        fclose(voice->trace);
        voice->trace = NULL;
    }
}

static void connected(void *ctx)
{
    (void)ctx;
    printf("connected\n");
}

static void gone(void *ctx, enum vtb_err why)
{
    (void)ctx;
    printf("gone %s\n", vtb_err_name(why));
}

static void take_offer(struct voice *voice, const char *text)
{
    static uint8_t offer[VTB_CLIENT_SDP_MAX];
    static char answer[VTB_CLIENT_SDP_MAX + 1], line[VTB_BASE64_LEN(VTB_CLIENT_SDP_MAX) + 1];
    struct vtb_client_config cfg = { .ctx = voice, .connected = connected, .gone = gone,
                                     .speak = speak, .hear = hear, .packet = packet,
                                     .first_seq = voice->first_seq, .mends = true };
    size_t len;
    enum vtb_err err = vtb_base64_read(text, strlen(text), offer, sizeof offer, &len);

    vtb_client_drop(voice->client);
    voice->client = NULL;
    if (!err)
        err = vtb_client_add(voice->crew, &cfg, (const char *)offer, len, &voice->client, answer);
    if (err) {
        answer_failed("offer", err);
        return;
    }
    vtb_base64_write((const uint8_t *)answer, strlen(answer), line);
    printf("answer %s\n", line);
}

static void forget_sounds(struct voice *voice)
{
    while (voice->queued)
        drop_first(voice);
}

static void play(struct voice *voice, const char *command, const char *path, bool loops)
{
    struct clip clip = { .loops = loops };
    enum vtb_err err;

    if (!loops && voice->queued == QUEUE_MAX) {
        answer_failed(command, VTB_LIMIT);
        return;
    }
    err = vtb_wav_read(path, &clip.wav);
    clip.path = err ? NULL : strdup(path);
    if (err || !clip.path) {
        answer_failed(command, err ? err : VTB_NOMEM);
        free(clip.wav.at);
        return;
    }
    /* What loops never ends by itself: the next sound takes its place. */
    if (loops || (voice->queued && voice->queue[0].loops))
        forget_sounds(voice);
    voice->queue[voice->queued++] = clip;
}

static void record(struct voice *voice, const char *path)
{
    enum vtb_err err = vtb_wav_close(&voice->record);

    if (!err && *path)
        err = vtb_wav_create(path, &voice->record);
    if (err)
        answer_failed("record", err);
}

static void trace(struct voice *voice, const char *path)
{
    bool failed = voice->trace && fclose(voice->trace);

    voice->trace = *path ? fopen(path, "wbe") : NULL;
    if (failed || (*path && !voice->trace))
        answer_failed("trace", VTB_SYS);
}

static void say_stats(const struct voice *voice)
{
    struct vtb_client_stats stats = { 0 };

    if (voice->client)
        vtb_client_stats(voice->client, &stats);
    printf("stats received=%llu authenticated=%llu lost=%llu sent=%llu again=%llu repaired=%llu\n",
           (unsigned long long)stats.received, (unsigned long long)stats.authenticated,
           (unsigned long long)stats.lost, (unsigned long long)stats.sent, (unsigned long long)stats.again,
           (unsigned long long)stats.repaired);
}

static void obey(struct voice *voice, char *line)
{
    char *rest = strchr(line, ' ');

    if (rest)
        *rest++ = '\0';
    else
        rest = line + strlen(line);
    if (strcmp(line, "offer") == 0) {
        take_offer(voice, rest);
    } else if (strcmp(line, "say") == 0 || strcmp(line, "loop") == 0) {
        play(voice, line, rest, line[0] == 'l');
    } else if (strcmp(line, "quiet") == 0) {
        forget_sounds(voice);
    } else if (strcmp(line, "record") == 0) {
        record(voice, rest);
    } else if (strcmp(line, "trace") == 0) {
        trace(voice, rest);
    } else if (strcmp(line, "move") == 0) {
        enum vtb_err err = voice->client ? vtb_client_move(voice->client) : VTB_ABSENT;

        if (err)
            answer_failed("move", err);
    } else if (strcmp(line, "seq") == 0) {
        voice->first_seq = (uint16_t)strtoul(rest, NULL, 10);
    } else if (strcmp(line, "stats") == 0) {
        say_stats(voice);
    } else if (strcmp(line, "quit") == 0) {
        voice->quits = true;
    } else if (*line) {
        answer_failed("unknown", VTB_PARSE);
    }
}

/* Cuts the input into lines. A line that is too long is refused as a whole. */
static void read_lines(struct voice *voice)
{
    char in[4096];
    ssize_t n = read(STDIN_FILENO, in, sizeof in);

    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        voice->quits = true;
    for (ssize_t i = 0; i < n && !voice->quits; i++) {
        if (in[i] == '\n') {
            voice->line[voice->line_len] = '\0';
            if (voice->skips)
                answer_failed("line", VTB_LIMIT);
            else
                obey(voice, voice->line);
            voice->line_len = 0;
            voice->skips = false;
        } else if (voice->line_len + 1 < sizeof voice->line) {
            voice->line[voice->line_len++] = in[i];
        } else {
            voice->skips = true;
        }
    }
}

int main(void)
{
    static struct voice voice;
    struct pollfd fds[2] = { { .fd = STDIN_FILENO, .events = POLLIN } };
    enum vtb_err err = vtb_crew_create(&voice.crew);

    if (err) {
        fprintf(stderr, "consilium-voice: cannot start: %s\n", vtb_err_name(err));
        return 1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN); /* a reader that left: the input ends soon, too */
    fds[1] = (struct pollfd){ .fd = vtb_crew_fd(voice.crew), .events = POLLIN };
    while (!voice.quits && !err) {
        if (poll(fds, 2, vtb_crew_wait_ms(voice.crew)) < 0 && errno != EINTR)
            break;
        if (fds[0].revents)
            read_lines(&voice);
        err = vtb_crew_step(voice.crew, 0);
    }
    vtb_crew_destroy(voice.crew);
    forget_sounds(&voice);
    trace(&voice, "");
    err = vtb_wav_close(&voice.record);
    if (err)
        fprintf(stderr, "consilium-voice: the recording is not complete: %s\n", vtb_err_name(err));
    return err ? 1 : 0;
}
