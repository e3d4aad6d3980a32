#include "app/signals.h"

#include "base/log.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#define FD_RESERVE 1000u

static void on_stop(uv_signal_t *handle, int signum)
{
    struct vtb_signals *signals = handle->data;

    VTB_LOG(VTB_INFO, "app.signal", VTB_I64("signal", signum));
    if (signals->is_stopping)
        _exit(128 + signum); /* asked twice: what was acknowledged is on disk already */
    signals->is_stopping = true;
    signals->stop(signals->ctx);
}

static void on_reload(uv_signal_t *handle, int signum)
{
    struct vtb_signals *signals = handle->data;

    VTB_LOG(VTB_INFO, "app.signal", VTB_I64("signal", signum));
    if (signals->reload && !signals->is_stopping)
        signals->reload(signals->ctx);
}

enum vtb_err vtb_signals_init(struct vtb_signals *signals, uv_loop_t *loop,
                              void (*stop)(void *ctx), void (*reload)(void *ctx), void *ctx)
{
    *signals = (struct vtb_signals){ .stop = stop, .reload = reload, .ctx = ctx };
    uv_signal_init(loop, &signals->term);
    uv_signal_init(loop, &signals->interrupt);
    uv_signal_init(loop, &signals->hup);
    signals->term.data = signals->interrupt.data = signals->hup.data = signals;
    if (uv_signal_start(&signals->term, on_stop, SIGTERM) != 0 ||
        uv_signal_start(&signals->interrupt, on_stop, SIGINT) != 0 ||
        uv_signal_start(&signals->hup, on_reload, SIGHUP) != 0) {
        vtb_signals_fini(signals);
        return VTB_SYS;
    }
    return VTB_OK;
}

void vtb_signals_fini(struct vtb_signals *signals)
{
    uv_close((uv_handle_t *)&signals->term, NULL);
    uv_close((uv_handle_t *)&signals->interrupt, NULL);
    uv_close((uv_handle_t *)&signals->hup, NULL);
}

enum vtb_err vtb_raise_fd_limit(uint32_t fd_limit, uint64_t *out_hard)
{
    rlim_t want = (rlim_t)fd_limit + FD_RESERVE;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return VTB_SYS;
    *out_hard = limit.rlim_max;
    if (limit.rlim_cur >= want)
        return VTB_OK;
    if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < want)
        return VTB_LIMIT;
    limit.rlim_cur = want;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? VTB_OK : VTB_SYS;
}
