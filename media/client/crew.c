/* crew.c - many clients in one thread: one epoll set, one certificate, one scan for what is due. */
#include "inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS 256

enum vtb_err vtb_crew_create(struct vtb_crew **out_crew)
{
    struct vtb_crew *crew = calloc(1, sizeof *crew);
    enum vtb_err err;

    if (!crew)
        return VTB_NOMEM;
    crew->next_us = CLIENT_NEVER;
    crew->wire.fd = -1;
    crew->epoll = epoll_create1(EPOLL_CLOEXEC);
    err = crew->epoll < 0 ? VTB_SYS : vtb_dtls_identity_create(&crew->identity);
    if (err) {
        vtb_crew_destroy(crew);
        return err;
    }
    vtb_dtls_identity_fingerprint(crew->identity, crew->fingerprint);
    *out_crew = crew;
    return VTB_OK;
}

static void say_goodbye(struct vtb_client *client)
{
    uint8_t out[VTB_DTLS_FAREWELL];
    size_t len;

    if (client->state != CLIENT_OPEN || !client->has_farewell)
        return;
    len = vtb_dtls_write_farewell(&client->farewell, out);
    if (len)
        client_send(client, client->selected, out, len);
    client->has_farewell = false;
}

static void reap(struct vtb_crew *crew)
{
    uint32_t kept = 0;

    if (!crew->dropped)
        return;
    for (uint32_t i = 0; i < crew->n; i++) {
        struct vtb_client *client = crew->clients[i];

        if (client->dropped) {
            client_free(client);
            continue;
        }
        client->at = kept;
        crew->due_us[kept] = crew->due_us[i];
        crew->clients[kept++] = client;
    }
    crew->n = kept;
    crew->dropped = 0;
}

void vtb_client_drop(struct vtb_client *client)
{
    if (!client || client->dropped)
        return;
    say_goodbye(client);
    client->dropped = true;
    client->crew->dropped++;
    if (!client->crew->stepping) /* else the step may still look at it */
        reap(client->crew);
}

void vtb_crew_destroy(struct vtb_crew *crew)
{
    if (!crew)
        return;
    for (uint32_t i = 0; i < crew->n; i++) {
        say_goodbye(crew->clients[i]);
        crew->clients[i]->dropped = true;
    }
    crew->dropped = crew->n;
    reap(crew);
    if (crew->epoll >= 0)
        close(crew->epoll);
    vtb_dtls_identity_destroy(crew->identity);
    free(crew);
}

void client_touch(struct vtb_client *client)
{
    struct vtb_crew *crew = client->crew;
    uint64_t next = client_next_us(client);

    crew->due_us[client->at] = next;
    if (next < crew->next_us)
        crew->next_us = next;
}

enum vtb_err vtb_crew_use_wire(struct vtb_crew *crew, const struct vtb_crew_wire *wire)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };

    if (epoll_ctl(crew->epoll, EPOLL_CTL_ADD, wire->fd, &event))
        return VTB_SYS;
    crew->wire = *wire;
    return VTB_OK;
}

/* Slots go round, so that a client that moves gets another address than it had. */
enum vtb_err client_take_slot(struct vtb_client *client)
{
    struct vtb_crew *crew = client->crew;

    for (uint32_t i = 0; i < VTB_CLIENTS_MAX; i++) {
        uint32_t slot = crew->next_slot++ % VTB_CLIENTS_MAX;

        if (crew->slots[slot])
            continue;
        if (client->slot != CLIENT_NO_SLOT)
            crew->slots[client->slot] = NULL;
        crew->slots[slot] = client;
        client->slot = slot;
        return VTB_OK;
    }
    return VTB_LIMIT;
}

void vtb_crew_feed(struct vtb_crew *crew, uint32_t slot, uint8_t *data, size_t len, uint64_t at_us)
{
    if (slot < VTB_CLIENTS_MAX && crew->slots[slot])
        client_take(crew->slots[slot], data, len, NULL, at_us);
}

int vtb_crew_fd(const struct vtb_crew *crew)
{
    return crew->epoll;
}

int vtb_crew_wait_ms(const struct vtb_crew *crew)
{
    uint64_t now_us = vtb_mono_us();

    if (crew->next_us <= now_us)
        return 0;
    if (crew->next_us - now_us > 1000000u)
        return 1000;
    return (int)((crew->next_us - now_us + 999u) / 1000u);
}

static int wait_for(struct vtb_crew *crew, struct epoll_event *events, int wait_ms)
{
    int due = vtb_crew_wait_ms(crew), n;

    n = epoll_wait(crew->epoll, events, EVENTS, due < wait_ms ? due : wait_ms);
    return n < 0 && errno == EINTR ? 0 : n;
}

enum vtb_err vtb_crew_step(struct vtb_crew *crew, int wait_ms)
{
    struct epoll_event events[EVENTS];
    int n = wait_for(crew, events, wait_ms < 0 ? 0 : wait_ms);
    uint64_t now_us, next = CLIENT_NEVER;

    if (n < 0)
        return VTB_SYS;
    crew->stepping = true;
    for (int i = 0; i < n; i++) {
        if (events[i].data.ptr)
            client_read(events[i].data.ptr);
        else
            crew->wire.receive(crew->wire.ctx, crew);
    }
    now_us = vtb_mono_us();
    if (crew->next_us <= now_us) {
        crew->next_us = CLIENT_NEVER;
        for (uint32_t i = 0; i < crew->n; i++) { /* clients added meanwhile stand at the end */
            if (crew->due_us[i] <= now_us) {
                client_due(crew->clients[i], now_us);
                crew->due_us[i] = client_next_us(crew->clients[i]);
            }
            next = crew->due_us[i] < next ? crew->due_us[i] : next;
        }
        if (next < crew->next_us) /* what a callback has touched meanwhile stands in next_us */
            crew->next_us = next;
    }
    crew->stepping = false;
    reap(crew);
    return VTB_OK;
}
