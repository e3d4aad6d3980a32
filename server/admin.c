#include "admin.h"

#include "base/clock.h"
#include "identity/identity.h"
#include "record/sign.h"
#include "signal/json.h"
#include "store/keys.h"
#include "store/store.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES (256u * 1024u)

/* The store answers on its own threads; the command waits for one answer at a time. */
struct desk {
    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool is_woken, is_answered;
    struct vtb_store *store;
    enum vtb_err err;
    json_t *answer;
};

static void wake(void *ctx)
{
    struct desk *desk = ctx;

    pthread_mutex_lock(&desk->lock);
    desk->is_woken = true;
    pthread_cond_signal(&desk->woken);
    pthread_mutex_unlock(&desk->lock);
}

static enum vtb_err wait_answer(struct desk *desk)
{
    while (!desk->is_answered) {
        pthread_mutex_lock(&desk->lock);
        while (!desk->is_woken)
            pthread_cond_wait(&desk->woken, &desk->lock);
        desk->is_woken = false;
        pthread_mutex_unlock(&desk->lock);
        vtb_store_turn(desk->store);
    }
    desk->is_answered = false;
    return desk->err;
}

static void written(void *ctx, enum vtb_err err, const uint64_t *first_seq)
{
    struct desk *desk = ctx;

    (void)first_seq;
    desk->err = err;
    desk->is_answered = true;
}

static void asked(void *ctx, enum vtb_err err, json_t *answer)
{
    struct desk *desk = ctx;

    desk->err = err;
    desk->answer = answer ? json_incref(answer) : NULL;
    desk->is_answered = true;
}

static enum vtb_err desk_open(struct desk *desk, const char *data)
{
    struct vtb_store_config cfg = { .data_dir = data, .wake = wake, .wake_ctx = desk };

    memset(desk, 0, sizeof *desk);
    pthread_mutex_init(&desk->lock, NULL);
    pthread_cond_init(&desk->woken, NULL);
    if (vtb_identity_init() != VTB_OK)
        return VTB_SYS;
    return vtb_store_start(&cfg, &desk->store);
}

static void desk_close(struct desk *desk)
{
    vtb_store_stop(desk->store);
    json_decref(desk->answer);
    pthread_cond_destroy(&desk->woken);
    pthread_mutex_destroy(&desk->lock);
}

static enum vtb_err desk_append(struct desk *desk, struct vtb_id stream, enum vtb_stream kind, const struct vtb_event *event)
{
    struct vtb_append part = { stream, kind, 0, event, 1 };
    enum vtb_err err = vtb_store_append(desk->store, part, written, desk);

    return err ? err : wait_answer(desk);
}

static int refuse(const char *why)
{
    fprintf(stderr, "consilium: %s\n", why);
    return 1;
}

/* ---- load ---- */

static enum vtb_err load_line(struct desk *desk, const char *line, size_t len)
{
    struct vtb_arena arena = { 0 };
    struct vtb_event event = { 0 };
    struct vtb_id stream = { { 0 } };
    json_t *row = NULL;
    const char *by;
    enum vtb_err err = vtb_json_load(line, len, LINE_MAX_BYTES, &row);

    if (err)
        return err;
    const char *kind = json_string_value(json_object_get(row, "k")), *id = json_string_value(json_object_get(row, "id"));
    err = kind ? vtb_event_parse(kind, json_object_get(row, "d"), &arena, &event) : VTB_PARSE;
    if (!err && id && *id)
        err = vtb_id_parse(vtb_str_of(id), &stream);
    by = json_string_value(json_object_get(row, "by"));
    if (!err && by && *by)
        err = vtb_id_parse(vtb_str_of(by), &event.by);
    event.at_us = json_integer_value(json_object_get(row, "at"));
    if (event.at_us == 0)
        event.at_us = vtb_wall_us();
    if (!err)
        err = desk_append(desk, stream, vtb_event_stream(event.kind), &event);
    vtb_arena_fini(&arena);
    json_decref(row);
    return err;
}

int vtb_load_main(int argc, char **argv)
{
    struct desk desk;
    char *line = malloc(LINE_MAX_BYTES);
    FILE *file;
    unsigned n = 0;
    enum vtb_err err = VTB_OK;

    if (argc != 2 || !line)
        return refuse("usage: consilium load DATA FILE.jsonl");
    file = fopen(argv[1], "r");
    if (!file)
        return refuse("the file cannot be read");
    if (desk_open(&desk, argv[0]) != VTB_OK)
        return refuse("the data folder cannot be opened: is the server running on it?");
    while (!err && fgets(line, (int)LINE_MAX_BYTES, file)) {
        size_t len = strlen(line);
        n++;
        if (len > 1)
            err = load_line(&desk, line, len);
    }
    fclose(file);
    desk_close(&desk);
    free(line);
    if (err) {
        fprintf(stderr, "consilium: line %u was refused (%s); the lines before it are kept\n", n, vtb_err_name(err));
        return 1;
    }
    printf("%u events\n", n);
    return 0;
}

/* ---- user ---- */

static int list_people(struct desk *desk)
{
    json_t *row;
    size_t i;

    if (vtb_store_ask(desk->store, VTB_FIND_PEOPLE, json_pack("{s:s}", "q", ""), asked, desk) != VTB_OK || wait_answer(desk) != VTB_OK)
        return refuse("people cannot be read");
    json_array_foreach (json_object_get(desk->answer, "people"), i, row)
        printf("%s  %s, %s, %s\n", json_string_value(json_object_get(row, "person")), json_string_value(json_object_get(row, "name")),
               json_string_value(json_object_get(row, "specialty")), json_string_value(json_object_get(row, "site")));
    return 0;
}

static int add_person(struct desk *desk, char **argv)
{
    char text[VTB_ID_TEXT];
    struct vtb_event event = { .kind = VTB_EVENT_PERSON_ADDED, .at_us = vtb_wall_us() };

    if (!vtb_specialty_is_known(vtb_str_of(argv[1])))
        return refuse("the specialty is none of protocols/record/specialties.json");
    event.u.person_added = (struct vtb_ev_person_added){ .person = vtb_id_make(event.at_us), .name = vtb_str_of(argv[0]),
        .specialty = vtb_str_of(argv[1]), .site = vtb_str_of(argv[2]), .email = vtb_str_of(argv[3]) };
    if (desk_append(desk, vtb_store_site(), VTB_STREAM_SITE, &event) != VTB_OK)
        return refuse("the person could not be written");
    vtb_id_write(event.u.person_added.person, text);
    puts(text);
    return 0;
}

static int set_secret(struct desk *desk, const char *person, bool is_pin)
{
    char secret[VTB_SECRET_BYTES + 2], hash[VTB_SECRET_TEXT];
    struct vtb_event event = { .kind = VTB_EVENT_PERSON_SECRET, .at_us = vtb_wall_us() };
    enum vtb_err err;

    if (!fgets(secret, sizeof secret, stdin))
        return refuse("nothing came on standard input");
    secret[strcspn(secret, "\r\n")] = '\0';
    if (vtb_id_parse(vtb_str_of(person), &event.u.person_secret.person) != VTB_OK)
        return refuse("that is not a person's id; `consilium user DATA list` shows them");
    if (is_pin && vtb_pin_check(vtb_str_of(secret)) != VTB_OK)
        return refuse("a PIN has 4 to 12 digits, not all the same and not in a row");
    err = vtb_secret_hash(vtb_str_of(secret), hash);
    memset(secret, 0, sizeof secret);
    event.u.person_secret.kind = is_pin ? VTB_EV_PERSON_SECRET_KIND_PIN : VTB_EV_PERSON_SECRET_KIND_PASSWORD;
    event.u.person_secret.hash = vtb_str_of(hash);
    if (!err)
        err = desk_append(desk, vtb_store_site(), VTB_STREAM_SITE, &event);
    return err ? refuse("it could not be written") : 0;
}

/* One line of standard input for each of them, so that a site is set up by one process. */
static int set_pins(struct desk *desk, char **people, int n)
{
    for (int i = 0; i < n; i++)
        if (set_secret(desk, people[i], true) != 0)
            return 1;
    return 0;
}

int vtb_user_main(int argc, char **argv)
{
    struct desk desk;
    int status;

    if (argc < 2)
        return refuse("usage: consilium user DATA list | add NAME SPECIALTY SITE EMAIL | pin PERSON... | password PERSON");
    if (desk_open(&desk, argv[0]) != VTB_OK)
        return refuse("the data folder cannot be opened: is the server running on it?");
    if (strcmp(argv[1], "list") == 0 && argc == 2)
        status = list_people(&desk);
    else if (strcmp(argv[1], "add") == 0 && argc == 6)
        status = add_person(&desk, argv + 2);
    else if (strcmp(argv[1], "pin") == 0 && argc >= 3)
        status = set_pins(&desk, argv + 2, argc - 2);
    else if (strcmp(argv[1], "password") == 0 && argc == 3)
        status = set_secret(&desk, argv[2], false);
    else
        status = refuse("usage: consilium user DATA list | add NAME SPECIALTY SITE EMAIL | pin PERSON... | password PERSON");
    desk_close(&desk);
    return status;
}

/* ---- key ---- */

int vtb_key_main(int argc, char **argv)
{
    struct vtb_keys keys;
    char key[VTB_KEY_TEXT], fingerprint[48];

    if (argc != 1)
        return refuse("usage: consilium key DATA");
    if (vtb_sign_init() != VTB_OK || vtb_keys_load(argv[0], false, &keys) != VTB_OK)
        return refuse("the key cannot be read: has the server run on this folder, and may you read it?");
    vtb_key_of_seed(keys.sign_secret, key);
    vtb_key_fingerprint(vtb_str_of(key), fingerprint);
    printf("%s\nfingerprint %s\n", key, fingerprint);
    vtb_keys_wipe(&keys);
    return 0;
}
