/*
 * settings.c - reads the file, the environment and the command line into the configuration.
 */
#include "settings.h"

#include "base/log.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#define FILE_MAX ((size_t)65536)

struct reader {
    struct vtb_config *cfg;
    char *why;
    size_t cap;
};

static enum vtb_err complain(struct reader *in, enum vtb_err err, const char *format, ...)
    VTB_PRINTF(3, 4);
static enum vtb_err complain(struct reader *in, enum vtb_err err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(in->why, in->cap, format, args);
    va_end(args);
    return err;
}

void vtb_settings_env_name(const char *name, char out[static VTB_ENV_NAME])
{
    static const char front[] = "CONSILIUM_";
    size_t at = sizeof front - 1;

    memcpy(out, front, sizeof front);
    for (; *name && at + 1 < VTB_ENV_NAME; name++)
        out[at++] = *name == '.' ? '_' : (char)toupper((unsigned char)*name);
    out[at] = '\0';
}

static struct vtb_str trim(struct vtb_str s)
{
    while (s.len && isspace((unsigned char)s.at[0])) {
        s.at++;
        s.len--;
    }
    while (s.len && isspace((unsigned char)s.at[s.len - 1]))
        s.len--;
    return s;
}

static bool read_u32(struct vtb_str text, uint32_t min, uint32_t max, uint32_t *out)
{
    uint64_t value = 0;

    if (text.len == 0 || text.len > 10)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(text.at[i] - '0');
    }
    if (value < min || value > max)
        return false;
    *out = (uint32_t)value;
    return true;
}

static bool is_address(const char *text)
{
    struct in6_addr any;

    return inet_pton(AF_INET, text, &any) == 1 || inet_pton(AF_INET6, text, &any) == 1;
}

static bool is_name(const char *text)
{
    for (const char *c = text; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '.' && *c != '-')
            return false;
    return text[0] != '\0' && text[0] != '.' && text[0] != '-';
}

static bool read_list(struct vtb_str text, bool (*is_good)(const char *), struct vtb_config_list *out)
{
    struct vtb_config_list list = { .n = 0 };

    while (text.len) {
        const char *comma = memchr(text.at, ',', text.len);
        size_t n = comma ? (size_t)(comma - text.at) : text.len;
        struct vtb_str item = trim((struct vtb_str){ text.at, n });

        if (list.n == VTB_CONFIG_LIST ||
            vtb_str_copy(item, list.items[list.n], sizeof list.items[0]) ||
            !is_good(list.items[list.n]))
            return false;
        list.n++;
        text.at += comma ? n + 1 : n;
        text.len -= comma ? n + 1 : n;
    }
    *out = list;
    for (size_t i = 0; i < out->n; i++)
        out->at[i] = out->items[i];
    return true;
}

static const char *const levels[] = {
    [VTB_DEBUG] = "debug", [VTB_INFO] = "info", [VTB_WARN] = "warn", [VTB_ERROR] = "error",
};

static bool read_level(struct vtb_str text, uint32_t *out)
{
    for (uint32_t i = 0; i < VTB_COUNT(levels); i++)
        if (vtb_str_is(text, vtb_str_of(levels[i]))) {
            *out = i;
            return true;
        }
    return false;
}

/* Sets one field. False: the value does not fit the row. */
static bool set_field(struct vtb_config *cfg, const struct vtb_option *row, struct vtb_str value)
{
    void *field = (char *)cfg + row->offset;

    switch (row->type) {
    case VTB_T_U32:
        return read_u32(value, row->min, row->max, field);
    case VTB_T_BOOL:
        if (!vtb_str_is(value, VTB_LIT("yes")) && !vtb_str_is(value, VTB_LIT("no")))
            return false;
        *(uint32_t *)field = value.len == 3;
        return true;
    case VTB_T_TEXT: /* a NUL cannot be in an argument; in a file it would cut the path */
        return !(value.len && memchr(value.at, '\0', value.len)) &&
               vtb_str_copy(value, field, VTB_CONFIG_TEXT) == VTB_OK;
    case VTB_T_ADDRESSES:
        return read_list(value, is_address, field);
    case VTB_T_NAMES:
        return read_list(value, is_name, field);
    case VTB_T_LEVEL:
        return read_level(value, field);
    }
    return false;
}

static const char *expected(const struct vtb_option *row, char out[static 64])
{
    switch (row->type) {
    case VTB_T_U32:
        snprintf(out, 64, "a number from %u to %u", row->min, row->max);
        return out;
    case VTB_T_BOOL:
        return "yes or no";
    case VTB_T_TEXT:
        return "a path of at most 511 bytes";
    case VTB_T_ADDRESSES:
        return "at most 8 IP addresses, parted by commas";
    case VTB_T_NAMES:
        return "at most 8 host names without port, parted by commas";
    case VTB_T_LEVEL:
        return "debug, info, warn or error";
    }
    return "";
}

static const struct vtb_option *find(struct vtb_str name)
{
    for (const struct vtb_option *row = vtb_options; row->name; row++)
        if (vtb_str_is(name, vtb_str_of(row->name)))
            return row;
    return NULL;
}

static enum vtb_err apply(struct reader *in, struct vtb_str name, struct vtb_str value,
                          const char *where)
{
    const struct vtb_option *row = find(name);
    const char *near;
    char text[64];

    if (!row) {
        near = vtb_options_nearest(name.at, name.len);
        return complain(in, VTB_PARSE, "There is no option \"%.*s\" (%s).%s%s%s", (int)name.len,
                        name.at, where, near ? " Did you mean \"" : "", near ? near : "",
                        near ? "\"?" : " consilium --help lists them.");
    }
    if (!set_field(in->cfg, row, value))
        return complain(in, VTB_PARSE, "\"%.*s\" does not fit the option %s (%s): it takes %s.",
                        (int)value.len, value.at, row->name, where, expected(row, text));
    return VTB_OK;
}

static enum vtb_err load_file(struct reader *in, const char *path)
{
    FILE *file = fopen(path, "re");
    char *text, where[VTB_CONFIG_TEXT + 32];
    enum vtb_err err = VTB_OK;
    struct vtb_str rest;
    size_t n;

    if (!file)
        return complain(in, VTB_ABSENT, "The configuration file %s cannot be read: %s.", path,
                        strerror(errno));
    text = malloc(FILE_MAX + 1);
    n = text ? fread(text, 1, FILE_MAX + 1, file) : 0;
    fclose(file);
    if (!text || n > FILE_MAX) {
        free(text);
        return complain(in, VTB_LIMIT, "The configuration file %s is larger than 64 kB.", path);
    }
    rest = (struct vtb_str){ text, n };
    for (unsigned line = 1; rest.len && !err; line++) {
        const char *end = memchr(rest.at, '\n', rest.len);
        size_t len = end ? (size_t)(end - rest.at) : rest.len;
        struct vtb_str row = trim((struct vtb_str){ rest.at, len });
        const char *equals = row.len ? memchr(row.at, '=', row.len) : NULL;

        rest.at += end ? len + 1 : len;
        rest.len -= end ? len + 1 : len;
        if (row.len == 0 || row.at[0] == '#')
            continue;
        snprintf(where, sizeof where, "line %u of %s", line, path);
        if (!equals)
            err = complain(in, VTB_PARSE, "A line must be \"name = value\" (%s).", where);
        else
            err = apply(in, trim((struct vtb_str){ row.at, (size_t)(equals - row.at) }),
                        trim((struct vtb_str){ equals + 1, (size_t)(row.at + row.len - equals - 1) }),
                        where);
    }
    free(text);
    return err;
}

static enum vtb_err load_env(struct reader *in, const char *const list[])
{
    static const char front[] = "CONSILIUM_", config[] = "CONSILIUM_CONFIG=";

    for (size_t i = 0; list && list[i]; i++) {
        const struct vtb_option *row;
        const char *equals = strchr(list[i], '=');
        char env[VTB_ENV_NAME], guess[VTB_ENV_NAME] = "";
        enum vtb_err err;
        size_t n = 0;

        if (!equals || strncmp(list[i], front, sizeof front - 1) != 0 ||
            strncmp(list[i], config, sizeof config - 1) == 0)
            continue;
        for (row = vtb_options; row->name; row++) {
            vtb_settings_env_name(row->name, env);
            if (strlen(env) == (size_t)(equals - list[i]) &&
                memcmp(env, list[i], strlen(env)) == 0)
                break;
        }
        /* An unknown one is named as the option it was meant to be. */
        for (const char *c = list[i] + sizeof front - 1; c < equals && n + 1 < sizeof guess; c++)
            guess[n++] = (char)tolower((unsigned char)*c);
        err = apply(in, row->name ? vtb_str_of(row->name) : (struct vtb_str){ guess, n },
                    trim(vtb_str_of(equals + 1)), "in the environment");
        if (err)
            return err;
    }
    return VTB_OK;
}

/* Takes "--name=value" or "--name value"; *at moves past it. */
static enum vtb_err next_arg(struct reader *in, size_t n, const char *const args[], size_t *at,
                             struct vtb_str *out_name, struct vtb_str *out_value)
{
    const char *arg = args[*at], *equals;

    if (strncmp(arg, "--", 2) != 0 || arg[2] == '\0')
        return complain(in, VTB_PARSE, "\"%s\" is not an option: options look like --port=8080.",
                        arg);
    (*at)++;
    equals = strchr(arg, '=');
    if (equals) {
        *out_name = (struct vtb_str){ arg + 2, (size_t)(equals - arg - 2) };
        *out_value = vtb_str_of(equals + 1);
        return VTB_OK;
    }
    *out_name = vtb_str_of(arg + 2);
    if (*at == n)
        return complain(in, VTB_PARSE, "The option %s needs a value.", arg);
    *out_value = vtb_str_of(args[(*at)++]);
    return VTB_OK;
}

static enum vtb_err load_args(struct reader *in, size_t n, const char *const args[],
                              bool is_for_config, const char **out_config)
{
    struct vtb_str name, value;
    enum vtb_err err;
    size_t at = 0;

    while (at < n) {
        err = next_arg(in, n, args, &at, &name, &value);
        if (err)
            return err;
        if (vtb_str_is(name, VTB_LIT("config"))) {
            if (out_config)
                *out_config = value.at;
        } else if (!is_for_config) {
            err = apply(in, name, trim(value), "on the command line");
            if (err)
                return err;
        }
    }
    return VTB_OK;
}

enum vtb_err vtb_options_load(size_t n_args, const char *const args[],
                              const char *const environ_list[], struct vtb_config *out_cfg,
                              char *why, size_t why_cap)
{
    struct vtb_config cfg = { .port = 0 };
    struct reader in = { &cfg, why, why_cap };
    const char *config = NULL;
    enum vtb_err err;

    for (const struct vtb_option *row = vtb_options; row->name; row++)
        if (!set_field(&cfg, row, vtb_str_of(row->def)))
            return complain(&in, VTB_PARSE, "The default of %s is wrong.", row->name);
    for (size_t i = 0; environ_list && environ_list[i]; i++)
        if (strncmp(environ_list[i], "CONSILIUM_CONFIG=", 17) == 0)
            config = environ_list[i] + 17;
    err = load_args(&in, n_args, args, true, &config);
    if (!err && config && config[0])
        err = load_file(&in, config);
    if (!err)
        err = load_env(&in, environ_list);
    if (!err)
        err = load_args(&in, n_args, args, false, NULL);
    if (err)
        return err;
    *out_cfg = cfg;
    /* the pointers of a list point into its own texts */
    for (const struct vtb_option *row = vtb_options; row->name; row++)
        if (row->type == VTB_T_ADDRESSES || row->type == VTB_T_NAMES) {
            struct vtb_config_list *list = (void *)((char *)out_cfg + row->offset);

            for (size_t i = 0; i < list->n; i++)
                list->at[i] = list->items[i];
        }
    return VTB_OK;
}

void vtb_settings_write(const struct vtb_option *row, const struct vtb_config *cfg, char *out,
                        size_t cap)
{
    const void *field = (const char *)cfg + row->offset;
    const struct vtb_config_list *list = field;
    size_t at = 0;

    out[0] = '\0';
    switch (row->type) {
    case VTB_T_U32:
        snprintf(out, cap, "%u", *(const uint32_t *)field);
        break;
    case VTB_T_BOOL:
        snprintf(out, cap, "%s", *(const uint32_t *)field ? "yes" : "no");
        break;
    case VTB_T_TEXT:
        snprintf(out, cap, "%s", (const char *)field);
        break;
    case VTB_T_LEVEL:
        snprintf(out, cap, "%s", levels[*(const uint32_t *)field]);
        break;
    case VTB_T_ADDRESSES:
    case VTB_T_NAMES:
        for (size_t i = 0; i < list->n && at < cap; i++)
            at += (size_t)snprintf(out + at, cap - at, "%s%s", i ? ", " : "", list->items[i]);
        break;
    }
}
