#include "trace.h"

#include <string.h>

#define HEAD 18u

enum vtb_err vtb_trace_write(FILE *file, const struct vtb_heard *heard)
{
    uint8_t head[HEAD] = { 0 };
    uint16_t len = (uint16_t)(heard->len < VTB_CLIENT_PAYLOAD ? heard->len : VTB_CLIENT_PAYLOAD);

    memcpy(head, &heard->at_us, 8);
    memcpy(head + 8, &heard->timestamp, 4);
    memcpy(head + 12, &heard->seq, 2);
    head[14] = heard->type;
    memcpy(head + 16, &len, 2);
    return fwrite(head, HEAD, 1, file) == 1 && fwrite(heard->payload, 1, len, file) == len ? VTB_OK : VTB_SYS;
}

enum vtb_err vtb_trace_read(FILE *file, uint8_t *buffer, struct vtb_heard *out)
{
    uint8_t head[HEAD];
    uint16_t len;
    size_t n = fread(head, 1, HEAD, file);

    if (n == 0)
        return VTB_ABSENT;
    if (n != HEAD)
        return VTB_PARSE;
    *out = (struct vtb_heard){ .type = head[14], .payload = buffer };
    memcpy(&out->at_us, head, 8);
    memcpy(&out->timestamp, head + 8, 4);
    memcpy(&out->seq, head + 12, 2);
    memcpy(&len, head + 16, 2);
    out->len = len;
    return len <= VTB_CLIENT_PAYLOAD && fread(buffer, 1, len, file) == len ? VTB_OK : VTB_PARSE;
}
