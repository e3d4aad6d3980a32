#include "build.h"

static json_t *keep(struct vtb_build *build, json_t *value)
{
    if (!value && !build->err)
        build->err = VTB_NOMEM;
    return value;
}

json_t *vtb_build_object(struct vtb_build *build)
{
    return build->err ? NULL : keep(build, json_object());
}

json_t *vtb_build_array(struct vtb_build *build)
{
    return build->err ? NULL : keep(build, json_array());
}

void vtb_build_put(struct vtb_build *build, json_t *object, const char *key, json_t *take_value)
{
    if (build->err || !keep(build, take_value)) {
        json_decref(take_value);
        return;
    }
    if (json_object_set_new(object, key, take_value))
        build->err = VTB_NOMEM;
}

void vtb_build_add(struct vtb_build *build, json_t *array, json_t *take_value)
{
    if (build->err || !keep(build, take_value)) {
        json_decref(take_value);
        return;
    }
    if (json_array_append_new(array, take_value))
        build->err = VTB_NOMEM;
}

void vtb_build_text(struct vtb_build *build, json_t *object, const char *key, struct vtb_str text)
{
    struct vtb_str nfc = { 0 };

    if (build->err)
        return;
    build->err = vtb_nfc(text, build->arena, &nfc);
    if (!build->err)
        vtb_build_put(build, object, key, json_stringn(nfc.at, nfc.len));
}

void vtb_build_id(struct vtb_build *build, json_t *object, const char *key, struct vtb_id id)
{
    char text[VTB_ID_TEXT];

    vtb_id_write(id, text);
    vtb_build_put(build, object, key, build->err ? NULL : json_string(text));
}

void vtb_build_int(struct vtb_build *build, json_t *object, const char *key, int64_t value)
{
    vtb_build_put(build, object, key, build->err ? NULL : json_integer(value));
}

void vtb_build_bool(struct vtb_build *build, json_t *object, const char *key, bool value)
{
    vtb_build_put(build, object, key, build->err ? NULL : json_boolean(value));
}

void vtb_build_time(struct vtb_build *build, json_t *object, const char *key, int64_t us)
{
    char text[24] = "";

    if (us)
        vtb_time_write(us, text);
    vtb_build_put(build, object, key, build->err ? NULL : json_string(text));
}

enum vtb_err vtb_build_write(struct vtb_build *build, json_t *take_object, struct vtb_str *out)
{
    if (!build->err)
        build->err = vtb_canon_write(take_object, build->arena, out);
    json_decref(take_object);
    return build->err;
}
