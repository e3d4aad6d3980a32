#include "finish.h"

#include "file.h"
#include "reader.h"
#include "webm.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct pass {
    struct vtb_webm_reader reader;
    struct vtb_webm_plan plan;
    struct vtb_webm_writer writer;
    struct vtb_whole_file *file;
    EVP_MD_CTX *sum;
};

static enum vtb_err feed(void *ctx, const uint8_t *bytes, size_t len)
{
    struct pass *pass = ctx;

    return vtb_webm_reader_take(&pass->reader, bytes, len);
}

static enum vtb_err plan_frame(void *ctx, uint32_t slot, const uint8_t *opus, size_t len)
{
    struct pass *pass = ctx;

    (void)opus;
    return vtb_webm_plan_frame(&pass->plan, slot, len);
}

static enum vtb_err write_frame(void *ctx, uint32_t slot, const uint8_t *opus, size_t len)
{
    struct pass *pass = ctx;

    /* Between the passes the file may have grown only if somebody still writes it: nobody does. */
    return slot < pass->plan.slots ? vtb_webm_writer_frame(&pass->writer, slot, opus, len) : VTB_CORRUPT;
}

static enum vtb_err write_bytes(void *ctx, const uint8_t *bytes, size_t len)
{
    struct pass *pass = ctx;

    if (EVP_DigestUpdate(pass->sum, bytes, len) != 1)
        return VTB_SYS;
    return vtb_whole_file_append(pass->file, bytes, len);
}

static enum vtb_err second_pass(struct pass *pass, const char *dir, const uint8_t *key,
                                const struct vtb_seal_about *about, uint8_t *digest)
{
    bool was_cut;
    enum vtb_err err = vtb_whole_file_create(dir, key, about, &pass->file);

    if (err)
        return err;
    if (EVP_DigestInit_ex(pass->sum, EVP_sha256(), NULL) != 1)
        err = VTB_SYS;
    pass->writer = (struct vtb_webm_writer){ .plan = &pass->plan, .bytes = write_bytes, .ctx = pass };
    if (!err)
        err = vtb_webm_writer_begin(&pass->writer, about->id);
    vtb_webm_reader_init(&pass->reader, write_frame, pass);
    if (!err)
        err = vtb_live_file_read(dir, key, about->id, VTB_SEAL_LIVE, feed, pass, &was_cut);
    if (!err && EVP_DigestFinal_ex(pass->sum, digest, NULL) != 1)
        err = VTB_SYS;
    return vtb_whole_file_close(pass->file, err);
}

static enum vtb_err make_whole(const char *dir, const uint8_t *key, struct vtb_id id, struct pass *pass,
                               struct vtb_recording_info *out, uint8_t *digest)
{
    struct vtb_seal_about about = { .id = id, .kind = VTB_SEAL_WHOLE };
    enum vtb_err err;

    vtb_webm_reader_init(&pass->reader, plan_frame, pass);
    err = vtb_live_file_read(dir, key, id, VTB_SEAL_LIVE, feed, pass, &about.was_cut);
    if (err)
        return err;
    if (pass->plan.slots == 0) {
        err = vtb_recording_drop_live(dir, id);
        return err ? err : VTB_ABSENT;
    }
    about.duration_ms = pass->plan.slots * VTB_SLOT_MS;
    about.plain_bytes = vtb_webm_plan_bytes(&pass->plan);
    err = second_pass(pass, dir, key, &about, digest);
    if (err)
        return err;
    *out = (struct vtb_recording_info){ .bytes = about.plain_bytes, .duration_ms = about.duration_ms,
                                        .was_cut = about.was_cut };
    return vtb_recording_drop_live(dir, id);
}

static enum vtb_err read_whole(const char *dir, const uint8_t *key, struct vtb_id id,
                               struct vtb_recording_info *out, uint8_t *digest)
{
    struct vtb_recording *rec;
    enum vtb_err err = vtb_recording_open(dir, key, id, &rec);

    if (err)
        return err;
    *out = vtb_recording_info(rec);
    err = vtb_recording_digest(rec, digest);
    vtb_recording_close(rec);
    return err ? err : vtb_recording_drop_live(dir, id); /* a crash may have come between the two */
}

enum vtb_err vtb_finish(const char *dir, const uint8_t key[static VTB_RECORDING_KEY], struct vtb_id id,
                        struct vtb_recording_info *out, uint8_t digest[static VTB_RECORDING_DIGEST])
{
    struct pass *pass;
    enum vtb_err err;

    if (vtb_file_is_there(dir, id, ".rec"))
        return read_whole(dir, key, id, out, digest);
    pass = calloc(1, sizeof *pass);
    if (!pass)
        return VTB_NOMEM;
    pass->sum = EVP_MD_CTX_new();
    err = pass->sum ? make_whole(dir, key, id, pass, out, digest) : VTB_NOMEM;
    EVP_MD_CTX_free(pass->sum);
    vtb_webm_plan_fini(&pass->plan);
    free(pass);
    return err;
}
