/*
 * picture.h - frames of an export: the part of the page that was seen, with the pointer on top.
 *
 * 1280 x 720, BGRx, dark borders. A page is put together from its tiles and kept until another is shown; what is
 * drawn of it is kept until the view changes. As in every seat of the room, all of the presenter's view is seen, with
 * more of the page around it where the shapes differ.
 *
 * Thread: the caller's.
 */
#ifndef VTB_EXPORT_PICTURE_H
#define VTB_EXPORT_PICTURE_H

#include "feed.h"

#define VTB_PICTURE_WIDTH  1280
#define VTB_PICTURE_HEIGHT 720
#define VTB_PICTURE_BYTES  ((size_t)VTB_PICTURE_WIDTH * VTB_PICTURE_HEIGHT * 4)

struct vtb_picture;

/* The feed is borrowed until fini. */
VTB_MUST_USE enum vtb_err vtb_picture_create(const struct vtb_feed *feed, struct vtb_picture **out);
void vtb_picture_destroy(struct vtb_picture *picture); /* NULL is fine */
/* out: VTB_PICTURE_BYTES. CORRUPT: a tile of the page is no WebP of its size. */
VTB_MUST_USE enum vtb_err vtb_picture_draw(struct vtb_picture *picture, const struct vtb_shown *shown, uint8_t *out);

#endif
