#include "base/log.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_CAP   1024
#define NAMES_CAP  64
#define PER_SECOND 20

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum vtb_level least = VTB_INFO;

/* Counts lines by event name within the running second, so that a flood becomes one number. */
static struct {
    const char *name;
    int64_t second;
    unsigned lines, folded;
} counts[NAMES_CAP];

void vtb_log_level(enum vtb_level level)
{
    least = level;
}

static void put_text(char *line, size_t *used, const char *text)
{
    for (; *text && *used + 8 < LINE_CAP; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            line[(*used)++] = '\\';
        if (c >= 0x20)
            line[(*used)++] = (char)c;
    }
}

static void put_field(char *line, size_t *used, const struct vtb_field *field)
{
    char value[VTB_ID_TEXT + 8];

    if (*used + strlen(field->name) + 64 > LINE_CAP)
        return;
    *used += (size_t)snprintf(line + *used, LINE_CAP - *used, ",\"%s\":", field->name);
    switch (field->kind) {
    case VTB_FIELD_U64:
        *used += (size_t)snprintf(line + *used, LINE_CAP - *used, "%llu",
                                  (unsigned long long)field->u.u64);
        return;
    case VTB_FIELD_I64:
        *used += (size_t)snprintf(line + *used, LINE_CAP - *used, "%lld", (long long)field->u.i64);
        return;
    case VTB_FIELD_ID:
        vtb_id_write(field->u.id, value);
        break;
    case VTB_FIELD_STR:
        line[(*used)++] = '"';
        put_text(line, used, field->u.str ? field->u.str : "");
        line[(*used)++] = '"';
        return;
    }
    line[(*used)++] = '"';
    put_text(line, used, value);
    line[(*used)++] = '"';
}

/* Returns how many lines of this name were folded before this one, or -1 to fold this one too. */
static int admit(const char *event, int64_t second)
{
    size_t slot = ((uintptr_t)event >> 3) % NAMES_CAP;
    int folded;

    if (counts[slot].name != event || counts[slot].second != second) {
        folded = counts[slot].name == event ? (int)counts[slot].folded : 0;
        counts[slot].name = event;
        counts[slot].second = second;
        counts[slot].lines = 1;
        counts[slot].folded = 0;
        return folded;
    }
    if (++counts[slot].lines > PER_SECOND) {
        counts[slot].folded++;
        return -1;
    }
    return 0;
}

void vtb_log_write(enum vtb_level level, const char *event, const struct vtb_field *fields,
                   size_t n)
{
    static const char *const names[] = { "debug", "info", "warn", "error" };
    char line[LINE_CAP + 2];
    size_t used;
    int folded;
    int64_t now = vtb_wall_us();

    if (level < least)
        return;
    pthread_mutex_lock(&lock);
    folded = admit(event, now / 1000000);
    pthread_mutex_unlock(&lock);
    if (folded < 0)
        return;

    used = (size_t)snprintf(line, LINE_CAP, "{\"at\":%lld,\"level\":\"%s\",\"event\":\"%s\"",
                            (long long)now, names[level], event);
    for (size_t i = 0; i < n; i++)
        put_field(line, &used, &fields[i]);
    if (folded > 0) {
        struct vtb_field field = VTB_U64("folded", (uint64_t)folded);
        put_field(line, &used, &field);
    }
    line[used++] = '}';
    line[used++] = '\n';
    if (write(STDERR_FILENO, line, used) < 0)
        return; /* nowhere left to say so */
}
