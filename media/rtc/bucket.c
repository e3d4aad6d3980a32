#include "rtc/bucket.h"

#include "base/id.h"

void vtb_buckets_init(struct vtb_buckets *buckets)
{
    *buckets = (struct vtb_buckets){ .key = 0 };
    vtb_random(&buckets->key, sizeof buckets->key);
}

bool vtb_buckets_take(struct vtb_buckets *buckets, const struct vtb_addr *from, uint64_t now_us)
{
    size_t at = vtb_addr_hash(from, false, buckets->key) % VTB_BUCKETS;

    if (!buckets->of[at].used) {
        buckets->of[at].used = true;
        buckets->of[at].tokens = VTB_BUCKET_BURST;
        buckets->of[at].since_us = now_us;
    }
    uint64_t gained = (now_us - buckets->of[at].since_us) * VTB_BUCKET_PER_S / 1000000;

    if (gained) { /* whole tokens only, so that slow refills are not rounded away */
        uint64_t tokens = buckets->of[at].tokens + gained;

        buckets->of[at].tokens = tokens < VTB_BUCKET_BURST ? (uint32_t)tokens : VTB_BUCKET_BURST;
        buckets->of[at].since_us += gained * 1000000 / VTB_BUCKET_PER_S;
    }
    if (buckets->of[at].tokens == 0)
        return false;
    buckets->of[at].tokens--;
    return true;
}
