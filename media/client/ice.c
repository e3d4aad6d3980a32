/*
 * ice.c - the full, controlling agent against an ICE-lite server (RFC 8445).
 *
 * Checks go to every candidate; the first that answers is nominated by a second check with
 * USE-CANDIDATE. After that a check every 2.5 s keeps the path and asks for consent (RFC 7675):
 * 30 s without an answer and the client is gone. Checks of the other side are answered, as a full
 * agent must: an ICE-lite server sends none, but libnice does even when it calls itself lite.
 */
#include "inside.h"

#include <string.h>

#define FIRST_US      50000u
#define RETRY_MAX_US  500000u
#define KEEP_US       2500000u
#define CONSENT_US    30000000u
#define CONNECT_US    15000000u
#define PRIORITY_HOST 0x6e7f1effu /* peer-reflexive of a host candidate, component 1 (section 5.1.2) */

static void send_check(struct vtb_client *client, uint8_t candidate, bool use_candidate)
{
    struct client_check *check = &client->checks[client->checks_at++ % CLIENT_CHECKS];
    uint8_t out[VTB_STUN_MAX];
    char username[VTB_STUN_ICE_CHARS + 12];
    size_t theirs = strlen(client->remote.ufrag), ours = strlen(client->ufrag), len;
    struct vtb_stun_check stun = {
        .username = { username, theirs + 1 + ours },
        .password = vtb_str_of(client->remote.pwd),
        .priority = PRIORITY_HOST,
        .tie_breaker = client->tie_breaker,
        .use_candidate = use_candidate,
    };

    memcpy(username, client->remote.ufrag, theirs);
    username[theirs] = ':';
    memcpy(username + theirs + 1, client->ufrag, ours);
    *check = (struct client_check){ .candidate = candidate, .use_candidate = use_candidate,
                                    .pending = true };
    vtb_random(check->id, sizeof check->id);
    memcpy(stun.id, check->id, sizeof stun.id);
    len = vtb_stun_write_check(&stun, out);
    if (len)
        client_send(client, candidate, out, len);
}

/* 2.5 s x 0.8..1.2, so that many clients do not ask at once. */
static uint64_t keep_us(const struct vtb_client *client)
{
    uint64_t spread = (client->tie_breaker ^ client->tries * 2654435761u) % 1000u;

    return KEEP_US * 4 / 5 + KEEP_US * 2 / 5 * spread / 1000u;
}

void client_check_due(struct vtb_client *client, uint64_t now_us)
{
    uint64_t wait = FIRST_US;

    if (client->state != CLIENT_OPEN && now_us > client->since_us + CONNECT_US) {
        client_gone(client, VTB_TIMEOUT);
        return;
    }
    if (client->state == CLIENT_OPEN && now_us > client->consent_us + CONSENT_US) {
        client_gone(client, VTB_TIMEOUT);
        return;
    }
    switch (client->state) {
    case CLIENT_CHECKING:
        for (size_t i = 0; i < client->candidates_n; i++)
            send_check(client, (uint8_t)i, false);
        break;
    case CLIENT_NOMINATING:
        send_check(client, client->selected, true);
        break;
    case CLIENT_HANDSHAKE:
    case CLIENT_OPEN:
        send_check(client, client->selected, true);
        /* A check without answer is repeated soon, as after a move. */
        wait = now_us > client->consent_us + 2 * KEEP_US ? RETRY_MAX_US : keep_us(client);
        client->tries++;
        client->check_us = now_us + wait;
        return;
    case CLIENT_GONE:
        return;
    }
    for (uint32_t i = 0; i < client->tries && wait < RETRY_MAX_US; i++)
        wait *= 2;
    client->tries++;
    client->check_us = now_us + (wait < RETRY_MAX_US ? wait : RETRY_MAX_US);
}

/* A check of theirs: for our name, with our password (RFC 8445, 7.3). It came from where ours go, or
 * the answer is not what they look for. */
static void answer_check(struct vtb_client *client, const struct vtb_stun *stun, const struct vtb_addr *from)
{
    uint8_t out[VTB_STUN_MAX];
    size_t ours = strlen(client->ufrag), len;

    if (stun->username.len <= ours || memcmp(stun->username.at, client->ufrag, ours) != 0 ||
        stun->username.at[ours] != ':' || !vtb_stun_is_authentic(stun, vtb_str_of(client->pwd)))
        return;
    len = vtb_stun_write_success(stun, from ? from : &client->remote.candidates[client->selected],
                                 vtb_str_of(client->pwd), out);
    if (len)
        client_send(client, client->selected, out, len);
}

void client_read_stun(struct vtb_client *client, const uint8_t *data, size_t len,
                      const struct vtb_addr *from, uint64_t now_us)
{
    struct vtb_stun stun;
    struct client_check *check = NULL;

    if (vtb_stun_parse(data, len, &stun))
        return;
    if (stun.kind == VTB_STUN_REQUEST)
        answer_check(client, &stun, from);
    if (stun.kind != VTB_STUN_SUCCESS)
        return;
    for (size_t i = 0; i < CLIENT_CHECKS && !check; i++) {
        if (client->checks[i].pending && memcmp(client->checks[i].id, stun.id, VTB_STUN_ID) == 0)
            check = &client->checks[i];
    }
    /* An answer counts when it fits a question, comes from where it was asked and knows the
     * password (RFC 8445, 7.2.5.2.1). */
    if (!check || (from && !vtb_addr_is(from, &client->remote.candidates[check->candidate])) ||
        !vtb_stun_is_authentic(&stun, vtb_str_of(client->remote.pwd)))
        return;
    check->pending = false;
    client->consent_us = now_us;
    if (client->state == CLIENT_CHECKING) {
        client->selected = check->candidate;
        client->state = CLIENT_NOMINATING;
        client->tries = 0;
        client_check_due(client, now_us);
    } else if (client->state == CLIENT_NOMINATING && check->use_candidate) {
        client->check_us = now_us + keep_us(client);
        client_start_dtls(client, now_us);
    }
}
