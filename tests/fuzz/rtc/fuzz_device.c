/* Any text as a device's offer and as an ICE fragment. What is accepted is whole, and its answer is SDP in lines. */
#include "rtc/sdp_device.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Nothing of theirs breaks out of its line, and no line is theirs alone. */
static void must_be_an_answer(const struct vtb_sdp_device *device, const char *text, size_t len)
{
    size_t sections = 0, taken = 0;

    must(len <= VTB_SDP_MAX && strlen(text) == len && memcmp(text, "v=0\r\n", 5) == 0);
    for (const char *line = text; *line; line = strstr(line, "\r\n") + 2) {
        must(line[1] == '=' && strstr(line, "\r\n"));
        sections += line[0] == 'm';
        taken += line[0] == 'm' && memcmp(line, "m=audio ", 8) == 0 && line[8] != '0';
    }
    must(sections == device->sections_n && taken == 1);
}

static void answer(const struct vtb_sdp_device *device)
{
    struct vtb_sdp_local local = { .session = 1, .candidates_n = 1, .ufrag = "abcdefghijklm",
                                   .pwd = "abcdefghijklmnopqrstuvwx", .ssrc = 7, .sends = true };
    static char out[VTB_SDP_MAX + 1];
    size_t len;

    must(vtb_addr_parse("192.0.2.1", 443, &local.candidates[0]) == VTB_OK);
    if (vtb_sdp_write_device(device, &local, out, &len) == VTB_OK)
        must_be_an_answer(device, out, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *copy = malloc(len ? len : 1); /* exact size: a read past the end is seen */
    struct vtb_sdp_device device;
    struct vtb_sdp_fragment fragment;

    if (!copy)
        return 0;
    if (len)
        memcpy(copy, data, len);
    if (!vtb_sdp_read_device(copy, len, &device)) {
        must(device.sections_n >= 1 && device.sections_n <= VTB_SDP_SECTIONS && device.audio < device.sections_n &&
             device.opus < 128 && strnlen(device.ufrag, sizeof device.ufrag) >= 4 &&
             strnlen(device.pwd, sizeof device.pwd) >= 22);
        answer(&device);
    }
    if (!vtb_sdp_read_fragment(copy, len, &fragment))
        must(strnlen(fragment.ufrag, sizeof fragment.ufrag) <= VTB_STUN_ICE_CHARS);
    free(copy);
    return 0;
}
