/*
 * house.h - the real media worker on loopback and clients in front of it, for tests.
 *
 * Waits are for conditions; each gives up after 20 s and fails the test that asked.
 */
#ifndef TESTS_HOUSE_H
#define TESTS_HOUSE_H

#include "hear.h"
#include "media/media.h"
#include "mediaclient/client.h"

#define HOUSE_MAX 256u

struct house;

struct guest {
    struct house *house;
    struct vtb_client *client;
    vtb_peer peer;
    const struct hear *voice; /* NULL: silence */
    size_t said;              /* samples */
    struct hear heard;        /* placed by timestamp */
    size_t before;            /* samples of it from before all spoke */
    bool connected, gone;
    enum vtb_err why;
};

struct house {
    struct vtb_media *media;
    struct vtb_crew *crew;
    struct vtb_id room;
    struct guest guests[HOUSE_MAX];
    size_t n;
    bool all_speak; /* speakers begin when this is set */
    size_t peers_connected, peers_gone; /* events of the worker */
    uint64_t looked_us; /* last turn of house_run */
    bool late;          /* more than 30 ms passed between two turns: clients stood still */
};

void house_open(struct house *house);
void house_close(struct house *house);

/* Fetches an offer for a new peer. The caller frees. */
char *house_offer(struct house *house, vtb_peer *out_peer);

/* A guest that speaks (and decodes what it hears) or only listens (and counts). */
struct guest *house_join(struct house *house, const struct hear *voice, bool speaks);

/*
 * Sound in real time can only be judged on a machine that keeps time. house_wait_calm waits until
 * this thread was never woken more than 4 ms late for a second (at most 40 s, then goes on);
 * house_was_late says whether the worker or the clients were late.
 */
void house_wait_calm(void);
bool house_was_late(const struct house *house);

/* Runs clients and events until `done` says so. False: 20 s have passed. */
bool house_run(struct house *house, bool (*done)(struct house *house));
/* Clients have their keys, and the worker has said so, too. */
bool house_all_connected(struct house *house);

#endif
