#include "worker.h"

#include "base/clock.h"
#include "base/log.h"

#include <openssl/crypto.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define COMMANDS      4096
#define EVENTS        8192
#define REAL_TIME     10    /* of 99; the kernel keeps 5 % of each second for the others */
#define NICE          (-15)
#define BATCHES       8     /* read from one socket before the clock is looked at again */
#define TAKE          64

enum { TAG_TIMER = 100, TAG_WAKE }; /* below: the number of a socket */

static void wake(void *ctx)
{
    struct vtb_worker *w = ctx;
    uint64_t one = 1;

    (void)!write(w->wake, &one, sizeof one); /* full means: already awake */
}

static void refuse(struct vtb_worker *w, const struct vtb_media_cmd *cmd, enum vtb_err err)
{
    struct vtb_media_event event = { .kind = VTB_MEDIA_REFUSED, .room = cmd->room,
                                     .peer = cmd->peer, .err = err };

    if (vtb_mailbox_post(w->events, &event))
        VTB_LOG(VTB_WARN, "media.event.lost", VTB_U64("peer", cmd->peer.index), VTB_ERR(err));
}

static void do_command(struct vtb_worker *w, struct vtb_media_cmd *cmd, uint64_t now_us)
{
    struct vtb_room *room = vtb_room_find(w, cmd->room);
    struct vtb_rtc_peer *peer = vtb_rtc_peer_find(w, cmd->peer), *other;
    enum vtb_err err;

    switch (cmd->kind) {
    case VTB_CMD_OPEN_ROOM:
        err = vtb_room_open(w, cmd->room);
        if (err)
            VTB_LOG(VTB_ERROR, "media.room.failed", VTB_ID("room", cmd->room), VTB_ERR(err));
        break;
    case VTB_CMD_CLOSE_ROOM:
        if (room) {
            for (uint32_t i = 0; i < room->members_n; i++)
                vtb_rtc_peer_gone(w, w->peers[room->members[i]], VTB_MEDIA_GONE, VTB_CLOSED);
            vtb_tell_untold(w);
            vtb_room_close(w, room);
        }
        break;
    case VTB_CMD_ADD_PEER:
        err = room ? vtb_rtc_peer_add(w, room, cmd, now_us) : VTB_ABSENT;
        if (err)
            refuse(w, cmd, err);
        else if (cmd->sdp)
            vtb_rtc_peer_offer(w, vtb_rtc_peer_find(w, cmd->peer), cmd, now_us);
        free(cmd->sdp);
        break;
    case VTB_CMD_RESTART:
        if (peer)
            vtb_rtc_peer_restart(w, peer);
        break;
    case VTB_CMD_ANSWER:
        if (peer)
            vtb_rtc_peer_answer(w, peer, cmd->sdp, cmd->sdp_len, now_us);
        free(cmd->sdp);
        break;
    case VTB_CMD_DROP_PEER:
        if (peer)
            vtb_rtc_peer_drop(w, peer);
        break;
    case VTB_CMD_GATE:
        if (peer)
            vtb_rtc_peer_gate(w, peer, cmd->hears, cmd->heard);
        break;
    case VTB_CMD_PAIR:
        other = vtb_rtc_peer_find(w, cmd->other);
        if (peer && other)
            vtb_stream_pair(peer, other);
        break;
    case VTB_CMD_TAP:
        vtb_taps_open(w, room, cmd->tap);
        break;
    case VTB_CMD_TAP_OFF:
        if (room)
            vtb_taps_off(room, cmd->is_off);
        break;
    case VTB_CMD_STOP:
        w->stopping = true;
        break;
    }
}

static void do_mail(struct vtb_worker *w, uint64_t now_us)
{
    struct vtb_media_cmd commands[TAKE];
    struct vtb_handshake_result result;
    uint64_t drained;
    size_t n;

    (void)!read(w->wake, &drained, sizeof drained);
    while ((n = vtb_mailbox_take(w->commands, commands, TAKE)) > 0)
        for (size_t i = 0; i < n; i++)
            do_command(w, &commands[i], now_us);
    while (vtb_handshakes_take(w->handshakes, &result, 1) == 1)
        vtb_rtc_peer_keys(w, &result, now_us);
    OPENSSL_cleanse(&result, sizeof result);
}

/*
 * A tick is 20 ms whatever else the machine does. Niceness counts only within a session where the
 * kernel groups by session, so real time comes first; without the right to either, go on.
 */
static void hurry(void)
{
    struct sched_param param = { .sched_priority = REAL_TIME };

    if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &param) == 0)
        return;
    if (setpriority(PRIO_PROCESS, (id_t)gettid(), NICE))
        VTB_LOG(VTB_INFO, "media.priority.plain", VTB_I64("wanted", NICE));
}

static void read_socket(struct vtb_worker *w, size_t socket)
{
    for (int k = 0; k < BATCHES; k++)
        if (vtb_inbound(w, socket, vtb_mono_us()) < VTB_UDP_BATCH)
            break;
}

/* Until something comes, or the next part of a large room is to be served. */
static int wait_ms(const struct vtb_worker *w)
{
    uint64_t now_us = vtb_mono_us();

    if (!w->is_serving)
        return -1;
    return now_us >= w->slice_us ? 0 : (int)((w->slice_us - now_us + 999) / 1000);
}

static void *run(void *ctx)
{
    struct vtb_worker *w = ctx;
    struct epoll_event ready[VTB_UDP_SOCKETS + 2];

    hurry();
    while (!w->stopping) {
        int n = epoll_wait(w->epoll, ready, (int)VTB_COUNT(ready), wait_ms(w));
        uint64_t expired;

        for (int i = 0; i < n; i++)
            if (ready[i].data.u32 == TAG_TIMER)
                (void)!read(w->timer, &expired, sizeof expired);
        /* Whatever woke us: a due tick goes first. Only after a stall what came meanwhile is read before,
         * or the ticks that are made up for would conceal voices whose packets lie in the socket. */
        if (vtb_ticks_due(w, vtb_mono_us()) > 1)
            for (size_t i = 0; i < vtb_udp_sockets(w->udp); i++)
                read_socket(w, i);
        vtb_tick(w, vtb_mono_us());
        vtb_serve_some(w, vtb_mono_us());
        for (int i = 0; i < n; i++) {
            if (ready[i].data.u32 == TAG_WAKE)
                do_mail(w, vtb_mono_us());
            else if (ready[i].data.u32 < TAG_TIMER)
                read_socket(w, ready[i].data.u32);
        }
        vtb_tell_untold(w);
    }
    while (w->rooms_n)
        vtb_room_close(w, w->rooms[0]);
    while (w->ending_n) { /* the recorder empties their rings; it is stopped after us */
        usleep(VTB_TICK_US);
        vtb_taps_tick(w);
    }
    OPENSSL_thread_stop();
    return NULL;
}

static enum vtb_err parse_addresses(struct vtb_worker *w)
{
    if (w->cfg.addresses < 1 || w->cfg.addresses > VTB_MEDIA_ADDRESSES)
        return VTB_LIMIT;
    for (size_t i = 0; i < w->cfg.addresses; i++)
        if (vtb_addr_parse(w->cfg.address[i], w->cfg.port, &w->addresses[i]))
            return VTB_PARSE;
    return VTB_OK;
}

static bool watch(const struct vtb_worker *w, int fd, uint32_t tag)
{
    struct epoll_event event = { .events = EPOLLIN, .data.u32 = tag };

    return epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* The first tick is due 20 ms from now; the kernel keeps the beat from then on. */
static bool start_timer(struct vtb_worker *w)
{
    struct itimerspec spec = { .it_interval.tv_nsec = VTB_TICK_US * 1000 };

    w->start_us = vtb_mono_us() + VTB_TICK_US;
    spec.it_value.tv_sec = (time_t)(w->start_us / 1000000);
    spec.it_value.tv_nsec = (long)(w->start_us % 1000000) * 1000;
    return timerfd_settime(w->timer, TFD_TIMER_ABSTIME, &spec, NULL) == 0;
}

static enum vtb_err open_loop(struct vtb_worker *w)
{
    bool ok;

    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    w->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    w->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    ok = w->epoll >= 0 && w->timer >= 0 && w->wake >= 0 && watch(w, w->timer, TAG_TIMER) &&
         watch(w, w->wake, TAG_WAKE);
    for (size_t i = 0; ok && i < vtb_udp_sockets(w->udp); i++)
        ok = watch(w, vtb_udp_fd(w->udp, i), (uint32_t)i);
    return ok && start_timer(w) ? VTB_OK : VTB_SYS;
}

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

static void free_mail(struct vtb_worker *w)
{
    struct vtb_media_cmd cmd;
    struct vtb_media_event event;

    while (w->commands && vtb_mailbox_take(w->commands, &cmd, 1) == 1)
        if (cmd.kind == VTB_CMD_ANSWER || cmd.kind == VTB_CMD_ADD_PEER)
            free(cmd.sdp);
    while (w->events && vtb_mailbox_take(w->events, &event, 1) == 1)
        free(event.sdp);
    vtb_mailbox_destroy(w->commands);
    vtb_mailbox_destroy(w->events);
}

static void free_all(struct vtb_worker *w)
{
    vtb_handshakes_stop(w->handshakes);
    vtb_udp_close(w->udp);
    vtb_peers_destroy(w->links);
    vtb_dtls_identity_destroy(w->identity);
    free_mail(w);
    vtb_streams_destroy(&w->streams);
    close_fd(w->epoll);
    close_fd(w->timer);
    close_fd(w->wake);
    free(w);
}

static enum vtb_err build(struct vtb_worker *w)
{
    enum vtb_err err = parse_addresses(w);

    if (!err)
        err = vtb_udp_open(w->addresses, w->cfg.addresses, w->cfg.port, &w->udp);
    if (!err)
        err = vtb_peers_create(0, VTB_MEDIA_PEERS_MAX, &w->links);
    if (!err)
        err = vtb_dtls_identity_create(&w->identity);
    if (!err)
        err = vtb_mailbox_create(sizeof(struct vtb_media_cmd), COMMANDS, wake, w, &w->commands);
    if (!err)
        err = vtb_mailbox_create(sizeof(struct vtb_media_event), EVENTS, w->cfg.notify,
                                 w->cfg.notify_ctx, &w->events);
    if (!err)
        err = vtb_streams_create(&w->streams);
    if (!err)
        err = open_loop(w);
    if (!err)
        err = vtb_handshakes_start(w->identity, wake, w, &w->handshakes);
    return err;
}

enum vtb_err vtb_worker_create(const struct vtb_media_config *cfg, struct vtb_worker **out)
{
    struct vtb_worker *w = calloc(1, sizeof *w);
    sigset_t all, before;
    enum vtb_err err;

    if (!w)
        return VTB_NOMEM;
    w->cfg = *cfg;
    w->epoll = w->timer = w->wake = -1;
    /* Signals are the control thread's: both threads of ours are born with all of them blocked. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    err = build(w);
    if (!err) {
        for (size_t i = 0; i < w->cfg.addresses; i++)
            w->addresses[i].port = vtb_udp_port(w->udp);
        vtb_dtls_identity_fingerprint(w->identity, w->fingerprint);
        if (cfg->own_addresses_only)
            vtb_udp_own_refresh(&w->own);
        if (pthread_create(&w->thread, NULL, run, w))
            err = VTB_SYS;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (err) {
        free_all(w);
        return err;
    }
    *out = w;
    return VTB_OK;
}

void vtb_worker_stop(struct vtb_worker *w)
{
    static const struct vtb_media_cmd stop = { .kind = VTB_CMD_STOP };

    while (vtb_mailbox_post(w->commands, &stop) == VTB_AGAIN)
        usleep(1000); /* the thread is draining the box */
    pthread_join(w->thread, NULL);
}

void vtb_worker_destroy(struct vtb_worker *w)
{
    free_all(w);
}
