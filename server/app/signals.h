/*
 * signals.h - SIGTERM and SIGINT stop, SIGHUP reloads, and the file descriptor limit.
 *
 * Thread: the control thread; callbacks run on its loop, so they may call anything.
 */
#ifndef VTB_APP_SIGNALS_H
#define VTB_APP_SIGNALS_H

#include "base/err.h"

#include <uv.h>

struct vtb_signals {
    uv_signal_t term, interrupt, hup;
    void (*stop)(void *ctx);   /* once; a second signal ends the process at once */
    void (*reload)(void *ctx); /* NULL: SIGHUP does nothing */
    void *ctx;
    bool is_stopping;
};

/* In place; must outlive its handles (until the loop ran after fini). */
VTB_MUST_USE enum vtb_err vtb_signals_init(struct vtb_signals *signals, uv_loop_t *loop,
                                           void (*stop)(void *ctx), void (*reload)(void *ctx),
                                           void *ctx);
void vtb_signals_fini(struct vtb_signals *signals);

/* Raises RLIMIT_NOFILE to at least `fd_limit` + 1000: at the limit libwebsockets spins on accept.
   LIMIT: the hard limit is lower, *out_hard says where. */
VTB_MUST_USE enum vtb_err vtb_raise_fd_limit(uint32_t fd_limit, uint64_t *out_hard);

#endif
