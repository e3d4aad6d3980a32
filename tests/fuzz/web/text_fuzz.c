/* The readers of header text: whatever a client writes there, values stay inside it. */
#include "text.h"

#include <stdlib.h>
#include <string.h>

static void inside(struct vtb_str part, struct vtb_str whole)
{
    if (part.len && (part.at < whole.at || part.at + part.len > whole.at + whole.len))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t half = size ? data[0] % size : 0;
    char *copy = malloc(size + 1); /* exact size: a read past the end is seen */
    char *hosts[] = { (char[]){ "board.example.org" } };
    struct web_origins origins = { hosts, 1 };
    uint64_t at = 0, end = 0, n;
    struct vtb_str all, a, b;

    if (!copy)
        return 0;
    if (size)
        memcpy(copy, data, size);
    all = (struct vtb_str){ copy, size };
    a = (struct vtb_str){ copy, half };
    b = (struct vtb_str){ copy + half, size - half };
    if (web_text_range(all, 1000, &at, &end) == WEB_RANGE_ONE && (at >= end || end > 1000))
        abort();
    if (web_text_range(all, 0, &at, &end) == WEB_RANGE_ONE)
        abort(); /* nothing is no range */
    inside(web_text_cookie(all, "s"), all);
    inside(web_text_forwarded(all), all);
    inside(web_text_host_name(all), all);
    if (web_text_length(all, &n) == VTB_OK && n > (uint64_t)1 << 53)
        abort();
    (void)web_text_has_etag(a, b);
    (void)web_text_takes_gzip(all);
    (void)web_text_has_token(all, "close");
    (void)web_text_is_loopback(all);
    /* An origin that is not the host asked for is never ours. */
    if (web_text_is_ours(&origins, WEB_EITHER, a, b) && (a.len < 8 || b.len == 0))
        abort();
    free(copy);
    return 0;
}
