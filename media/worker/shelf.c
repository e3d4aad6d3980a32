#include "shelf.h"

uint8_t *vtb_shelf_slot(struct vtb_shelf *shelf)
{
    uint32_t at = shelf->written % VTB_SHELF_BYTES;

    if (at + VTB_SHELF_PAYLOAD > VTB_SHELF_BYTES) /* in one piece, or not at all */
        shelf->written += VTB_SHELF_BYTES - at;
    return shelf->bytes + shelf->written % VTB_SHELF_BYTES;
}

uint32_t vtb_shelf_keep(struct vtb_shelf *shelf, size_t len)
{
    uint32_t pos = shelf->written;

    shelf->written += (uint32_t)len;
    return pos;
}

const uint8_t *vtb_shelf_at(const struct vtb_shelf *shelf, uint32_t pos, size_t len)
{
    uint32_t behind = shelf->written - pos;

    /* The next slot reaches up to a payload further than what is written. */
    if (behind < len || behind > VTB_SHELF_BYTES - VTB_SHELF_PAYLOAD)
        return NULL;
    return shelf->bytes + pos % VTB_SHELF_BYTES;
}

void vtb_sent_note(struct vtb_sent_list *list, const struct vtb_sent *sent)
{
    list->of[sent->seq % VTB_SENT] = *sent;
}

struct vtb_sent *vtb_sent_find(struct vtb_sent_list *list, uint16_t seq)
{
    struct vtb_sent *sent = &list->of[seq % VTB_SENT];

    return sent->used && sent->seq == seq ? sent : NULL;
}
