#include "base/store/engines.h"

#include <string.h>

#include "base/store/sqlite/sqlite_engine.h"

const struct tp_engine *tp_engine_of_url(const char *url, const char **location)
{
    static const struct tp_engine *const engines[] = {&tp_sqlite_engine};
    for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
        size_t bytes = strlen(engines[i]->scheme);
        if (strncmp(url, engines[i]->scheme, bytes) == 0 && url[bytes] == ':') {
            *location = url + bytes + 1;
            return engines[i];
        }
    }
    return NULL;
}
