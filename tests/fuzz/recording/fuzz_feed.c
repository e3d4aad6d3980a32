/* What the export is given on its input: read, and what can be read is drawn at some moments. */
#include "feed.h"
#include "picture.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void draw(const struct vtb_feed *feed)
{
    struct vtb_picture *picture;
    struct vtb_shown shown = vtb_nothing_shown;
    size_t cursor = 0;
    uint8_t *out = malloc(VTB_PICTURE_BYTES);

    if (out && vtb_picture_create(feed, &picture) == VTB_OK) {
        for (uint32_t ms = 0; ms < 3000; ms += 1000) {
            vtb_timeline_at(feed->line, ms, &cursor, &shown);
            if (vtb_picture_draw(picture, &shown, out) != VTB_OK)
                break;
        }
        vtb_picture_destroy(picture);
    }
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct vtb_feed feed;
    int fd = memfd_create("feed", MFD_CLOEXEC);

    if (fd < 0 || write(fd, data, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0)
        abort();
    if (vtb_feed_read(fd, &feed) == VTB_OK) {
        draw(&feed);
        vtb_feed_fini(&feed);
    }
    close(fd);
    return 0;
}
