/*
 * health.h - alive (the loop turns) and ready (each named check says so).
 *
 * Ready means here: the store writes and the media worker ticks; their owners add the checks.
 * Thread: the control thread.
 */
#ifndef VTB_APP_HEALTH_H
#define VTB_APP_HEALTH_H

#include "base/err.h"

struct vtb_web;
struct vtb_web_request;

#define VTB_HEALTH_CHECKS 8

struct vtb_health {
    struct {
        const char *name; /* a literal: lower case, no quotes */
        bool (*is_well)(void *ctx);
        void *ctx;
    } checks[VTB_HEALTH_CHECKS];
    size_t n;
    bool is_stopping; /* set at SIGTERM: a balancer sends nobody new */
}; /* zero-initialised is valid: ready with no check */

/* LIMIT if there are too many. `is_well` must not block. */
VTB_MUST_USE enum vtb_err vtb_health_add(struct vtb_health *health, const char *name,
                                         bool (*is_well)(void *ctx), void *ctx);
/* {"ready":false,"store":"ok","media":"failing"}; returns whether all are well. */
bool vtb_health_write(const struct vtb_health *health, char *out, size_t cap);

/* For /healthz and /readyz on the main listener: 200 or 503. */
void vtb_health_answer_alive(struct vtb_web *web, struct vtb_web_request *req);
void vtb_health_answer_ready(const struct vtb_health *health, struct vtb_web *web,
                             struct vtb_web_request *req);

#endif
