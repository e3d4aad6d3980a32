#include "wire.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FRAME_BYTES 2048u
#define FRAMES      16384u /* 32 MB: 65 ms of 5000 listeners */
#define BLOCK_BYTES (FRAME_BYTES * 64u)
#define BASE        ((198u << 24 | 18u << 16) + 256u)
#define PORT        40000u
#define HEAD        42u /* Ethernet, IPv4, UDP */

struct wire {
    int fd;
    uint8_t *ring;
    size_t at;
    uint8_t head[14];
    int64_t wall_us; /* the frames' clock less ours */
};

static bool read_mac(const char *text, uint8_t mac[6])
{
    unsigned part[6];

    if (sscanf(text, "%x:%x:%x:%x:%x:%x", &part[0], &part[1], &part[2], &part[3], &part[4], &part[5]) != 6)
        return false;
    for (size_t i = 0; i < 6; i++)
        mac[i] = (uint8_t)part[i];
    return true;
}

static bool make_ring(struct wire *wire, int index)
{
    struct tpacket_req ask = { .tp_block_size = BLOCK_BYTES, .tp_block_nr = FRAMES / 64u, .tp_frame_size = FRAME_BYTES,
                               .tp_frame_nr = FRAMES };
    struct packet_mreq all = { .mr_ifindex = index, .mr_type = PACKET_MR_PROMISC };
    struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = index };
    int version = TPACKET_V2, on = 1;
    void *ring;

    if (setsockopt(wire->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version) ||
        setsockopt(wire->fd, SOL_PACKET, PACKET_RX_RING, &ask, sizeof ask))
        return false;
    (void)setsockopt(wire->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
    ring = mmap(NULL, (size_t)FRAMES * FRAME_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, wire->fd, 0);
    if (ring == MAP_FAILED)
        return false;
    wire->ring = ring;
    return bind(wire->fd, (struct sockaddr *)&at, sizeof at) == 0 &&
           setsockopt(wire->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) == 0;
}

struct wire *wire_open(const char *interface, const char *mac)
{
    struct wire *wire = calloc(1, sizeof *wire);
    int index = (int)if_nametoindex(interface);
    static const uint8_t ours[6] = { 2, 0, 0, 0, 0, 0x99 };

    if (!wire)
        return NULL;
    memcpy(wire->head + 6, ours, sizeof ours);
    wire->head[12] = 8;
    wire->wall_us = vtb_wall_us() - (int64_t)vtb_mono_us();
    wire->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (wire->fd < 0 || !index || !read_mac(mac, wire->head) || !make_ring(wire, index)) {
        wire_close(wire);
        return NULL;
    }
    return wire;
}

void wire_close(struct wire *wire)
{
    if (!wire)
        return;
    if (wire->ring)
        munmap(wire->ring, (size_t)FRAMES * FRAME_BYTES);
    if (wire->fd >= 0)
        close(wire->fd);
    free(wire);
}

static uint32_t word(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

static void put(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void send_one(void *ctx, uint32_t slot, const struct vtb_addr *to, const uint8_t *data, size_t len)
{
    struct wire *wire = ctx;
    uint8_t frame[FRAME_BYTES] = { 0 }, *ip = frame + 14, *udp = frame + 34;
    uint32_t from = BASE + slot, sum = 0;

    if (HEAD + len > sizeof frame || to->family != 4)
        return;
    memcpy(frame, wire->head, 14);
    ip[0] = 0x45;
    put(ip + 2, (uint32_t)(28 + len));
    ip[6] = 0x40; /* never in pieces */
    ip[8] = 64;
    ip[9] = 17;
    put(ip + 12, from >> 16);
    put(ip + 14, from & 0xffffu);
    memcpy(ip + 16, to->ip, 4);
    for (size_t i = 0; i < 20; i += 2)
        sum += word(ip + i);
    sum = (sum & 0xffffu) + (sum >> 16);
    put(ip + 10, ~(sum + (sum >> 16)) & 0xffffu);
    put(udp, PORT);
    put(udp + 2, to->port);
    put(udp + 4, (uint32_t)(8 + len)); /* the checksum stays 0: none (RFC 768) */
    memcpy(frame + HEAD, data, len);
    (void)!send(wire->fd, frame, HEAD + len, MSG_DONTWAIT);
}

static void take_frame(const struct wire *wire, struct vtb_crew *crew, const struct tpacket2_hdr *head, uint8_t *frame)
{
    int64_t at_us = (int64_t)head->tp_sec * 1000000 + head->tp_nsec / 1000 - wire->wall_us;
    size_t len = head->tp_snaplen, ip = 14, size;
    uint32_t to;

    if (len < HEAD || frame[ip] != 0x45 || frame[ip + 9] != 17 || word(frame + 36) != PORT)
        return;
    to = word(frame + 30) << 16 | word(frame + 32);
    size = word(frame + 38);
    if (size >= 8 && HEAD - 8 + size <= len)
        vtb_crew_feed(crew, to - BASE, frame + HEAD, size - 8, (uint64_t)at_us);
}

static void receive(void *ctx, struct vtb_crew *crew)
{
    struct wire *wire = ctx;

    for (size_t n = 0; n < FRAMES / 4; n++) {
        uint8_t *slot = wire->ring + wire->at * FRAME_BYTES;
        struct tpacket2_hdr *head = (struct tpacket2_hdr *)(void *)slot;

        if (!(__atomic_load_n(&head->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
            return;
        take_frame(wire, crew, head, slot + head->tp_mac);
        __atomic_store_n(&head->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
        wire->at = (wire->at + 1) % FRAMES;
    }
}

struct vtb_crew_wire wire_for_crew(struct wire *wire)
{
    return (struct vtb_crew_wire){ wire, wire->fd, send_one, receive };
}

unsigned wire_missed(struct wire *wire)
{
    struct tpacket_stats stats = { 0 };
    socklen_t len = sizeof stats;

    return getsockopt(wire->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) ? 0 : stats.tp_drops;
}
