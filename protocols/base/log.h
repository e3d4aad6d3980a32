/*
 * log.h - events, not sentences; never a person.
 *
 *     VTB_LOG(VTB_INFO, "peer.joined", VTB_U64("peer", peer.index), VTB_STR("role", "chair"));
 *
 * One JSON line on standard error. Names are stable, lower case with dots. Values are numbers,
 * ids, and string literals or other non-private text; struct vtb_str (text from outside) has no
 * macro, so what a person typed, a name, a birth date or a file name cannot be logged.
 * More than 20 lines a second of one name are folded into a count.
 *
 * Thread: any; one short lock. Never on the packet path.
 */
#ifndef VTB_BASE_LOG_H
#define VTB_BASE_LOG_H

#include "base/err.h"
#include "base/id.h"

enum vtb_level { VTB_DEBUG, VTB_INFO, VTB_WARN, VTB_ERROR };

struct vtb_field {
    enum { VTB_FIELD_U64, VTB_FIELD_I64, VTB_FIELD_STR, VTB_FIELD_ID } kind;
    const char *name;
    union {
        uint64_t u64;
        int64_t i64;
        const char *str;
        struct vtb_id id;
    } u;
};

#define VTB_U64(n, v) ((struct vtb_field){ VTB_FIELD_U64, (n), { .u64 = (v) } })
#define VTB_I64(n, v) ((struct vtb_field){ VTB_FIELD_I64, (n), { .i64 = (v) } })
#define VTB_STR(n, v) ((struct vtb_field){ VTB_FIELD_STR, (n), { .str = (v) } })
#define VTB_ID(n, v)  ((struct vtb_field){ VTB_FIELD_ID, (n), { .id = (v) } })
#define VTB_ERR(v)    VTB_STR("err", vtb_err_name(v))

void vtb_log_write(enum vtb_level level, const char *event, const struct vtb_field *fields,
                   size_t n);
void vtb_log_level(enum vtb_level least); /* default INFO */

#define VTB_LOG(level, event, ...)                                                          \
    vtb_log_write((level), (event), (const struct vtb_field[]){ __VA_ARGS__ },               \
                  sizeof((const struct vtb_field[]){ __VA_ARGS__ }) / sizeof(struct vtb_field))

#endif
