/* cast.h - the three who speak in tests of rooms: their voices, read once a program (cmocka's group setup and teardown). */
#ifndef TESTS_CAST_H
#define TESTS_CAST_H

#include "hear.h"

extern struct hear anna, ben, cleo;

int cast_load(void **state);
int cast_unload(void **state);

#endif
