/* client.c - one client: from the offer to the handshake, and what is due when. */
#include "inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define SEQ_FIRST_MAX 0x3fffu /* far from a wrap, so that a receiver finds the roll-over count */

enum vtb_err client_open_socket(struct vtb_client *client)
{
    int family = client->remote.candidates[0].family == 6 ? AF_INET6 : AF_INET;
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
    int fd;

    if (client->crew->wire.fd >= 0)
        return family == AF_INET ? client_take_slot(client) : VTB_ABSENT;
    fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return VTB_SYS;
    if (epoll_ctl(client->crew->epoll, EPOLL_CTL_ADD, fd, &event)) {
        close(fd);
        return VTB_SYS;
    }
    if (client->fd >= 0)
        close(client->fd); /* also leaves the epoll set */
    client->fd = fd;
    client->connected_fd = false;
    return VTB_OK;
}

void client_send(struct vtb_client *client, uint8_t candidate, const uint8_t *data, size_t len)
{
    struct sockaddr_storage to;
    socklen_t to_len;

    if (client->slot != CLIENT_NO_SLOT) {
        client->crew->wire.send(client->crew->wire.ctx, client->slot, &client->remote.candidates[candidate],
                                data, len);
        return;
    }
    /* What the kernel does not take is lost, as on any link. */
    if (client->connected_fd) {
        (void)!send(client->fd, data, len, 0);
        return;
    }
    to_len = vtb_addr_to_socket(&client->remote.candidates[candidate], &to);
    (void)!sendto(client->fd, data, len, 0, (struct sockaddr *)&to, to_len);
}

static void send_dtls(void *ctx, const uint8_t *datagram, size_t len)
{
    struct vtb_client *client = ctx;

    client_send(client, client->selected, datagram, len);
}

/* From now on the kernel takes datagrams of the nominated address only. */
static void connect_socket(struct vtb_client *client)
{
    struct sockaddr_storage to;
    socklen_t len = vtb_addr_to_socket(&client->remote.candidates[client->selected], &to);

    client->connected_fd = client->fd >= 0 && connect(client->fd, (struct sockaddr *)&to, len) == 0;
}

void client_start_dtls(struct vtb_client *client, uint64_t now_us)
{
    struct vtb_dtls_config cfg = {
        .identity = client->crew->identity, .client = true, .send = send_dtls, .send_ctx = client,
    };
    enum vtb_err err;

    connect_socket(client);
    client->state = CLIENT_HANDSHAKE;
    memcpy(cfg.fingerprint, client->remote.fingerprint, sizeof cfg.fingerprint);
    err = vtb_dtls_create(&cfg, &client->dtls);
    if (err)
        client_gone(client, err);
    else
        client->dtls_us = now_us;
}

void client_gone(struct vtb_client *client, enum vtb_err why)
{
    if (client->state == CLIENT_GONE)
        return;
    client->state = CLIENT_GONE;
    client->stats.gone = true;
    client->stats.connected = false;
    client->check_us = client->dtls_us = client->speak_us = client->report_us = client->nack_us =
        CLIENT_NEVER;
    if (client->cfg.gone && !client->dropped)
        client->cfg.gone(client->cfg.ctx, why);
}

static void set_dtls_timer(struct vtb_client *client, uint64_t now_us)
{
    int wait = vtb_dtls_wait_ms(client->dtls);

    client->dtls_us = wait < 0 ? CLIENT_NEVER : now_us + (uint64_t)wait * 1000u;
}

static void finish_handshake(struct vtb_client *client, uint64_t now_us)
{
    struct vtb_dtls_keys keys;
    enum vtb_err err = vtb_dtls_keys(client->dtls, &keys);

    if (!err)
        err = client_open_flow(client, &keys, now_us);
    explicit_bzero(&keys, sizeof keys);
    /* The server's last flight is in, so ours has arrived: nothing can be asked for again. */
    vtb_dtls_destroy(client->dtls);
    client->dtls = NULL;
    client->dtls_us = CLIENT_NEVER;
    if (err) {
        client_gone(client, err);
        return;
    }
    client->state = CLIENT_OPEN;
    client->stats.connected = true;
    client->consent_us = now_us;
    if (client->cfg.connected)
        client->cfg.connected(client->cfg.ctx);
}

static void read_dtls(struct vtb_client *client, const uint8_t *data, size_t len, uint64_t now_us)
{
    enum vtb_err err;

    if (client->has_farewell) {
        if (vtb_dtls_is_farewell(&client->farewell, data, len))
            client_gone(client, VTB_CLOSED);
        return;
    }
    if (!client->dtls)
        return;
    err = vtb_dtls_feed(client->dtls, data, len);
    if (err)
        client_gone(client, err);
    else if (vtb_dtls_is_done(client->dtls))
        finish_handshake(client, now_us);
    else
        set_dtls_timer(client, now_us);
}

/* RFC 7983: the first byte says what a datagram is. Sound makes nothing due. */
void client_take(struct vtb_client *client, uint8_t *data, size_t len, const struct vtb_addr *from,
                 uint64_t now_us)
{
    if (client->state == CLIENT_GONE || client->dropped || len == 0)
        return;
    if (data[0] >= 128 && data[0] <= 191) {
        client_read_rtp(client, data, len, now_us);
        return;
    }
    if (data[0] <= 3)
        client_read_stun(client, data, len, from, now_us);
    else if (data[0] >= 20 && data[0] <= 63)
        read_dtls(client, data, len, now_us);
    client_touch(client);
}

void client_read(struct vtb_client *client)
{
    struct vtb_crew *crew = client->crew;
    struct mmsghdr messages[CLIENT_BATCH];
    struct iovec parts[CLIENT_BATCH];
    struct sockaddr_storage names[CLIENT_BATCH];
    bool known = client->connected_fd;
    uint64_t now_us;
    int n;

    for (size_t i = 0; i < CLIENT_BATCH; i++) {
        parts[i] = (struct iovec){ crew->in[i], CLIENT_DATAGRAM };
        messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &parts[i], .msg_iovlen = 1 } };
        if (!known) {
            messages[i].msg_hdr.msg_name = &names[i];
            messages[i].msg_hdr.msg_namelen = sizeof names[i];
        }
    }
    n = recvmmsg(client->fd, messages, CLIENT_BATCH, MSG_DONTWAIT, NULL);
    now_us = vtb_mono_us();
    for (int i = 0; i < n; i++) {
        struct vtb_addr from;

        if (messages[i].msg_hdr.msg_flags & MSG_TRUNC)
            continue;
        if (!known && vtb_addr_from_socket(&names[i], &from))
            continue;
        client_take(client, crew->in[i], messages[i].msg_len, known ? NULL : &from, now_us);
    }
}

void client_due(struct vtb_client *client, uint64_t now_us)
{
    if (client->dropped || client->state == CLIENT_GONE)
        return;
    if (client->check_us <= now_us)
        client_check_due(client, now_us);
    if (client->dtls && client->dtls_us <= now_us) {
        enum vtb_err err = vtb_dtls_tick(client->dtls);

        if (err)
            client_gone(client, err);
        else
            set_dtls_timer(client, now_us);
    }
    if (client->state != CLIENT_OPEN)
        return;
    if (client->speak_us <= now_us)
        client_speak_due(client, now_us);
    if (client->report_us <= now_us && !client->dropped)
        client_report_due(client, now_us);
    if (client->nack_us <= now_us && !client->dropped)
        client_mend_due(client, now_us);
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t client_next_us(const struct vtb_client *client)
{
    uint64_t next = sooner(client->check_us, client->dtls_us);

    if (client->dropped || client->state == CLIENT_GONE)
        return CLIENT_NEVER;
    if (client->state == CLIENT_OPEN)
        next = sooner(next, sooner(client->nack_us, sooner(client->speak_us, client->report_us)));
    return next;
}

/* Only candidates of one family can be asked from one socket: the family of the first. */
static size_t keep_one_family(struct vtb_sdp_remote *remote)
{
    size_t kept = 0;

    for (size_t i = 0; i < remote->candidates_n; i++) {
        if (remote->candidates[i].family == remote->candidates[0].family)
            remote->candidates[kept++] = remote->candidates[i];
    }
    return kept;
}

static void make_credentials(struct vtb_client *client)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t random[32];

    vtb_random(random, sizeof random);
    for (size_t i = 0; i < 8; i++)
        client->ufrag[i] = alphabet[random[i] & 63];
    for (size_t i = 0; i < 24; i++)
        client->pwd[i] = alphabet[random[8 + i] & 63];
    vtb_random(&client->tie_breaker, sizeof client->tie_breaker);
    vtb_random(&client->ssrc, sizeof client->ssrc);
    vtb_random(&client->timestamp, sizeof client->timestamp);
    vtb_random(&client->seq, sizeof client->seq);
    client->seq &= SEQ_FIRST_MAX;
}

static enum vtb_err write_answer(const struct vtb_client *client,
                                 char out[static VTB_CLIENT_SDP_MAX + 1])
{
    struct vtb_sdp_local local = {
        .session = client->tie_breaker >> 2, .ufrag = client->ufrag, .pwd = client->pwd,
        .ssrc = client->ssrc, .receives = true,
        .sends = client->cfg.speak || client->cfg.speak_opus,
        .red = client->remote.red && client->mend,
    };
    size_t len;

    memcpy(local.fingerprint, client->crew->fingerprint, sizeof local.fingerprint);
    return vtb_sdp_write_answer(&local, out, &len);
}

enum vtb_err vtb_client_add(struct vtb_crew *crew, const struct vtb_client_config *cfg,
                            const char *offer, size_t offer_len, struct vtb_client **out_client,
                            char out_answer[static VTB_CLIENT_SDP_MAX + 1])
{
    struct vtb_client *client;
    enum vtb_err err;

    if (crew->n == VTB_CLIENTS_MAX)
        return VTB_LIMIT;
    client = calloc(1, sizeof *client);
    if (!client)
        return VTB_NOMEM;
    client->crew = crew;
    client->cfg = *cfg;
    client->fd = -1;
    client->slot = CLIENT_NO_SLOT;
    client->since_us = client->check_us = vtb_mono_us();
    client->dtls_us = client->speak_us = client->report_us = client->nack_us = CLIENT_NEVER;
    make_credentials(client);
    if (cfg->first_seq)
        client->seq = cfg->first_seq;
    err = vtb_sdp_read_offer(offer, offer_len, &client->remote);
    if (!err) {
        client->candidates_n = keep_one_family(&client->remote);
        err = client->candidates_n ? VTB_OK : VTB_ABSENT;
    }
    if (!err && (cfg->speak || cfg->hear))
        err = client_codec_create(cfg->speak != NULL, cfg->hear != NULL, cfg->bitrate,
                                  &client->codec);
    if (!err && cfg->mends)
        err = client_mend_create(&client->mend);
    if (!err)
        err = client_open_socket(client);
    if (!err)
        err = write_answer(client, out_answer);
    if (err) {
        client_free(client);
        return err;
    }
    client->at = crew->n++;
    crew->clients[client->at] = client;
    client_touch(client);
    *out_client = client;
    return VTB_OK;
}

void client_free(struct vtb_client *client)
{
    if (client->fd >= 0)
        close(client->fd);
    if (client->slot != CLIENT_NO_SLOT)
        client->crew->slots[client->slot] = NULL;
    vtb_dtls_destroy(client->dtls);
    vtb_srtp_destroy(client->send);
    vtb_srtp_destroy(client->receive);
    client_codec_destroy(client->codec);
    client_mend_destroy(client->mend);
    explicit_bzero(client, sizeof *client);
    free(client);
}

void vtb_client_stats(const struct vtb_client *client, struct vtb_client_stats *out)
{
    struct vtb_rtcp_receiver rx = client->rx; /* a copy: asking begins no new interval */
    struct vtb_rtcp_block block;

    *out = client->stats;
    if (rx.started) {
        vtb_rtcp_report(&rx, vtb_mono_us(), &block);
        out->lost = block.lost > 0 ? (uint64_t)block.lost : 0;
    }
}

enum vtb_err vtb_client_move(struct vtb_client *client)
{
    enum vtb_err err;

    if (client->state == CLIENT_GONE)
        return VTB_CLOSED;
    err = client_open_socket(client);
    if (err)
        return err;
    if (client->state == CLIENT_HANDSHAKE || client->state == CLIENT_OPEN)
        connect_socket(client);
    client->check_us = vtb_mono_us();
    client_touch(client);
    return VTB_OK;
}
