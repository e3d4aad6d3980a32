/*
 * settings.h - values of options: text in, field out, and back. Inside this room.
 */
#ifndef VTB_APP_SETTINGS_H
#define VTB_APP_SETTINGS_H

#include "app/options.h"

#define VTB_ENV_NAME 64

/* "tls.cert" -> "CONSILIUM_TLS_CERT" */
void vtb_settings_env_name(const char *name, char out[static VTB_ENV_NAME]);
void vtb_settings_write(const struct vtb_option *row, const struct vtb_config *cfg, char *out,
                        size_t cap);

#endif
