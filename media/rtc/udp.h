/*
 * udp.h - one UDP socket an address, read and written in batches.
 *
 * A socket is bound to its address, never to 0.0.0.0: an answer must leave from the address that
 * was asked (a browser drops it otherwise). Sends are marked EF (RFC 8837). All sockets of a set
 * share one port.
 *
 * Thread:    one; vtb_udp_send_one may be called from others (the kernel serialises).
 * Blocks:    never. No allocation after open.
 */
#ifndef VTB_RTC_UDP_H
#define VTB_RTC_UDP_H

#include "base/err.h"
#include "rtc/addr.h"

#define VTB_UDP_SOCKETS  4
#define VTB_UDP_BATCH    64
#define VTB_UDP_DATAGRAM 1500 /* longer ones are dropped */

struct vtb_udp;

struct vtb_udp_datagram {
    uint8_t socket;
    struct vtb_addr from;
    uint8_t *data; /* may be changed in place; valid until the next receive */
    size_t len;
};

/* `port` 0: the kernel's choice, the same for all addresses. SYS: an address cannot be bound. */
VTB_MUST_USE enum vtb_err vtb_udp_open(const struct vtb_addr *addresses, size_t n, uint16_t port,
                                       struct vtb_udp **out);
void vtb_udp_close(struct vtb_udp *udp); /* NULL is fine */

uint16_t vtb_udp_port(const struct vtb_udp *udp);
size_t vtb_udp_sockets(const struct vtb_udp *udp);
int vtb_udp_fd(const struct vtb_udp *udp, size_t socket); /* for epoll; -1 out of range */

/* Up to VTB_UDP_BATCH datagrams that wait on `socket`; returns how many. *out_dropped counts the
 * ones too long or from nowhere. */
size_t vtb_udp_receive(struct vtb_udp *udp, size_t socket,
                       struct vtb_udp_datagram out[static VTB_UDP_BATCH], size_t *out_dropped);

/*
 * A slot of the send batch: write up to VTB_UDP_DATAGRAM bytes, then commit. When the batch is
 * full it is flushed first. Returns NULL only if `socket` is out of range.
 */
uint8_t *vtb_udp_slot(struct vtb_udp *udp, size_t socket);
void vtb_udp_commit(struct vtb_udp *udp, size_t socket, const struct vtb_addr *to, size_t len);
/* Sends what is committed. Returns how many the kernel took since the last flush; what it does not
 * take is lost, as on any link. */
size_t vtb_udp_flush(struct vtb_udp *udp);

bool vtb_udp_send_one(int fd, const struct vtb_addr *to, const uint8_t *data, size_t len);

/* The addresses of this machine, for the demo's rule that only local sources are answered. */
struct vtb_udp_own {
    struct vtb_addr addresses[64];
    size_t n;
};
void vtb_udp_own_refresh(struct vtb_udp_own *own); /* keeps the old list if the kernel fails */
bool vtb_udp_own_has(const struct vtb_udp_own *own, const struct vtb_addr *addr);

#endif
