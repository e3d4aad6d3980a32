#include "door.h"

#include "mediaclient/base64.h"
#include "mediaclient/client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS VTB_CLIENTS_MAX

struct ours {
    int fd;
    FILE *out;
    door_offer *offer;
    size_t asked[CLIENTS], asked_from, asked_to; /* the host answers in order */
    struct { unsigned index, generation; } name[CLIENTS];
    char in[32768];
    size_t in_len;
};

static void add(void *state, size_t who, unsigned room, bool speaks)
{
    struct ours *ours = state;

    ours->asked[ours->asked_to++ % CLIENTS] = who;
    fprintf(ours->out, "add %u %d\n", room, speaks);
}

static void take_line(struct ours *ours, char *line)
{
    static uint8_t sdp[VTB_CLIENT_SDP_MAX];
    unsigned index, generation;
    int at = 0;
    size_t len, who;

    if (strncmp(line, "gone", 4) == 0)
        door_fail(line);
    if (sscanf(line, "offer %u %u %n", &index, &generation, &at) != 2 || !at)
        return;
    if (vtb_base64_read(line + at, strlen(line + at), sdp, sizeof sdp, &len))
        door_fail("an offer cannot be read");
    who = ours->asked[ours->asked_from++ % CLIENTS];
    ours->name[who].index = index;
    ours->name[who].generation = generation;
    ours->offer(who, (const char *)sdp, len);
}

static void step(void *state)
{
    struct ours *ours = state;
    ssize_t n = recv(ours->fd, ours->in + ours->in_len, sizeof ours->in - ours->in_len - 1, MSG_DONTWAIT);
    char *end;

    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        door_fail("the host ended");
    if (n < 0)
        return;
    ours->in_len += (size_t)n;
    ours->in[ours->in_len] = '\0';
    while ((end = strchr(ours->in, '\n'))) {
        *end++ = '\0';
        take_line(ours, ours->in);
        ours->in_len -= (size_t)(end - ours->in);
        memmove(ours->in, end, ours->in_len + 1);
    }
}

static void answer(void *state, size_t who, const char *sdp)
{
    static char text[VTB_BASE64_LEN(VTB_CLIENT_SDP_MAX) + 1];
    struct ours *ours = state;

    vtb_base64_write((const uint8_t *)sdp, strlen(sdp), text);
    fprintf(ours->out, "answer %u %u %s\n", ours->name[who].index, ours->name[who].generation, text);
}

struct door door_ours(const char *path, door_offer *offer)
{
    static struct ours ours;
    struct sockaddr_un name = { .sun_family = AF_UNIX };

    if (strlen(path) >= sizeof name.sun_path)
        door_fail("path");
    memcpy(name.sun_path, path, strlen(path) + 1);
    ours.fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ours.offer = offer;
    for (int i = 0; connect(ours.fd, (struct sockaddr *)&name, sizeof name); i++) {
        if (i == 500)
            door_fail("no host");
        usleep(10000);
    }
    ours.out = fdopen(dup(ours.fd), "w");
    if (!ours.out)
        door_fail("no host");
    setvbuf(ours.out, NULL, _IOLBF, 0);
    return (struct door){ &ours, add, step, answer };
}
