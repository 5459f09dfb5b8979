/*
 * The configuration of tp-media: section [media] of an INI file.
 */
#ifndef TP_MEDIA_CONFIG_H
#define TP_MEDIA_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define TP_MEDIA_ADDRESSES_MAX_COUNT 8
#define TP_MEDIA_ADDRESS_MAX_BYTES 46
#define TP_MEDIA_SOCKET_MAX_BYTES 108 /* sun_path of unix(7) */

struct tp_media_config {
    char socket[TP_MEDIA_SOCKET_MAX_BYTES]; /* from the file's folder, where relative */
    /* Numeric addresses to take media on and to offer; no other is ever offered. */
    char addresses[TP_MEDIA_ADDRESSES_MAX_COUNT][TP_MEDIA_ADDRESS_MAX_BYTES];
    size_t address_count;
    int64_t port_min, port_max; /* of UDP and TCP; both 0: the system chooses */
    bool tcp;                   /* also offer ICE over TCP */
    int64_t linger_ms;          /* how long an encoder runs on after its last viewer */
    int64_t silence_ms;         /* a viewer that sends nothing for so long has gone */
    int64_t connect_ms;         /* a viewer that is not connected by then is ended */
    int64_t check_ms;           /* how often the source of an unwatched feed is tried */
    int64_t max_viewers;
    int64_t encoder_threads;
};

/* TP_INPUT with the field at fault; TP_IO when the file cannot be read. */
TP_MUST_USE struct tp_status tp_media_config_read(const char *path, struct tp_media_config *config,
                                                  struct tp_error *error);

#endif
