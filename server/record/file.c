/*
 * file.c - the file of a signed plan, written and verified.
 *
 * {"NOTICE","addenda":[...],"cosignatures":[...],"digest","format":"consilium.plan-file/1","key","signature",
 *  "states":[...],"text"}
 * Entries of the three lists are statements (statement.c) with one member more, "signature". The bytes that were
 * signed are the canonical form of the entry without it. A supersession is not signed: it only points on.
 *
 * NOTICE is there when the plan no longer stands as it was signed (decision 16). Members are sorted by code unit and
 * upper case comes first, so the file opens with it. Nobody signed it: it says again what the lists hold, in words
 * that follow from them, and a file whose notice says anything else was changed.
 */
#include "record/canon.h"
#include "record/sign.h"
#include "signal/json.h"
#include "statement.h"

#include "limits/limits.h"

#include <stdio.h>

#define FILE_MAX_BYTES (4u << 20)

/* NULL: it stands as it was signed. */
static const char *notice_of(bool is_withdrawn, bool is_superseded, bool is_amended)
{
    if (is_withdrawn)
        return "Withdrawn. Do not act on this plan.";
    if (is_superseded)
        return "Corrected, see the newer plan: this one was superseded.";
    return is_amended ? "Corrected, see addendum." : NULL;
}

static bool has_act(const struct vtb_plan_file *file, enum vtb_event_kind kind)
{
    for (size_t i = 0; i < file->events_n; i++)
        if (file->events[i].kind == kind)
            return true;
    return false;
}

static struct vtb_str signature_of(const struct vtb_event *event)
{
    switch ((unsigned)event->kind) {
    case VTB_EVENT_PLAN_COSIGNED:
        return event->u.plan_cosigned.signature;
    case VTB_EVENT_PLAN_AMENDED:
        return event->u.plan_amended.signature;
    case VTB_EVENT_PLAN_WITHDRAWN:
        return event->u.plan_withdrawn.signature;
    }
    return (struct vtb_str){ 0 };
}

enum vtb_err vtb_plan_file_write(const struct vtb_plan_file *file, struct vtb_arena *arena, struct vtb_str *out)
{
    struct vtb_build build = { .arena = arena };
    json_t *root = vtb_build_object(&build);
    json_t *cosigned = vtb_build_array(&build), *addenda = vtb_build_array(&build), *states = vtb_build_array(&build);
    const char *notice = notice_of(has_act(file, VTB_EVENT_PLAN_WITHDRAWN), has_act(file, VTB_EVENT_PLAN_SUPERSEDED),
                                   has_act(file, VTB_EVENT_PLAN_AMENDED));
    struct vtb_str bytes;
    enum vtb_err err;
    char *line;

    for (size_t i = 0; i < file->events_n; i++) {
        const struct vtb_event *event = &file->events[i];
        json_t *entry = vtb_statement_object(&build, event, file->digest);

        if (event->kind != VTB_EVENT_PLAN_SUPERSEDED)
            vtb_build_text(&build, entry, "signature", signature_of(event));
        vtb_build_add(&build, event->kind == VTB_EVENT_PLAN_COSIGNED  ? cosigned
                              : event->kind == VTB_EVENT_PLAN_AMENDED ? addenda
                                                                      : states, entry);
    }
    if (notice)
        vtb_build_text(&build, root, "NOTICE", vtb_str_of(notice));
    vtb_build_text(&build, root, "format", VTB_LIT("consilium.plan-file/1"));
    vtb_build_put(&build, root, "text", build.err ? NULL : json_stringn(file->text.at, file->text.len));
    vtb_build_text(&build, root, "digest", file->digest);
    vtb_build_text(&build, root, "signature", file->signature);
    vtb_build_text(&build, root, "key", file->key);
    vtb_build_put(&build, root, "cosignatures", cosigned);
    vtb_build_put(&build, root, "addenda", addenda);
    vtb_build_put(&build, root, "states", states);
    err = vtb_build_write(&build, root, &bytes);
    if (err)
        return err;
    line = vtb_arena_take(arena, bytes.len + 2);
    if (!line)
        return VTB_NOMEM;
    memcpy(line, bytes.at, bytes.len);
    line[bytes.len] = '\n';
    *out = (struct vtb_str){ line, bytes.len + 1 };
    return VTB_OK;
}

/* What is read from a file; texts borrow from `root`. */
struct reading {
    struct vtb_arena arena;
    json_t *root, *plan;
    struct vtb_str text, digest, signature, key, notice;
    bool has_notice; /* not in files of plans that stand, nor in those written before there were notices */
    json_t *cosignatures, *addenda, *states;
};

static enum vtb_err read_outer(struct reading *in, const char *bytes, size_t len)
{
    static const char *const keys[] = { "NOTICE", "format", "text", "digest", "signature", "key", "cosignatures",
                                        "addenda", "states" };
    struct vtb_str format;

    VTB_TRY(vtb_json_load(bytes, len, FILE_MAX_BYTES, &in->root));
    VTB_TRY(vtb_json_object(in->root, keys, VTB_COUNT(keys)));
    VTB_TRY(vtb_json_str(json_object_get(in->root, "format"), 1, 60, &format));
    if (!vtb_str_is(format, VTB_LIT("consilium.plan-file/1")))
        return VTB_PARSE;
    VTB_TRY(vtb_json_str(json_object_get(in->root, "text"), 1, VTB_MAX_PLAN_BYTES, &in->text));
    VTB_TRY(vtb_json_str(json_object_get(in->root, "digest"), 0, 64, &in->digest));
    VTB_TRY(vtb_json_str(json_object_get(in->root, "signature"), 0, 128, &in->signature));
    VTB_TRY(vtb_json_str(json_object_get(in->root, "key"), 0, 64, &in->key));
    in->has_notice = json_object_get(in->root, "NOTICE") != NULL;
    if (in->has_notice)
        VTB_TRY(vtb_json_str(json_object_get(in->root, "NOTICE"), 0, 200, &in->notice));
    in->cosignatures = json_object_get(in->root, "cosignatures");
    in->addenda = json_object_get(in->root, "addenda");
    in->states = json_object_get(in->root, "states");
    return json_is_array(in->cosignatures) && json_is_array(in->addenda) && json_is_array(in->states) ? VTB_OK
                                                                                                     : VTB_PARSE;
}

static struct vtb_str member(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);

    return (struct vtb_str){ json_string_value(value), json_string_length(value) };
}

/* The text that was read back is the signed one without what signing added; its digest stands inside. */
static bool readback_digest_holds(struct reading *in)
{
    json_t *copy = json_deep_copy(in->plan);
    json_t *quorum = json_object_get(copy, "quorum");
    struct vtb_str bytes, digest = member(in->plan, "readback_digest");
    char again[65];
    bool holds = false;

    if (copy && quorum && json_object_set_new(quorum, "reason", json_string("")) == 0) {
        json_object_del(copy, "signer");
        json_object_del(copy, "signed_at");
        json_object_del(copy, "readback_digest");
        if (!vtb_canon_write(copy, &in->arena, &bytes)) {
            vtb_sha256_hex(bytes.at, bytes.len, again);
            holds = vtb_str_is(vtb_str_of(again), digest);
        }
    }
    json_decref(copy);
    return holds;
}

/* One later act: for this plan and text, and signed with the key of the file. */
static bool entry_holds(struct reading *in, json_t *entry, const char *format, enum vtb_seal seal)
{
    struct vtb_str bytes, signature = member(entry, "signature");
    json_t *copy = json_is_object(entry) ? json_copy(entry) : NULL;
    char digest[65] = "";
    bool holds = false;

    if (copy) {
        json_object_del(copy, "signature");
        if (!vtb_canon_write(copy, &in->arena, &bytes)) {
            vtb_sha256_hex(bytes.at, bytes.len, digest);
            holds = vtb_str_is(member(entry, "format"), vtb_str_of(format)) &&
                    vtb_str_is(member(entry, "plan_digest"), in->digest) &&
                    vtb_str_is(member(entry, "plan"), member(in->plan, "plan")) &&
                    vtb_sign_holds(in->key, seal, vtb_str_of(digest), signature);
        }
    }
    json_decref(copy);
    return holds;
}

static bool entries_hold(struct reading *in, json_t *entries, const char *format, enum vtb_seal seal)
{
    for (size_t i = 0; i < json_array_size(entries); i++)
        if (!entry_holds(in, json_array_get(entries, i), format, seal))
            return false;
    return true;
}

static bool states_hold(struct reading *in, struct vtb_verify_report *out)
{
    for (size_t i = 0; i < json_array_size(in->states); i++) {
        json_t *entry = json_array_get(in->states, i);

        if (vtb_str_is(member(entry, "format"), VTB_LIT("consilium.supersession/1"))) {
            out->is_superseded = true;
        } else {
            if (!entry_holds(in, entry, "consilium.withdrawal/1", VTB_SEAL_WITHDRAWAL))
                return false;
            out->is_withdrawn = true;
        }
    }
    return true;
}

static bool notice_holds(const struct reading *in, const struct vtb_verify_report *acts)
{
    const char *notice = notice_of(acts->is_withdrawn, acts->is_superseded, json_array_size(in->addenda) > 0);

    return !in->has_notice || (notice && vtb_str_is(in->notice, vtb_str_of(notice)));
}

/* What is wrong with the file, or NULL. */
static const char *fault_of(struct reading *in, struct vtb_verify_report *out)
{
    enum vtb_err err = vtb_canon_read(in->text.at, in->text.len, VTB_MAX_PLAN_BYTES, &in->plan);
    char digest[65];

    if (err)
        return "The text of the plan is not in the form in which it was signed.";
    vtb_sha256_hex(in->text.at, in->text.len, digest);
    memcpy(out->digest, digest, sizeof out->digest);
    if (!vtb_str_is(member(in->plan, "format"), VTB_LIT("consilium.plan/1")))
        return "The text is not that of a plan.";
    if (!vtb_str_is(in->digest, vtb_str_of(digest)))
        return "The text does not belong to the digest beside it.";
    if (!vtb_sign_holds(in->key, VTB_SEAL_PLAN, in->digest, in->signature))
        return "The signature does not belong to this text.";
    if (!readback_digest_holds(in))
        return "The text is not the one that was read back.";
    if (!entries_hold(in, in->cosignatures, "consilium.cosignature/1", VTB_SEAL_COSIGNATURE))
        return "A further signature does not belong to this plan.";
    if (!entries_hold(in, in->addenda, "consilium.addendum/1", VTB_SEAL_ADDENDUM))
        return "An addendum was changed, or does not belong to this plan.";
    if (!states_hold(in, out))
        return "The withdrawal was changed, or does not belong to this plan.";
    if (!notice_holds(in, out))
        return "The notice at the top, which nobody signed, does not say what the rest of the file says.";
    return NULL;
}

static bool is_trusted(struct vtb_str key, const struct vtb_str *keys, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (vtb_str_is(key, keys[i]))
            return true;
    return false;
}

static void copy_text(char *to, size_t cap, struct vtb_str from)
{
    snprintf(to, cap, "%.*s", (int)(from.len < cap ? from.len : cap - 1), from.at ? from.at : "");
}

static void report(struct reading *in, const struct vtb_str *keys, size_t n, struct vtb_verify_report *out)
{
    const char *fault = fault_of(in, out);

    copy_text(out->key, sizeof out->key, in->key);
    if (fault) {
        out->verdict = VTB_VERDICT_ALTERED;
        out->sentence = "This plan was changed after it was signed. Do not rely on it.";
        out->detail = fault;
        return;
    }
    copy_text(out->signed_at, sizeof out->signed_at, member(in->plan, "signed_at"));
    copy_text(out->signer, sizeof out->signer, member(json_object_get(in->plan, "signer"), "name"));
    out->version = json_integer_value(json_object_get(in->plan, "version"));
    out->cosignatures = json_array_size(in->cosignatures);
    out->addenda = json_array_size(in->addenda);
    out->has_notice = in->has_notice;
    out->detail = "";
    if (is_trusted(in->key, keys, n)) {
        out->verdict = VTB_VERDICT_GOOD;
        out->sentence = "This is the plan exactly as it was signed.";
    } else {
        out->verdict = VTB_VERDICT_KEY_UNKNOWN;
        out->sentence = "Nothing was changed since it was signed, but the key is not one you named: who signed is not "
                        "proven.";
    }
}

void vtb_plan_file_verify(const char *bytes, size_t len, const struct vtb_str *keys, size_t keys_n,
                          struct vtb_verify_report *out)
{
    struct reading in = { 0 };

    memset(out, 0, sizeof *out);
    if (read_outer(&in, bytes, len)) {
        out->verdict = VTB_VERDICT_UNREADABLE;
        out->sentence = "This is not a plan file, or it is damaged beyond reading.";
        out->detail = "";
    } else {
        report(&in, keys, keys_n, out);
    }
    json_decref(in.plan);
    json_decref(in.root);
    vtb_arena_fini(&in.arena);
}
