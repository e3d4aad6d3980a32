/* later.c - what may still happen to a signed plan: an addendum, a withdrawal, a further signature. Its bytes stay. */
#include "inner.h"

/* The plan, if policy lets this caller act on it. */
static enum vtb_err find(const struct vtb_case *record, struct vtb_id plan, enum vtb_deed deed,
                         const struct vtb_standing *standing, struct vtb_events *out,
                         const struct vtb_signed_plan **out_plan)
{
    out->message = NULL;
    if (!vtb_policy_may(deed, standing))
        return vtb_events_refuse(out, VTB_DENIED, vtb_deed_refusal(deed));
    *out_plan = vtb_case_plan(record, plan);
    if (!*out_plan)
        return vtb_events_refuse(out, VTB_ABSENT, "There is no such signed plan.");
    if ((*out_plan)->state == VTB_WITHDRAWN)
        return vtb_events_refuse(out, VTB_DENIED, "This plan was withdrawn.");
    return VTB_OK;
}

enum vtb_err vtb_case_amend(const struct vtb_case *record, const struct vtb_standing *standing,
                            const struct vtb_ev_plan_amended *amended, int64_t now_us, struct vtb_events *out)
{
    const struct vtb_signed_plan *plan;
    enum vtb_err err = find(record, amended->plan, VTB_DEED_PLAN_AMEND, standing, out, &plan);

    if (err)
        return err;
    if (amended->text.len == 0)
        return vtb_events_refuse(out, VTB_PARSE, "Write what is added.");
    if (plan->addenda >= VTB_MAX_ADDENDA)
        return vtb_events_refuse(out, VTB_LIMIT, "A plan holds 100 addenda. Present the case again.");
    out->now_us = now_us;
    out->by = amended->author;
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_PLAN_AMENDED, .u.plan_amended = *amended });
}

enum vtb_err vtb_case_withdraw(const struct vtb_case *record, const struct vtb_standing *standing,
                               const struct vtb_ev_plan_withdrawn *withdrawn, int64_t now_us, struct vtb_events *out)
{
    const struct vtb_signed_plan *plan;
    enum vtb_err err = find(record, withdrawn->plan, VTB_DEED_PLAN_WITHDRAW, standing, out, &plan);

    if (err)
        return err;
    if (withdrawn->text.len == 0)
        return vtb_events_refuse(out, VTB_PARSE, "Write why the plan is withdrawn.");
    out->now_us = now_us;
    out->by = withdrawn->by;
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_PLAN_WITHDRAWN, .u.plan_withdrawn = *withdrawn });
}

enum vtb_err vtb_case_cosign(const struct vtb_case *record, const struct vtb_standing *standing,
                             const struct vtb_ev_plan_cosigned *cosigned, int64_t now_us, struct vtb_events *out)
{
    const struct vtb_signed_plan *plan;
    enum vtb_err err = find(record, cosigned->plan, VTB_DEED_PLAN_COSIGN, standing, out, &plan);

    if (err)
        return err;
    if (!vtb_str_is(cosigned->digest, vtb_str_of(plan->digest)))
        return vtb_events_refuse(out, VTB_STALE, "This is not the text that was signed.");
    if (vtb_id_is(cosigned->signer, plan->signer))
        return vtb_events_refuse(out, VTB_DENIED, "You signed this plan as chair.");
    for (size_t i = 0; i < plan->cosigned; i++)
        if (vtb_id_is(plan->cosigners[i], cosigned->signer))
            return VTB_OK;
    if (plan->cosigned == VTB_COUNT(plan->cosigners))
        return vtb_events_refuse(out, VTB_LIMIT, "A plan holds 50 further signatures.");
    out->now_us = now_us;
    out->by = cosigned->signer;
    return vtb_events_add(out, (struct vtb_event){ .kind = VTB_EVENT_PLAN_COSIGNED, .u.plan_cosigned = *cosigned });
}
