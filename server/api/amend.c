/* amend.c - later acts on a signed plan: addendum, withdrawal, another signature. The text never changes. */
#include "api/inner.h"

#include "record/canon.h"
#include "record/sign.h"

#include <string.h>

static const char *role_word(const struct call *call)
{
    enum vtb_role role = call->standing.role;

    if (role == VTB_ROLE_NONE)
        return call->standing.referrer ? "referrer" : "";
    return vtb_t_member_role_name((enum vtb_t_member_role)(role - VTB_ROLE_CHAIR));
}

static void done(struct call *call)
{
    call_answer(call, json_pack("{s:o,s:i}", "id", id_json(call->made), "version", 1));
}

/* Signs the digest of a statement. */
static enum vtb_err seal(struct call *call, enum vtb_seal what, struct vtb_str statement, char digest[static 65],
                         char signature[static VTB_SIGNATURE_TEXT])
{
    vtb_sha256_hex(statement.at, statement.len, digest);
    return vtb_sign(call->api->cfg.sign_seed, what, vtb_str_of(digest), signature);
}

/* ---- addendum ---- */

static void write_addendum(struct call *call)
{
    const struct vtb_body_plan_amend *body = &call->body.plan_amend;
    struct vtb_events *events = &call->api->events;
    char digest[65], signature[VTB_SIGNATURE_TEXT];
    int64_t now = now_us();
    struct vtb_str statement;
    struct vtb_ev_plan_amended amended = { .plan = call->id, .addendum = vtb_id_make(now), .author = call->session.person,
        .author_name = vtb_str_of(call->session.name), .reason = (enum vtb_ev_plan_amended_reason)body->reason };
    enum vtb_err err = vtb_nfc(body->text, &call->arena, &amended.text);

    call->made = amended.addendum;
    if (!err)
        err = vtb_statement_amended(&amended, vtb_str_of(json_text(call->facts, "digest")), now, &call->arena, &statement);
    if (!err)
        err = seal(call, VTB_SEAL_ADDENDUM, statement, digest, signature);
    if (!err) {
        amended.digest = vtb_str_of(digest);
        amended.signature = vtb_str_of(signature);
        err = vtb_case_amend(vtb_log_tail(call->log), &call->standing, &amended, now, events);
    }
    call_append(call, err, done);
}

static void amend_pin_good(struct call *call)
{
    call_log(call, &vtb_case_log, call->case_id, false, write_addendum);
}

static void may_amend(struct call *call)
{
    if (call_may(call, VTB_DEED_PLAN_AMEND))
        call_pin(call, call->body.plan_amend.pin, amend_pin_good);
}

static void amend(struct call *call)
{
    with_plan(call, may_amend);
}

void plan_amend(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->id) && CALL_BODY(call, req, plan_amend, plan_amend))
        call_session(call, req, amend);
}

/* ---- withdrawal ---- */

static void write_withdrawal(struct call *call)
{
    const struct vtb_body_plan_withdraw *body = &call->body.plan_withdraw;
    char digest[65], signature[VTB_SIGNATURE_TEXT];
    int64_t now = now_us();
    struct vtb_str statement;
    struct vtb_ev_plan_withdrawn withdrawn = { .plan = call->id, .by = call->session.person,
        .by_name = vtb_str_of(call->session.name), .reason = (enum vtb_ev_plan_withdrawn_reason)body->reason };
    enum vtb_err err = vtb_nfc(body->text, &call->arena, &withdrawn.text);

    call->made = call->id;
    if (!err)
        err = vtb_statement_withdrawn(&withdrawn, vtb_str_of(json_text(call->facts, "digest")), now, &call->arena, &statement);
    if (!err)
        err = seal(call, VTB_SEAL_WITHDRAWAL, statement, digest, signature);
    if (!err) {
        withdrawn.signature = vtb_str_of(signature);
        err = vtb_case_withdraw(vtb_log_tail(call->log), &call->standing, &withdrawn, now, &call->api->events);
    }
    call_append(call, err, done);
}

static void withdraw_pin_good(struct call *call)
{
    call_log(call, &vtb_case_log, call->case_id, false, write_withdrawal);
}

static void may_withdraw(struct call *call)
{
    if (call_may(call, VTB_DEED_PLAN_WITHDRAW))
        call_pin(call, call->body.plan_withdraw.pin, withdraw_pin_good);
}

static void withdraw(struct call *call)
{
    with_plan(call, may_withdraw);
}

void plan_withdraw(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->id) && CALL_BODY(call, req, plan_withdraw, plan_withdraw))
        call_session(call, req, withdraw);
}

/* ---- another signature over the same digest ---- */

static void write_cosignature(struct call *call)
{
    char digest[65], signature[VTB_SIGNATURE_TEXT];
    int64_t now = now_us();
    struct vtb_str statement;
    struct vtb_ev_plan_cosigned cosigned = { .plan = call->id, .digest = call->body.plan_cosign.digest,
        .signer = call->session.person, .signer_name = vtb_str_of(call->session.name),
        .role = vtb_str_of(role_word(call)) };
    enum vtb_err err = vtb_statement_cosigned(&cosigned, now, &call->arena, &statement);

    call->made = call->id;
    if (!err)
        err = seal(call, VTB_SEAL_COSIGNATURE, statement, digest, signature);
    if (!err) {
        cosigned.signature = vtb_str_of(signature);
        err = vtb_case_cosign(vtb_log_tail(call->log), &call->standing, &cosigned, now, &call->api->events);
    }
    call_append(call, err, done);
}

static void cosign_pin_good(struct call *call)
{
    call_log(call, &vtb_case_log, call->case_id, false, write_cosignature);
}

/* Present means: in the attendance of the text that was signed. */
static bool was_present(const struct call *call)
{
    json_t *text = json_loads(json_text(call->facts, "text"), 0, NULL), *row;
    bool found = false;
    size_t i;

    json_array_foreach (json_object_get(text, "attendance"), i, row)
        found = found || vtb_id_is(json_id(json_object_get(row, "person")), call->session.person);
    json_decref(text);
    return found;
}

static void may_cosign(struct call *call)
{
    call->standing.was_present = was_present(call);
    if (call_may(call, VTB_DEED_PLAN_COSIGN))
        call_pin(call, call->body.plan_cosign.pin, cosign_pin_good);
}

static void cosign(struct call *call)
{
    with_plan(call, may_cosign);
}

void plan_cosign(void *ctx, struct vtb_web_request *req)
{
    struct call *call = call_make(ctx, req);

    if (call && call_id(call, req, "id", &call->id) && CALL_BODY(call, req, plan_cosign, plan_cosign))
        call_session(call, req, cosign);
}
