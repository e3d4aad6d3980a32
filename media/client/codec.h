/*
 * codec.h - a client's Opus: what it says and what it hears.
 *
 * Thread: the owner's. Allocates only in create. The one file of this room that names libopus.
 */
#ifndef VTB_MEDIACLIENT_CODEC_H
#define VTB_MEDIACLIENT_CODEC_H

#include "base/err.h"

#define CLIENT_CODEC_FRAME 960
#define CLIENT_CODEC_MAX   5760 /* samples: the longest packet */

struct client_codec;

VTB_MUST_USE enum vtb_err client_codec_create(bool says, bool hears, uint32_t bitrate,
                                              struct client_codec **out);
void client_codec_destroy(struct client_codec *codec); /* NULL is fine */

/* One frame; pcm NULL is silence, which after ten frames costs nothing but a copy. Returns the
 * length, 0 if libopus failed. *out_level is -dBov, 0..127. */
size_t client_codec_encode(struct client_codec *codec, const int16_t *pcm, uint8_t *out, size_t cap,
                           uint8_t *out_level);

/* What the other side reports of its losses: from some percent on libopus adds FEC. */
void client_codec_expect_loss(struct client_codec *codec, uint8_t percent);

/* Samples decoded, 0 if the packet is no Opus. */
size_t client_codec_decode(struct client_codec *codec, const uint8_t *payload, size_t len,
                           int16_t pcm[static CLIENT_CODEC_MAX]);
/* Does this packet carry its predecessor (LBRR)? */
bool client_codec_has_fec(const uint8_t *payload, size_t len);
/* `n` samples (a multiple of 120, at most 5760) of what may have been said; 0 if libopus failed. */
size_t client_codec_make_up(struct client_codec *codec, size_t n, int16_t pcm[static CLIENT_CODEC_MAX]);
/* Fills `missing` samples (a multiple of 120, at most 5760) before `next`, from its FEC if any. */
size_t client_codec_conceal(struct client_codec *codec, const uint8_t *next, size_t len,
                            size_t missing, int16_t pcm[static CLIENT_CODEC_MAX]);

#endif
