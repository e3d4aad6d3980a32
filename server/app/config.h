/*
 * config.h - what the options make. Filled once at start, then read only; any thread.
 */
#ifndef VTB_APP_CONFIG_H
#define VTB_APP_CONFIG_H

#include "base/err.h"

#define VTB_CONFIG_TEXT 512
#define VTB_CONFIG_LIST 8
#define VTB_MEDIA_PORT_AS_WEB 65536u /* media_port: the number of `port` */

struct vtb_config_list {
    char items[VTB_CONFIG_LIST][128];
    const char *at[VTB_CONFIG_LIST]; /* the same, as vtb_web_config wants them */
    size_t n;
};

struct vtb_config {
    struct vtb_config_list listen; /* addresses */
    uint32_t port;
    struct vtb_config_list public_host; /* names without port */
    char socket[VTB_CONFIG_TEXT];       /* unix socket for a reverse proxy, or empty */
    char tls_cert[VTB_CONFIG_TEXT], tls_key[VTB_CONFIG_TEXT]; /* both or empty */
    char data[VTB_CONFIG_TEXT];
    char web_root[VTB_CONFIG_TEXT]; /* empty: no web client is served */
    uint32_t web_connections, web_connections_per_address, web_new_per_second;
    struct vtb_config_list media_address; /* empty: the local address of the signalling socket */
    uint32_t media_port, media_threads, media_join_from;
    struct vtb_config_list media_turn; /* names of relays; empty: none */
    char media_turn_secret[VTB_CONFIG_TEXT]; /* a file */
    uint32_t store_disk_encrypted; /* 1: the operator says so */
    uint32_t log_level;            /* enum vtb_level */
    uint32_t metrics_port;         /* on 127.0.0.1; 0: no listener */
    char sandbox_path[VTB_CONFIG_TEXT];
    uint32_t recording_days;
};

#endif
