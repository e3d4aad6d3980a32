/*
 * encode.h - an Opus encoder that stays out of the way in silence and can be copied.
 *
 * 48 kHz mono, 20 ms. In silence ten more frames are encoded so that the codec's own delay and the
 * listener's decoder run out into silence; after that nothing is encoded or sent.
 *
 * Copying makes the switch from the shared encode to an own one inaudible: the copy goes on exactly
 * where the original was. (A fresh encoder jumps by full scale; media-spike.md section 4.)
 *
 * Thread:    the owner's. Allocates only in create.
 * Standards: RFC 6716.
 */
#ifndef VTB_AUDIO_ENCODE_H
#define VTB_AUDIO_ENCODE_H

#include "base/err.h"

#define VTB_ENCODE_FRAME 960u /* samples: 20 ms */
#define VTB_ENCODE_MAX   1275u
#define VTB_ENCODE_TAIL  10u  /* frames of silence still encoded */

struct vtb_encode;

/* bitrate: bit/s, 6000..64000. complexity: 0..10. No loss is expected at first. */
VTB_MUST_USE enum vtb_err vtb_encode_create(uint32_t bitrate, int complexity,
                                            struct vtb_encode **out_encode);
void vtb_encode_destroy(struct vtb_encode *encode); /* NULL is fine */

/* `to` goes on as `from` would, with its settings; both were created with the same complexity. */
void vtb_encode_copy(struct vtb_encode *to, const struct vtb_encode *from);

/* From the next frame on, without a break in the sound: bit/s, and the loss to expect in per cent.
 * From 10 on in-band FEC is added where the bitrate allows it (20 kbit/s; below it does not exist). */
void vtb_encode_set(struct vtb_encode *encode, uint32_t bitrate, uint8_t lost_pct);

/* The next frame leans on none before it, so a decoder that followed another encode of the same
 * sound goes on with this one (RFC 6716, 2.1.5 and 4.3.2.1: no prediction). It costs some bits. */
void vtb_encode_seam(struct vtb_encode *encode);

/* One frame. NULL and *out_len 0: send nothing. The bytes are valid until the next step. */
const uint8_t *vtb_encode_step(struct vtb_encode *encode, const float pcm[static VTB_ENCODE_FRAME],
                               size_t *out_len);

/* Silence has run out: another silent frame would cost and send nothing. */
bool vtb_encode_is_resting(const struct vtb_encode *encode);

uint64_t vtb_encode_count(const struct vtb_encode *encode); /* frames really encoded */

#endif
