/*
 * options.c - the table, and what is written from it.
 */
#include "app/options.h"
#include "settings.h"

#include <string.h>

#define AT(field) offsetof(struct vtb_config, field)

const struct vtb_option vtb_options[] = {
    { "listen", VTB_T_ADDRESSES, AT(listen), 0, 0, "127.0.0.1",
      "Addresses to listen on; \"::\" takes IPv4 and IPv6. Anything but loopback needs tls.cert, "
      "public_host and store.disk_encrypted=yes, and refuses demo data." },
    { "port", VTB_T_U32, AT(port), 0, 65535, "8080", "TCP port. 0 takes a free one." },
    { "public_host", VTB_T_NAMES, AT(public_host), 0, 0, "",
      "The names people type, without port. Pages of other names may not send anything here. "
      "localhost, *.localhost and loopback addresses are always allowed." },
    { "socket", VTB_T_TEXT, AT(socket), 0, 0, "",
      "A unix socket for a reverse proxy that does TLS; X-Forwarded-For is believed only there." },
    { "tls.cert", VTB_T_TEXT, AT(tls_cert), 0, 0, "",
      "Certificate chain, PEM (ECDSA P-256 is fastest). Read again on SIGHUP." },
    { "tls.key", VTB_T_TEXT, AT(tls_key), 0, 0, "", "Private key of tls.cert, PEM." },
    { "data", VTB_T_TEXT, AT(data), 0, 0, "data",
      "Folder of database, documents and keys. Created at first start." },
    { "web.root", VTB_T_TEXT, AT(web_root), 0, 0, "",
      "Folder of the built web client. Read again on SIGHUP. Empty: none is served." },
    { "web.connections", VTB_T_U32, AT(web_connections), 64, 60000, "4096",
      "Connections served at once. The process asks for 1000 file descriptors more." },
    { "web.connections_per_address", VTB_T_U32, AT(web_connections_per_address), 0, 60000, "0",
      "Connections of one address (IPv6: of one /64). 0: 64, and no limit for this machine itself. "
      "Raise it where a clinic shares one address." },
    { "web.new_per_second", VTB_T_U32, AT(web_new_per_second), 0, 60000, "0",
      "New connections of one address in a second. 0: 20, and no limit for this machine itself." },
    { "media.address", VTB_T_ADDRESSES, AT(media_address), 0, 0, "",
      "Addresses offered for sound. Empty: the one the browser reached. Needed behind NAT." },
    { "media.port", VTB_T_U32, AT(media_port), 0, VTB_MEDIA_PORT_AS_WEB, "65536",
      "UDP port for sound. 65536: the number of `port`, so 443/udp beside TLS on 443. 0 takes a free one." },
    { "media.turn", VTB_T_NAMES, AT(media_turn), 0, 0, "",
      "Names of TURN relays (coturn), for networks that pass a relay and nothing else. Browsers are given "
      "turn: on 3478 by UDP and TCP and turns: on 443." },
    { "media.turn_secret", VTB_T_TEXT, AT(media_turn_secret), 0, 0, "",
      "File with the relays' static-auth-secret. Browsers get passwords of four hours made from it." },
    { "media.join_from", VTB_T_U32, AT(media_join_from), 0, 4096, "200",
      "In meetings of so many, who only listens is sent packets of 60 ms. 0: never." },
    { "media.threads", VTB_T_U32, AT(media_threads), 1, 1, "1", "Media workers: one, so far." },
    { "recording.days", VTB_T_U32, AT(recording_days), 1, 3650, "90",
      "A recording is removed after so many days, unless chair or coordinator set another day. Nothing is "
      "recorded unless a board's chair begins it." },
    { "store.disk_encrypted", VTB_T_BOOL, AT(store_disk_encrypted), 0, 0, "no",
      "Say yes once the disk under the data folder is encrypted. Database and documents are "
      "written plain." },
    { "log.level", VTB_T_LEVEL, AT(log_level), 0, 0, "info", "debug, info, warn or error." },
    { "metrics.port", VTB_T_U32, AT(metrics_port), 0, 65535, "9464",
      "Port of /metrics, /healthz and /readyz on 127.0.0.1. 0: no such listener." },
    { "sandbox.path", VTB_T_TEXT, AT(sandbox_path), 0, 0, "",
      "The launcher that walls in decoders. Empty: beside the program." },
    { .name = NULL },
};

static size_t least(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;

    return m < c ? m : c;
}

/* Edits (insert, leave out, replace) from one name to the other. */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
    size_t row[64];

    if (n >= VTB_COUNT(row) || m >= VTB_COUNT(row))
        return SIZE_MAX;
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t corner = row[0];

        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t up = row[j];

            row[j] = least(row[j] + 1, row[j - 1] + 1, corner + (a[i - 1] != b[j - 1]));
            corner = up;
        }
    }
    return row[m];
}

const char *vtb_options_nearest(const char *name, size_t len)
{
    const char *best = NULL;
    size_t fewest = len / 2 + 1; /* more than half of it wrong is another word */

    for (const struct vtb_option *row = vtb_options; row->name; row++) {
        const char *leaf = strrchr(row->name, '.');
        size_t d = distance(name, len, row->name, strlen(row->name));

        /* "cert" means tls.cert, although three letters are missing */
        if (leaf && strlen(leaf + 1) == len && memcmp(leaf + 1, name, len) == 0)
            d = 0;
        if (d < fewest) {
            fewest = d;
            best = row->name;
        }
    }
    return best;
}

static void write_limits(const struct vtb_option *row, FILE *to)
{
    switch (row->type) {
    case VTB_T_U32:
        fprintf(to, "a number, %u to %u", row->min, row->max);
        break;
    case VTB_T_BOOL:
        fputs("yes or no", to);
        break;
    case VTB_T_TEXT:
        fputs("a path", to);
        break;
    case VTB_T_ADDRESSES:
        fputs("IP addresses, parted by commas", to);
        break;
    case VTB_T_NAMES:
        fputs("host names, parted by commas", to);
        break;
    case VTB_T_LEVEL:
        fputs("a level", to);
        break;
    }
}

static void write_wrapped(const char *text, FILE *to)
{
    size_t column = 6;

    fputs("      ", to);
    while (*text) {
        size_t word = strcspn(text, " ");

        if (column + word > 78 && column > 6) {
            fputs("\n      ", to);
            column = 6;
        }
        fwrite(text, 1, word, to);
        column += word + 1;
        text += word;
        if (*text == ' ') {
            fputc(' ', to);
            text++;
        }
    }
    fputc('\n', to);
}

void vtb_options_help(FILE *to)
{
    fputs("Options: --name=value, or \"name = value\" in the file of --config, or CONSILIUM_NAME "
          "in\nthe environment. The command line wins over the environment, that over the "
          "file.\n\n", to);
    for (const struct vtb_option *row = vtb_options; row->name; row++) {
        fprintf(to, "  --%s=", row->name);
        write_limits(row, to);
        fprintf(to, " (default: %s)\n", row->def[0] ? row->def : "none");
        write_wrapped(row->doc, to);
    }
}

void vtb_options_manual(FILE *to)
{
    fputs("| option | environment | value | default | meaning |\n| --- | --- | --- | --- | --- |\n",
          to);
    for (const struct vtb_option *row = vtb_options; row->name; row++) {
        char env[VTB_ENV_NAME];

        vtb_settings_env_name(row->name, env);
        fprintf(to, "| `%s` | `%s` | ", row->name, env);
        write_limits(row, to);
        fprintf(to, " | %s | %s |\n", row->def[0] ? row->def : "none", row->doc);
    }
}

void vtb_options_print(const struct vtb_config *cfg, FILE *to)
{
    for (const struct vtb_option *row = vtb_options; row->name; row++) {
        char text[VTB_CONFIG_LIST * 130 + 8];

        vtb_settings_write(row, cfg, text, sizeof text);
        fprintf(to, "%s = %s\n", row->name, text);
    }
}
