#include "demo/trading/settings.h"

#include <libgen.h>
#include <limits.h>
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
#define NUMBER(section_, name_, type_, member, maximum_)                                           \
    {                                                                                              \
        .section = section_, .name = name_, .type = type_, .value = &settings->member,             \
        .maximum = maximum_                                                                        \
    }

static struct tp_status enter_folder_of(const char *path, struct tp_error *error)
{
    TP_AUTO_FREE char *whole = realpath(path, NULL);
    if (whole == NULL || chdir(dirname(whole)) != 0)
        return tp_fail(error, TP_IO, "settings.folder", "cannot enter the folder of %s", path);
    return TP_STATUS_OK;
}

struct tp_status tp_trading_settings_read(const char *path, struct tp_trading_settings *settings,
                                          struct tp_error *error)
{
    *settings = (struct tp_trading_settings){
        .address = "127.0.0.1",
        .store = "trading.db",
        .lists = "lists",
        .coordinator_name = "coordinator",
    };
    const struct tp_ini_key keys[] = {
        TEXT("server", "address", address, false),
        NUMBER("server", "port", TP_INI_INT, port, 65535),
        TEXT("server", "certificate", certificate, true),
        TEXT("server", "private_key", private_key, true),
        TEXT("trading", "id", id, true),
        TEXT("trading", "name", name, true),
        TEXT("trading", "key", key, true),
        TEXT("trading", "store", store, false),
        TEXT("trading", "lists", lists, false),
        TEXT("coordinator", "url", coordinator_url, false),
        TEXT("coordinator", "ca", coordinator_ca, false),
        TEXT("coordinator", "public", coordinator_public, true),
        TEXT("coordinator", "name", coordinator_name, false),
        NUMBER("fault", "refuse_first", TP_INI_INT, refuse_first, 1000),
        NUMBER("fault", "bad_signature_first", TP_INI_INT, bad_signature_first, 1000),
        NUMBER("fault", "delay", TP_INI_DURATION, delay_ms, 120000),
    };
    struct tp_status status = tp_ini_read(path, keys, sizeof(keys) / sizeof(keys[0]), error);
    if (tp_failed(status))
        return status;
    return enter_folder_of(path, error);
}
