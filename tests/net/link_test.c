/* What a link decides: that its losses are as many and as bunched as told, that it is as slow as told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "link.h"
#include "tun.h"

#define PACKETS 200000u

static struct link_way with(const char *words)
{
    struct link_way way;

    link_init(&way, 42);
    assert_true(link_obey(&way, 0, words));
    return way;
}

static void shares(const char *words, double *lost, double *burst)
{
    struct link_way way = with(words);
    unsigned bursts = 0;
    bool before = false;

    for (unsigned i = 0; i < PACKETS; i++) {
        bool is_lost = link_take(&way, i * 20000ull, 100, true) == LINK_LOST;

        bursts += is_lost && !before;
        before = is_lost;
    }
    assert_int_equal(way.lost + way.passed, PACKETS);
    *lost = (double)way.lost / PACKETS;
    *burst = bursts ? (double)way.lost / bursts : 0.0;
}

static void losses_are_as_many_as_told_and_independent(void **state)
{
    double lost, burst;

    (void)state;
    for (double p = 0.05; p < 0.25; p += 0.05) {
        char words[32];

        snprintf(words, sizeof words, "loss %g", p);
        shares(words, &lost, &burst);
        assert_true(fabs(lost - p) < 0.004);
        assert_true(fabs(burst - 1.0 / (1.0 - p)) < 0.03); /* what chance alone bunches */
    }
    shares("loss 0", &lost, &burst);
    assert_true(lost == 0.0);
    shares("loss 1", &lost, &burst);
    assert_true(lost == 1.0);
}

static void bursts_are_as_long_as_told(void **state)
{
    double lost, burst;

    (void)state;
    shares("burst 0.1 3", &lost, &burst);
    assert_true(fabs(lost - 0.1) < 0.005);
    assert_true(fabs(burst - 3.0) < 0.1);
    shares("burst 0.2 5", &lost, &burst);
    assert_true(fabs(lost - 0.2) < 0.01);
    assert_true(fabs(burst - 5.0) < 0.2);
}

static void the_same_seed_decides_the_same(void **state)
{
    struct link_way a = with("burst 0.1 3"), b = with("burst 0.1 3"), c;
    unsigned differ = 0;

    (void)state;
    link_init(&c, 43);
    assert_true(link_obey(&c, 0, "burst 0.1 3"));
    for (unsigned i = 0; i < 2000; i++) {
        uint64_t is = link_take(&a, i, 100, true);

        assert_true(is == link_take(&b, i, 100, true));
        differ += (is == LINK_LOST) != (link_take(&c, i, 100, true) == LINK_LOST);
    }
    assert_true(differ > 100);
}

static void delay_varies_as_told_and_nobody_overtakes(void **state)
{
    struct link_way way = with("delay 300 80");
    uint64_t last = 0, least = UINT64_MAX, most = 0;

    (void)state;
    for (unsigned i = 0; i < 5000; i++) {
        uint64_t now = i * 20000ull, at = link_take(&way, now, 100, true);

        assert_true(at >= last);
        last = at;
        least = at - now < least ? at - now : least;
        most = at - now > most ? at - now : most;
    }
    assert_true(most <= 380000 && most > 375000);
    assert_true(least >= 220000 && least < 260000);
    assert_true(link_obey(&way, 0, "order off"));
    for (unsigned i = 5000, before = 0; i < 10000 && !before; i++) {
        uint64_t at = link_take(&way, i * 20000ull, 100, true);

        before = at < last;
        last = at;
        assert_true(i < 9999);
    }
}

static void a_slow_sender_queues_and_then_drops(void **state)
{
    struct link_way way = with("rate 64000 2000"); /* 8 kB a second: 100 bytes take 12.5 ms */
    uint64_t at;

    (void)state;
    assert_int_equal(link_take(&way, 1000000, 100, true), 1012500);
    assert_int_equal(link_take(&way, 1000000, 100, true), 1025000);
    for (int i = 0; i < 18; i++)
        assert_true(link_take(&way, 1000000, 100, true) != LINK_LOST);
    assert_int_equal(link_take(&way, 1000000, 100, true), LINK_LOST); /* 2000 bytes wait */
    assert_int_equal(way.full, 1);
    at = link_take(&way, 1300000, 100, true); /* they are gone by now */
    assert_int_equal(at, 1312500);
}

static void what_a_stall_held_leaves_at_its_end(void **state)
{
    struct link_way way = with("delay 10");

    (void)state;
    assert_int_equal(link_take(&way, 0, 100, true), 10000);
    assert_true(link_obey(&way, 20000, "stall 2000"));
    assert_int_equal(link_take(&way, 40000, 100, true), 2020000);
    assert_int_equal(link_take(&way, 1900000, 100, true), 2020000);
    assert_int_equal(link_take(&way, 2040000, 100, true), 2050000);
    assert_int_equal(way.passed, 4);
}

static void udp_is_dropped_and_the_rest_passes(void **state)
{
    struct link_way way = with("udp off");

    (void)state;
    assert_int_equal(link_take(&way, 5, 100, true), LINK_LOST);
    assert_int_equal(link_take(&way, 5, 100, false), 5);
    assert_true(link_obey(&way, 5, "udp on"));
    assert_int_equal(link_take(&way, 6, 100, true), 6);
    assert_int_equal(way.refused, 1);
}

static void commands_out_of_range_change_nothing(void **state)
{
    static const char *const bad[] = { "", "loss", "loss 1.1", "loss -1", "burst 0.1", "burst 1 3", "burst 0.1 0.5",
        "delay 10 20", "delay -1", "rate 10", "stall -5", "udp", "udp maybe", "order x", "nonsense 1", "clear 1" };
    struct link_way way = with("burst 0.1 3"), before = way;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(link_obey(&way, 7, bad[i]));
        assert_memory_equal(&way, &before, sizeof way);
    }
    assert_true(link_obey(&way, 7, "clear"));
    assert_true(way.rule.loss == 0.0);
}

static uint16_t sum_of(const uint8_t *at, size_t len, uint32_t sum)
{
    for (size_t i = 0; i < len; i += 2)
        sum += (uint32_t)at[i] << 8 | (i + 1 < len ? at[i + 1] : 0);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void a_rewritten_packet_still_adds_up(void **state)
{
    uint8_t p[33] = { 0x45, 0, 0, 33, 1, 2, 0, 0, 64, 17, 0, 0, 198, 18, 3, 2, 192, 0, 2, 1, /* UDP: */ 0x9c, 0x40, 1, 0xbb, 0, 13, 0, 0,
                      'h', 'e', 'l', 'l', 'o' };
    uint32_t pseudo;
    uint16_t sum = sum_of(p, 20, 0);

    (void)state;
    p[10] = (uint8_t)(sum >> 8), p[11] = (uint8_t)sum;
    pseudo = 198 * 256 + 18 + 3 * 256 + 2 + 192 * 256 + 2 * 256 + 1 + 17 + 13;
    sum = sum_of(p + 20, 13, pseudo);
    p[26] = (uint8_t)(sum >> 8), p[27] = (uint8_t)sum;
    tun_rewrite(p, sizeof p, false, 3, 77);
    assert_int_equal(p[15], 77);
    assert_int_equal(sum_of(p, 20, 0), 0);
    assert_int_equal(sum_of(p + 20, 13, pseudo + 75), 0);
    assert_true(link_is_udp(p, sizeof p));
    assert_false(link_is_udp(p, 19));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losses_are_as_many_as_told_and_independent),
        cmocka_unit_test(bursts_are_as_long_as_told),
        cmocka_unit_test(the_same_seed_decides_the_same),
        cmocka_unit_test(delay_varies_as_told_and_nobody_overtakes),
        cmocka_unit_test(a_slow_sender_queues_and_then_drops),
        cmocka_unit_test(what_a_stall_held_leaves_at_its_end),
        cmocka_unit_test(udp_is_dropped_and_the_rest_passes),
        cmocka_unit_test(commands_out_of_range_change_nothing),
        cmocka_unit_test(a_rewritten_packet_still_adds_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
