#include "door.h"

#include "mediaclient/client.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS VTB_CLIENTS_MAX

struct janus {
    int fd;
    door_offer *offer;
    json_int_t session, handles[CLIENTS];
    struct { unsigned room; bool speaks; } place[CLIENTS];
    char in[1u << 20]; /* the list of who is there comes with every join */
};

static void send_json(const struct janus *janus, json_t *message)
{
    char *text = json_dumps(message, JSON_COMPACT);

    json_decref(message);
    if (!text || send(janus->fd, text, strlen(text), 0) < 0)
        door_fail("Janus does not read");
    free(text);
}

static json_t *next(struct janus *janus, int flags)
{
    ssize_t n = recv(janus->fd, janus->in, sizeof janus->in, flags);

    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        door_fail("Janus ended");
    if (n <= 0)
        return NULL;
    /* Who came and went is told to everybody: thousands of messages that nobody here waits for. */
    if (!memmem(janus->in, (size_t)n, "\"transaction\"", 13))
        return json_object();
    return json_loadb(janus->in, (size_t)n, 0, NULL);
}

static const char *word(const json_t *message, const char *key)
{
    const char *text = json_string_value(json_object_get(message, key));

    return text ? text : "";
}

/* Waits for the answer to `transaction`; only before the crowd comes. */
static json_t *await(struct janus *janus, const char *transaction)
{
    for (;;) {
        json_t *message = next(janus, 0);

        if (message && strcmp(word(message, "transaction"), transaction) == 0 && strcmp(word(message, "janus"), "ack") != 0)
            return message;
        json_decref(message);
    }
}

static json_int_t id_in(json_t *message)
{
    json_int_t id = json_integer_value(json_object_get(json_object_get(message, "data"), "id"));

    json_decref(message);
    if (!id)
        door_fail("Janus refused a session or a handle");
    return id;
}

static void add(void *state, size_t who, unsigned room, bool speaks)
{
    struct janus *janus = state;
    char transaction[24];

    janus->place[who].room = room;
    janus->place[who].speaks = speaks;
    snprintf(transaction, sizeof transaction, "a%zu", who);
    send_json(janus, json_pack("{s:s,s:s,s:I,s:s}", "janus", "attach", "plugin", "janus.plugin.audiobridge", "session_id",
                               janus->session, "transaction", transaction));
}

static void join(const struct janus *janus, size_t who)
{
    char transaction[24];

    snprintf(transaction, sizeof transaction, "j%zu", who);
    send_json(janus, json_pack("{s:s,s:I,s:I,s:s,s:{s:s,s:I,s:b,s:b}}", "janus", "message", "session_id", janus->session, "handle_id",
                               janus->handles[who], "transaction", transaction, "body", "request", "join", "room",
                               (json_int_t)janus->place[who].room + 1, "muted", !janus->place[who].speaks, "generate_offer", true));
}

static void take(struct janus *janus, json_t *message)
{
    const char *transaction = word(message, "transaction"), *sdp;
    size_t who = *transaction ? strtoul(transaction + 1, NULL, 10) : 0;
    json_t *data = json_object_get(json_object_get(message, "plugindata"), "data");

    if (strcmp(word(message, "janus"), "error") == 0 || json_object_get(data, "error"))
        door_fail(json_object_get(data, "error") ? word(data, "error") : "Janus refused a request");
    if (who >= CLIENTS)
        return;
    if (transaction[0] == 'a' && strcmp(word(message, "janus"), "success") == 0) {
        janus->handles[who] = json_integer_value(json_object_get(json_object_get(message, "data"), "id"));
        join(janus, who);
    } else if (transaction[0] == 'j' && (sdp = json_string_value(json_object_get(json_object_get(message, "jsep"), "sdp")))) {
        janus->offer(who, sdp, strlen(sdp));
    }
}

static void step(void *state)
{
    struct janus *janus = state;
    json_t *message;

    for (int i = 0; i < 200 && (message = next(janus, MSG_DONTWAIT)); i++) {
        take(janus, message);
        json_decref(message);
    }
}

static void answer(void *state, size_t who, const char *sdp)
{
    struct janus *janus = state;
    char transaction[24];

    snprintf(transaction, sizeof transaction, "c%zu", who);
    send_json(janus, json_pack("{s:s,s:I,s:I,s:s,s:{s:s},s:{s:s,s:s}}", "janus", "message", "session_id", janus->session, "handle_id",
                               janus->handles[who], "transaction", transaction, "body", "request", "configure", "jsep", "type",
                               "answer", "sdp", sdp));
}

static void make_rooms(struct janus *janus, unsigned rooms, unsigned bitrate, unsigned fec_percent)
{
    json_int_t handle;

    send_json(janus, json_pack("{s:s,s:s,s:I,s:s}", "janus", "attach", "plugin", "janus.plugin.audiobridge", "session_id",
                               janus->session, "transaction", "first"));
    handle = id_in(await(janus, "first"));
    for (unsigned room = 1; room <= rooms; room++) {
        json_t *made;

        send_json(janus, json_pack("{s:s,s:I,s:I,s:s,s:{s:s,s:i,s:i,s:i,s:i,s:b}}", "janus", "message", "session_id", janus->session,
                                   "handle_id", handle, "transaction", "room", "body", "request", "create", "room", room,
                                   "sampling_rate", 48000, "default_bitrate", bitrate, "default_expectedloss", fec_percent,
                                   "audiolevel_event", 0));
        made = await(janus, "room");
        if (strcmp(word(json_object_get(json_object_get(made, "plugindata"), "data"), "audiobridge"), "created") != 0)
            door_fail("Janus makes no room");
        json_decref(made);
    }
}

struct door door_janus(const char *path, unsigned rooms, unsigned bitrate, unsigned fec_percent, door_offer *offer)
{
    static struct janus janus;
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    int big = 8 << 20;

    if (strlen(path) >= sizeof name.sun_path)
        door_fail("path");
    memcpy(name.sun_path, path, strlen(path) + 1);
    janus.fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    janus.offer = offer;
    setsockopt(janus.fd, SOL_SOCKET, SO_RCVBUF, &big, sizeof big);
    for (int i = 0; connect(janus.fd, (struct sockaddr *)&name, sizeof name); i++) {
        if (i == 1000)
            door_fail("no Janus");
        usleep(10000);
    }
    send_json(&janus, json_pack("{s:s,s:s}", "janus", "create", "transaction", "session"));
    janus.session = id_in(await(&janus, "session"));
    make_rooms(&janus, rooms, bitrate, fec_percent);
    return (struct door){ &janus, add, step, answer };
}
