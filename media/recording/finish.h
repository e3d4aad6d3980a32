/*
 * finish.h - makes the whole file of a live one: index in front, sealed in chunks, the live one destroyed.
 *
 * Used at the end of a recording and after a crash alike; can be repeated at any point it was cut off
 * at: the whole file has its name only when it is durable, and the live one goes after that.
 *
 * Thread: any, one recording once. Blocks: on the disk.
 */
#ifndef VTB_RECORDING_FINISH_H
#define VTB_RECORDING_FINISH_H

#include "recordings.h"

/* If the whole file is there already, only reads it. ABSENT: no file, or not a frame in it (then it
 * is gone); DENIED, CORRUPT, SYS, NOMEM: the live file stays as it is. */
VTB_MUST_USE enum vtb_err vtb_finish(const char *dir, const uint8_t key[static VTB_RECORDING_KEY], struct vtb_id id,
                                     struct vtb_recording_info *out, uint8_t digest[static VTB_RECORDING_DIGEST]);

#endif
