/*
 * sign.h - signatures over plans (Ed25519, RFC 8032) and the file that is verified offline.
 *
 * What is signed is never the bare digest but
 *     "consilium.<seal>/1" || 0x00 || SHA-256 of the canonical text (32 bytes)
 * so that a signature for one purpose can never stand for another. Digests, keys and signatures are lower-case
 * hex. Keys are bytes from the caller; where they lie is not known here. Pure: any thread after
 * vtb_sign_init().
 */
#ifndef VTB_RECORD_SIGN_H
#define VTB_RECORD_SIGN_H

#include "base/arena.h"
#include "base/id.h"
#include "signal/signal.h"

#include <stdio.h>

#define VTB_SIGN_SEED 32
#define VTB_SIGNATURE_TEXT 129
#define VTB_KEY_TEXT 65

enum vtb_seal {
    VTB_SEAL_PLAN,        /* over the text of the plan: the chair's act */
    VTB_SEAL_COSIGNATURE, /* over vtb_statement_cosigned */
    VTB_SEAL_ADDENDUM,    /* over vtb_statement_amended */
    VTB_SEAL_WITHDRAWAL,  /* over vtb_statement_withdrawn */
};

VTB_MUST_USE enum vtb_err vtb_sign_init(void); /* once at start; SYS */
void vtb_key_of_seed(const uint8_t seed[static VTB_SIGN_SEED], char out_key[static VTB_KEY_TEXT]);
/* `digest`: 64 hex characters. PARSE if not. */
VTB_MUST_USE enum vtb_err vtb_sign(const uint8_t seed[static VTB_SIGN_SEED], enum vtb_seal seal,
                                   struct vtb_str digest, char out_signature[static VTB_SIGNATURE_TEXT]);
bool vtb_sign_holds(struct vtb_str key, enum vtb_seal seal, struct vtb_str digest, struct vtb_str signature);
/* "ab12 cd34 …": the first 16 bytes of SHA-256 of the key in eight groups of four, as printed on each note. */
void vtb_key_fingerprint(struct vtb_str key, char out[static 48]);

/* Canonical statements that stand for later acts; sign their SHA-256 (vtb_sha256_hex). `at_us` is the event's. */
VTB_MUST_USE enum vtb_err vtb_statement_cosigned(const struct vtb_ev_plan_cosigned *cosigned, int64_t at_us,
                                                 struct vtb_arena *arena, struct vtb_str *out);
/* `plan_digest`: of the signed text it belongs to. amended->digest is SHA-256 of this statement. */
VTB_MUST_USE enum vtb_err vtb_statement_amended(const struct vtb_ev_plan_amended *amended, struct vtb_str plan_digest,
                                                int64_t at_us, struct vtb_arena *arena, struct vtb_str *out);
VTB_MUST_USE enum vtb_err vtb_statement_withdrawn(const struct vtb_ev_plan_withdrawn *withdrawn,
                                                  struct vtb_str plan_digest, int64_t at_us,
                                                  struct vtb_arena *arena, struct vtb_str *out);

/* ---- the file: format "consilium.plan-file/1" (protocols/record/README.md) ---- */
struct vtb_plan_file {
    struct vtb_str text, digest, signature, key;
    const struct vtb_event *events; /* plan.cosigned, .amended, .withdrawn, .superseded of this plan, in order */
    size_t events_n;
};
/* Canonical JSON with a line end. Opens with {"NOTICE":"Withdrawn…" or {"NOTICE":"Corrected…" if the events say so. */
VTB_MUST_USE enum vtb_err vtb_plan_file_write(const struct vtb_plan_file *file, struct vtb_arena *arena,
                                              struct vtb_str *out);

enum vtb_verdict { /* also the exit status of `consilium verify` */
    VTB_VERDICT_GOOD = 0,
    VTB_VERDICT_ALTERED = 1,
    VTB_VERDICT_UNREADABLE = 2,
    VTB_VERDICT_KEY_UNKNOWN = 3,
};
struct vtb_verify_report {
    enum vtb_verdict verdict;
    const char *sentence; /* static: what it means */
    const char *detail;   /* static: which part; may be empty */
    char digest[65], key[65], signed_at[32], signer[256];
    int64_t version;
    size_t cosignatures, addenda;
    bool is_withdrawn, is_superseded;
    bool has_notice; /* the file opens with words that are not part of what was signed, and they agree with it */
};
#define VTB_VERIFY_LIMITS "This says nothing about later addenda, corrections or a withdrawal made after the file was written."
/* `keys`: the trusted public keys in hex. */
void vtb_plan_file_verify(const char *bytes, size_t len, const struct vtb_str *keys, size_t keys_n,
                          struct vtb_verify_report *out);

/* consilium verify FILE.json --key PUB (hex, or a file that holds it); prints and returns the verdict. argv[0] is
 * the word "verify". */
int vtb_verify_main(int argc, char **argv);
/* The same, on streams of the caller (tests). */
int vtb_verify_run(int argc, char **argv, FILE *out, FILE *err);

#endif
