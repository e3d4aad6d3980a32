#include "rtc/udp.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

static struct vtb_addr loopback(uint16_t port)
{
    struct vtb_addr addr;

    assert_int_equal(vtb_addr_parse("127.0.0.1", port, &addr), VTB_OK);
    return addr;
}

static size_t receive(struct vtb_udp *udp, struct vtb_udp_datagram *out, size_t *dropped)
{
    struct pollfd fd = { .fd = vtb_udp_fd(udp, 0), .events = POLLIN };

    assert_int_equal(poll(&fd, 1, 10000), 1);
    return vtb_udp_receive(udp, 0, out, dropped);
}

static void a_batch_arrives_as_it_was_sent_and_tells_from_where(void **state)
{
    struct vtb_addr any = loopback(0), to;
    struct vtb_udp *a, *b;
    struct vtb_udp_datagram in[VTB_UDP_BATCH];
    size_t got = 0, dropped, sent;
    (void)state;

    assert_int_equal(vtb_udp_open(&any, 1, 0, &a), VTB_OK);
    assert_int_equal(vtb_udp_open(&any, 1, 0, &b), VTB_OK);
    to = loopback(vtb_udp_port(b));
    for (uint8_t i = 0; i < 150; i++) { /* more than two batches */
        memset(vtb_udp_slot(a, 0), i, i + 1u);
        vtb_udp_commit(a, 0, &to, i + 1u);
    }
    sent = vtb_udp_flush(a);
    assert_int_equal(sent, 150);
    assert_int_equal(vtb_udp_flush(a), 0);
    while (got < sent) {
        size_t n = receive(b, in, &dropped);

        assert_int_equal(dropped, 0);
        for (size_t i = 0; i < n; i++, got++) {
            assert_int_equal(in[i].len, got + 1);
            assert_int_equal(in[i].data[got], got);
            assert_int_equal(in[i].from.port, vtb_udp_port(a));
        }
    }
    vtb_udp_close(a);
    vtb_udp_close(b);
}

static void a_datagram_over_1500_bytes_is_dropped(void **state)
{
    struct vtb_addr any = loopback(0), to;
    struct vtb_udp *a, *b;
    struct vtb_udp_datagram in[VTB_UDP_BATCH];
    uint8_t data[1501] = { 0 };
    size_t dropped;
    (void)state;

    assert_int_equal(vtb_udp_open(&any, 1, 0, &a), VTB_OK);
    assert_int_equal(vtb_udp_open(&any, 1, 0, &b), VTB_OK);
    to = loopback(vtb_udp_port(b));
    assert_true(vtb_udp_send_one(vtb_udp_fd(a, 0), &to, data, 1501));
    assert_int_equal(receive(b, in, &dropped), 0);
    assert_int_equal(dropped, 1);
    assert_true(vtb_udp_send_one(vtb_udp_fd(a, 0), &to, data, 1500));
    assert_int_equal(receive(b, in, &dropped), 1);
    vtb_udp_close(a);
    vtb_udp_close(b);
}

static void all_addresses_share_one_port_and_an_unreachable_one_costs_only_itself(void **state)
{
    struct vtb_addr addresses[2] = { loopback(0), loopback(0) }, nowhere, to;
    struct vtb_udp *udp, *other;
    struct vtb_udp_datagram in[VTB_UDP_BATCH];
    size_t dropped;
    (void)state;

    addresses[1].ip[3] = 2; /* 127.0.0.2 */
    assert_int_equal(vtb_udp_open(addresses, 2, 0, &udp), VTB_OK);
    assert_int_equal(vtb_udp_sockets(udp), 2);
    assert_true(vtb_udp_port(udp) != 0);
    assert_int_equal(vtb_udp_fd(udp, 2), -1);
    assert_null(vtb_udp_slot(udp, 2));
    assert_int_equal(vtb_udp_open(addresses, 2, vtb_udp_port(udp), &other), VTB_SYS); /* taken */
    assert_int_equal(vtb_udp_open(addresses, 0, 0, &other), VTB_LIMIT);
    assert_int_equal(vtb_udp_open(addresses, 5, 0, &other), VTB_LIMIT);

    assert_int_equal(vtb_udp_open(addresses, 1, 0, &other), VTB_OK);
    assert_int_equal(vtb_addr_parse("203.0.113.1", 9, &nowhere), VTB_OK); /* not from loopback */
    to = loopback(vtb_udp_port(other));
    memcpy(vtb_udp_slot(udp, 0), "a", 1);
    vtb_udp_commit(udp, 0, &nowhere, 1);
    memcpy(vtb_udp_slot(udp, 0), "b", 1);
    vtb_udp_commit(udp, 0, &to, 1);
    (void)vtb_udp_flush(udp);
    assert_int_equal(receive(other, in, &dropped), 1);
    assert_int_equal(in[0].data[0], 'b');
    vtb_udp_close(udp);
    vtb_udp_close(other);
}

static void this_machine_knows_its_own_addresses(void **state)
{
    struct vtb_udp_own *own = calloc(1, sizeof *own);
    struct vtb_addr addr = loopback(1);
    (void)state;

    vtb_udp_own_refresh(own);
    assert_true(own->n >= 1);
    assert_true(vtb_udp_own_has(own, &addr));
    for (size_t i = 0; i < own->n; i++)
        assert_true(vtb_udp_own_has(own, &own->addresses[i]));
    assert_int_equal(vtb_addr_parse("203.0.113.1", 9, &addr), VTB_OK);
    assert_false(vtb_udp_own_has(own, &addr));
    free(own);
}

static void a_mapped_address_is_the_address_it_maps(void **state)
{
    struct vtb_addr plain, mapped, six;
    struct sockaddr_storage name;
    char text[VTB_ADDR_TEXT];
    (void)state;

    assert_int_equal(vtb_addr_parse("192.0.2.7", 5, &plain), VTB_OK);
    assert_int_equal(vtb_addr_parse("::ffff:192.0.2.7", 5, &mapped), VTB_OK);
    assert_true(vtb_addr_is(&plain, &mapped));
    assert_int_equal(vtb_addr_parse("2001:db8::1", 5, &six), VTB_OK);
    (void)vtb_addr_to_socket(&six, &name);
    assert_int_equal(vtb_addr_from_socket(&name, &mapped), VTB_OK);
    assert_true(vtb_addr_is(&six, &mapped));
    vtb_addr_write(&six, text);
    assert_string_equal(text, "2001:db8::1");
    assert_int_equal(vtb_addr_parse("example.org", 5, &six), VTB_PARSE);
    assert_int_equal(vtb_addr_parse("", 5, &six), VTB_PARSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_arrives_as_it_was_sent_and_tells_from_where),
        cmocka_unit_test(a_datagram_over_1500_bytes_is_dropped),
        cmocka_unit_test(all_addresses_share_one_port_and_an_unreachable_one_costs_only_itself),
        cmocka_unit_test(this_machine_knows_its_own_addresses),
        cmocka_unit_test(a_mapped_address_is_the_address_it_maps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
