/* A line's packets, read back by readers that share nothing with its writers. */
#include "line.h"

#include "audio/encode.h"
#include "base/id.h"
#include "rtc/red.h"
#include "rtc/rtp.h"

#include <math.h>
#include <opus.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define FRAME VTB_MIX_FRAME
#define TICKS 300u

static struct vtb_shelf shelf;
static struct vtb_line lines[VTB_RUNGS];

struct frame {
    size_t len;
    uint8_t bytes[VTB_ENCODE_MAX];
};

static struct frame frames[TICKS]; /* what a stream made: a voice-like sound, 16 kbit/s */

static int load(void **state)
{
    struct vtb_encode *encode;
    double phase = 0;
    (void)state;

    if (vtb_encode_create(16000, 5, &encode))
        return -1;
    for (uint32_t t = 0; t < TICKS; t++) {
        float pcm[FRAME];
        const uint8_t *bytes;

        for (uint32_t i = 0; i < FRAME; i++) {
            phase += 2 * 3.14159265358979 * (140 + 40 * sin((double)t / 9)) / 48000;
            pcm[i] = (float)(0.2 * (sin(phase) + 0.5 * sin(3 * phase) + 0.3 * sin(7 * phase)));
        }
        bytes = vtb_encode_step(encode, pcm, &frames[t].len);
        memcpy(frames[t].bytes, bytes, frames[t].len);
    }
    vtb_encode_destroy(encode);
    return 0;
}

static void feed(struct vtb_line *line, uint32_t tick, const struct frame *frame)
{
    struct vtb_mix_payload payload = { .payload = frame ? frame->bytes : NULL,
                                       .len = frame ? frame->len : 0, .silent = !frame };

    vtb_line_feed(line, &shelf, &payload, tick);
}

static const uint8_t *bytes_of(const struct vtb_line_packet *packet)
{
    const uint8_t *bytes = vtb_shelf_at(&shelf, packet->pos, packet->len);

    assert_non_null(bytes);
    return bytes;
}

/* Each rung's packets are decoded by libopus: the same sound, sample by sample, as frame by frame. */
static void joined_packets_are_the_same_sound(void **state)
{
    static float one[TICKS * FRAME], joined[TICKS * FRAME];
    OpusDecoder *a = opus_decoder_create(48000, 1, NULL), *b = opus_decoder_create(48000, 1, NULL);
    uint32_t packets = 0, at = 0;
    (void)state;

    for (uint8_t phase = 0; phase < 3; phase++) {
        assert_int_equal(opus_decoder_ctl(a, OPUS_RESET_STATE), OPUS_OK);
        assert_int_equal(opus_decoder_ctl(b, OPUS_RESET_STATE), OPUS_OK);
        vtb_line_init(&lines[0], VTB_RUNG_LEAN, phase);
        at = packets = 0;
        for (uint32_t t = 0; t < TICKS; t++) {
            assert_int_equal(opus_decode_float(a, frames[t].bytes, (opus_int32)frames[t].len,
                                               one + t * FRAME, FRAME, 0), FRAME);
            feed(&lines[0], t, &frames[t]);
            for (uint32_t i = 0; i < lines[0].packets_n; i++, packets++) {
                const struct vtb_line_packet *packet = &lines[0].packets[i];
                int n = opus_decode_float(b, bytes_of(packet), packet->len, joined + at, 2880, 0);

                assert_true(n > 0 && n <= 2880);
                assert_int_equal(at, (t - packet->back) * FRAME); /* nothing left out */
                at += (uint32_t)n;
            }
        }
        assert_true(packets <= TICKS / 3 + 6); /* modes change seldom */
        assert_memory_equal(one, joined, at * sizeof one[0]);
    }
    opus_decoder_destroy(a);
    opus_decoder_destroy(b);
}

static void copies_are_what_was_sent_before_and_keep_the_limits(void **state)
{
    static const enum vtb_rung_name names[] = { VTB_RUNG_RED, VTB_RUNG_LEAN_RED };
    (void)state;

    for (size_t k = 0; k < 2; k++) {
        const struct vtb_rung *rung = vtb_rung_of(names[k]);
        struct frame sent[TICKS]; /* by the tick at which it began */
        uint32_t copies = 0;

        memset(sent, 0, sizeof sent);
        vtb_line_init(&lines[0], names[k], 0);
        for (uint32_t t = 0; t < TICKS; t++) {
            bool silent = t / 40 % 4 == 3; /* pauses of 0.8 s */

            feed(&lines[0], t, silent ? NULL : &frames[t]);
            for (uint32_t i = 0; i < lines[0].packets_n; i++) {
                const struct vtb_line_packet *packet = &lines[0].packets[i];
                const uint8_t *bytes = bytes_of(packet);
                struct frame *own = &sent[t - packet->back];
                struct vtb_red red;

                own->len = packet->len - (size_t)packet->plain;
                memcpy(own->bytes, bytes + packet->plain, own->len);
                if (!packet->plain)
                    continue;
                assert_int_equal(vtb_red_parse(bytes, packet->len, VTB_RTP_OPUS, &red), VTB_OK);
                assert_int_equal(red.n, 1 + rung->copies);
                assert_memory_equal(red.blocks[red.n - 1].payload, own->bytes, own->len);
                assert_true(red.blocks[0].offset <= 16383 && red.blocks[0].len < 1024);
                assert_true(red.blocks[0].offset / FRAME <= VTB_LINE_REACH);

                const struct frame *copied = &sent[t - packet->back - red.blocks[0].offset / FRAME];

                assert_int_equal(red.blocks[0].len, copied->len);
                assert_memory_equal(red.blocks[0].payload, copied->bytes, copied->len);
                copies++;
            }
        }
        assert_true(copies >= TICKS / rung->frames / 2);
    }
}

static void a_pause_lets_out_what_waits_and_skipped_ticks_forget_it(void **state)
{
    (void)state;
    vtb_line_init(&lines[0], VTB_RUNG_LEAN, 0);
    feed(&lines[0], 3, &frames[0]);
    feed(&lines[0], 4, NULL);
    assert_int_equal(lines[0].packets_n, 1);
    assert_int_equal(lines[0].packets[0].back, 1);
    assert_true(lines[0].silent);
    feed(&lines[0], 6, &frames[1]);
    feed(&lines[0], 100, &frames[2]); /* the worker stood still */
    feed(&lines[0], 101, &frames[3]);
    assert_int_equal(lines[0].packets_n, 1);
    assert_int_equal(lines[0].packets[0].back, 1);
    assert_int_equal(opus_packet_get_nb_samples(bytes_of(&lines[0].packets[0]),
                                                lines[0].packets[0].len, 48000), 1920);
}

/* Frames of any length and kind: never out of bounds, nothing lost but what cannot be sent. */
static void hostile_frames_stay_within_bounds(void **state)
{
    static struct frame any;
    (void)state;

    for (uint32_t r = 0; r < VTB_RUNGS; r++)
        vtb_line_init(&lines[r], r, 0);
    for (uint32_t t = 0; t < 3000; t++) {
        uint16_t len;

        vtb_random(&len, sizeof len);
        any.len = 1 + len % VTB_ENCODE_MAX;
        vtb_random(any.bytes, any.len);
        any.bytes[0] &= 0xfc; /* one frame, as an encoder makes them */
        for (uint32_t r = 0; r < VTB_RUNGS; r++) {
            feed(&lines[r], t, len % 7 ? &any : NULL);
            for (uint32_t i = 0; i < lines[r].packets_n; i++) {
                assert_true(lines[r].packets[i].len <= VTB_SHELF_PAYLOAD);
                assert_true(lines[r].packets[i].back < 3);
            }
        }
    }
}

static void the_shelf_forgets_the_oldest_and_never_lies(void **state)
{
    uint32_t first;
    (void)state;

    memset(&shelf, 0, sizeof shelf);
    memcpy(vtb_shelf_slot(&shelf), "first", 5);
    first = vtb_shelf_keep(&shelf, 5);
    for (uint32_t i = 0; vtb_shelf_at(&shelf, first, 5); i++) {
        uint8_t *slot = vtb_shelf_slot(&shelf);

        assert_true(i < 200);
        memset(slot, 0xee, VTB_SHELF_PAYLOAD);
        if (vtb_shelf_at(&shelf, first, 5))
            assert_memory_equal(vtb_shelf_at(&shelf, first, 5), "first", 5);
        (void)vtb_shelf_keep(&shelf, 1000);
    }
    assert_true(shelf.written > VTB_SHELF_BYTES - 4000); /* not much sooner than it must */
    assert_null(vtb_shelf_at(&shelf, shelf.written, 1)); /* of the future */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joined_packets_are_the_same_sound),
        cmocka_unit_test(copies_are_what_was_sent_before_and_keep_the_limits),
        cmocka_unit_test(a_pause_lets_out_what_waits_and_skipped_ticks_forget_it),
        cmocka_unit_test(hostile_frames_stay_within_bounds),
        cmocka_unit_test(the_shelf_forgets_the_oldest_and_never_lies),
    };

    return cmocka_run_group_tests(tests, load, NULL);
}
