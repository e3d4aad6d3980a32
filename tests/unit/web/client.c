#include "bed.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static int open_with(const struct bed *bed, int rcvbuf)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(bed->port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval limit = { .tv_sec = 20 };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CHECK(fd >= 0);
    if (rcvbuf)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof rcvbuf);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    CHECK_EQ(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

int client_open(const struct bed *bed)
{
    return open_with(bed, 0);
}

int client_open_small(const struct bed *bed)
{
    return open_with(bed, 4096);
}

void client_send_bytes(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

        if (n <= 0)
            return; /* the server hung up: the reader will see it */
        at += n;
        len -= (size_t)n;
    }
}

void client_send(int fd, const char *text)
{
    client_send_bytes(fd, text, strlen(text));
}

void client_sendf(int fd, const char *format, ...)
{
    char text[4096];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    client_send(fd, text);
}

static bool read_exactly(int fd, void *to, size_t len)
{
    char *at = to;

    while (len) {
        ssize_t n = recv(fd, at, len, 0);

        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

void client_reply(int fd, bool is_head, struct reply *out)
{
    const char *length;
    size_t at = 0;

    memset(out, 0, sizeof *out);
    while (at < sizeof out->head - 1) {
        if (!read_exactly(fd, out->head + at, 1))
            return;
        at++;
        if (at >= 4 && memcmp(out->head + at - 4, "\r\n\r\n", 4) == 0)
            break;
    }
    if (sscanf(out->head, "HTTP/1.1 %d", &out->status) != 1)
        return;
    length = strcasestr(out->head, "\r\ncontent-length:");
    if (!length || is_head)
        return;
    out->len = strtoul(length + 17, NULL, 10);
    out->body = calloc(1, out->len + 1);
    if (!read_exactly(fd, out->body, out->len))
        out->len = 0;
}

void reply_fini(struct reply *reply)
{
    free(reply->body);
    reply->body = NULL;
}

bool reply_has(const struct reply *reply, const char *line)
{
    char text[1024];

    snprintf(text, sizeof text, "\r\n%s", line);
    return strcasestr(reply->head, text) != NULL;
}

bool client_is_closed(int fd)
{
    char byte;

    return recv(fd, &byte, 1, 0) == 0;
}

int client_status(int fd, const char *request)
{
    struct reply reply;

    client_send(fd, request);
    client_reply(fd, false, &reply);
    reply_fini(&reply);
    return reply.status;
}

int ws_open(const struct bed *bed, int fd, const char *origin, const char *protocol,
            const char *extra)
{
    return ws_open_at(bed, fd, "/ws", origin, protocol, extra);
}

int ws_open_at(const struct bed *bed, int fd, const char *path, const char *origin, const char *protocol,
               const char *extra)
{
    struct reply reply;

    client_sendf(fd,
                 "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUpgrade: websocket\r\n"
                 "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                 "Sec-WebSocket-Version: 13\r\n%s%s%s%s%s%s%s\r\n",
                 path, bed->port, origin ? "Origin: " : "", origin ? origin : "", origin ? "\r\n" : "",
                 protocol ? "Sec-WebSocket-Protocol: " : "", protocol ? protocol : "",
                 protocol ? "\r\n" : "", extra);
    client_reply(fd, false, &reply);
    reply_fini(&reply);
    return reply.status;
}

int ws_good(const struct bed *bed)
{
    char origin[64];
    int fd = client_open(bed);

    snprintf(origin, sizeof origin, "http://127.0.0.1:%u", bed->port);
    CHECK_EQ(ws_open(bed, fd, origin, "consilium.v1", WS_GOOD), 101);
    return fd;
}

void ws_send(int fd, int opcode, bool is_final, const void *data, size_t len)
{
    static const uint8_t mask[4] = { 1, 2, 3, 4 };
    uint8_t *frame = malloc(len + 14);
    size_t n = 2;

    frame[0] = (uint8_t)((is_final ? 0x80 : 0) | opcode);
    if (len < 126) {
        frame[1] = (uint8_t)(0x80 | len);
    } else if (len < 65536) {
        frame[1] = 0x80 | 126;
        frame[2] = (uint8_t)(len >> 8);
        frame[3] = (uint8_t)len;
        n = 4;
    } else {
        frame[1] = 0x80 | 127;
        for (int i = 0; i < 8; i++)
            frame[2 + i] = (uint8_t)((uint64_t)len >> (56 - 8 * i));
        n = 10;
    }
    memcpy(frame + n, mask, 4);
    n += 4;
    for (size_t i = 0; i < len; i++)
        frame[n + i] = ((const uint8_t *)data)[i] ^ mask[i % 4];
    client_send_bytes(fd, frame, n + len);
    free(frame);
}

void ws_text(int fd, const char *text)
{
    ws_send(fd, 1, true, text, strlen(text));
}

struct frame ws_read(int fd)
{
    struct frame frame = { .opcode = -1 };
    uint8_t head[2], more[8];
    uint64_t len;

    for (;;) {
        if (!read_exactly(fd, head, 2))
            return frame;
        len = head[1] & 0x7f;
        if (len == 126 && read_exactly(fd, more, 2))
            len = (uint64_t)(more[0] << 8 | more[1]);
        else if (len == 127 && read_exactly(fd, more, 8))
            for (int i = 0; i < 8; i++)
                len = len << 8 | more[i];
        if (len > 1 << 24)
            return frame;
        frame.data = calloc(1, (size_t)len + 1);
        if (!read_exactly(fd, frame.data, (size_t)len))
            return frame;
        frame.len = (size_t)len;
        frame.opcode = head[0] & 0x0f;
        if (frame.opcode != 9)
            break;
        ws_send(fd, 10, true, frame.data, frame.len);
        free(frame.data);
        frame = (struct frame){ .opcode = -1 };
    }
    if (frame.opcode == 8 && frame.len >= 2)
        frame.code = frame.data[0] << 8 | frame.data[1];
    return frame;
}

void frame_fini(struct frame *frame)
{
    free(frame->data);
    frame->data = NULL;
}
