/*
 * sweep.c - what lws does not watch: slow bodies, handlers that never answer, readers that do
 * not take a close frame, and the end of a stop.
 *
 * lws timers asked for outside its callbacks do not fire on an idle loop (measured), so these
 * are ours. Hanging up is shutdown(2): lws then sees the end by itself, in its own time.
 */
#include "inner.h"

static void hang_up(struct web_conn *conn)
{
    int fd = lws_get_socket_fd(conn->wsi);

    conn->kill_ms = 0;
    if (fd >= 0)
        shutdown(fd, SHUT_RDWR);
}

static void watch_request(struct vtb_web *web, struct web_conn *conn, uint64_t now)
{
    struct vtb_web_request *req = conn->req;
    uint64_t window = web->cfg.body_window_ms;

    switch (req->stage) {
    case WEB_READING:
        if (now - req->window_ms < window)
            break;
        if (req->window_bytes < window) { /* 1 byte a ms = 1 kB/s */
            web->figures.slow_bodies++;
            hang_up(conn);
        }
        req->window_ms = now;
        req->window_bytes = 0;
        break;
    case WEB_HANDLING:
        if (now >= req->due_ms)
            vtb_web_answer_error(web, vtb_web_request_handle(req), VTB_TIMEOUT,
                                 "This took too long. What was saved is kept; look before you "
                                 "try again.");
        break;
    case WEB_LINGER:
        if (now >= req->due_ms)
            hang_up(conn);
        break;
    case WEB_WRITING:
        break; /* lws's own time-out watches the reader */
    }
}

void web_sweep(uv_timer_t *timer)
{
    struct vtb_web *web = timer->data;
    uint64_t now = web_now_ms(web);
    size_t busy = 0;

    for (size_t i = 0; i < web->cfg.fd_limit; i++) {
        struct web_conn *conn = web->conns[i];

        if (!conn)
            continue;
        if (conn->kill_ms && now >= conn->kill_ms)
            hang_up(conn);
        if (conn->req)
            watch_request(web, conn, now);
        busy += conn->req || conn->socket;
    }
    web_address_sweep(web);
    if (web->is_stopping && (busy == 0 || now >= web->stop_ms))
        web_finish(web);
}
