#include "rtc/udp.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOS_EF      0xb8 /* DSCP 46, RFC 8837 */
#define BUFFER      (4 << 20) /* the kernel caps it at net.core.[rw]mem_max */
#define PORT_TRIES  16

struct batch { /* one direction of one socket */
    uint8_t data[VTB_UDP_BATCH][VTB_UDP_DATAGRAM];
    struct sockaddr_storage addr[VTB_UDP_BATCH];
    struct iovec iov[VTB_UDP_BATCH];
    struct mmsghdr msg[VTB_UDP_BATCH];
    unsigned used;
};

struct vtb_udp {
    size_t n;
    uint16_t port;
    int fd[VTB_UDP_SOCKETS];
    size_t sent;
    struct batch in;
    struct batch out[];
};

static void prepare(struct batch *batch)
{
    for (size_t i = 0; i < VTB_UDP_BATCH; i++) {
        batch->iov[i] = (struct iovec){ batch->data[i], VTB_UDP_DATAGRAM };
        batch->msg[i].msg_hdr = (struct msghdr){ .msg_name = &batch->addr[i],
                                                 .msg_iov = &batch->iov[i], .msg_iovlen = 1 };
    }
}

static int open_socket(const struct vtb_addr *address, uint16_t port)
{
    struct vtb_addr local = *address;
    struct sockaddr_storage name;
    int one = 1, tos = TOS_EF, size = BUFFER;
    int fd = socket(address->family == 4 ? AF_INET : AF_INET6,
                    SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    /* Marks and buffer sizes are wishes: a refusal costs quality, not function. */
    if (address->family == 4) {
        (void)setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof tos);
    } else {
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof tos);
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    local.port = port;
    if (bind(fd, (struct sockaddr *)&name, vtb_addr_to_socket(&local, &name))) {
        close(fd);
        return -1;
    }
    return fd;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage name;
    socklen_t len = sizeof name;
    struct vtb_addr addr;

    if (getsockname(fd, (struct sockaddr *)&name, &len) || vtb_addr_from_socket(&name, &addr))
        return 0;
    return addr.port;
}

static void close_all(struct vtb_udp *udp)
{
    for (size_t i = 0; i < udp->n; i++)
        close(udp->fd[i]);
    udp->n = 0;
}

static bool open_all(struct vtb_udp *udp, const struct vtb_addr *addresses, size_t n,
                     uint16_t port)
{
    for (size_t i = 0; i < n; i++) {
        int fd = open_socket(&addresses[i], port);

        if (fd < 0) {
            close_all(udp);
            return false;
        }
        udp->fd[udp->n++] = fd;
        port = port ? port : port_of(fd);
    }
    udp->port = port;
    return true;
}

enum vtb_err vtb_udp_open(const struct vtb_addr *addresses, size_t n, uint16_t port,
                          struct vtb_udp **out)
{
    struct vtb_udp *udp;
    bool ok = false;

    if (n < 1 || n > VTB_UDP_SOCKETS)
        return VTB_LIMIT;
    udp = calloc(1, sizeof *udp + n * sizeof udp->out[0]);
    if (!udp)
        return VTB_NOMEM;
    /* The kernel's port for the first address may be taken on the second: ask again. */
    for (int i = 0; !ok && i < (port ? 1 : PORT_TRIES); i++)
        ok = open_all(udp, addresses, n, port);
    if (!ok) {
        free(udp);
        return VTB_SYS;
    }
    prepare(&udp->in);
    for (size_t i = 0; i < n; i++)
        prepare(&udp->out[i]);
    *out = udp;
    return VTB_OK;
}

void vtb_udp_close(struct vtb_udp *udp)
{
    if (!udp)
        return;
    close_all(udp);
    free(udp);
}

uint16_t vtb_udp_port(const struct vtb_udp *udp)
{
    return udp->port;
}

size_t vtb_udp_sockets(const struct vtb_udp *udp)
{
    return udp->n;
}

int vtb_udp_fd(const struct vtb_udp *udp, size_t socket)
{
    return socket < udp->n ? udp->fd[socket] : -1;
}

size_t vtb_udp_receive(struct vtb_udp *udp, size_t socket,
                       struct vtb_udp_datagram out[static VTB_UDP_BATCH], size_t *out_dropped)
{
    struct batch *in = &udp->in;
    size_t n = 0;
    int got;

    *out_dropped = 0;
    for (size_t i = 0; i < VTB_UDP_BATCH; i++)
        in->msg[i].msg_hdr.msg_namelen = sizeof in->addr[i];
    got = recvmmsg(udp->fd[socket], in->msg, VTB_UDP_BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < got; i++) {
        struct vtb_udp_datagram *to = &out[n];

        if (in->msg[i].msg_hdr.msg_flags & MSG_TRUNC || in->msg[i].msg_len == 0 ||
            vtb_addr_from_socket(&in->addr[i], &to->from)) {
            (*out_dropped)++;
            continue;
        }
        to->socket = (uint8_t)socket;
        to->data = in->data[i];
        to->len = in->msg[i].msg_len;
        n++;
    }
    return n;
}

static void flush_one(struct vtb_udp *udp, size_t socket)
{
    struct batch *batch = &udp->out[socket];
    unsigned at = 0;

    while (at < batch->used) {
        int sent = sendmmsg(udp->fd[socket], batch->msg + at, batch->used - at, MSG_DONTWAIT);

        if (sent > 0) {
            at += (unsigned)sent;
            udp->sent += (size_t)sent;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
            break; /* late sound is worthless: let it go */
        } else if (errno != EINTR) {
            at++; /* one unreachable listener must not cost the others their packet */
        }
    }
    batch->used = 0;
}

uint8_t *vtb_udp_slot(struct vtb_udp *udp, size_t socket)
{
    if (socket >= udp->n)
        return NULL;
    if (udp->out[socket].used == VTB_UDP_BATCH)
        flush_one(udp, socket);
    return udp->out[socket].data[udp->out[socket].used];
}

void vtb_udp_commit(struct vtb_udp *udp, size_t socket, const struct vtb_addr *to, size_t len)
{
    struct batch *batch = &udp->out[socket];
    unsigned at = batch->used++;

    batch->msg[at].msg_hdr.msg_namelen = vtb_addr_to_socket(to, &batch->addr[at]);
    batch->iov[at].iov_len = len;
}

size_t vtb_udp_flush(struct vtb_udp *udp)
{
    size_t sent;

    for (size_t i = 0; i < udp->n; i++)
        flush_one(udp, i);
    sent = udp->sent;
    udp->sent = 0;
    return sent;
}

bool vtb_udp_send_one(int fd, const struct vtb_addr *to, const uint8_t *data, size_t len)
{
    struct sockaddr_storage name;
    socklen_t name_len = vtb_addr_to_socket(to, &name);
    ssize_t sent;

    do {
        sent = sendto(fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&name,
                      name_len);
    } while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)len;
}

void vtb_udp_own_refresh(struct vtb_udp_own *own)
{
    struct ifaddrs *list, *at;
    size_t n = 0;

    if (getifaddrs(&list))
        return;
    for (at = list; at && n < VTB_COUNT(own->addresses); at = at->ifa_next) {
        struct sockaddr_storage name = { 0 };
        bool v4 = at->ifa_addr && at->ifa_addr->sa_family == AF_INET;
        bool v6 = at->ifa_addr && at->ifa_addr->sa_family == AF_INET6;

        if (!v4 && !v6)
            continue;
        memcpy(&name, at->ifa_addr, v4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
        if (!vtb_addr_from_socket(&name, &own->addresses[n]))
            n++;
    }
    freeifaddrs(list);
    own->n = n;
}

bool vtb_udp_own_has(const struct vtb_udp_own *own, const struct vtb_addr *addr)
{
    if (addr->family == 4 && addr->ip[0] == 127)
        return true; /* all of 127.0.0.0/8 is this machine */
    for (size_t i = 0; i < own->n; i++)
        if (vtb_addr_same_ip(&own->addresses[i], addr))
            return true;
    return false;
}
