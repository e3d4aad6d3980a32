#include "base/id.h"

#include <stdlib.h>
#include <sys/random.h>

static const char hex[] = "0123456789abcdef";

void vtb_random(void *out, size_t len)
{
    uint8_t *at = out;

    while (len) {
        ssize_t got = getrandom(at, len, 0);
        if (got <= 0)
            abort(); /* no randomness: every secret would be guessable */
        at += got;
        len -= (size_t)got;
    }
}

struct vtb_id vtb_id_make(int64_t unix_us)
{
    struct vtb_id id;
    uint64_t ms = (uint64_t)(unix_us / 1000);

    vtb_random(id.b, sizeof id.b);
    for (int i = 0; i < 6; i++)
        id.b[i] = (uint8_t)(ms >> (40 - 8 * i));
    id.b[6] = (uint8_t)(0x70 | (id.b[6] & 0x0f)); /* version 7 */
    id.b[8] = (uint8_t)(0x80 | (id.b[8] & 0x3f)); /* variant of RFC 9562 */
    return id;
}

void vtb_id_write(struct vtb_id id, char out[static VTB_ID_TEXT])
{
    char *to = out;

    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *to++ = '-';
        *to++ = hex[id.b[i] >> 4];
        *to++ = hex[id.b[i] & 15];
    }
    *to = '\0';
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

enum vtb_err vtb_id_parse(struct vtb_str text, struct vtb_id *out)
{
    struct vtb_id id;
    size_t at = 0;

    if (text.len != VTB_ID_TEXT - 1)
        return VTB_PARSE;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            if (text.at[at++] != '-')
                return VTB_PARSE;
        }
        int high = nibble(text.at[at]), low = nibble(text.at[at + 1]);
        if (high < 0 || low < 0)
            return VTB_PARSE;
        id.b[i] = (uint8_t)(high << 4 | low);
        at += 2;
    }
    *out = id;
    return VTB_OK;
}
