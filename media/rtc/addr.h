/*
 * addr.h - a UDP address, IPv4 or IPv6, as the kernel and as text know it.
 *
 * An IPv4-mapped IPv6 address is kept as IPv4, so one host is one address whichever socket saw it.
 * Numeric only: no name is ever resolved (mDNS candidates of browsers are ignored, media.md 4.15).
 *
 * Pure: any thread.
 */
#ifndef VTB_RTC_ADDR_H
#define VTB_RTC_ADDR_H

#include "base/err.h"

#include <netinet/in.h>

struct vtb_addr {
    uint8_t family; /* 4, 6, or 0 for none */
    uint8_t ip[16]; /* network order; 4 bytes used for IPv4 */
    uint16_t port;  /* host order */
};

#define VTB_ADDR_TEXT 46

VTB_MUST_USE enum vtb_err vtb_addr_parse(const char *ip, uint16_t port, struct vtb_addr *out);
void vtb_addr_write(const struct vtb_addr *addr, char out[static VTB_ADDR_TEXT]); /* without port */

/* PARSE for a family that is neither. */
VTB_MUST_USE enum vtb_err vtb_addr_from_socket(const struct sockaddr_storage *from,
                                               struct vtb_addr *out);
socklen_t vtb_addr_to_socket(const struct vtb_addr *addr, struct sockaddr_storage *to);

bool vtb_addr_is(const struct vtb_addr *a, const struct vtb_addr *b); /* ip and port */
bool vtb_addr_same_ip(const struct vtb_addr *a, const struct vtb_addr *b);

/* Keyed, so that nobody outside can aim at one slot of a table. */
uint64_t vtb_addr_hash(const struct vtb_addr *addr, bool with_port, uint64_t key);

#endif
