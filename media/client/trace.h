/*
 * trace.h - what arrived, packet by packet, in a file: to be played and judged afterwards.
 *
 * Each entry: 8 bytes arrival (monotonic us), 4 timestamp, 2 sequence number, 1 payload type, 1 zero,
 * 2 length, in this machine's order; then the payload. For the machine that wrote it.
 *
 * Thread: the owner's. Blocks: on the disk.
 */
#ifndef VTB_MEDIACLIENT_TRACE_H
#define VTB_MEDIACLIENT_TRACE_H

#include "client.h"

#include <stdio.h>

/* SYS: the disk said no. */
VTB_MUST_USE enum vtb_err vtb_trace_write(FILE *file, const struct vtb_heard *heard);

/* The next entry; `buffer` (VTB_CLIENT_PAYLOAD) holds its payload. ABSENT: the end; PARSE: cut off. */
VTB_MUST_USE enum vtb_err vtb_trace_read(FILE *file, uint8_t *buffer, struct vtb_heard *out);

#endif
