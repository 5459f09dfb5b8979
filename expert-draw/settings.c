#include "expert-draw/settings.h"

#include <stdio.h>
#include <string.h>

#include "base/ini.h"

#define TEXT(section_name, key_name, member, is_required)                                          \
    {                                                                                              \
        .section = section_name, .name = key_name, .type = TP_INI_TEXT, .value = member,           \
        .size = sizeof(member), .required = is_required                                            \
    }

static void defaults(struct tp_draw_settings *settings)
{
    *settings = (struct tp_draw_settings){
        .address = "127.0.0.1",
        .client_name = "coordinator",
        .gateway_username = "tongping",
        .gateway_from = "tongping",
        .gateway_timeout_ms = 10000,
        .gateway_voice = true,
        .reply_address = "127.0.0.1",
    };
}

/* `path` relative to the folder of `file`, in place. */
static bool resolve(const char *file, char *path, size_t path_bytes)
{
    const char *slash = strrchr(file, '/');
    if (path[0] == '\0' || path[0] == '/' || slash == NULL)
        return true;
    char joined[1024];
    int length = snprintf(joined, sizeof(joined), "%.*s%s", (int)(slash - file + 1), file, path);
    if (length < 0 || (size_t)length >= path_bytes)
        return false;
    memcpy(path, joined, (size_t)length + 1);
    return true;
}

static struct tp_status resolve_all(const char *file, struct tp_draw_settings *settings,
                                    struct tp_error *error)
{
    static const char scheme[] = "sqlite:";
    bool good = resolve(file, settings->certificate, sizeof(settings->certificate)) &&
                resolve(file, settings->private_key, sizeof(settings->private_key)) &&
                resolve(file, settings->client_ca, sizeof(settings->client_ca)) &&
                resolve(file, settings->key, sizeof(settings->key)) &&
                resolve(file, settings->reply_certificate, sizeof(settings->reply_certificate)) &&
                resolve(file, settings->reply_private_key, sizeof(settings->reply_private_key)) &&
                resolve(file, settings->gateway_ca, sizeof(settings->gateway_ca));
    if (strncmp(settings->store_url, scheme, sizeof(scheme) - 1) == 0)
        good = good && resolve(file, settings->store_url + sizeof(scheme) - 1,
                               sizeof(settings->store_url) - (sizeof(scheme) - 1));
    return good ? TP_STATUS_OK
                : tp_fail(error, TP_INPUT, "settings.path_too_long", "a path is too long");
}

struct tp_status tp_draw_settings_read(const char *path, struct tp_draw_settings *settings,
                                       struct tp_error *error)
{
    defaults(settings);
    const struct tp_ini_key keys[] = {
        TEXT("server", "address", settings->address, false),
        {.section = "server",
         .name = "port",
         .type = TP_INI_INT,
         .value = &settings->port,
         .required = true,
         .minimum = 0,
         .maximum = 65535},
        TEXT("server", "certificate", settings->certificate, true),
        TEXT("server", "private_key", settings->private_key, true),
        TEXT("server", "client_ca", settings->client_ca, true),
        TEXT("server", "client_name", settings->client_name, false),
        TEXT("store", "url", settings->store_url, true),
        TEXT("keys", "key", settings->key, true),
        TEXT("gateway", "url", settings->gateway_url, true),
        TEXT("gateway", "ca", settings->gateway_ca, false),
        TEXT("gateway", "username", settings->gateway_username, false),
        TEXT("gateway", "password", settings->gateway_password, false),
        TEXT("gateway", "from", settings->gateway_from, false),
        {.section = "gateway",
         .name = "timeout",
         .type = TP_INI_DURATION,
         .value = &settings->gateway_timeout_ms,
         .minimum = 100,
         .maximum = 120000},
        {.section = "gateway",
         .name = "voice",
         .type = TP_INI_BOOL,
         .value = &settings->gateway_voice},
        TEXT("reply", "address", settings->reply_address, false),
        {.section = "reply",
         .name = "port",
         .type = TP_INI_INT,
         .value = &settings->reply_port,
         .required = true,
         .minimum = 0,
         .maximum = 65535},
        TEXT("reply", "secret", settings->reply_secret, true),
        TEXT("reply", "certificate", settings->reply_certificate, false),
        TEXT("reply", "private_key", settings->reply_private_key, false),
    };
    struct tp_status status = tp_ini_read(path, keys, sizeof(keys) / sizeof(keys[0]), error);
    if (tp_ok(status) && strlen(settings->reply_secret) < 16) {
        status = tp_fail(error, TP_INPUT, "settings.weak_secret",
                         "[reply] secret must have at least 16 characters");
        tp_error_set_field(error, "reply secret");
    }
    return tp_ok(status) ? resolve_all(path, settings, error) : status;
}
