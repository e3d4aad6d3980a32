#include "inner.h"

/* Does `path` fit the pattern? A name in braces takes one segment that is not empty. */
static bool fits(const char *pattern, struct vtb_str path,
                 struct web_pair params[static WEB_PARAMS], size_t *out_n)
{
    size_t at = 0, n = 0;

    while (*pattern) {
        if (*pattern == '{') {
            const char *end = strchr(pattern, '}');
            size_t from = at;

            while (at < path.len && path.at[at] != '/')
                at++;
            if (!end || at == from || n == WEB_PARAMS)
                return false;
            params[n++] = (struct web_pair){
                .name = { pattern + 1, (size_t)(end - pattern - 1) },
                .value = { path.at + from, at - from },
            };
            pattern = end + 1;
        } else {
            if (at == path.len || path.at[at] != *pattern)
                return false;
            at++;
            pattern++;
        }
    }
    *out_n = n;
    return at == path.len;
}

const struct vtb_web_route *web_route_find(const struct vtb_web_route *routes,
                                           enum vtb_web_method method, struct vtb_str path,
                                           struct web_pair params[static WEB_PARAMS],
                                           size_t *out_n, unsigned *out_methods)
{
    const struct vtb_web_route *best = NULL;
    size_t fewest = WEB_PARAMS + 1;

    *out_methods = 0;
    for (const struct vtb_web_route *row = routes; row && row->path; row++) {
        struct web_pair found[WEB_PARAMS];
        size_t n;

        if (!fits(row->path, path, found, &n))
            continue;
        *out_methods |= 1u << row->method;
        /* "/api/cases/search" wins over "/api/cases/{case}" wherever it stands in the table. */
        if (row->method == method && n < fewest) {
            best = row;
            fewest = n;
            memcpy(params, found, sizeof found);
            *out_n = n;
        }
    }
    return best;
}
