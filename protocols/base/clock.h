/*
 * clock.h - the only place that asks the time. Cores get `now_us` from their caller.
 */
#ifndef VTB_BASE_CLOCK_H
#define VTB_BASE_CLOCK_H

#include <stdint.h>

int64_t vtb_wall_us(void);  /* microseconds since 1970, UTC; may jump */
uint64_t vtb_mono_us(void); /* microseconds since some start; never goes back */

#endif
