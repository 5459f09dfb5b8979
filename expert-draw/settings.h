/* tp-draw's configuration file. */
#ifndef TP_DRAW_SETTINGS_H
#define TP_DRAW_SETTINGS_H

#include <stdint.h>

#include "base/error.h"

struct tp_draw_settings {
    /* [server]: the coordinator's API, mutual TLS */
    char address[64];
    int64_t port;
    char certificate[512];
    char private_key[512];
    char client_ca[512];
    char client_name[64]; /* common name that may call: "coordinator" */
    /* [store] and [keys] */
    char store_url[512]; /* "sqlite:PATH" */
    char key[512];
    /* [gateway]: outgoing messages and the listener for replies */
    char gateway_url[512]; /* the BASE of BASE/cgi-bin/sendsms */
    char gateway_ca[512];  /* "" : the system's */
    char gateway_username[128];
    char gateway_password[128];
    char gateway_from[64];
    int64_t gateway_timeout_ms;
    bool gateway_voice;
    char reply_address[64];
    int64_t reply_port;
    char reply_secret[128];
    char reply_certificate[512]; /* "": plain HTTP */
    char reply_private_key[512];
};

/* Reads FILE; relative paths in it are taken from FILE's folder. */
TP_MUST_USE struct tp_status
tp_draw_settings_read(const char *path, struct tp_draw_settings *settings, struct tp_error *error);

#endif
