/*
 * The trading system's configuration (trading.ini). Paths are relative to the file's folder, which
 * becomes the working folder.
 */
#ifndef TP_DEMO_TRADING_SETTINGS_H
#define TP_DEMO_TRADING_SETTINGS_H

#include <stdint.h>

#include "base/error.h"

#define TP_TRADING_PATH_BYTES 512

struct tp_trading_settings {
    char address[64]; /* [server] */
    int64_t port;
    char certificate[TP_TRADING_PATH_BYTES];
    char private_key[TP_TRADING_PATH_BYTES];

    char id[64];                     /* [trading] its id at the coordinator */
    char name[256];                  /* shown on the page */
    char key[TP_TRADING_PATH_BYTES]; /* secret key file */
    char store[TP_TRADING_PATH_BYTES];
    char lists[TP_TRADING_PATH_BYTES]; /* folder of the sealed lists */

    char coordinator_url[256]; /* [coordinator] */
    char coordinator_ca[TP_TRADING_PATH_BYTES];
    char coordinator_public[TP_TRADING_PATH_BYTES]; /* public key file */
    char coordinator_name[64];                      /* its Tongping-Key */

    int64_t refuse_first;        /* [fault] so many pushes are answered 503 */
    int64_t bad_signature_first; /* so many receipts are signed wrongly */
    int64_t delay_ms;            /* before each answer */
};

TP_MUST_USE struct tp_status tp_trading_settings_read(const char *path,
                                                      struct tp_trading_settings *settings,
                                                      struct tp_error *error);

#endif
