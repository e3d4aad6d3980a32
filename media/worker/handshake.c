#include "handshake.h"

#include "base/clock.h"
#include "base/mailbox.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <openssl/crypto.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define JOBS    512
#define RESULTS 512
#define TAKE    16
#define GIVE_BACK 32 /* handshakes after which it is worth a millisecond */
#define STOP    UINT32_MAX /* generation of the job that ends the thread */

struct session {
    struct session *next; /* oldest first */
    vtb_peer peer;
    struct vtb_dtls *dtls;
    int fd;
    struct vtb_addr to;
    bool told;          /* the result is posted */
    uint64_t until_us;  /* given up, or forgotten, then */
    struct vtb_handshake_result result;
    bool settled;       /* `result` is final */
};

struct vtb_handshakes {
    pthread_t thread;
    int event;
    struct vtb_mailbox *jobs, *results;
    struct vtb_dtls_identity *identity;
   
    struct session *first;
    size_t kept;
    size_t ended; /* since memory was given back */
    bool stopping;
    struct vtb_handshake_job taken[TAKE];
};

static void wake_thread(void *ctx)
{
    struct vtb_handshakes *hs = ctx;
    uint64_t one = 1;

    (void)!write(hs->event, &one, sizeof one); /* full means: already awake */
}

static void send_datagram(void *ctx, const uint8_t *datagram, size_t len)
{
    struct session *session = ctx;

    (void)vtb_udp_send_one(session->fd, &session->to, datagram, len);
}

static struct session **find(struct vtb_handshakes *hs, vtb_peer peer)
{
    struct session **at = &hs->first;

    while (*at && !vtb_peer_is((*at)->peer, peer))
        at = &(*at)->next;
    return at;
}

static void forget(struct vtb_handshakes *hs, struct session **at)
{
    struct session *session = *at;

    *at = session->next;
    if (session->settled)
        hs->kept--;
    vtb_dtls_destroy(session->dtls);
    OPENSSL_cleanse(session, sizeof *session);
    free(session);
    hs->ended++;
}

/* The allocator keeps what this thread freed, since something small lies above it. */
static void give_back(struct vtb_handshakes *hs)
{
    if (hs->first || hs->ended < GIVE_BACK)
        return;
    hs->ended = 0;
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}

static void settle(struct vtb_handshakes *hs, struct session *session, enum vtb_err err)
{
    session->result = (struct vtb_handshake_result){ .peer = session->peer, .err = err };
    if (!err)
        session->result.err = vtb_dtls_keys(session->dtls, &session->result.keys);
    if (!session->settled)
        hs->kept++;
    session->settled = true;
    session->told = false;
    session->until_us = vtb_mono_us() + VTB_HANDSHAKE_KEPT_US;
}

static void open_session(struct vtb_handshakes *hs, const struct vtb_handshake_job *job)
{
    struct session **at = find(hs, job->peer);
    struct vtb_dtls_config cfg = { .identity = hs->identity, .send = send_datagram };
    struct session *session;

    if (*at)
        return;
    session = calloc(1, sizeof *session);
    if (!session)
        return; /* the worker's own time limit ends it */
    session->peer = job->peer;
    session->fd = job->fd;
    session->to = job->to;
    session->until_us = vtb_mono_us() + VTB_HANDSHAKE_LIMIT_US;
    memcpy(cfg.fingerprint, job->fingerprint, sizeof cfg.fingerprint);
    cfg.send_ctx = session;
    *at = session;
    if (vtb_dtls_create(&cfg, &session->dtls))
        settle(hs, session, VTB_NOMEM);
}

static void feed(struct vtb_handshakes *hs, const struct vtb_handshake_job *job)
{
    struct session *session = *find(hs, job->peer);
    enum vtb_err err;

    if (!session || !session->dtls || (session->settled && session->result.err))
        return;
    session->fd = job->fd;
    session->to = job->to;
    err = vtb_dtls_feed(session->dtls, job->data, job->len);
    if (!session->settled && (err || vtb_dtls_is_done(session->dtls)))
        settle(hs, session, err);
    else if (session->settled && err == VTB_CLOSED)
        settle(hs, session, err);
}

static void do_job(struct vtb_handshakes *hs, const struct vtb_handshake_job *job)
{
    struct session **at;

    if (job->peer.generation == STOP) {
        hs->stopping = true;
        return;
    }
    switch (job->kind) {
    case VTB_HANDSHAKE_OPEN:
        open_session(hs, job);
        break;
    case VTB_HANDSHAKE_FEED:
        feed(hs, job);
        break;
    case VTB_HANDSHAKE_DROP:
        at = find(hs, job->peer);
        if (*at)
            forget(hs, at);
        break;
    }
}

/* Repeats flights, posts results, forgets what is over. Returns milliseconds to the next need. */
static int look_after(struct vtb_handshakes *hs)
{
    uint64_t now_us = vtb_mono_us();
    int wait = -1;

    for (struct session **at = &hs->first; *at;) {
        struct session *session = *at;
        bool crowded = session->settled && session->told && hs->kept > VTB_HANDSHAKE_KEPT;

        if (!session->settled) {
            if (vtb_dtls_wait_ms(session->dtls) == 0 && vtb_dtls_tick(session->dtls))
                settle(hs, session, VTB_TIMEOUT);
            else if (now_us >= session->until_us)
                settle(hs, session, VTB_TIMEOUT);
        }
        if (session->settled && !session->told) {
            session->told = !vtb_mailbox_post(hs->results, &session->result);
            OPENSSL_cleanse(&session->result.keys, session->told ? sizeof session->result.keys : 0);
        }
        if (session->settled && session->told &&
            (session->result.err || now_us >= session->until_us || crowded)) {
            forget(hs, at);
            continue;
        }
        int ms = session->settled ? (session->told ? 1000 : 10)
                                  : vtb_dtls_wait_ms(session->dtls);

        if (ms < 0 || ms > 1000)
            ms = 1000;
        wait = wait < 0 || ms < wait ? ms : wait;
        at = &session->next;
    }
    return wait;
}

static void *run(void *ctx)
{
    struct vtb_handshakes *hs = ctx;
    int wait = -1;

    while (!hs->stopping) {
        struct pollfd fd = { .fd = hs->event, .events = POLLIN };
        uint64_t drained;
        size_t n;

        if (poll(&fd, 1, wait) > 0)
            (void)!read(hs->event, &drained, sizeof drained);
        while (!hs->stopping && (n = vtb_mailbox_take(hs->jobs, hs->taken, TAKE)) > 0)
            for (size_t i = 0; i < n; i++)
                do_job(hs, &hs->taken[i]);
        wait = look_after(hs);
        give_back(hs);
    }
    while (hs->first)
        forget(hs, &hs->first);
    OPENSSL_thread_stop();
    return NULL;
}

static void free_all(struct vtb_handshakes *hs)
{
    vtb_mailbox_destroy(hs->jobs);
    vtb_mailbox_destroy(hs->results);
    if (hs->event >= 0)
        close(hs->event);
    free(hs);
}

enum vtb_err vtb_handshakes_start(struct vtb_dtls_identity *identity,
                                  void (*wake)(void *ctx), void *wake_ctx,
                                  struct vtb_handshakes **out)
{
    struct vtb_handshakes *hs = calloc(1, sizeof *hs);
    enum vtb_err err;

    if (!hs)
        return VTB_NOMEM;
    hs->identity = identity;
    hs->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    err = hs->event < 0 ? VTB_SYS : VTB_OK;
    if (!err)
        err = vtb_mailbox_create(sizeof(struct vtb_handshake_job), JOBS, wake_thread, hs,
                                 &hs->jobs);
    if (!err)
        err = vtb_mailbox_create(sizeof(struct vtb_handshake_result), RESULTS, wake, wake_ctx,
                                 &hs->results);
    if (!err && pthread_create(&hs->thread, NULL, run, hs))
        err = VTB_SYS;
    if (err) {
        free_all(hs);
        return err;
    }
    *out = hs;
    return VTB_OK;
}

void vtb_handshakes_stop(struct vtb_handshakes *hs)
{
    static const struct vtb_handshake_job stop = { .peer = { .generation = STOP } };

    if (!hs)
        return;
    while (vtb_mailbox_post(hs->jobs, &stop) == VTB_AGAIN)
        (void)poll(NULL, 0, 1); /* the thread is draining the box */
    pthread_join(hs->thread, NULL);
    free_all(hs);
}

enum vtb_err vtb_handshakes_post(struct vtb_handshakes *hs, const struct vtb_handshake_job *job)
{
    return vtb_mailbox_post(hs->jobs, job);
}

size_t vtb_handshakes_take(struct vtb_handshakes *hs, struct vtb_handshake_result *out, size_t max)
{
    return vtb_mailbox_take(hs->results, out, max);
}
