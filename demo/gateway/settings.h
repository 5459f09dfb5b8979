/*
 * gateway.ini. Paths in it are relative to the folder it stands in.
 *
 *   [server]   address port certificate private_key pages (folder of the phones' page)
 *   [gateway]  username password file (messages are kept here) auto = none | accept
 *              owners (the made-up pool as CSV: whose phone it is is shown on it; optional)
 *   [reply]    url ca secret: where replies go (tp-draw's reply listener)
 */
#ifndef TP_DEMO_GATEWAY_SETTINGS_H
#define TP_DEMO_GATEWAY_SETTINGS_H

#include <stdint.h>

#include "base/error.h"

struct tp_gateway_settings {
    char address[64];
    int64_t port;
    char certificate[512];
    char private_key[512];
    char pages[512];
    char username[64];
    char password[128];
    char file[512];
    char automatic[16];
    char owners[512];
    char reply_url[256];
    char reply_ca[512];
    char reply_secret[128];
};

/* Also makes the file's folder the current one. */
TP_MUST_USE struct tp_status tp_gateway_settings_read(const char *path,
                                                      struct tp_gateway_settings *settings,
                                                      struct tp_error *error);

#endif
