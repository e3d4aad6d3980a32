#include "tun.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MTU 1400

int tun_open(const char *name)
{
    struct ifreq want = { .ifr_flags = IFF_TUN | IFF_NO_PI };
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

    snprintf(want.ifr_name, sizeof want.ifr_name, "%s", name);
    if (fd >= 0 && ioctl(fd, TUNSETIFF, &want)) {
        close(fd);
        return -1;
    }
    return fd;
}

static int set_flags(int fd, const char *name, short on, short off)
{
    struct ifreq ask = { 0 };

    snprintf(ask.ifr_name, sizeof ask.ifr_name, "%s", name);
    if (ioctl(fd, SIOCGIFFLAGS, &ask))
        return -1;
    ask.ifr_flags = (short)((ask.ifr_flags | on) & ~off);
    return ioctl(fd, SIOCSIFFLAGS, &ask);
}

int tun_up(const char *name)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int done = fd < 0 ? -1 : set_flags(fd, name, IFF_UP, 0);

    if (fd >= 0)
        close(fd);
    return done;
}

static struct sockaddr_in address_of(uint32_t host_order)
{
    return (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(host_order) };
}

static int ask_address(int fd, unsigned long what, const char *name, uint32_t value)
{
    struct sockaddr_in at = address_of(value);
    struct ifreq ask = { 0 };

    snprintf(ask.ifr_name, sizeof ask.ifr_name, "%s", name);
    memcpy(&ask.ifr_addr, &at, sizeof at);
    return ioctl(fd, what, &ask);
}

static uint32_t number(unsigned net, unsigned host)
{
    return 198u << 24 | 18u << 16 | (net & 255u) << 8 | (host & 255u);
}

static int add_default(int fd, const char *name)
{
    struct rtentry route = { .rt_flags = RTF_UP };
    struct sockaddr_in any = address_of(0);
    char device[IFNAMSIZ];

    snprintf(device, sizeof device, "%s", name);
    route.rt_dev = device;
    memcpy(&route.rt_dst, &any, sizeof any);
    memcpy(&route.rt_genmask, &any, sizeof any);
    return ioctl(fd, SIOCADDRT, &route) && errno != EEXIST ? -1 : 0;
}

int tun_address(const char *name, unsigned net, unsigned host)
{
    struct ifreq mtu = { .ifr_mtu = MTU };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int done = -1;

    if (fd < 0)
        return -1;
    snprintf(mtu.ifr_name, sizeof mtu.ifr_name, "%s", name);
    /* A device that was up loses its old address and its routes with it. */
    if (ask_address(fd, SIOCSIFADDR, name, number(net, host)) == 0 &&
        ask_address(fd, SIOCSIFDSTADDR, name, number(net, host == 1 ? 2 : 1)) == 0 &&
        ask_address(fd, SIOCSIFNETMASK, name, 0xffffff00u) == 0 && ioctl(fd, SIOCSIFMTU, &mtu) == 0 &&
        set_flags(fd, name, IFF_UP, 0) == 0)
        done = host == 1 ? 0 : add_default(fd, name);
    close(fd);
    return done;
}

static uint16_t folded(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffffu) + (sum >> 16);
    return (uint16_t)sum;
}

static uint32_t word(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

/* RFC 1624, equation 3: the checksum at `at` after four bytes `old` became `new`. */
static void mend(uint8_t *at, const uint8_t old[4], const uint8_t new[4])
{
    uint32_t sum = (uint16_t)~word(at);
    uint16_t now;

    sum += (uint16_t)~word(old) + (uint32_t)(uint16_t)~word(old + 2) + word(new) + word(new + 2);
    now = (uint16_t)~folded(sum);
    at[0] = (uint8_t)(now >> 8);
    at[1] = (uint8_t)now;
}

void tun_rewrite(uint8_t *packet, size_t len, bool destination, unsigned net, unsigned host)
{
    uint32_t value = number(net, host);
    uint8_t new[4] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value };
    uint8_t old[4];
    size_t head, sum;

    if (len < 20 || packet[0] >> 4 != 4)
        return;
    head = (size_t)(packet[0] & 15u) * 4;
    memcpy(old, packet + (destination ? 16 : 12), 4);
    memcpy(packet + (destination ? 16 : 12), new, 4);
    mend(packet + 10, old, new);
    if (packet[9] != 17 && packet[9] != 6)
        return;
    sum = head + (packet[9] == 17 ? 6 : 16);
    if (len < sum + 2 || (packet[9] == 17 && word(packet + sum) == 0)) /* UDP without a checksum */
        return;
    mend(packet + sum, old, new);
}
