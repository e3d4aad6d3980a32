/* A socket message or an HTTP body: bytes from outside up to a typed request. The first byte chooses. */
#include "limits/limits.h"
#include "signal/json.h"
#include "signal/signal.h"

#include <stdlib.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Apart from case: an id may come in capitals, and is written in small letters (RFC 9562, 4). */
static bool is_same(const json_t *said, const json_t *understood)
{
    char *a = json_dumps(said, JSON_SORT_KEYS), *b = json_dumps(understood, JSON_SORT_KEYS);
    bool same = a && b && strcasecmp(a, b) == 0;

    free(a);
    free(b);
    return same;
}

static void as_ask(json_t *root, struct vtb_arena *arena)
{
    const char *kind = json_string_value(json_object_get(root, "k"));
    json_t *inner = json_object_get(root, "d");
    struct vtb_ask ask;

    if (kind && inner && vtb_ask_parse(kind, inner, arena, &ask) == VTB_OK) {
        json_t *again = vtb_ask_write(&ask);

        if (!is_same(inner, again))
            abort(); /* what was understood is not what was said */
        json_decref(again);
    }
}

static void as_event(json_t *root, struct vtb_arena *arena)
{
    const char *kind = json_string_value(json_object_get(root, "k"));
    json_t *inner = json_object_get(root, "d");
    struct vtb_event event;

    if (kind && inner && vtb_event_parse(kind, inner, arena, &event) == VTB_OK)
        json_decref(vtb_event_write(&event));
}

static void as_bodies(json_t *root, struct vtb_arena *arena)
{
    union {
        struct vtb_body_case_save a;
        struct vtb_body_agenda_save b;
        struct vtb_body_meeting_make c;
        struct vtb_body_plan_sign d;
        struct vtb_body_plan_amend e;
        struct vtb_body_document_begin f;
        struct vtb_body_invitation_make g;
        struct vtb_body_session_password h;
    } to;
    unsigned fine = 0;

    fine += vtb_body_case_save_parse(root, arena, &to.a) == VTB_OK;
    fine += vtb_body_agenda_save_parse(root, arena, &to.b) == VTB_OK;
    fine += vtb_body_meeting_make_parse(root, arena, &to.c) == VTB_OK;
    fine += vtb_body_plan_sign_parse(root, arena, &to.d) == VTB_OK;
    fine += vtb_body_plan_amend_parse(root, arena, &to.e) == VTB_OK;
    fine += vtb_body_document_begin_parse(root, arena, &to.f) == VTB_OK;
    fine += vtb_body_invitation_make_parse(root, arena, &to.g) == VTB_OK;
    fine += vtb_body_session_password_parse(root, arena, &to.h) == VTB_OK;
    (void)fine;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vtb_arena arena = { 0 };
    json_t *root = NULL;

    if (size < 1 || vtb_json_load((const char *)data + 1, size - 1, VTB_MAX_MESSAGE_BYTES, &root) != VTB_OK)
        return 0;
    if (data[0] == 'e')
        as_event(root, &arena);
    else if (data[0] == 'b')
        as_bodies(root, &arena);
    else
        as_ask(root, &arena);
    vtb_arena_fini(&arena);
    json_decref(root);
    return 0;
}
