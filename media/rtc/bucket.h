/*
 * bucket.h - token buckets by source address: how much work a source may cause.
 *
 * A fixed table; addresses that hash alike share a bucket. Thread: one. No clock inside.
 */
#ifndef VTB_RTC_BUCKET_H
#define VTB_RTC_BUCKET_H

#include "base/err.h"
#include "rtc/addr.h"

#define VTB_BUCKETS          1024u
#define VTB_BUCKET_PER_S     2000u /* a hospital behind one address: 400 peers joining at once */
#define VTB_BUCKET_BURST     4000u

struct vtb_buckets {
    uint64_t key;
    struct {
        uint64_t since_us; /* when `tokens` was right */
        uint32_t tokens;
        bool used;
    } of[VTB_BUCKETS];
};

void vtb_buckets_init(struct vtb_buckets *buckets);
bool vtb_buckets_take(struct vtb_buckets *buckets, const struct vtb_addr *from, uint64_t now_us);

#endif
