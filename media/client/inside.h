/*
 * inside.h - a client and its crew, shared by crew.c, client.c, ice.c and flow.c. Nobody else
 * includes it. All times are monotonic microseconds; UINT64_MAX: never.
 */
#ifndef VTB_MEDIACLIENT_INSIDE_H
#define VTB_MEDIACLIENT_INSIDE_H

#include "client.h"

#include "base/clock.h"
#include "base/id.h"
#include "codec.h"
#include "rtc/addr.h"
#include "rtc/dtls.h"
#include "rtc/rtcp.h"
#include "rtc/rtp.h"
#include "rtc/sdp.h"
#include "rtc/srtp.h"
#include "rtc/stun.h"

#define CLIENT_NEVER    UINT64_MAX
#define CLIENT_NO_SLOT  UINT32_MAX
#define CLIENT_DATAGRAM 1500u
#define CLIENT_BATCH    32u
#define CLIENT_PACKET   1400u /* RTP, as it is protected; with one copy */
#define CLIENT_CHECKS   8u /* transactions that may still be answered */

enum client_state {
    CLIENT_CHECKING,   /* checks to every candidate */
    CLIENT_NOMINATING, /* one has answered: told that it is the one */
    CLIENT_HANDSHAKE,
    CLIENT_OPEN,
    CLIENT_GONE,
};

struct client_mend;

struct client_check {
    uint8_t id[VTB_STUN_ID];
    uint8_t candidate;
    bool use_candidate, pending;
};

struct vtb_client {
    struct vtb_crew *crew;
    struct vtb_client_config cfg;
    enum client_state state;
    bool dropped;       /* freed at the end of the step */
    uint32_t at;        /* place in the crew's tables */
    uint32_t slot;      /* with a wire: the address; CLIENT_NO_SLOT before */
    int fd;
    bool connected_fd;
    struct vtb_sdp_remote remote;
    size_t candidates_n; /* of one family, in front of remote.candidates */
    char ufrag[9], pwd[25];
    uint64_t tie_breaker;
    struct client_check checks[CLIENT_CHECKS];
    uint32_t checks_at, tries;
    uint8_t selected;
    uint64_t since_us, check_us, consent_us;
    struct vtb_dtls *dtls;
    uint64_t dtls_us;
    struct vtb_dtls_farewell farewell;
    bool has_farewell;
    struct vtb_srtp *send, *receive;
    struct client_codec *codec;
    uint32_t ssrc, timestamp, octets;
    uint16_t seq;
    bool talking; /* the last frame was sound: the next one needs no marker */
    uint64_t speak_us, report_us, nack_us;
    uint64_t rtt_us; /* 0: unknown */
    struct client_mend *mend; /* NULL: it mends nothing */
    struct vtb_rtcp_receiver rx;
    bool hears; /* expected_* are set */
    uint16_t expected_seq;
    uint32_t expected_ts;
    struct vtb_client_stats stats;
};

struct vtb_crew {
    int epoll;
    struct vtb_dtls_identity *identity;
    uint8_t fingerprint[32];
    struct vtb_client *clients[VTB_CLIENTS_MAX];
    uint64_t due_us[VTB_CLIENTS_MAX]; /* of each: a scan reads these, not thousands of clients */
    uint32_t n, dropped;
    bool stepping;
    uint64_t next_us; /* the earliest due time of all clients */
    struct vtb_crew_wire wire; /* fd -1: a socket each */
    struct vtb_client *slots[VTB_CLIENTS_MAX];
    uint32_t next_slot;
    uint8_t in[CLIENT_BATCH][CLIENT_DATAGRAM];
};

/* ice.c */
void client_check_due(struct vtb_client *client, uint64_t now_us);
void client_read_stun(struct vtb_client *client, const uint8_t *data, size_t len,
                      const struct vtb_addr *from, uint64_t now_us);

/* flow.c */
VTB_MUST_USE enum vtb_err client_open_flow(struct vtb_client *client,
                                           const struct vtb_dtls_keys *keys, uint64_t now_us);
void client_read_rtp(struct vtb_client *client, uint8_t *data, size_t len, uint64_t now_us);
void client_speak_due(struct vtb_client *client, uint64_t now_us);
void client_report_due(struct vtb_client *client, uint64_t now_us);

/* mend.c: what is done about losses */
VTB_MUST_USE enum vtb_err client_mend_create(struct client_mend **out);
void client_mend_destroy(struct client_mend *mend); /* NULL is fine */
/* The frame of `timestamp` with a copy of the one before. Returns the length; 0: it does not fit. */
size_t client_mend_wrap(struct client_mend *mend, uint32_t timestamp, const uint8_t *payload, size_t len,
                        uint8_t *out, size_t cap);
void client_mend_keep(struct client_mend *mend, uint16_t seq, const uint8_t *packet, size_t len);
void client_mend_resend(struct vtb_client *client, uint16_t seq);
void client_mend_got(struct vtb_client *client, uint16_t seq, uint64_t now_us);
void client_mend_due(struct vtb_client *client, uint64_t now_us);

/* crew.c */
void client_touch(struct vtb_client *client); /* what is due for it may have changed */
VTB_MUST_USE enum vtb_err client_take_slot(struct vtb_client *client);

/* client.c */
void client_take(struct vtb_client *client, uint8_t *data, size_t len, const struct vtb_addr *from,
                 uint64_t now_us);
VTB_MUST_USE enum vtb_err client_open_socket(struct vtb_client *client);
void client_send(struct vtb_client *client, uint8_t candidate, const uint8_t *data, size_t len);
void client_start_dtls(struct vtb_client *client, uint64_t now_us);
void client_gone(struct vtb_client *client, enum vtb_err why);
void client_read(struct vtb_client *client);
void client_due(struct vtb_client *client, uint64_t now_us);
uint64_t client_next_us(const struct vtb_client *client);
void client_free(struct vtb_client *client);

#endif
