#include "app/safety.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static bool is_loopback(const char *address)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, address, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, address, &v6) != 1)
        return false;
    if (IN6_IS_ADDR_V4MAPPED(&v6))
        return v6.s6_addr[12] == 127;
    return IN6_IS_ADDR_LOOPBACK(&v6);
}

static bool is_local_name(const char *name)
{
    size_t len = strlen(name);

    return strcasecmp(name, "localhost") == 0 || is_loopback(name) ||
           (len > 10 && strcasecmp(name + len - 10, ".localhost") == 0);
}

/* What other machines can reach, in words; NULL if nothing. */
static const char *first_open(const struct vtb_config *cfg, bool *out_address)
{
    *out_address = false;
    for (size_t i = 0; i < cfg->listen.n; i++)
        if (!is_loopback(cfg->listen.items[i])) {
            *out_address = true;
            return cfg->listen.items[i];
        }
    if (cfg->socket[0])
        return cfg->socket;
    for (size_t i = 0; i < cfg->public_host.n; i++)
        if (!is_local_name(cfg->public_host.items[i]))
            return cfg->public_host.items[i];
    return NULL;
}

/* The demo writes this marker before its first row. */
static bool has_demo_data(const struct vtb_config *cfg)
{
    char path[VTB_CONFIG_TEXT + 8];
    struct stat st;

    snprintf(path, sizeof path, "%s/demo", cfg->data);
    return lstat(path, &st) == 0;
}

enum vtb_err vtb_safety_check(const struct vtb_config *cfg, char *why, size_t why_cap)
{
    bool is_address;
    const char *open = first_open(cfg, &is_address);

    if (!cfg->tls_cert[0] != !cfg->tls_key[0]) {
        snprintf(why, why_cap, "tls.cert and tls.key belong together: set both, or neither.");
        return VTB_DENIED;
    }
    if (cfg->listen.n == 0 && !cfg->socket[0]) {
        snprintf(why, why_cap, "There is nothing to listen on: set listen or socket.");
        return VTB_DENIED;
    }
    if (!open)
        return VTB_OK;
    if (has_demo_data(cfg)) {
        snprintf(why, why_cap,
                 "The data folder %s holds demo data, whose sign-in links are public: it is not "
                 "served where others can reach it (%s). Listen on 127.0.0.1 without public_host "
                 "and socket, or set data to a new folder.", cfg->data, open);
        return VTB_DENIED;
    }
    if (is_address && !cfg->tls_cert[0]) {
        snprintf(why, why_cap,
                 "Patient data would cross the network in the clear: set tls.cert and tls.key to "
                 "listen on %s, or listen on 127.0.0.1 behind a proxy that does TLS.", open);
        return VTB_DENIED;
    }
    if (!cfg->store_disk_encrypted) {
        snprintf(why, why_cap,
                 "Database and documents are written plain to %s. Put it on an encrypted disk, "
                 "then set store.disk_encrypted=yes to serve %s.", cfg->data, open);
        return VTB_DENIED;
    }
    if (cfg->public_host.n == 0) {
        snprintf(why, why_cap,
                 "Browsers that reach %s could read but send nothing: set public_host to the name "
                 "that people type.", open);
        return VTB_DENIED;
    }
    return VTB_OK;
}
