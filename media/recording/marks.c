/* marks.c - where the presenter pointed and looked while it was recorded: records of the live form, one for each append. */
#include "recordings.h"

#include "file.h"

#include "base/cursor.h"

#include <stdlib.h>
#include <string.h>

struct vtb_marks {
    struct vtb_live_file *file;
    uint32_t n;
};

enum vtb_err vtb_marks_create(const char *dir, const uint8_t key[static VTB_RECORDING_KEY], struct vtb_id id,
                              struct vtb_marks **out)
{
    struct vtb_marks *marks = calloc(1, sizeof *marks);
    enum vtb_err err = marks ? vtb_live_file_create(dir, key, id, VTB_SEAL_MARKS, &marks->file) : VTB_NOMEM;

    if (err)
        free(marks);
    else
        *out = marks;
    return err;
}

static void write_mark(const struct vtb_mark *mark, uint8_t out[static VTB_MARK_BYTES])
{
    out[0] = (uint8_t)mark->kind;
    vtb_put_u32(out + 1, mark->at_ms);
    vtb_put_u32(out + 5, (uint32_t)mark->x);
    vtb_put_u32(out + 9, (uint32_t)mark->y);
    vtb_put_u32(out + 13, (uint32_t)mark->w);
    vtb_put_u32(out + 17, (uint32_t)mark->h);
}

enum vtb_err vtb_marks_append(struct vtb_marks *marks, const struct vtb_mark *mark, size_t n)
{
    enum vtb_err err = VTB_OK;

    for (size_t i = 0; i < n && !err; i++) {
        uint8_t bytes[VTB_MARK_BYTES];

        if (marks->n == VTB_MARKS_MAX)
            err = VTB_LIMIT;
        write_mark(&mark[i], bytes);
        if (!err)
            err = vtb_live_file_append(marks->file, bytes, sizeof bytes);
        marks->n++;
    }
    return err ? err : vtb_live_file_flush(marks->file);
}

void vtb_marks_close(struct vtb_marks *marks)
{
    if (!marks)
        return;
    /* Marks have no end mark: a recording that a crash cut has as good ones. */
    (void)!vtb_live_file_close(marks->file, false);
    free(marks);
}

struct gather {
    uint8_t *at;
    size_t len;
};

static enum vtb_err gather(void *ctx, const uint8_t *bytes, size_t len)
{
    struct gather *all = ctx;
    uint8_t *more;

    if (all->len + len > (size_t)VTB_MARKS_MAX * VTB_MARK_BYTES)
        return VTB_LIMIT;
    more = realloc(all->at, all->len + len);
    if (!more)
        return VTB_NOMEM;
    memcpy(more + all->len, bytes, len);
    all->at = more;
    all->len += len;
    return VTB_OK;
}

enum vtb_err vtb_marks_read(const char *dir, const uint8_t key[static VTB_RECORDING_KEY], struct vtb_id id,
                            uint8_t **out, size_t *out_len)
{
    struct gather all = { 0 };
    bool was_cut;
    enum vtb_err err = vtb_live_file_read(dir, key, id, VTB_SEAL_MARKS, gather, &all, &was_cut);

    if (!err && all.len < VTB_MARK_BYTES)
        err = VTB_ABSENT;
    if (err) {
        free(all.at);
        return err;
    }
    *out = all.at;
    *out_len = all.len - all.len % VTB_MARK_BYTES;
    return VTB_OK;
}

struct vtb_mark vtb_mark_of(const uint8_t bytes[static VTB_MARK_BYTES])
{
    struct vtb_cursor in = { .at = bytes, .left = VTB_MARK_BYTES };
    struct vtb_mark mark = { .kind = (enum vtb_mark_kind)vtb_cursor_u8(&in), .at_ms = vtb_cursor_u32(&in) };

    mark.x = (int32_t)vtb_cursor_u32(&in);
    mark.y = (int32_t)vtb_cursor_u32(&in);
    mark.w = (int32_t)vtb_cursor_u32(&in);
    mark.h = (int32_t)vtb_cursor_u32(&in);
    return mark;
}
