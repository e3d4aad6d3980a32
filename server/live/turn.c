/*
 * turn.c - what a browser needs to use a relay: addresses, and a name and password that end by themselves.
 *
 * As coturn's use-auth-secret has it (draft-uberti-behave-turn-rest-00): the name is "expiry:seat", the password
 * its HMAC-SHA1 under a secret that the relay knows too. Neither side keeps anything.
 */
#include "live/inner.h"

#include "identity/identity.h"

#include <string.h>

#define LASTS_S 14400 /* a board's meeting is over by then; who comes back gets another */

static json_t *urls_of(const struct vtb_live_turn *turn)
{
    static const char *const forms[] = { "turn:%s:3478?transport=udp", "turn:%s:3478?transport=tcp",
                                         "turns:%s:443?transport=tcp" };
    json_t *urls = json_array();
    char url[192];

    for (size_t i = 0; i < turn->n; i++)
        for (size_t k = 0; k < VTB_COUNT(forms); k++) {
            const char *at = strstr(forms[k], "%s");

            snprintf(url, sizeof url, "%.*s%s%s", (int)(at - forms[k]), forms[k], turn->names[i], at + 2);
            json_array_append_new(urls, json_string(url));
        }
    return urls;
}

json_t *turn_servers(const struct vtb_live_turn *turn, struct vtb_id seat, int64_t now_us)
{
    char id[VTB_ID_TEXT], name[VTB_ID_TEXT + 24], password[VTB_RELAY_PASSWORD];

    if (turn->n == 0)
        return NULL;
    vtb_id_write(seat, id);
    snprintf(name, sizeof name, "%lld:%s", (long long)(now_us / 1000000 + LASTS_S), id);
    if (vtb_relay_password(turn->secret, name, password) != VTB_OK)
        return NULL;
    return json_pack("[{s:o,s:s,s:s}]", "urls", urls_of(turn), "username", name, "credential", password);
}
