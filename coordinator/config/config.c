#include "coordinator/config/config.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ini.h"
#include "coordinator/config/trading_systems.h"

static struct tp_status find_folder(const char *path, char folder[TP_PATH_BYTES],
                                    struct tp_error *error)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path);
    if (length >= TP_PATH_BYTES) {
        return tp_fail(error, TP_INPUT, "config.path_too_long", "the path of the file is too long");
    }
    if (slash == NULL) {
        strcpy(folder, ".");
    } else if (length == 0) {
        strcpy(folder, "/");
    } else {
        memcpy(folder, path, length);
        folder[length] = '\0';
    }
    return TP_STATUS_OK;
}

struct tp_status tp_config_resolve(const char *folder, char path[TP_PATH_BYTES],
                                   struct tp_error *error)
{
    if (path[0] == '\0' || path[0] == '/') {
        return TP_STATUS_OK;
    }
    char whole[TP_PATH_BYTES];
    int length = snprintf(whole, sizeof whole, "%s/%s", folder, path);
    if (length < 0 || (size_t)length >= sizeof whole) {
        return tp_fail(error, TP_INPUT, "config.path_too_long", "a path is too long");
    }
    memcpy(path, whole, (size_t)length + 1);
    return TP_STATUS_OK;
}

static struct tp_status resolve_store(struct tp_config *config, struct tp_error *error)
{
    static const char scheme[] = "sqlite:";
    size_t scheme_length = sizeof scheme - 1;
    if (strncmp(config->store_url, scheme, scheme_length) != 0) {
        return TP_STATUS_OK; /* a server's address holds no path of ours */
    }
    char path[TP_PATH_BYTES];
    strcpy(path, config->store_url + scheme_length);
    struct tp_status status = tp_config_resolve(config->folder, path, error);
    if (tp_failed(status)) {
        return status;
    }
    int length = snprintf(config->store_url, sizeof config->store_url, "%s%s", scheme, path);
    if (length < 0 || (size_t)length >= sizeof config->store_url) {
        return tp_fail(error, TP_INPUT, "config.path_too_long", "the store's path is too long");
    }
    return TP_STATUS_OK;
}

static struct tp_status resolve_paths(struct tp_config *config, struct tp_error *error)
{
    char *const paths[] = {
        config->certificate_path,
        config->private_key_path,
        config->web_folder,
        config->key_path,
        config->province_path,
        config->policy_path,
        config->trading_systems_path,
        config->draw_ca_path,
        config->draw_certificate_path,
        config->draw_private_key_path,
        config->draw_public_key_path,
        config->gateway_ca_path,
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct tp_status status = tp_config_resolve(config->folder, paths[i], error);
        if (tp_failed(status)) {
            return status;
        }
    }
    return resolve_store(config, error);
}

#define TEXT(section, name, member, needed)                                                        \
    {                                                                                              \
        section, name, TP_INI_TEXT, config->member, sizeof config->member, needed, 0, 0            \
    }

static struct tp_status read_keys(const char *path, struct tp_config *config,
                                  struct tp_error *error)
{
    const struct tp_ini_key keys[] = {
        TEXT("server", "address", address, false),
        {"server", "port", TP_INI_INT, &config->port, 0, true, 0, 65535},
        TEXT("server", "certificate", certificate_path, true),
        TEXT("server", "private_key", private_key_path, true),
        TEXT("server", "web_folder", web_folder, false),
        {"server", "worker_count", TP_INI_INT, &config->worker_count, 0, false, 1, 1024},
        TEXT("server", "public_url", public_url, false),
        TEXT("store", "url", store_url, true),
        TEXT("keys", "key", key_path, true),
        TEXT("files", "province", province_path, true),
        TEXT("files", "policy", policy_path, true),
        TEXT("files", "trading_systems", trading_systems_path, true),
        TEXT("draw", "url", draw_url, true),
        TEXT("draw", "ca", draw_ca_path, true),
        TEXT("draw", "certificate", draw_certificate_path, true),
        TEXT("draw", "private_key", draw_private_key_path, true),
        TEXT("draw", "public_key", draw_public_key_path, false),
        TEXT("gateway", "url", gateway_url, false),
        TEXT("gateway", "ca", gateway_ca_path, false),
        TEXT("gateway", "username", gateway_username, false),
        TEXT("gateway", "password", gateway_password, false),
        TEXT("gateway", "from", gateway_from, false),
    };
    return tp_ini_read(path, keys, sizeof keys / sizeof keys[0], error);
}

static struct tp_status read_all(const char *path, struct tp_config *config, struct tp_error *error)
{
    strcpy(config->address, "127.0.0.1");
    /* A worker waits for a center's answer while a viewer joins: walls of several regulators must
     * not fill them. */
    config->worker_count = 48;
    struct tp_status status = find_folder(path, config->folder, error);
    if (tp_ok(status)) {
        status = read_keys(path, config, error);
    }
    if (tp_ok(status)) {
        status = resolve_paths(config, error);
    }
    if (tp_ok(status)) {
        status = tp_trading_systems_read(config->folder, config->trading_systems_path,
                                         config->trading_systems, TP_TRADING_SYSTEMS_MOST,
                                         &config->trading_system_count, error);
    }
    return status;
}

struct tp_status tp_config_read(const char *path, struct tp_config **config, struct tp_error *error)
{
    struct tp_config *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return tp_fail(error, TP_NOMEM, "memory.none", "no memory for the configuration");
    }
    struct tp_status status = read_all(path, made, error);
    if (tp_failed(status)) {
        tp_config_free(made);
        return status;
    }
    *config = made;
    return TP_STATUS_OK;
}

void tp_config_free(struct tp_config *config)
{
    if (config != NULL) {
        sodium_memzero(config, sizeof *config);
        free(config);
    }
}

const struct tp_trading_system *tp_config_trading_system(const struct tp_config *config,
                                                         const char *id)
{
    for (size_t i = 0; i < config->trading_system_count; i++) {
        if (strcmp(config->trading_systems[i].id, id) == 0) {
            return &config->trading_systems[i];
        }
    }
    return NULL;
}
