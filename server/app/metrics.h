/*
 * metrics.h - figures as text, on a loopback listener of its own (Prometheus exposition 0.0.4).
 *
 * GET /metrics asks every registered source; /healthz and /readyz tell of health. Never on the
 * public listener: figures tell who meets when. Names carry no person, case or meeting.
 *
 * Thread:    the control thread. Sources run there and must not block.
 * Ownership: stop closes everything; the record frees itself when the loop has closed the handles.
 * Limits:    8 connections at once, 2 kB a request, 5 s each.
 */
#ifndef VTB_APP_METRICS_H
#define VTB_APP_METRICS_H

#include "app/health.h"

#include <uv.h>

struct vtb_metrics;
struct vtb_metrics_out;

#define VTB_METRICS_SOURCES 16

/* Port 0 takes a free one. `health` is borrowed until stop. SYS: the port is taken. */
VTB_MUST_USE enum vtb_err vtb_metrics_start(uv_loop_t *loop, uint16_t port,
                                            const struct vtb_health *health,
                                            struct vtb_metrics **out_metrics);
uint16_t vtb_metrics_port(const struct vtb_metrics *metrics);
void vtb_metrics_stop(struct vtb_metrics *metrics); /* NULL is fine */

/* LIMIT if there are too many. */
VTB_MUST_USE enum vtb_err vtb_metrics_add(struct vtb_metrics *metrics,
                                          void (*fill)(void *ctx, struct vtb_metrics_out *out),
                                          void *ctx);

/* In a source. Names are literals like "consilium_web_requests_total"; values of one name stand
   together. `label` ("role") and `value_of` may be NULL. */
void vtb_metrics_counter(struct vtb_metrics_out *out, const char *name, const char *help,
                         const char *label, const char *value_of, uint64_t value);
void vtb_metrics_gauge(struct vtb_metrics_out *out, const char *name, const char *help,
                       const char *label, const char *value_of, double value);

/* The figures of server/web and of the process (memory, descriptors), as sources; ctx is the web. */
void vtb_metrics_web(void *ctx, struct vtb_metrics_out *out);
void vtb_metrics_process(void *ctx, struct vtb_metrics_out *out);

#endif
