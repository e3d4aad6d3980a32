/*
 * STUN on the wire (RFC 8489, 5 and 14): 20 bytes of header, then attributes of type, length,
 * value, padded to 4. FINGERPRINT is the last, MESSAGE-INTEGRITY before it; what stands between
 * integrity and fingerprint is not protected and not looked at.
 */
#include "rtc/stun.h"

#include "base/cursor.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#define HEADER      20
#define COOKIE      0x2112a442u
#define FINGERPRINT 0x5354554eu
#define SHA1_LEN    20

enum {
    ATTR_USERNAME = 0x0006,
    ATTR_INTEGRITY = 0x0008,
    ATTR_ERROR = 0x0009,
    ATTR_XOR_MAPPED = 0x0020,
    ATTR_PRIORITY = 0x0024,
    ATTR_USE_CANDIDATE = 0x0025,
    ATTR_FINGERPRINT = 0x8028,
    ATTR_CONTROLLED = 0x8029,
    ATTR_CONTROLLING = 0x802a,
};

/* CRC-32 of ISO 3309, four bits a step: 64 bytes of table. */
static uint32_t crc32(const uint8_t *data, size_t len)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t crc = 0xffffffff;

    for (size_t i = 0; i < len; i++) {
        crc = crc >> 4 ^ table[(crc ^ data[i]) & 0x0f];
        crc = crc >> 4 ^ table[(crc ^ (uint32_t)data[i] >> 4) & 0x0f];
    }
    return ~crc;
}


static bool kind_of(uint16_t type, enum vtb_stun_kind *out)
{
    switch (type) {
    case 0x0001: *out = VTB_STUN_REQUEST; return true;
    case 0x0101: *out = VTB_STUN_SUCCESS; return true;
    case 0x0111: *out = VTB_STUN_ERROR; return true;
    case 0x0011: *out = VTB_STUN_INDICATION; return true;
    }
    return false;
}

static void read_mapped(struct vtb_cursor value, const uint8_t *header, struct vtb_addr *out)
{
    struct vtb_addr addr = { 0 };

    vtb_cursor_skip(&value, 1);
    uint8_t family = vtb_cursor_u8(&value);
    size_t n = family == 1 ? 4 : 16;

    addr.family = family == 1 ? 4 : 6;
    addr.port = (uint16_t)(vtb_cursor_u16(&value) ^ COOKIE >> 16);
    const uint8_t *ip = vtb_cursor_take(&value, n);

    if (!ip || family < 1 || family > 2)
        return;
    for (size_t i = 0; i < n; i++)
        addr.ip[i] = ip[i] ^ header[4 + i]; /* cookie, then transaction id */
    *out = addr;
}

static void read_attribute(uint16_t type, struct vtb_cursor value, struct vtb_stun *msg)
{
    switch (type) {
    case ATTR_USERNAME:
        if (msg->username.len == 0)
            msg->username = (struct vtb_str){ (const char *)value.at, value.left };
        break;
    case ATTR_PRIORITY:
        msg->priority = vtb_cursor_u32(&value);
        msg->has_priority = !value.bad;
        break;
    case ATTR_USE_CANDIDATE:
        msg->use_candidate = true;
        break;
    case ATTR_CONTROLLED:
        msg->controlled = true;
        break;
    case ATTR_CONTROLLING:
        msg->controlling = true;
        break;
    case ATTR_XOR_MAPPED:
        read_mapped(value, msg->datagram, &msg->mapped);
        break;
    case ATTR_ERROR: {
        uint32_t code = vtb_cursor_u32(&value);

        msg->error = (uint16_t)((code >> 8 & 7) * 100 + (code & 0xff) % 100);
        break;
    }
    }
}

enum vtb_err vtb_stun_parse(const uint8_t *data, size_t len, struct vtb_stun *out)
{
    struct vtb_cursor in = { .at = data, .left = len };
    struct vtb_stun msg = { .datagram = data };
    uint16_t type = vtb_cursor_u16(&in);
    size_t length = vtb_cursor_u16(&in);
    uint32_t cookie = vtb_cursor_u32(&in);
    const uint8_t *id = vtb_cursor_take(&in, VTB_STUN_ID);

    if (in.bad || len > VTB_STUN_MAX || length != in.left || length % 4 || cookie != COOKIE ||
        !kind_of(type, &msg.kind))
        return VTB_PARSE;
    memcpy(msg.id, id, sizeof msg.id);

    while (in.left) {
        size_t at = len - in.left;
        uint16_t attr = vtb_cursor_u16(&in);
        size_t n = vtb_cursor_u16(&in);
        struct vtb_cursor value = { .at = in.at, .left = n };

        vtb_cursor_skip(&in, (n + 3) & ~(size_t)3);
        if (in.bad)
            return VTB_PARSE;
        if (attr == ATTR_FINGERPRINT) {
            if (n != 4 || in.left || vtb_cursor_u32(&value) != (crc32(data, at) ^ FINGERPRINT))
                return VTB_PARSE;
            *out = msg;
            return VTB_OK;
        }
        if (attr == ATTR_INTEGRITY && !msg.integrity_at) {
            if (n != SHA1_LEN)
                return VTB_PARSE;
            msg.integrity_at = at;
        } else if (!msg.integrity_at) {
            read_attribute(attr, value, &msg);
        }
    }
    return VTB_PARSE; /* no FINGERPRINT: ICE always sends one (RFC 8445, 7.1) */
}

/* HMAC over the message up to `at`, with a header that counts up to the end of the attribute. */
static bool integrity(const uint8_t *data, size_t at, struct vtb_str password,
                      uint8_t out[static SHA1_LEN])
{
    uint8_t copy[VTB_STUN_MAX];
    unsigned len = SHA1_LEN;

    memcpy(copy, data, at);
    vtb_put_u16(copy + 2, (uint16_t)(at + 4 + SHA1_LEN - HEADER));
    return HMAC(EVP_sha1(), password.at, (int)password.len, copy, at, out, &len) != NULL;
}

bool vtb_stun_is_authentic(const struct vtb_stun *msg, struct vtb_str password)
{
    uint8_t tag[SHA1_LEN];

    return msg->integrity_at && password.len && integrity(msg->datagram, msg->integrity_at,
                                                          password, tag) &&
           vtb_secret_is(tag, sizeof tag, msg->datagram + msg->integrity_at + 4, SHA1_LEN);
}

static uint8_t *put_attribute(uint8_t *at, uint16_t type, size_t len)
{
    vtb_put_u16(at, type);
    vtb_put_u16(at + 2, (uint16_t)len);
    return at + 4;
}

static void put_header(uint8_t *out, uint16_t type, const uint8_t id[static VTB_STUN_ID])
{
    vtb_put_u16(out, type);
    vtb_put_u16(out + 2, 0);
    vtb_put_u32(out + 4, COOKIE);
    memcpy(out + 8, id, VTB_STUN_ID);
}

/* Integrity and fingerprint end every message of ours. */
static size_t finish(uint8_t *out, uint8_t *at, struct vtb_str password)
{
    size_t len = (size_t)(at - out);

    if (!integrity(out, len, password, put_attribute(at, ATTR_INTEGRITY, SHA1_LEN)))
        return 0;
    len += 4 + SHA1_LEN;
    vtb_put_u16(out + 2, (uint16_t)(len + 8 - HEADER));
    vtb_put_u32(put_attribute(out + len, ATTR_FINGERPRINT, 4), crc32(out, len) ^ FINGERPRINT);
    return len + 8;
}

size_t vtb_stun_write_success(const struct vtb_stun *check, const struct vtb_addr *from,
                              struct vtb_str password, uint8_t out[static VTB_STUN_MAX])
{
    size_t n = from->family == 4 ? 4 : 16;
    uint8_t *at;

    put_header(out, 0x0101, check->id);
    at = put_attribute(out + HEADER, ATTR_XOR_MAPPED, 4 + n);
    at[0] = 0;
    at[1] = from->family == 4 ? 1 : 2;
    vtb_put_u16(at + 2, (uint16_t)(from->port ^ COOKIE >> 16));
    for (size_t i = 0; i < n; i++)
        at[4 + i] = from->ip[i] ^ out[4 + i];
    return finish(out, at + 4 + n, password);
}

size_t vtb_stun_write_check(const struct vtb_stun_check *check, uint8_t out[static VTB_STUN_MAX])
{
    size_t name = check->username.len;
    size_t padded = (name + 3) & ~(size_t)3;
    uint8_t *at;

    if (HEADER + 4 + padded + 8 + 12 + 4 + 4 + SHA1_LEN + 8 > VTB_STUN_MAX)
        return 0;
    put_header(out, 0x0001, check->id);
    at = put_attribute(out + HEADER, ATTR_USERNAME, name);
    memset(at, 0, padded);
    memcpy(at, check->username.at, name);
    at = put_attribute(at + padded, ATTR_PRIORITY, 4);
    vtb_put_u32(at, check->priority);
    at = put_attribute(at + 4, ATTR_CONTROLLING, 8);
    vtb_put_u32(at, (uint32_t)(check->tie_breaker >> 32));
    vtb_put_u32(at + 4, (uint32_t)check->tie_breaker);
    at += 8;
    if (check->use_candidate)
        at = put_attribute(at, ATTR_USE_CANDIDATE, 0);
    return finish(out, at, check->password);
}
