/* throttle.c - five tries, then one a minute, doubling to a quarter of an hour. */
#include "identity/identity.h"

#include <stdlib.h>

#define SUBJECTS    4096
#define FREE_TRIES  5
#define FIRST_US    (UINT64_C(60) * 1000000)
#define LONGEST_US  (UINT64_C(900) * 1000000)
#define FORGET_US   (UINT64_C(24) * 3600 * 1000000)

struct subject {
    struct vtb_id id;
    uint64_t tried_us;
    uint32_t failures; /* 0: the slot is free */
};

struct vtb_throttle {
    struct subject subjects[SUBJECTS];
};

enum vtb_err vtb_throttle_create(struct vtb_throttle **out)
{
    struct vtb_throttle *throttle = calloc(1, sizeof *throttle);

    if (!throttle)
        return VTB_NOMEM;
    *out = throttle;
    return VTB_OK;
}

void vtb_throttle_destroy(struct vtb_throttle *throttle)
{
    free(throttle);
}

static const struct subject *find(const struct vtb_throttle *throttle, struct vtb_id id)
{
    for (size_t i = 0; i < SUBJECTS; i++)
        if (throttle->subjects[i].failures && vtb_id_is(throttle->subjects[i].id, id))
            return &throttle->subjects[i];
    return NULL;
}

static uint64_t wait_us(const struct subject *subject)
{
    uint64_t wait = FIRST_US;

    if (subject->failures < FREE_TRIES)
        return 0;
    for (uint32_t n = FREE_TRIES; n < subject->failures && wait < LONGEST_US; n++)
        wait *= 2;
    return wait < LONGEST_US ? wait : LONGEST_US;
}

/* A flood of made-up names has one failure each, so it never pushes out who is being attacked. */
static struct subject *make_room(struct vtb_throttle *throttle)
{
    struct subject *least = &throttle->subjects[0];

    for (size_t i = 0; i < SUBJECTS && least->failures; i++) {
        struct subject *one = &throttle->subjects[i];

        if (one->failures < least->failures ||
            (one->failures == least->failures && one->tried_us < least->tried_us))
            least = one;
    }
    *least = (struct subject){ 0 };
    return least;
}

enum vtb_err vtb_throttle_try(struct vtb_throttle *throttle, struct vtb_id id, uint64_t mono_us)
{
    struct subject *subject = (struct subject *)find(throttle, id);

    if (!subject) {
        subject = make_room(throttle);
        subject->id = id;
    } else if (mono_us - subject->tried_us >= FORGET_US) {
        subject->failures = 0;
    } else if (mono_us - subject->tried_us < wait_us(subject)) {
        return VTB_AGAIN;
    }
    subject->failures++;
    subject->tried_us = mono_us;
    return VTB_OK;
}

void vtb_throttle_good(struct vtb_throttle *throttle, struct vtb_id id)
{
    struct subject *subject = (struct subject *)find(throttle, id);

    if (subject)
        *subject = (struct subject){ 0 };
}

int64_t vtb_throttle_wait_s(const struct vtb_throttle *throttle, struct vtb_id id, uint64_t mono_us)
{
    const struct subject *subject = find(throttle, id);
    uint64_t wait = subject ? wait_us(subject) : 0;

    if (!wait || mono_us - subject->tried_us >= wait)
        return 0;
    return (int64_t)((wait - (mono_us - subject->tried_us) + 999999) / 1000000);
}
