#include "base/ini.h"

#include <string.h>

struct unit {
    const char *name;
    int64_t ms;
};

static const struct unit units[] = {
    {"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000},
};

static const struct unit *find_unit(const char *name)
{
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(units[i].name, name) == 0)
            return &units[i];
    }
    return NULL;
}

struct tp_status tp_duration_parse(const char *text, int64_t *duration_ms, struct tp_error *error)
{
    const char *at = text;
    int64_t count = 0;
    bool overflow = false;
    for (; *at >= '0' && *at <= '9'; at++) {
        overflow = overflow || __builtin_mul_overflow(count, 10, &count) ||
                   __builtin_add_overflow(count, *at - '0', &count);
    }
    const struct unit *unit = at == text ? NULL : find_unit(at);
    int64_t total = 0;
    if (unit == NULL || overflow || __builtin_mul_overflow(count, unit->ms, &total))
        return tp_fail(error, TP_INPUT, "ini.bad_duration",
                       "a duration is a number with ms, s, min, h or d");
    *duration_ms = total;
    return TP_STATUS_OK;
}
