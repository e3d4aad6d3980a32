#include "app/health.h"

#include "web/web.h"

#include <stdio.h>

static const char alive[] = "{\"alive\":true}";

enum vtb_err vtb_health_add(struct vtb_health *health, const char *name,
                            bool (*is_well)(void *ctx), void *ctx)
{
    if (health->n == VTB_HEALTH_CHECKS)
        return VTB_LIMIT;
    health->checks[health->n].name = name;
    health->checks[health->n].is_well = is_well;
    health->checks[health->n].ctx = ctx;
    health->n++;
    return VTB_OK;
}

bool vtb_health_write(const struct vtb_health *health, char *out, size_t cap)
{
    bool is_ready = !health->is_stopping;
    char list[512] = "";
    size_t at = 0;

    for (size_t i = 0; i < health->n; i++) {
        bool is_well = health->checks[i].is_well(health->checks[i].ctx);
        int n = snprintf(list + at, sizeof list - at, ",\"%s\":\"%s\"", health->checks[i].name,
                         is_well ? "ok" : "failing");

        if (n > 0 && (size_t)n < sizeof list - at)
            at += (size_t)n;
        else
            list[at] = '\0';
        is_ready = is_ready && is_well;
    }
    snprintf(out, cap, "{\"ready\":%s%s}", is_ready ? "true" : "false", list);
    return is_ready;
}

void vtb_health_answer_alive(struct vtb_web *web, struct vtb_web_request *req)
{
    vtb_web_answer_json(web, vtb_web_request_handle(req), 200, alive, sizeof alive - 1);
}

void vtb_health_answer_ready(const struct vtb_health *health, struct vtb_web *web,
                             struct vtb_web_request *req)
{
    char text[640];
    bool is_ready = vtb_health_write(health, text, sizeof text);

    vtb_web_answer_json(web, vtb_web_request_handle(req), is_ready ? 200 : 503, text,
                        vtb_str_of(text).len);
}
