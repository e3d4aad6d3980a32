/*
 * signal_vectors - the generated parser and writer, line by line, for vectors.py.
 *
 * In: {"set", "name", "d"}. Out: "ok" (and what was written is what was read), the error's name, or
 * "differs" where it was read but came out otherwise.
 */
#include "signal/json.h"
#include "signal/signal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bodies and lane messages have no union; each is named here, and vectors.py names them all. */
#define BODIES(X) \
    X(body, session_demo) X(body, session_password) X(body, secret_set) X(body, invitation_token) X(body, meeting_make) \
    X(body, agenda_item) X(body, agenda_save) X(body, invitation_make) X(body, case_save) \
    X(body, document_begin) X(body, plan_sign) X(body, plan_amend) X(body, plan_withdraw) X(body, plan_cosign) X(body, person_search) X(body, recording_remove) X(body, recording_keep) X(body, device_make) X(body, board_recording) \
    X(lane, talker) X(lane, seat_sound) X(lane, pointer) X(lane, talking) X(lane, sound) X(lane, beat) X(lane, followers) X(lane, link)

static json_t *again;

#define ONE(set, what)                                                                                  \
    static enum vtb_err set##_##what(json_t *data, struct vtb_arena *arena)                             \
    {                                                                                                   \
        struct vtb_##set##_##what value;                                                                \
        enum vtb_err err = vtb_##set##_##what##_parse(data, arena, &value);                             \
        if (!err)                                                                                       \
            again = vtb_##set##_##what##_write(&value);                                                 \
        return err;                                                                                     \
    }
BODIES(ONE)
ONE(lane, view_live)

#define ROW(set, what) { #set, #what, set##_##what },
static const struct {
    const char *set, *name;
    enum vtb_err (*judge)(json_t *data, struct vtb_arena *arena);
} rows[] = { BODIES(ROW) { "lane", "view.live", lane_view_live } };

static enum vtb_err judge(const char *set, const char *name, json_t *data, struct vtb_arena *arena)
{
    struct vtb_event event;
    struct vtb_ask ask;
    enum vtb_err err;

    if (strcmp(set, "event") == 0) {
        err = vtb_event_parse(name, data, arena, &event);
        again = err ? NULL : vtb_event_write(&event);
        return err;
    }
    if (strcmp(set, "ask") == 0) {
        err = vtb_ask_parse(name, data, arena, &ask);
        again = err ? NULL : vtb_ask_write(&ask);
        return err;
    }
    for (size_t i = 0; i < VTB_COUNT(rows); i++)
        if (strcmp(rows[i].set, set) == 0 && strcmp(rows[i].name, name) == 0)
            return rows[i].judge(data, arena);
    return VTB_SYS; /* a definition that this table does not know */
}

int main(void)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;

    while ((len = getline(&line, &cap, stdin)) > 0) {
        json_t *root = json_loadb(line, (size_t)len, 0, NULL);
        json_t *data = json_object_get(root, "d");
        struct vtb_arena arena = { 0 };
        enum vtb_err err;

        if (!root)
            return 1;
        again = NULL;
        err = judge(json_string_value(json_object_get(root, "set")), json_string_value(json_object_get(root, "name")),
                    data, &arena);
        puts(err ? vtb_err_name(err) : json_equal(data, again) ? "ok" : "differs");
        json_decref(again);
        vtb_arena_fini(&arena);
        json_decref(root);
    }
    free(line);
    return 0;
}
