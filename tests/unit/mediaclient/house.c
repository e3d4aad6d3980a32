#include "house.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#include <time.h>

#define GIVE_UP_US 20000000u
#define HEARD_MAX  (48000u * 60u) /* samples: one minute, in one piece (no copies while time runs) */

static void wake(void *ctx)
{
    (void)ctx; /* the test looks by itself */
}

void house_open(struct house *house)
{
    struct vtb_media_config cfg = { .address = { "127.0.0.1" }, .addresses = 1, .max_speakers = 3,
                                    .bitrate = 24000, .notify = wake };

    memset(house, 0, sizeof *house);
    if (vtb_media_start(&cfg, &house->media) || vtb_crew_create(&house->crew))
        abort();
    house->room = vtb_id_make(1);
    if (vtb_media_open_room(house->media, house->room))
        abort();
}

void house_close(struct house *house)
{
    vtb_crew_destroy(house->crew);
    vtb_media_stop(house->media);
    for (size_t i = 0; i < house->n; i++)
        free(house->guests[i].heard.at);
}

static void take_events(struct house *house, vtb_peer want, char **out_offer)
{
    struct vtb_media_event events[64];
    size_t n = vtb_media_take(house->media, events, VTB_COUNT(events));

    for (size_t i = 0; i < n; i++) {
        if (events[i].kind == VTB_MEDIA_OFFER && out_offer && vtb_peer_is(events[i].peer, want))
            *out_offer = events[i].sdp;
        else
            free(events[i].sdp);
        if (events[i].kind == VTB_MEDIA_CONNECTED)
            house->peers_connected++;
        if (events[i].kind == VTB_MEDIA_GONE)
            house->peers_gone++;
    }
}

char *house_offer(struct house *house, vtb_peer *out_peer)
{
    uint64_t until = vtb_mono_us() + GIVE_UP_US;
    char *offer = NULL;

    if (vtb_media_add_peer(house->media, house->room, "127.0.0.1", out_peer) ||
        vtb_media_set_gate(house->media, *out_peer, true, true))
        abort();
    while (!offer && vtb_mono_us() < until) {
        if (vtb_crew_step(house->crew, 1))
            abort();
        take_events(house, *out_peer, &offer);
    }
    if (!offer)
        abort();
    return offer;
}

static bool speak(void *ctx, int16_t pcm[static VTB_CLIENT_FRAME])
{
    struct guest *guest = ctx;

    if (!guest->house->all_speak || !guest->voice || guest->said >= guest->voice->n)
        return false;
    for (size_t i = 0; i < VTB_CLIENT_FRAME; i++)
        pcm[i] = guest->said + i < guest->voice->n
                     ? (int16_t)(guest->voice->at[guest->said + i] * 32767.0f) : 0;
    guest->said += VTB_CLIENT_FRAME;
    return true;
}

static void hear(void *ctx, uint64_t gap, const int16_t *pcm, size_t n)
{
    struct guest *guest = ctx;
    struct hear *heard = &guest->heard;

    if (gap > 48000 * 60)
        abort(); /* a broken timestamp */
    if (!heard->at)
        heard->at = malloc(HEARD_MAX * sizeof *heard->at);
    if (heard->n + gap + n > HEARD_MAX)
        return; /* a test says what it wants to say sooner */
    memset(heard->at + heard->n, 0, gap * sizeof *heard->at);
    heard->n += gap;
    for (size_t i = 0; i < n; i++)
        heard->at[heard->n++] = (float)pcm[i] / 32768.0f;
}

static void connected(void *ctx)
{
    ((struct guest *)ctx)->connected = true;
}

static void gone(void *ctx, enum vtb_err why)
{
    ((struct guest *)ctx)->gone = true;
    ((struct guest *)ctx)->why = why;
}

struct guest *house_join(struct house *house, const struct hear *voice, bool speaks)
{
    struct guest *guest = &house->guests[house->n++];
    struct vtb_client_config cfg = { .ctx = guest, .connected = connected, .gone = gone,
                                     .speak = speaks ? speak : NULL, .hear = speaks ? hear : NULL };
    char answer[VTB_CLIENT_SDP_MAX + 1], *offer;

    *guest = (struct guest){ .house = house, .voice = voice };
    offer = house_offer(house, &guest->peer);
    if (vtb_client_add(house->crew, &cfg, offer, strlen(offer), &guest->client, answer) ||
        vtb_media_answer(house->media, guest->peer, answer, strlen(answer)))
        abort();
    free(offer);
    return guest;
}

bool house_run(struct house *house, bool (*done)(struct house *house))
{
    uint64_t until = vtb_mono_us() + GIVE_UP_US;

    house->looked_us = vtb_mono_us();
    while (!done(house)) {
        uint64_t now_us = vtb_mono_us();

        if (now_us > until)
            return false;
        house->late = house->late || now_us > house->looked_us + 30000u;
        house->looked_us = now_us;
        if (vtb_crew_step(house->crew, 5))
            abort();
        take_events(house, (vtb_peer){ 0 }, NULL);
    }
    return true;
}

bool house_all_connected(struct house *house)
{
    for (size_t i = 0; i < house->n; i++) {
        if (!house->guests[i].connected)
            return false;
    }
    return house->peers_connected >= house->n;
}

void house_wait_calm(void)
{
    uint64_t until = vtb_mono_us() + 40000000u;

    for (int calm = 0; calm < 100 && vtb_mono_us() < until; calm++) {
        struct timespec rest = { .tv_nsec = 10000000 };
        uint64_t from = vtb_mono_us();

        nanosleep(&rest, NULL);
        if (vtb_mono_us() - from > 14000u)
            calm = 0;
    }
}

bool house_was_late(const struct house *house)
{
    struct vtb_media_figures figures;

    vtb_media_figures(house->media, &figures);
    return house->late || figures.ticks_skipped || figures.ticks_late_5ms;
}
