/*
 * build.h - puts members into a JSON object that will be written canonically. The first failure is kept and
 * everything after it does nothing, so a builder checks once, at its end.
 */
#ifndef VTB_RECORD_BUILD_H
#define VTB_RECORD_BUILD_H

#include "record/canon.h"
#include "base/id.h"

struct vtb_build {
    struct vtb_arena *arena;
    enum vtb_err err;
};

json_t *vtb_build_object(struct vtb_build *build); /* NULL and err when out of memory */
json_t *vtb_build_array(struct vtb_build *build);
void vtb_build_put(struct vtb_build *build, json_t *object, const char *key, json_t *take_value);
void vtb_build_add(struct vtb_build *build, json_t *array, json_t *take_value);
void vtb_build_text(struct vtb_build *build, json_t *object, const char *key, struct vtb_str text); /* NFC */
void vtb_build_id(struct vtb_build *build, json_t *object, const char *key, struct vtb_id id);
void vtb_build_int(struct vtb_build *build, json_t *object, const char *key, int64_t value);
void vtb_build_bool(struct vtb_build *build, json_t *object, const char *key, bool value);
void vtb_build_time(struct vtb_build *build, json_t *object, const char *key, int64_t us); /* 0: empty text */
/* Ends: canonical bytes, and the object is released whatever happens. */
enum vtb_err vtb_build_write(struct vtb_build *build, json_t *take_object, struct vtb_str *out);

#endif
