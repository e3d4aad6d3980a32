/*
 * reader.h - the parts of reader.c that are not for server/.
 * Thread, errors: as recordings.h.
 */
#ifndef VTB_RECORDING_READER_H
#define VTB_RECORDING_READER_H

#include "recordings.h"

/* An open sealed file, under whatever name; the fd is taken, always. For tests and the fuzzer. */
VTB_MUST_USE enum vtb_err vtb_recording_take_fd(int take_fd, const uint8_t key[static VTB_RECORDING_KEY],
                                                struct vtb_recording **out);
/* Destroys the live file alone, once the whole one is durable. */
VTB_MUST_USE enum vtb_err vtb_recording_drop_live(const char *dir, struct vtb_id id);

#endif
