/*
 * json.h - reads members of a parsed JSON object strictly; used by the generated code, and by
 * whoever takes JSON from outside.
 *
 * Pure. PARSE: absent, wrong type, control character, under a bound;
 * LIMIT: over one.
 */
#ifndef VTB_SIGNAL_JSON_H
#define VTB_SIGNAL_JSON_H

#include "base/id.h"
#include "base/str.h"

#include <jansson.h>

#define VTB_TRY(call)                                                                          \
    do {                                                                                       \
        enum vtb_err try_err = (call);                                                         \
        if (try_err)                                                                           \
            return try_err;                                                                    \
    } while (0)

/* Parses text from outside: size and depth limits of protocols/limits.json, an object at the
 * top, no duplicate keys. *out is owned by the caller (json_decref). */
VTB_MUST_USE enum vtb_err vtb_json_load(const char *text, size_t len, size_t max_bytes,
                                        json_t **out);

/* An object that has no key but these. */
VTB_MUST_USE enum vtb_err vtb_json_object(json_t *in, const char *const *keys, size_t n);
/* Bytes of UTF-8; no control character but \n, \r (SDP has them) and \t. Borrows from `in`. */
VTB_MUST_USE enum vtb_err vtb_json_str(json_t *in, size_t min, size_t max, struct vtb_str *out);
VTB_MUST_USE enum vtb_err vtb_json_int(json_t *in, int64_t min, int64_t max, int64_t *out);
VTB_MUST_USE enum vtb_err vtb_json_bool(json_t *in, bool *out);
VTB_MUST_USE enum vtb_err vtb_json_id(json_t *in, struct vtb_id *out);
VTB_MUST_USE enum vtb_err vtb_json_enum(json_t *in, const char *const *words, int n, int *out);

json_t *vtb_json_from_str(struct vtb_str text);
json_t *vtb_json_from_id(struct vtb_id id);
void vtb_json_put(json_t *object, const char *key, json_t *take_value);

#endif
