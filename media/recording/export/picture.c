#include "picture.h"

#include <gst/app/gstappsink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define W           VTB_PICTURE_WIDTH
#define H           VTB_PICTURE_HEIGHT
#define POINTER_PX  9
#define RING_PX     3
#define DECODE_NS   (20 * GST_SECOND)

enum vtb_err vtb_picture_init(struct vtb_picture *picture, const struct vtb_timeline *line, const char *folder)
{
    *picture = (struct vtb_picture){ .line = line, .folder = folder, .page = -1, .bytes = calloc(1, VTB_PICTURE_BYTES) };
    return picture->bytes ? VTB_OK : VTB_NOMEM;
}

void vtb_picture_fini(struct vtb_picture *picture)
{
    free(picture->bytes);
    picture->bytes = NULL;
}

/* The page as large as fits, its own shape kept. */
static void fit(struct vtb_picture *picture, int w, int h)
{
    bool is_wide = (int64_t)w * H > (int64_t)W * h;

    picture->place.w = is_wide ? W : (int)((int64_t)H * w / h);
    picture->place.h = is_wide ? (int)((int64_t)W * h / w) : H;
    picture->place.x = (W - picture->place.w) / 2;
    picture->place.y = (H - picture->place.h) / 2;
}

static void size_of_page(GstElement *decode, struct vtb_picture *picture)
{
    GstElement *first = gst_bin_get_by_name(GST_BIN(decode), "first");
    GstPad *pad = gst_element_get_static_pad(first, "sink");
    GstCaps *caps = gst_pad_get_current_caps(pad);
    int w = W, h = H;

    if (caps) {
        gst_structure_get_int(gst_caps_get_structure(caps, 0), "width", &w);
        gst_structure_get_int(gst_caps_get_structure(caps, 0), "height", &h);
        gst_caps_unref(caps);
    }
    if (w > 0 && h > 0)
        fit(picture, w, h);
    gst_object_unref(pad);
    gst_object_unref(first);
}

static bool copy_frame(GstElement *decode, struct vtb_picture *picture)
{
    GstElement *sink = gst_bin_get_by_name(GST_BIN(decode), "sink");
    GstSample *sample = gst_app_sink_try_pull_sample(GST_APP_SINK(sink), DECODE_NS);
    GstMapInfo map;
    bool good = false;

    gst_object_unref(sink);
    if (!sample)
        return false;
    if (gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ)) {
        good = map.size == VTB_PICTURE_BYTES;
        if (good)
            memcpy(picture->bytes, map.data, map.size);
        gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
    }
    gst_sample_unref(sample);
    if (good)
        size_of_page(decode, picture);
    return good;
}

static enum vtb_err load_page(struct vtb_picture *picture, int page)
{
    const char *name = vtb_timeline_page(picture->line, (size_t)page);
    GstElement *decode = gst_parse_launch("filesrc name=file ! decodebin ! videoconvert name=first ! "
        "videoscale add-borders=true ! video/x-raw,format=BGRx,width=1280,height=720,pixel-aspect-ratio=1/1 ! "
        "appsink name=sink max-buffers=1", NULL);
    char path[4096];
    GstElement *file;
    bool good;

    if (!decode)
        return VTB_SYS;
    file = gst_bin_get_by_name(GST_BIN(decode), "file");
    good = snprintf(path, sizeof path, "%s%s%s", name[0] == '/' ? "" : picture->folder, name[0] == '/' ? "" : "/", name) <
           (int)sizeof path;
    g_object_set(file, "location", path, NULL);
    gst_object_unref(file);
    good = good && gst_element_set_state(decode, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE &&
           copy_frame(decode, picture);
    gst_element_set_state(decode, GST_STATE_NULL);
    gst_object_unref(decode);
    if (good)
        picture->page = page;
    return good ? VTB_OK : VTB_ABSENT;
}

static void put_pixel(uint8_t *bytes, int x, int y, uint32_t rgb)
{
    uint8_t *at = bytes + ((size_t)y * W + (size_t)x) * 4;

    at[0] = (uint8_t)rgb;
    at[1] = (uint8_t)(rgb >> 8);
    at[2] = (uint8_t)(rgb >> 16);
}

/* A red disk in a white ring: seen on a scan and on paper. */
static void draw_pointer(const struct vtb_picture *picture, const struct vtb_shown *shown, uint8_t *bytes)
{
    int cx = picture->place.x + (int)((int64_t)picture->place.w * shown->x / 1000000);
    int cy = picture->place.y + (int)((int64_t)picture->place.h * shown->y / 1000000);
    int outer = POINTER_PX + RING_PX;

    for (int y = cy - outer; y <= cy + outer; y++) {
        for (int x = cx - outer; x <= cx + outer; x++) {
            int far = (x - cx) * (x - cx) + (y - cy) * (y - cy);

            if (x >= 0 && y >= 0 && x < W && y < H && far <= outer * outer)
                put_pixel(bytes, x, y, far <= POINTER_PX * POINTER_PX ? 0xd81e2c : 0xffffff);
        }
    }
}

enum vtb_err vtb_picture_draw(struct vtb_picture *picture, const struct vtb_shown *shown, GstBuffer **out)
{
    GstBuffer *buffer;
    GstMapInfo map;

    if (shown->page >= 0 && shown->page != picture->page) {
        enum vtb_err err = load_page(picture, shown->page);

        if (err)
            return err;
    }
    buffer = gst_buffer_new_allocate(NULL, VTB_PICTURE_BYTES, NULL);
    if (!buffer || !gst_buffer_map(buffer, &map, GST_MAP_WRITE)) {
        if (buffer)
            gst_buffer_unref(buffer);
        return VTB_NOMEM;
    }
    memcpy(map.data, picture->bytes, VTB_PICTURE_BYTES);
    if (shown->x >= 0 && shown->page >= 0)
        draw_pointer(picture, shown, map.data);
    gst_buffer_unmap(buffer, &map);
    *out = buffer;
    return VTB_OK;
}
