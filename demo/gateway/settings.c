#include "demo/gateway/settings.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/ini.h"

#define TEXT(section_, name_, member, required_)                                                   \
    {                                                                                              \
        .section = section_, .name = name_, .type = TP_INI_TEXT, .value = settings->member,        \
        .size = sizeof(settings->member), .required = required_                                    \
    }

struct tp_status tp_gateway_settings_read(const char *path, struct tp_gateway_settings *settings,
                                          struct tp_error *error)
{
    *settings = (struct tp_gateway_settings){
        .address = "127.0.0.1", .file = "messages.jsonl", .automatic = "none"};
    const struct tp_ini_key keys[] = {
        TEXT("server", "address", address, false),
        {.section = "server",
         .name = "port",
         .type = TP_INI_INT,
         .value = &settings->port,
         .maximum = 65535},
        TEXT("server", "certificate", certificate, true),
        TEXT("server", "private_key", private_key, true),
        TEXT("server", "pages", pages, true),
        TEXT("gateway", "username", username, true),
        TEXT("gateway", "password", password, true),
        TEXT("gateway", "file", file, false),
        TEXT("gateway", "auto", automatic, false),
        TEXT("gateway", "owners", owners, false),
        TEXT("reply", "url", reply_url, true),
        TEXT("reply", "ca", reply_ca, false),
        TEXT("reply", "secret", reply_secret, true),
    };
    struct tp_status status = tp_ini_read(path, keys, sizeof(keys) / sizeof(keys[0]), error);
    if (tp_failed(status))
        return status;
    if (strcmp(settings->automatic, "none") != 0 && strcmp(settings->automatic, "accept") != 0)
        return tp_fail(error, TP_INPUT, "settings.bad_auto", "auto is none or accept");
    TP_AUTO_FREE char *whole = realpath(path, NULL);
    if (whole == NULL || chdir(dirname(whole)) != 0)
        return tp_fail(error, TP_IO, "settings.folder", "cannot enter the folder of %s", path);
    return TP_STATUS_OK;
}
