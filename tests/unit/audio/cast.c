#include "cast.h"

#include <stdlib.h>

struct hear anna, ben, cleo;

int cast_load(void **state)
{
    (void)state;
    anna = hear_voice("anna");
    ben = hear_voice("ben");
    cleo = hear_voice("cleo");
    return 0;
}

int cast_unload(void **state)
{
    (void)state;
    free(anna.at);
    free(ben.at);
    free(cleo.at);
    return 0;
}
