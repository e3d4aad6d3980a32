/*
 * wire.h - one packet socket that is the whole network of thousands of clients.
 *
 * A socket for each listener costs its core more than the sound does. Here the kernel puts every
 * frame of an interface into a ring of memory, with the time it left the other side, and the frames
 * are read from there without a call for each (packet(7), PACKET_RX_RING). Client n has the address
 * 198.18.0.0 + 256 + n (RFC 2544's range) and port 40000; the other side routes them all to this
 * interface by a fixed neighbour, so that nothing is asked (ARP) and nothing is answered (ICMP).
 *
 * Thread: the crew's. Needs CAP_NET_RAW.
 */
#ifndef VTB_BENCH_WIRE_H
#define VTB_BENCH_WIRE_H

#include "mediaclient/client.h"

struct wire;

/* `mac`: of the interface at the other side, "aa:bb:cc:dd:ee:ff". NULL and errno on failure. */
struct wire *wire_open(const char *interface, const char *mac);
void wire_close(struct wire *wire); /* NULL is fine */

struct vtb_crew_wire wire_for_crew(struct wire *wire);

/* Frames that found the ring full since the last call: what is measured then is not the server. */
unsigned wire_missed(struct wire *wire);

#endif
