/* signing.c - from a read-back text to a signed one. The PIN was asked before; the key is the caller's. */
#include "build.h"
#include "inner.h"

#include "signal/json.h"

static bool is_blank(struct vtb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] != ' ' && text.at[i] != '\n' && text.at[i] != '\t')
            return false;
    return true;
}

/* Who may sign, and is this the text that everybody saw? */
static enum vtb_err check_act(const struct vtb_case *record, const struct vtb_caller *caller, struct vtb_str digest,
                              const struct vtb_plan_facts *facts, struct vtb_events *out)
{
    struct vtb_standing standing = {
        .signed_in = true,
        .role = vtb_role_of(caller->role),
        .own_item = true,
        .acting_chair = vtb_id_is(facts->chair, caller->seat) && !vtb_id_is_nil(caller->seat),
    };

    if (!vtb_policy_may(VTB_DEED_PLAN_SIGN, &standing))
        return vtb_events_refuse(out, VTB_DENIED, vtb_deed_refusal(VTB_DEED_PLAN_SIGN));
    if (!facts->is_chair_here)
        return vtb_events_refuse(out, VTB_DENIED, "The chair is coming back. Signing waits until then.");
    if (record->draft.state == VTB_PLAN_SIGNED)
        return vtb_events_refuse(out, VTB_DENIED, "This plan is signed already.");
    if (record->draft.state != VTB_PLAN_READBACK || !vtb_id_is(record->draft.item, facts->item))
        return vtb_events_refuse(out, VTB_DENIED, "Read the plan back before it is signed.");
    if (!vtb_str_is(digest, vtb_str_of(record->readback.digest)))
        return vtb_events_refuse(out, VTB_STALE, "The text was read back anew. Look at it again, then sign.");
    return VTB_OK;
}

enum vtb_err vtb_case_sign_check(const struct vtb_case *record, const struct vtb_caller *caller,
                                 struct vtb_str digest, const struct vtb_plan_facts *facts, struct vtb_str reason,
                                 struct vtb_events *out)
{
    const struct vtb_sign_rule *missing;
    enum vtb_err err;

    out->message = NULL;
    err = check_act(record, caller, digest, facts, out);
    if (err)
        return err;
    missing = vtb_rules_missing(&record->draft, facts->rules_off);
    if (missing)
        return vtb_events_refuse(out, VTB_DENIED, missing->message);
    if (!record->readback.window_over)
        return vtb_events_refuse(out, VTB_DENIED, "The time to object is not over yet.");
    if (record->draft.outcome_us == 0)
        return vtb_events_refuse(out, VTB_DENIED,
                                 "Confirm first what this plan means for the plan before the meeting.");
    if ((!record->readback.quorum_met || !facts->quorum_met) && is_blank(reason))
        return vtb_events_refuse(out, VTB_DENIED, "Quorum is not met. Write why it is signed all the same, or defer.");
    return VTB_OK;
}

static json_t *signer_of(struct vtb_build *b, const struct vtb_caller *signer)
{
    json_t *o = vtb_build_object(b);

    vtb_build_id(b, o, "person", signer->person);
    vtb_build_text(b, o, "name", signer->name);
    vtb_build_text(b, o, "role", vtb_str_of(vtb_t_member_role_name(signer->role)));
    vtb_build_text(b, o, "specialty", signer->specialty);
    return o;
}

enum vtb_err vtb_case_signed_text(const struct vtb_case *record, const struct vtb_caller *signer, int64_t signed_us,
                                  struct vtb_str reason, struct vtb_arena *arena, struct vtb_str *out_text,
                                  char out_digest[static 65])
{
    struct vtb_build b = { .arena = arena };
    struct vtb_str text = { 0 };
    json_t *o = NULL;
    enum vtb_err err;

    if (record->draft.state != VTB_PLAN_READBACK)
        return VTB_DENIED;
    err = vtb_json_load(record->readback.text, strlen(record->readback.text), VTB_MAX_PLAN_BYTES, &o);
    if (err)
        return err;
    vtb_build_text(&b, json_object_get(o, "quorum"), "reason", is_blank(reason) ? VTB_LIT("") : reason);
    vtb_build_put(&b, o, "signer", signer_of(&b, signer));
    vtb_build_time(&b, o, "signed_at", signed_us);
    vtb_build_text(&b, o, "readback_digest", vtb_str_of(record->readback.digest));
    err = vtb_build_write(&b, o, &text);
    if (!err && text.len > VTB_MAX_PLAN_BYTES)
        err = VTB_LIMIT;
    if (err)
        return err;
    vtb_sha256_hex(text.at, text.len, out_digest);
    *out_text = text;
    return VTB_OK;
}

static bool is_known(const struct vtb_case *record, const char *id, struct vtb_id *out)
{
    const struct vtb_signed_plan *old;

    if (vtb_id_parse(vtb_str_of(id), out))
        return false;
    old = vtb_case_plan(record, *out);
    return old && old->state != VTB_WITHDRAWN;
}

enum vtb_err vtb_case_signed(const struct vtb_case *record, const struct vtb_caller *signer, struct vtb_id case_id,
                             struct vtb_str text, const char *digest, const char *signature, const char *key,
                             int64_t signed_us, struct vtb_events *out)
{
    const struct vtb_draft *draft = &record->draft;
    struct vtb_id old = { { 0 } };
    size_t before = out->n;
    enum vtb_err err;

    out->now_us = signed_us;
    out->by = signer->seat;
    out->message = NULL;
    if (draft->state != VTB_PLAN_READBACK)
        return VTB_DENIED;
    err = vtb_events_add(out, (struct vtb_event){
        .kind = VTB_EVENT_PLAN_SIGNED,
        .u.plan_signed = { .plan = draft->plan, .version = draft->version, .case_id = case_id,
                           .meeting = draft->meeting, .item = draft->item, .digest = vtb_str_of(digest), .text = text,
                           .signature = vtb_str_of(signature), .key = vtb_str_of(key), .signer = signer->person,
                           .signer_name = signer->name } });
    if (!err && is_known(record, draft->supersedes, &old))
        err = vtb_events_add(out, (struct vtb_event){
            .kind = VTB_EVENT_PLAN_SUPERSEDED,
            .u.plan_superseded = { .plan = old, .by_plan = draft->plan,
                                   .reason = VTB_LIT("The board signed a newer plan.") } });
    if (err)
        out->n = before;
    return err;
}
