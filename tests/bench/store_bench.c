/*
 * store_bench.c - from append to its callback: percentiles at a steady rate, and flooded.
 *
 *     store_bench FOLDER [seconds]     FOLDER is on the disk to be measured and must not exist
 *
 * Events are plan.set of 400 bytes on eight case streams, sealed and chained as always; the control
 * thread sleeps in poll() between them. Last comes search over 5,000 cases.
 */
#include "base/clock.h"
#include "store/store.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MOST  4000000
#define CASES 5000

static uint32_t *took_us;
static size_t done_n, failed_n;
static int wake_fd;
static char value[400];

static void wake(void *ctx)
{
    const uint64_t one = 1;
    ssize_t n = write(wake_fd, &one, sizeof one);

    (void)ctx;
    (void)n;
}

static void landed(void *ctx, enum vtb_err err, const uint64_t *first_seq)
{
    uint64_t posted_us = (uint64_t)(uintptr_t)ctx;

    (void)first_seq;
    failed_n += err != VTB_OK;
    if (done_n < MOST)
        took_us[done_n++] = (uint32_t)(vtb_mono_us() - posted_us);
}

static struct vtb_id case_of(unsigned n)
{
    struct vtb_id id = { { 2 } };

    memcpy(id.b + 10, &n, sizeof n);
    return id;
}

static enum vtb_err post(struct vtb_store *store, unsigned n)
{
    struct vtb_event event = { .kind = VTB_EVENT_PLAN_SET, .at_us = vtb_wall_us(),
        .u.plan_set = { .field = VTB_LIT("reasons"), .version = 1, .value = { value, sizeof value },
                        .name = VTB_LIT("Dr. Scribe") } };
    struct vtb_append part = { case_of(n % 8), VTB_STREAM_CASE, 1, &event, 1 };

    return vtb_store_append(store, part, landed, (void *)(uintptr_t)vtb_mono_us());
}

static void rest(struct vtb_store *store, int ms)
{
    struct pollfd fd = { .fd = wake_fd, .events = POLLIN };
    uint64_t n;

    if (poll(&fd, 1, ms) > 0 && read(wake_fd, &n, sizeof n) < 0)
        return;
    vtb_store_turn(store);
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static void run(struct vtb_store *store, const char *name, unsigned rate, unsigned seconds)
{
    uint64_t from_us = vtb_mono_us(), end_us = from_us + seconds * UINT64_C(1000000);
    uint64_t commits = vtb_store_figures(store).commits;
    unsigned posted = 0;

    done_n = failed_n = 0;
    while (vtb_mono_us() < end_us && posted < MOST) {
        uint64_t due = rate ? (vtb_mono_us() - from_us) * rate / 1000000 : UINT64_MAX;

        while (posted < due && posted < MOST && post(store, posted) == VTB_OK)
            posted++;
        rest(store, rate ? 1 : 0);
    }
    while (vtb_store_figures(store).waiting)
        rest(store, 10);
    double took_s = (double)(vtb_mono_us() - from_us) / 1e6;
    qsort(took_us, done_n, sizeof took_us[0], by_size);
    printf("%-10s %9.0f events/s  p50 %7.2f ms  p99 %7.2f ms  max %7.2f ms  %6.0f commits/s  %zu failed\n", name,
           (double)done_n / took_s, took_us[done_n / 2] / 1e3, took_us[done_n * 99 / 100] / 1e3,
           took_us[done_n - 1] / 1e3, (double)(vtb_store_figures(store).commits - commits) / took_s, failed_n);
}

/* ---- search ---- */

static bool found;

static void answered(void *ctx, enum vtb_err err, json_t *answer)
{
    (void)ctx;
    found = true;
    if (err)
        printf("search: %s\n", vtb_err_name(err));
    else
        printf("search     total %" JSON_INTEGER_FORMAT " hidden %" JSON_INTEGER_FORMAT,
               json_integer_value(json_object_get(answer, "total")),
               json_integer_value(json_object_get(answer, "hidden")));
}

static void search(struct vtb_store *store)
{
    static const char *const names[] = { "Marta", "Otto", "Wanda", "Emil", "Klara", "Jonas", "Ida" };
    struct vtb_id person = { { 7 } };
    char text[VTB_ID_TEXT], name[64];

    for (unsigned n = 0; n < CASES; n++) {
        struct vtb_event event = { .kind = VTB_EVENT_CASE_SAVED, .at_us = vtb_wall_us(),
            .u.case_saved = { .version = 1, .by = person, .record = {
                .birth_date = VTB_LIT("1957-03-02"), .local_id = VTB_LIT("MR-1"),
                .diagnosis = VTB_LIT("Adenocarcinoma of the lung"), .ecog = 1,
                .question = VTB_LIT("Resection before systemic therapy?"),
                .referrer = n % 2 ? person : (struct vtb_id){ { 8 } } } } };

        snprintf(name, sizeof name, "%s Quint%u", names[n % VTB_COUNT(names)], n);
        event.u.case_saved.record.name = vtb_str_of(name);
        struct vtb_append part = { case_of(1000 + n), VTB_STREAM_CASE, 1, &event, 1 };
        while (vtb_store_append(store, part, landed, (void *)(uintptr_t)vtb_mono_us()) == VTB_AGAIN)
            rest(store, 10);
    }
    while (vtb_store_figures(store).waiting)
        rest(store, 10);
    vtb_id_write(person, text);
    uint64_t from_us = vtb_mono_us();
    json_t *params = json_pack("{s:s, s:s, s:i, s:i}", "person", text, "q", "marta adeno", "page", 0, "now_us", 0);
    if (vtb_store_ask(store, VTB_FIND_SEARCH, params, answered, NULL) != VTB_OK)
        return;
    while (!found)
        rest(store, 10);
    printf("  in %.2f ms, of %d cases\n", (double)(vtb_mono_us() - from_us) / 1e3, CASES);
}

int main(int argc, char **argv)
{
    struct vtb_store_config cfg = { .data_dir = argc > 1 ? argv[1] : NULL, .wake = wake };
    unsigned seconds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 5;
    struct vtb_store *store = NULL;

    if (!cfg.data_dir) {
        fprintf(stderr, "usage: store_bench FOLDER [seconds]\n");
        return 2;
    }
    memset(value, 'a', sizeof value);
    wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    took_us = calloc(MOST, sizeof *took_us);
    if (!took_us || wake_fd < 0 || vtb_store_start(&cfg, &store) != VTB_OK) {
        fprintf(stderr, "store_bench: the store did not start\n");
        return 1;
    }
    printf("a sync of this disk takes %u us\n", vtb_store_figures(store).sync_us);
    run(store, "200/s", 200, seconds);
    run(store, "2000/s", 2000, seconds);
    run(store, "flooded", 0, seconds);
    search(store);
    vtb_store_stop(store);
    free(took_us);
    return 0;
}
