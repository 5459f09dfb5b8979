#include "coordinator/config/trading_systems.h"

#include <string.h>

#include "base/ini.h"

struct reading {
    const char *folder;
    struct tp_trading_system *systems;
    size_t most;
    size_t *count;
};

static struct tp_status find_system(struct reading *reading, const char *section,
                                    struct tp_trading_system **system, struct tp_error *error)
{
    static const char prefix[] = "trading-system ";
    if (strncmp(section, prefix, sizeof prefix - 1) != 0) {
        return tp_fail(error, TP_INPUT, "config.unknown_section",
                       "sections are [trading-system ID]");
    }
    const char *id = section + sizeof prefix - 1;
    size_t count = *reading->count;
    if (count > 0 && strcmp(reading->systems[count - 1].id, id) == 0) {
        *system = &reading->systems[count - 1];
        return TP_STATUS_OK;
    }
    if (count == reading->most) {
        return tp_fail(error, TP_LIMIT, "config.too_many", "too many trading systems");
    }
    if (id[0] == '\0' || strlen(id) >= sizeof reading->systems[0].id) {
        return tp_fail(error, TP_INPUT, "config.bad_id", "a trading system's id is too long");
    }
    *system = &reading->systems[count];
    memset(*system, 0, sizeof **system);
    strcpy((*system)->id, id);
    *reading->count = count + 1;
    return TP_STATUS_OK;
}

static struct tp_status copy(char *out, size_t size, const char *value, struct tp_error *error)
{
    if (strlen(value) >= size) {
        return tp_fail(error, TP_INPUT, "config.too_long", "the value is too long");
    }
    strcpy(out, value);
    return TP_STATUS_OK;
}

static struct tp_status read_key(const char *folder, const char *value,
                                 struct tp_trading_system *system, struct tp_error *error)
{
    char path[TP_PATH_BYTES];
    struct tp_status status = copy(path, sizeof path, value, error);
    if (tp_ok(status)) {
        status = tp_config_resolve(folder, path, error);
    }
    if (tp_ok(status)) {
        status = tp_public_key_load(path, &system->key, error);
    }
    return status;
}

static struct tp_status read_entry(void *context, const char *section, const char *name,
                                   const char *value, int line, struct tp_error *error)
{
    struct reading *reading = context;
    struct tp_trading_system *system = NULL;
    struct tp_status status = find_system(reading, section, &system, error);
    if (tp_failed(status)) {
        return status;
    }
    if (strcmp(name, "name") == 0) {
        status = copy(system->name, sizeof system->name, value, error);
    } else if (strcmp(name, "url") == 0) {
        status = copy(system->url, sizeof system->url, value, error);
    } else if (strcmp(name, "ca") == 0) {
        status = copy(system->ca_path, sizeof system->ca_path, value, error);
        if (tp_ok(status)) {
            status = tp_config_resolve(reading->folder, system->ca_path, error);
        }
    } else if (strcmp(name, "public_key") == 0) {
        status = read_key(reading->folder, value, system, error);
    } else {
        status = tp_fail(error, TP_INPUT, "config.unknown_key", "unknown key of a trading system");
    }
    if (tp_failed(status)) {
        tp_error_set_field(error, "trading systems, line %d, %.32s", line, name);
    }
    return status;
}

static bool key_given(const struct tp_trading_system *system)
{
    static const uint8_t none[TP_SIGN_PUBLIC_BYTES];
    return memcmp(system->key.sign, none, sizeof none) != 0;
}

struct tp_status tp_trading_systems_read(const char *folder, const char *path,
                                         struct tp_trading_system *systems, size_t most,
                                         size_t *count, struct tp_error *error)
{
    *count = 0;
    struct reading reading = {.folder = folder, .systems = systems, .most = most, .count = count};
    struct tp_status status = tp_ini_read_each(path, read_entry, &reading, error);
    for (size_t i = 0; tp_ok(status) && i < *count; i++) {
        const struct tp_trading_system *system = &systems[i];
        if (system->name[0] == '\0' || system->url[0] == '\0' || !key_given(system)) {
            status = tp_fail(error, TP_INPUT, "config.missing_key",
                             "trading system %s needs name, url and public_key", system->id);
        }
    }
    return status;
}
