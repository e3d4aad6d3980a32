/* verify.c - consilium verify: reads two files, prints what is proven, exits with the verdict. The one file of this
 * room that does I/O, since it is a program and not a part of the server. */
#include "record/sign.h"

#include <stdio.h>
#include <stdlib.h>

#define MAX_KEYS 8
#define MAX_FILE (4u << 20)

static char *read_file(const char *path, size_t *out_len)
{
    FILE *file = fopen(path, "rb");
    char *bytes = file ? malloc(MAX_FILE + 1) : NULL;
    bool whole = false;

    if (bytes) {
        *out_len = fread(bytes, 1, MAX_FILE + 1, file);
        whole = !ferror(file) && *out_len <= MAX_FILE;
    }
    if (file)
        fclose(file);
    if (!whole) {
        free(bytes);
        return NULL;
    }
    return bytes;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* 64 hex characters, or a file that begins with them. */
static bool read_key(const char *arg, char out[static VTB_KEY_TEXT])
{
    size_t len = strlen(arg), n = 0;
    char *bytes = NULL;
    const char *from = arg;

    if (len != VTB_KEY_TEXT - 1) {
        bytes = read_file(arg, &len);
        from = bytes;
    }
    while (from && n < len && n < VTB_KEY_TEXT - 1 && is_hex(from[n])) {
        out[n] = from[n];
        n++;
    }
    out[n] = '\0';
    free(bytes);
    return n == VTB_KEY_TEXT - 1;
}

/* Before anything else: an intact plan may be one that nobody should follow. */
static void print_fate(const struct vtb_verify_report *report, FILE *out)
{
    if (report->is_withdrawn)
        fprintf(out, "WITHDRAWN. The board took this plan back; the file says why.\n");
    if (report->is_superseded)
        fprintf(out, "CORRECTED. A newer plan took its place.\n");
    if (report->addenda)
        fprintf(out, "CORRECTED, see addendum.\n");
}

static void print(const struct vtb_verify_report *report, FILE *out)
{
    bool is_intact = report->verdict == VTB_VERDICT_GOOD || report->verdict == VTB_VERDICT_KEY_UNKNOWN;
    char fingerprint[48];

    if (is_intact)
        print_fate(report, out);
    fprintf(out, "%s\n", report->sentence);
    if (report->detail[0])
        fprintf(out, "%s\n", report->detail);
    if (is_intact)
        fprintf(out, "Version %lld, signed %s by %s. Further signatures: %zu. Addenda: %zu.\n",
                (long long)report->version, report->signed_at, report->signer, report->cosignatures,
                report->addenda);
    if (is_intact && report->has_notice)
        fprintf(out, "The notice at the top of the file is outside of the signature; it agrees with what is inside.\n");
    if (report->digest[0])
        fprintf(out, "Digest: %s\n", report->digest);
    if (report->key[0]) {
        vtb_key_fingerprint(vtb_str_of(report->key), fingerprint);
        fprintf(out, "Key: %s (fingerprint %s)\n", report->key, fingerprint);
    }
    fprintf(out, "%s\n", VTB_VERIFY_LIMITS);
}

static int usage(FILE *err)
{
    fprintf(err, "Usage: consilium verify FILE.json --key PUB\n"
                 "PUB: the site's public key, 64 hex characters, or a file that holds it.\n"
                 "Exit: 0 good, 1 altered, 2 unreadable, 3 intact but the key is not one you named.\n");
    return VTB_VERDICT_UNREADABLE;
}

int vtb_verify_run(int argc, char **argv, FILE *out, FILE *err)
{
    char keys[MAX_KEYS][VTB_KEY_TEXT];
    struct vtb_str trusted[MAX_KEYS];
    struct vtb_verify_report report;
    const char *path = NULL;
    size_t keys_n = 0, len = 0;
    char *bytes;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--key") == 0 && i + 1 < argc && keys_n < MAX_KEYS) {
            if (!read_key(argv[++i], keys[keys_n])) {
                fprintf(err, "%s is not a public key of 64 hex characters, nor a file that holds one.\n", argv[i]);
                return VTB_VERDICT_UNREADABLE;
            }
            trusted[keys_n] = vtb_str_of(keys[keys_n]);
            keys_n++;
        } else if (argv[i][0] != '-' && !path) {
            path = argv[i];
        } else {
            return usage(err);
        }
    }
    if (!path)
        return usage(err);
    if (vtb_sign_init()) {
        fprintf(err, "The cryptographic library does not start on this machine.\n");
        return VTB_VERDICT_UNREADABLE;
    }
    bytes = read_file(path, &len);
    if (!bytes) {
        fprintf(err, "%s cannot be read, or is larger than a plan file can be (4 MB).\n", path);
        return VTB_VERDICT_UNREADABLE;
    }
    vtb_plan_file_verify(bytes, len, trusted, keys_n, &report);
    print(&report, out);
    free(bytes);
    return (int)report.verdict;
}

int vtb_verify_main(int argc, char **argv)
{
    return vtb_verify_run(argc, argv, stdout, stderr);
}
