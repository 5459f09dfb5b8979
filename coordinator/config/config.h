/*
 * coordinator.ini. Paths in it are relative to the folder it stands in.
 *
 *   [server]  address=127.0.0.1 port=8443 certificate=cert.pem private_key=cert.key
 *             web_folder=web  (optional) worker_count=48 (optional)
 *             public_url=https://... (optional: for links in messages)
 *   [store]   url=sqlite:store.db (a relative path is relative to this file's folder, too)
 *   [keys]    key=key (made when missing; 0600)
 *   [files]   province=province.ini policy=policy.ini trading_systems=trading-systems.ini
 *   [draw]    url=https://... ca=ca.pem certificate=client.pem private_key=client.key
 *             public_key=draw.pub (optional: pins tp-draw's key)
 *   [gateway] url=https://... ca= username= password= from= (all optional: without url no SMS is
 *             sent)
 */
#ifndef TP_COORDINATOR_CONFIG_CONFIG_H
#define TP_COORDINATOR_CONFIG_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "coordinator/account/user.h"

#define TP_PATH_BYTES 1024
#define TP_URL_BYTES 512
#define TP_TRADING_SYSTEMS_MOST 64

/* trading-systems.ini: [trading-system ID] name= url= ca= public_key= (public key file) */
struct tp_trading_system {
    char id[TP_NAME_BYTES]; /* also the Tongping-Key of its signed requests */
    char name[TP_DISPLAY_BYTES];
    char url[TP_URL_BYTES];
    char ca_path[TP_PATH_BYTES]; /* empty: the system's */
    struct tp_public_key key;
};

struct tp_config {
    char folder[TP_PATH_BYTES];
    char address[64];
    int64_t port;
    char certificate_path[TP_PATH_BYTES];
    char private_key_path[TP_PATH_BYTES];
    char web_folder[TP_PATH_BYTES]; /* empty: no pages */
    int64_t worker_count;
    char public_url[TP_URL_BYTES];
    char store_url[TP_PATH_BYTES];
    char key_path[TP_PATH_BYTES];
    char province_path[TP_PATH_BYTES];
    char policy_path[TP_PATH_BYTES];
    char trading_systems_path[TP_PATH_BYTES];
    char draw_url[TP_URL_BYTES];
    char draw_ca_path[TP_PATH_BYTES];
    char draw_certificate_path[TP_PATH_BYTES];
    char draw_private_key_path[TP_PATH_BYTES];
    char draw_public_key_path[TP_PATH_BYTES]; /* empty: not pinned */
    char gateway_url[TP_URL_BYTES];           /* empty: no SMS */
    char gateway_ca_path[TP_PATH_BYTES];      /* empty: the system's */
    char gateway_username[64];
    char gateway_password[128];
    char gateway_from[64];
    struct tp_trading_system trading_systems[TP_TRADING_SYSTEMS_MOST];
    size_t trading_system_count;
};

/* Allocates; wiped by tp_config_free. */
TP_MUST_USE struct tp_status tp_config_read(const char *path, struct tp_config **config,
                                            struct tp_error *error);
void tp_config_free(struct tp_config *config);

/* NULL when there is none of this id. */
const struct tp_trading_system *tp_config_trading_system(const struct tp_config *config,
                                                         const char *id);

#endif
