/* Any datagram as a check: by the parser, and by the table of peers that knows one of them. */
#include "rtc/peers.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct vtb_peers *peers;
    struct vtb_link *link;
    struct vtb_stun msg;
    struct vtb_addr from = { .family = 4, .port = 7 };
    uint8_t answer[VTB_STUN_MAX];

    if (!peers && (vtb_peers_create(0, 8, &peers) ||
                   vtb_peers_add(peers, (vtb_peer){ 0, 1 }, 0, &link)))
        abort();
    if (!vtb_stun_parse(data, len, &msg)) {
        (void)vtb_stun_is_authentic(&msg, VTB_LIT("VOkJxbRl1RmTxUk/WvJxBt"));
        if (msg.username.len > len || msg.integrity_at >= len + 1)
            abort();
    }
    if (vtb_peers_check(peers, 0, &from, data, len, 1, answer).what != VTB_CHECK_REFUSED)
        abort(); /* nobody can know that password */
    return 0;
}
