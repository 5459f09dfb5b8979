#include "media/config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/ini.h"

#define ADDRESSES_TEXT_MAX_BYTES 512
#define SECOND_MS 1000

static const struct tp_media_config defaults = {
    .tcp = true,
    .linger_ms = 15 * SECOND_MS,
    .silence_ms = 12 * SECOND_MS,
    .connect_ms = 20 * SECOND_MS,
    .check_ms = 60 * SECOND_MS,
    .max_viewers = 200,
    .encoder_threads = 1,
};

static bool numeric_address(const char *text)
{
    unsigned char raw[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, text, raw) == 1 || inet_pton(AF_INET6, text, raw) == 1;
}

static struct tp_status add_address(struct tp_media_config *config, const char *text,
                                    struct tp_error *error)
{
    if (!numeric_address(text)) {
        struct tp_status status = tp_fail(error, TP_INPUT, "config.bad_address",
                                          "a numeric IPv4 or IPv6 address is wanted");
        tp_error_set_field(error, "addresses");
        return status;
    }
    if (config->address_count == TP_MEDIA_ADDRESSES_MAX_COUNT) {
        struct tp_status status = tp_fail(error, TP_INPUT, "config.too_many_addresses",
                                          "at most %d", TP_MEDIA_ADDRESSES_MAX_COUNT);
        tp_error_set_field(error, "addresses");
        return status;
    }
    strcpy(config->addresses[config->address_count++], text);
    return TP_STATUS_OK;
}

/* "127.0.0.1, 10.1.2.3" */
static struct tp_status split_addresses(struct tp_media_config *config, char *text,
                                        struct tp_error *error)
{
    char *state = NULL;
    for (char *word = strtok_r(text, ", \t", &state); word != NULL;
         word = strtok_r(NULL, ", \t", &state)) {
        struct tp_status status = add_address(config, word, error);
        if (tp_failed(status))
            return status;
    }
    if (config->address_count == 0) {
        struct tp_status status =
            tp_fail(error, TP_INPUT, "config.bad_address", "at least one address is wanted");
        tp_error_set_field(error, "addresses");
        return status;
    }
    return TP_STATUS_OK;
}

static struct tp_status check_ports(const struct tp_media_config *config, struct tp_error *error)
{
    bool chosen_by_system = config->port_min == 0 && config->port_max == 0;
    if (!chosen_by_system && (config->port_min == 0 || config->port_max < config->port_min)) {
        struct tp_status status = tp_fail(error, TP_INPUT, "config.bad_ports",
                                          "port_min and port_max do not make a range");
        tp_error_set_field(error, "port_min");
        return status;
    }
    return TP_STATUS_OK;
}

/* A relative path is meant from the configuration's folder. */
static struct tp_status settle_socket(struct tp_media_config *config, const char *path,
                                      struct tp_error *error)
{
    const char *slash = strrchr(path, '/');
    if (config->socket[0] == '/' || slash == NULL)
        return TP_STATUS_OK;
    char whole[sizeof config->socket];
    int length =
        snprintf(whole, sizeof whole, "%.*s/%s", (int)(slash - path), path, config->socket);
    if (length < 0 || (size_t)length >= sizeof whole) {
        struct tp_status status =
            tp_fail(error, TP_INPUT, "config.bad_socket", "the socket's path is too long");
        tp_error_set_field(error, "socket");
        return status;
    }
    memcpy(config->socket, whole, (size_t)length + 1);
    return TP_STATUS_OK;
}

struct tp_status tp_media_config_read(const char *path, struct tp_media_config *config,
                                      struct tp_error *error)
{
    char addresses[ADDRESSES_TEXT_MAX_BYTES] = "";
    *config = defaults;
    const struct tp_ini_key keys[] = {
        {"media", "socket", TP_INI_TEXT, config->socket, sizeof config->socket, true, 0, 0},
        {"media", "addresses", TP_INI_TEXT, addresses, sizeof addresses, true, 0, 0},
        {"media", "port_min", TP_INI_INT, &config->port_min, 0, false, 0, 65535},
        {"media", "port_max", TP_INI_INT, &config->port_max, 0, false, 0, 65535},
        {"media", "tcp", TP_INI_BOOL, &config->tcp, 0, false, 0, 0},
        {"media", "linger", TP_INI_DURATION, &config->linger_ms, 0, false, 1, 3600 * SECOND_MS},
        {"media", "silence", TP_INI_DURATION, &config->silence_ms, 0, false, 3 * SECOND_MS,
         600 * SECOND_MS},
        {"media", "connect", TP_INI_DURATION, &config->connect_ms, 0, false, SECOND_MS,
         120 * SECOND_MS},
        {"media", "check", TP_INI_DURATION, &config->check_ms, 0, false, SECOND_MS,
         24 * 3600 * SECOND_MS},
        {"media", "max_viewers", TP_INI_INT, &config->max_viewers, 0, false, 1, 5000},
        {"media", "encoder_threads", TP_INI_INT, &config->encoder_threads, 0, false, 1, 16},
    };
    struct tp_status status = tp_ini_read(path, keys, sizeof keys / sizeof keys[0], error);
    if (tp_ok(status))
        status = settle_socket(config, path, error);
    if (tp_ok(status))
        status = check_ports(config, error);
    if (tp_ok(status))
        status = split_addresses(config, addresses, error);
    return status;
}
