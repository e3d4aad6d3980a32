/*
 * tun.h - TUN devices with addresses 198.18.NET.HOST, and packets whose address is changed on the way.
 *
 * Acts in the network namespace of the calling thread. Errors: -1 and errno.
 */
#ifndef VTB_NET_TUN_H
#define VTB_NET_TUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A new device without queueing of its own, not blocking; its descriptor. It ends with it. */
int tun_open(const char *name);

/* Makes 198.18.net.host/24 the device's one address and brings it up. Host 1 is the near end; any
 * other gets a default route through the device. */
int tun_address(const char *name, unsigned net, unsigned host);

int tun_up(const char *name);

/* Writes 198.18.net.host as destination (or source) of an IPv4 packet and mends the checksums of
 * IP, UDP and TCP (RFC 1624). Anything else stays as it is. */
void tun_rewrite(uint8_t *packet, size_t len, bool destination, unsigned net, unsigned host);

#endif
