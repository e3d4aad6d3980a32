/*
 * The DTLS entry: a server's handshake, an honest client's handshake, and a network that the input rules. The input is
 * a list of steps: the first byte says what, the rest is its argument.
 *
 *   0 n bytes    a datagram of any bytes to the server      3 at with    the client's oldest datagram, one byte changed
 *   1            the client's oldest datagram to the server 4 at with    the server's oldest datagram, one byte changed
 *   2            the server's oldest datagram to the client 5            one datagram each is lost
 *   6 n bytes    a datagram of any bytes to the client      7            the client's oldest datagram, twice
 *
 * Whatever was sent: no keys before the end, after an error nothing more is fed, and two who both ended hold the
 * same keys.
 */
#include "base/cursor.h"
#include "rtc/dtls.h"

#include <stdlib.h>
#include <string.h>

#define QUEUE     16u
#define DATAGRAM  2048u
#define STEPS_MAX 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct wire {
    uint8_t bytes[QUEUE][DATAGRAM];
    size_t len[QUEUE], n;
};

struct end {
    struct vtb_dtls *dtls;
    struct wire out;
    bool failed;
};

static void put(void *ctx, const uint8_t *datagram, size_t len)
{
    struct wire *wire = ctx;

    if (len > DATAGRAM)
        abort(); /* nothing this long passes a network */
    if (wire->n == QUEUE)
        return; /* lost, as on a real one */
    memcpy(wire->bytes[wire->n], datagram, len);
    wire->len[wire->n++] = len;
}

static size_t take(struct wire *wire, uint8_t *out)
{
    size_t len;

    if (!wire->n)
        return 0;
    len = wire->len[0];
    memcpy(out, wire->bytes[0], len);
    wire->n--;
    memmove(wire->bytes[0], wire->bytes[1], wire->n * DATAGRAM);
    memmove(wire->len, wire->len + 1, wire->n * sizeof wire->len[0]);
    return len;
}

static void feed(struct end *to, const uint8_t *datagram, size_t len)
{
    struct vtb_dtls_keys keys;

    if (to->failed || !len)
        return;
    to->failed = vtb_dtls_feed(to->dtls, datagram, len) != VTB_OK;
    if (!to->failed && (vtb_dtls_keys(to->dtls, &keys) == VTB_OK) != vtb_dtls_is_done(to->dtls))
        abort();
}

static void relay(struct end *from, struct end *to, struct vtb_cursor *change, unsigned times)
{
    uint8_t datagram[DATAGRAM];
    size_t len = take(&from->out, datagram);

    if (len && change) {
        size_t at = vtb_cursor_u16(change) % len;

        datagram[at] ^= vtb_cursor_u8(change);
    }
    for (unsigned i = 0; i < times; i++)
        feed(to, datagram, len);
}

static void anything(struct end *to, struct vtb_cursor *in)
{
    uint8_t datagram[DATAGRAM];
    size_t len = vtb_cursor_u16(in) % (DATAGRAM + 1);

    if (len > in->left)
        len = in->left;
    for (size_t i = 0; i < len; i++)
        datagram[i] = vtb_cursor_u8(in);
    feed(to, datagram, len);
}

static void step(struct end *server, struct end *client, struct vtb_cursor *in)
{
    uint8_t lost[DATAGRAM];

    switch (vtb_cursor_u8(in) & 7) {
    case 0: anything(server, in); return;
    case 1: relay(client, server, NULL, 1); return;
    case 2: relay(server, client, NULL, 1); return;
    case 3: relay(client, server, in, 1); return;
    case 4: relay(server, client, in, 1); return;
    case 5: (void)take(&client->out, lost), (void)take(&server->out, lost); return;
    case 6: anything(client, in); return;
    case 7: relay(client, server, NULL, 2); return;
    }
}

static void agree(const struct end *server, const struct end *client)
{
    struct vtb_dtls_keys a, b;

    if (server->failed || client->failed || vtb_dtls_keys(server->dtls, &a) ||
        vtb_dtls_keys(client->dtls, &b))
        return;
    if (memcmp(a.send.key, b.receive.key, sizeof a.send.key) != 0 ||
        memcmp(a.receive.key, b.send.key, sizeof a.receive.key) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct vtb_dtls_identity *ours, *theirs; /* 0.5 ms each: made once */
    struct vtb_cursor in = { data, len, false };
    struct vtb_dtls_config cfg = { .client = false, .send = put };
    struct end *server = calloc(2, sizeof *server), *client = server ? server + 1 : NULL;

    if (!server || (!ours && (vtb_dtls_identity_create(&ours) || vtb_dtls_identity_create(&theirs))))
        abort();
    cfg.identity = ours;
    cfg.send_ctx = &server->out;
    vtb_dtls_identity_fingerprint(theirs, cfg.fingerprint);
    if (vtb_dtls_create(&cfg, &server->dtls))
        abort();
    cfg.identity = theirs;
    cfg.client = true;
    cfg.send_ctx = &client->out;
    vtb_dtls_identity_fingerprint(ours, cfg.fingerprint);
    if (vtb_dtls_create(&cfg, &client->dtls))
        abort();
    for (unsigned i = 0; in.left && i < STEPS_MAX; i++)
        step(server, client, &in);
    agree(server, client);
    vtb_dtls_destroy(server->dtls);
    vtb_dtls_destroy(client->dtls);
    free(server);
    return 0;
}
