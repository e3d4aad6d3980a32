/* Whatever happens to a sealed file: refused, or true. See README.md. */
#include "recording/file.h"
#include "recording/reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLAIN (2 * VTB_SEAL_CHUNK + 1000)
#define ROOM  (VTB_SEAL_HEADER + 4 * (VTB_SEAL_CHUNK + VTB_SEAL_TAG))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static uint8_t key[VTB_RECORDING_KEY], plain[PLAIN], good[ROOM];
static size_t good_len;

static void make_good(void)
{
    char dir[] = "/tmp/vtb-sealed-XXXXXX", path[VTB_FILE_PATH];
    struct vtb_seal_about about = { .id = vtb_id_make(1), .kind = VTB_SEAL_WHOLE, .plain_bytes = PLAIN };
    struct vtb_whole_file *file;
    int fd;

    for (size_t i = 0; i < PLAIN; i++)
        plain[i] = (uint8_t)(i * 7 + i / 251);
    if (!mkdtemp(dir) || vtb_whole_file_create(dir, key, &about, &file) ||
        vtb_whole_file_append(file, plain, PLAIN) || vtb_whole_file_close(file, VTB_OK) ||
        vtb_file_path(dir, about.id, ".rec", path))
        abort();
    fd = open(path, O_RDONLY);
    good_len = (size_t)read(fd, good, sizeof good);
    close(fd);
    unlink(path);
    rmdir(dir);
}

/* Five bytes an act: what, where (two bytes, scaled), and two more. */
static size_t change(uint8_t *bytes, const uint8_t *data, size_t len)
{
    const size_t chunk = VTB_SEAL_CHUNK + VTB_SEAL_TAG;
    size_t now = good_len;

    for (; len >= 5; data += 5, len -= 5) {
        size_t where = ((size_t)data[1] << 8 | data[2]) * now / 65536;
        uint8_t *a = bytes + VTB_SEAL_HEADER + data[3] % 2 * chunk, *b = bytes + VTB_SEAL_HEADER + data[4] % 2 * chunk;

        switch (data[0] % 5) {
        case 0:
            bytes[where < now ? where : 0] ^= data[3];
            break;
        case 1: /* in the header */
            bytes[data[1] % VTB_SEAL_HEADER] ^= data[3];
            break;
        case 2:
            now = where;
            break;
        case 3:
            memmove(a, b, chunk);
            break;
        case 4:
            now = now + data[3] < ROOM ? now + data[3] : ROOM;
            break;
        }
    }
    return now;
}

static void read_all(struct vtb_recording *rec)
{
    static uint8_t out[PLAIN + 100];
    size_t n = 0;

    if (vtb_recording_info(rec).bytes != PLAIN)
        abort(); /* a header that was changed opened */
    for (size_t at = 0; at < PLAIN; at += 30011)
        if (vtb_recording_read(rec, at, out, 20000, &n) == VTB_OK && memcmp(out, plain + at, n) != 0)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static uint8_t bytes[ROOM];
    struct vtb_recording *rec;
    size_t now;
    int fd;

    if (!good_len)
        make_good();
    fd = memfd_create("sealed", MFD_CLOEXEC);
    if (fd < 0)
        return 0;
    if (len && data[0] == '!') {
        now = (size_t)write(fd, data + 1, len - 1);
    } else {
        memcpy(bytes, good, ROOM);
        now = change(bytes, data, len);
        now = (size_t)write(fd, bytes, now);
    }
    (void)now;
    if (vtb_recording_take_fd(fd, key, &rec) == VTB_OK) {
        read_all(rec);
        vtb_recording_close(rec);
    }
    return 0;
}
