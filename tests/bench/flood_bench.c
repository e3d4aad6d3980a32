/*
 * flood_bench - hostile datagrams at a steady rate, from thousands of addresses.
 *
 *     flood_bench INTERFACE MAC ADDRESS PORT RATE SECONDS
 *
 * In turn: bytes of no meaning; a STUN check for a name nobody has, with a right fingerprint; the
 * beginning of a DTLS handshake; RTP and RTCP that no key fits, as if from the addresses that
 * crowd_bench's clients have (wire.h). A packet socket, so that the sender's own cost stays small.
 */
#include "base/clock.h"
#include "rtc/stun.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KINDS 5u
#define BATCH 50u
#define HEAD  42u

static uint8_t frames[KINDS][256];
static size_t sizes[KINDS];
static uint64_t seed = 88172645463325252u;

static uint32_t random32(void) /* xorshift64 (Marsaglia 2003) */
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 32);
}

static void put(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static size_t payload(unsigned kind, uint8_t *to)
{
    struct vtb_stun_check check = { .username = VTB_LIT("AAAABBBB:evil"), .password = VTB_LIT("not a password of anybody"),
                                    .priority = 1, .tie_breaker = 1 };

    for (size_t i = 0; i < 120; i++)
        to[i] = (uint8_t)random32();
    switch (kind) {
    case 0:
        return 120;
    case 1:
        return vtb_stun_write_check(&check, to);
    case 2: /* a handshake record of DTLS 1.2, epoch 0 */
        memcpy(to, (const uint8_t[]){ 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 1, 0, 0, 88 }, 17);
        return 113;
    case 3:
        to[0] = 0x80;
        to[1] = 111;
        return 100;
    default:
        to[0] = 0x81;
        to[1] = 201;
        return 48;
    }
}

static void make(unsigned kind, const uint8_t mac[6], uint32_t to, unsigned port)
{
    uint8_t *frame = frames[kind];
    size_t len = payload(kind, frame + HEAD);

    memcpy(frame, mac, 6);
    memcpy(frame + 6, (const uint8_t[]){ 2, 0, 0, 0, 0, 0x98, 8, 0, 0x45 }, 9);
    put(frame + 16, (uint32_t)(28 + len));
    frame[22] = 64;
    frame[23] = 17;
    memcpy(frame + 30, &to, 4);
    put(frame + 36, port);
    put(frame + 38, (uint32_t)(8 + len));
    sizes[kind] = HEAD + len;
}

/* Another sender: address, port and the header's checksum. */
static void readdress(uint8_t *frame, unsigned kind)
{
    uint32_t from = (198u << 24 | 18u << 16) + 256u + (kind < 3 ? random32() % 60000u : random32() % 100u), sum = 0;

    put(frame + 24, 0);
    put(frame + 26, from >> 16);
    put(frame + 28, from & 0xffffu);
    put(frame + 34, kind < 3 ? 1024u + random32() % 60000u : 40000u);
    for (size_t i = 14; i < 34; i += 2)
        sum += (uint32_t)frame[i] << 8 | frame[i + 1];
    sum = (sum & 0xffffu) + (sum >> 16);
    put(frame + 24, ~(sum + (sum >> 16)) & 0xffffu);
}

static unsigned send_batch(int fd, unsigned from)
{
    static uint8_t out[BATCH][256];
    struct mmsghdr messages[BATCH];
    struct iovec parts[BATCH];
    int sent;

    for (unsigned i = 0; i < BATCH; i++) {
        unsigned kind = (from + i) % KINDS;

        memcpy(out[i], frames[kind], sizes[kind]);
        readdress(out[i], kind);
        parts[i] = (struct iovec){ out[i], sizes[kind] };
        messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &parts[i], .msg_iovlen = 1 } };
    }
    sent = sendmmsg(fd, messages, BATCH, 0);
    return sent > 0 ? (unsigned)sent : 0;
}

int main(int argc, char **argv)
{
    struct sockaddr_ll at = { .sll_family = AF_PACKET };
    unsigned part[6], rate, port;
    uint8_t mac[6];
    uint64_t begin, end, sent = 0;
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), on = 1;

    if (argc != 7 || sscanf(argv[2], "%x:%x:%x:%x:%x:%x", &part[0], &part[1], &part[2], &part[3], &part[4], &part[5]) != 6)
        return 2;
    for (size_t i = 0; i < 6; i++)
        mac[i] = (uint8_t)part[i];
    port = (unsigned)strtoul(argv[4], NULL, 10);
    rate = (unsigned)strtoul(argv[5], NULL, 10);
    at.sll_ifindex = (int)if_nametoindex(argv[1]);
    (void)setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
    if (fd < 0 || !rate || rate > 1000000 || bind(fd, (struct sockaddr *)&at, sizeof at))
        return 1;
    for (unsigned kind = 0; kind < KINDS; kind++)
        make(kind, mac, inet_addr(argv[3]), port);
    begin = vtb_mono_us();
    end = begin + strtoul(argv[6], NULL, 10) * 1000000u;
    for (uint64_t now = begin; now < end; now = vtb_mono_us()) {
        if (sent * 1000000u / rate > now - begin)
            usleep(500);
        else
            sent += send_batch(fd, (unsigned)sent);
    }
    printf("{\"sent\":%llu,\"rate\":%.0f}\n", (unsigned long long)sent, (double)sent * 1e6 / (double)(end - begin));
    close(fd);
    return 0;
}
