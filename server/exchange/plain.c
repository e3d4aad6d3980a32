#include "plain.h"

#include <stdio.h>
#include <time.h>

#define MAX_MARKS 4

static const char *const months[] = { "January", "February", "March",     "April",   "May",      "June",
                                      "July",    "August",   "September", "October", "November", "December" };

static bool is_dropped(gunichar c)
{
    if ((c < 0x20 && c != '\n') || (c >= 0x7f && c < 0xa0))
        return true;
    return c == 0x061c || c == 0x200b || c == 0x200e || c == 0x200f || /* marks, zero width space */
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xfffc) || (c >= 0xe0000 && c <= 0xe0fff);
}

static bool is_right_to_left(gunichar c)
{
    return (c >= 0x0590 && c <= 0x08ff) || (c >= 0xfb1d && c <= 0xfdff) ||
           (c >= 0xfe70 && c <= 0xfefc) || (c >= 0x10800 && c <= 0x10fff) ||
           (c >= 0x1e800 && c <= 0x1efff);
}

static bool has_right_to_left(struct vtb_str text)
{
    for (const char *at = text.at; at < text.at + text.len; at = g_utf8_next_char(at))
        if (is_right_to_left(g_utf8_get_char(at)))
            return true;
    return false;
}

void plain_add(GString *to, struct vtb_str text)
{
    bool isolate;
    unsigned marks = 0;

    if (text.len == 0)
        return;
    if (!g_utf8_validate(text.at, (gssize)text.len, NULL)) {
        g_string_append_unichar(to, 0xfffd);
        return;
    }
    isolate = has_right_to_left(text);
    if (isolate)
        g_string_append_unichar(to, 0x2068); /* first strong isolate */
    for (const char *at = text.at; at < text.at + text.len; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        if (c == '\t')
            c = ' ';
        if (c == 0x2028 || c == 0x2029)
            c = '\n';
        if (is_dropped(c))
            continue;
        marks = g_unichar_ismark(c) ? marks + 1 : 0;
        if (marks <= MAX_MARKS)
            g_string_append_unichar(to, c);
    }
    if (isolate)
        g_string_append_unichar(to, 0x2069);
}

/* Reads YYYY-MM-DD, and HH:MM if it follows; how many of the five were there. */
static int read_iso(struct vtb_str iso, unsigned out[static 5])
{
    char text[32];
    int n;

    if (vtb_str_copy(iso, text, sizeof text))
        return 0;
    n = sscanf(text, "%4u-%2u-%2uT%2u:%2u", &out[0], &out[1], &out[2], &out[3], &out[4]);
    return n < 3 || out[1] < 1 || out[1] > 12 || out[2] < 1 || out[2] > 31 ? 0 : n;
}

void plain_add_day(GString *to, struct vtb_str iso)
{
    unsigned part[5];

    if (read_iso(iso, part) == 0)
        plain_add(to, iso);
    else
        g_string_append_printf(to, "%u %s %u", part[2], months[part[1] - 1], part[0]);
}

void plain_add_short_day(GString *to, struct vtb_str iso)
{
    unsigned part[5];

    if (read_iso(iso, part) == 0)
        plain_add(to, iso);
    else
        g_string_append_printf(to, "%u %.3s %u", part[2], months[part[1] - 1], part[0]);
}

void plain_add_moment(GString *to, struct vtb_str iso)
{
    unsigned part[5];

    plain_add_day(to, iso);
    if (read_iso(iso, part) == 5)
        g_string_append_printf(to, ", %02u:%02u UTC", part[3], part[4]);
}

void plain_add_moment_us(GString *to, int64_t us)
{
    time_t seconds = (time_t)(us / 1000000);
    struct tm tm;

    if (gmtime_r(&seconds, &tm))
        g_string_append_printf(to, "%d %s %d, %02d:%02d UTC", tm.tm_mday, months[tm.tm_mon],
                               tm.tm_year + 1900, tm.tm_hour, tm.tm_min);
}
