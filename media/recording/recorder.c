#include "recorder.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "file.h"
#include "finish.h"

#include <openssl/crypto.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#define LOOK_MS   100
#define FINISHES  256u
#define NICE      15

struct vtb_recorder {
    char dir[VTB_FILE_PATH];
    uint8_t key[VTB_RECORDING_KEY];
    struct vtb_teller teller;

    /* the thread that writes */
    pthread_t writer;
    bool has_writer;
    struct vtb_mailbox *begun; /* struct vtb_take *; NULL: stop */
    int wake;
    struct vtb_take *takes[VTB_RECORDER_TAKES];
    uint32_t takes_n;

    /* the thread that finishes */
    pthread_t finisher;
    bool has_finisher;
    struct vtb_mailbox *unfinished; /* struct vtb_id */

    struct vtb_count now, dropped;
};

static void tell(struct vtb_recorder *r, const struct vtb_recorder_event *event)
{
    r->teller.tell(r->teller.ctx, event);
}

/* ---- finishing ---- */

static void finish(struct vtb_recorder *r, struct vtb_id id)
{
    struct vtb_recorder_event event = { .kind = VTB_RECORDER_ENDED, .recording = id };

    event.err = vtb_finish(r->dir, r->key, id, &event.info, event.digest);
    if (event.err) {
        event.kind = VTB_RECORDER_FAILED;
        VTB_LOG(VTB_ERROR, "recording.unfinished", VTB_ID("recording", id), VTB_ERR(event.err));
    }
    tell(r, &event);
}

static void *run_finisher(void *ctx)
{
    struct vtb_recorder *r = ctx;
    struct vtb_id id;

    /* The live plane and the disk come first; a finished file is nobody's next second. */
    if (setpriority(PRIO_PROCESS, (id_t)gettid(), NICE))
        VTB_LOG(VTB_INFO, "recorder.priority.plain", VTB_I64("wanted", NICE));
    while (vtb_mailbox_wait(r->unfinished, &id, 1) == 1)
        finish(r, id);
    OPENSSL_thread_stop();
    return NULL;
}

/* ---- writing ---- */

static void wake(void *ctx)
{
    struct vtb_recorder *r = ctx;
    uint64_t one = 1;

    (void)!write(r->wake, &one, sizeof one);
}

static void end_take(struct vtb_recorder *r, uint32_t i)
{
    struct vtb_take *take = r->takes[i];
    struct vtb_id id = vtb_take_id(take);
    bool has_file = vtb_take_has_file(take);

    vtb_count_add(&r->dropped, vtb_take_dropped(take));
    vtb_take_destroy(take);
    r->takes[i] = r->takes[--r->takes_n];
    vtb_count_add(&r->now, UINT64_MAX); /* one less */
    if (has_file && vtb_mailbox_post(r->unfinished, &id))
        VTB_LOG(VTB_WARN, "recording.finish.later", VTB_ID("recording", id)); /* at the next start */
}

static void *run_writer(void *ctx)
{
    struct vtb_recorder *r = ctx;
    bool is_stopping = false;

    while (!is_stopping || r->takes_n) {
        struct pollfd at = { .fd = r->wake, .events = POLLIN };
        uint64_t drained;
        struct vtb_take *take;

        (void)poll(&at, 1, r->takes_n ? LOOK_MS : -1);
        (void)!read(r->wake, &drained, sizeof drained);
        while (vtb_mailbox_take(r->begun, &take, 1) == 1) {
            if (take) {
                vtb_take_open(take);
                r->takes[r->takes_n++] = take; /* begin counts them */
            } else {
                is_stopping = true;
            }
        }
        for (uint32_t i = 0; i < r->takes_n;)
            if (vtb_take_turn(r->takes[i], vtb_mono_us()))
                i++;
            else
                end_take(r, i);
    }
    OPENSSL_thread_stop();
    return NULL;
}

/* ---- the control thread's side ---- */

static enum vtb_err start_thread(pthread_t *thread, void *(*run)(void *), struct vtb_recorder *r)
{
    sigset_t all, before;
    int failed;

    sigfillset(&all); /* signals are the control thread's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(thread, NULL, run, r);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed ? VTB_SYS : VTB_OK;
}

static enum vtb_err need_finisher(struct vtb_recorder *r)
{
    enum vtb_err err = r->has_finisher ? VTB_OK : start_thread(&r->finisher, run_finisher, r);

    r->has_finisher = r->has_finisher || !err;
    return err;
}

static enum vtb_err need_writer(struct vtb_recorder *r)
{
    enum vtb_err err = need_finisher(r);

    if (!err && !r->has_writer)
        err = start_thread(&r->writer, run_writer, r);
    r->has_writer = r->has_writer || !err;
    return err;
}

enum vtb_err vtb_recorder_start(const struct vtb_recorder_config *cfg, struct vtb_recorder **out)
{
    struct vtb_recorder *r = calloc(1, sizeof *r);
    enum vtb_err err;

    if (!r)
        return VTB_NOMEM;
    r->teller = cfg->teller;
    for (size_t i = 0; i < sizeof r->key; i++)
        r->key[i] = cfg->key[i];
    r->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    err = r->wake < 0 ? VTB_SYS : vtb_str_copy(vtb_str_of(cfg->dir), r->dir, sizeof r->dir);
    if (!err)
        err = vtb_mailbox_create(sizeof(struct vtb_take *), VTB_RECORDER_TAKES + 1, wake, r, &r->begun);
    if (!err)
        err = vtb_mailbox_create(sizeof(struct vtb_id), FINISHES, NULL, NULL, &r->unfinished);
    if (err) {
        vtb_recorder_stop(r);
        return err;
    }
    *out = r;
    return VTB_OK;
}

enum vtb_err vtb_recorder_begin(struct vtb_recorder *r, struct vtb_tap *tap)
{
    struct vtb_take *take;
    enum vtb_err err = need_writer(r);

    if (!err && vtb_count_read(&r->now) >= VTB_RECORDER_TAKES)
        err = VTB_LIMIT;
    if (!err)
        err = vtb_take_create(r->dir, r->key, tap, r->teller, &take);
    if (err)
        return err;
    vtb_count_add(&r->now, 1);
    err = vtb_mailbox_post(r->begun, &take);
    if (err) {
        vtb_count_add(&r->now, UINT64_MAX);
        free(take); /* the tap stays with the caller */
    }
    return err;
}

enum vtb_err vtb_recorder_finish(struct vtb_recorder *r, struct vtb_id recording)
{
    enum vtb_err err = need_finisher(r);

    return err ? err : vtb_mailbox_post(r->unfinished, &recording);
}

void vtb_recorder_stop(struct vtb_recorder *r)
{
    static struct vtb_take *const stop = NULL;

    if (!r)
        return;
    if (r->has_writer) {
        while (vtb_mailbox_post(r->begun, &stop) == VTB_AGAIN)
            usleep(1000); /* the thread is draining the box */
        pthread_join(r->writer, NULL);
    }
    if (r->has_finisher) {
        vtb_mailbox_close(r->unfinished); /* what waits in it is finished first */
        pthread_join(r->finisher, NULL);
    }
    vtb_mailbox_destroy(r->begun);
    vtb_mailbox_destroy(r->unfinished);
    if (r->wake >= 0)
        close(r->wake);
    OPENSSL_cleanse(r->key, sizeof r->key);
    free(r);
}

struct vtb_recorder_figures vtb_recorder_figures(const struct vtb_recorder *r)
{
    return (struct vtb_recorder_figures){ .now = (uint32_t)vtb_count_read(&r->now),
                                          .frames_dropped = vtb_count_read(&r->dropped) };
}
