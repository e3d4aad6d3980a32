/* statement.c - later acts on a signed plan as canonical statements; build.h keeps the first failure. */
#include "statement.h"

json_t *vtb_statement_object(struct vtb_build *build, const struct vtb_event *event, struct vtb_str plan_digest)
{
    json_t *o = vtb_build_object(build);

    if (event->kind == VTB_EVENT_PLAN_COSIGNED) {
        const struct vtb_ev_plan_cosigned *act = &event->u.plan_cosigned;
        vtb_build_text(build, o, "format", VTB_LIT("consilium.cosignature/1"));
        vtb_build_id(build, o, "plan", act->plan);
        vtb_build_id(build, o, "signer", act->signer);
        vtb_build_text(build, o, "signer_name", act->signer_name);
        vtb_build_text(build, o, "role", act->role);
    } else if (event->kind == VTB_EVENT_PLAN_AMENDED) {
        const struct vtb_ev_plan_amended *act = &event->u.plan_amended;
        vtb_build_text(build, o, "format", VTB_LIT("consilium.addendum/1"));
        vtb_build_id(build, o, "plan", act->plan);
        vtb_build_id(build, o, "addendum", act->addendum);
        vtb_build_id(build, o, "author", act->author);
        vtb_build_text(build, o, "author_name", act->author_name);
        vtb_build_text(build, o, "reason", vtb_str_of(vtb_ev_plan_amended_reason_name(act->reason)));
        vtb_build_text(build, o, "text", act->text);
    } else if (event->kind == VTB_EVENT_PLAN_WITHDRAWN) {
        const struct vtb_ev_plan_withdrawn *act = &event->u.plan_withdrawn;
        vtb_build_text(build, o, "format", VTB_LIT("consilium.withdrawal/1"));
        vtb_build_id(build, o, "plan", act->plan);
        vtb_build_id(build, o, "by", act->by);
        vtb_build_text(build, o, "by_name", act->by_name);
        vtb_build_text(build, o, "reason", vtb_str_of(vtb_ev_plan_withdrawn_reason_name(act->reason)));
        vtb_build_text(build, o, "text", act->text);
    } else {
        const struct vtb_ev_plan_superseded *act = &event->u.plan_superseded;
        vtb_build_text(build, o, "format", VTB_LIT("consilium.supersession/1"));
        vtb_build_id(build, o, "plan", act->plan);
        vtb_build_id(build, o, "by_plan", act->by_plan);
        vtb_build_text(build, o, "text", act->reason);
    }
    vtb_build_text(build, o, "plan_digest", plan_digest);
    vtb_build_time(build, o, "at", event->at_us);
    return o;
}

static enum vtb_err write_statement(const struct vtb_event *event, struct vtb_str digest, struct vtb_arena *arena,
                                    struct vtb_str *out)
{
    struct vtb_build build = { .arena = arena };

    return vtb_build_write(&build, vtb_statement_object(&build, event, digest), out);
}

enum vtb_err vtb_statement_cosigned(const struct vtb_ev_plan_cosigned *cosigned, int64_t at_us,
                                    struct vtb_arena *arena, struct vtb_str *out)
{
    struct vtb_event event = { .kind = VTB_EVENT_PLAN_COSIGNED, .at_us = at_us, .u.plan_cosigned = *cosigned };

    return write_statement(&event, cosigned->digest, arena, out);
}

enum vtb_err vtb_statement_amended(const struct vtb_ev_plan_amended *amended, struct vtb_str plan_digest,
                                   int64_t at_us, struct vtb_arena *arena, struct vtb_str *out)
{
    struct vtb_event event = { .kind = VTB_EVENT_PLAN_AMENDED, .at_us = at_us, .u.plan_amended = *amended };

    return write_statement(&event, plan_digest, arena, out);
}

enum vtb_err vtb_statement_withdrawn(const struct vtb_ev_plan_withdrawn *withdrawn, struct vtb_str plan_digest,
                                     int64_t at_us, struct vtb_arena *arena, struct vtb_str *out)
{
    struct vtb_event event = { .kind = VTB_EVENT_PLAN_WITHDRAWN, .at_us = at_us, .u.plan_withdrawn = *withdrawn };

    return write_statement(&event, plan_digest, arena, out);
}
