/* A configuration file: outside bytes when an operator takes one from somewhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/ini.h"
#include "tests/fuzz/fuzz.h"

static struct tp_status check_entry(void *context, const char *section, const char *name,
                                    const char *value, int line, struct tp_error *error)
{
    int *last_line = context;
    (void)error;
    FUZZ_HOLDS(tp_utf8_valid(section, strlen(section)) && strlen(section) <= 49);
    FUZZ_HOLDS(name[0] != '\0' && tp_utf8_valid(name, strlen(name)));
    FUZZ_HOLDS(tp_utf8_valid(value, strlen(value)) && strlen(value) < 4096);
    FUZZ_HOLDS(line > *last_line);
    *last_line = line;
    return TP_STATUS_OK;
}

static void read_keys(const char *path)
{
    char address[16] = "";
    int64_t port = 0;
    bool open = false;
    int64_t wait_ms = 0;
    const struct tp_ini_key keys[] = {
        {"http", "address", TP_INI_TEXT, address, sizeof(address), true, 0, 0},
        {"http", "port", TP_INI_INT, &port, 0, true, 1, 65535},
        {"http", "open", TP_INI_BOOL, &open, 0, false, 0, 0},
        {"*", "wait", TP_INI_DURATION, &wait_ms, 0, false, 0, 3600000},
    };
    struct tp_error error = {0};
    if (tp_ok(tp_ini_read(path, keys, sizeof(keys) / sizeof(keys[0]), &error))) {
        tp_fuzz_taken_count++;
        FUZZ_HOLDS(memchr(address, '\0', sizeof(address)) != NULL && address[0] != '\0');
        FUZZ_HOLDS(port >= 1 && port <= 65535 && wait_ms >= 0 && wait_ms <= 3600000);
    } else {
        FUZZ_HOLDS(error.class == TP_INPUT && strncmp(error.code, "ini.", 4) == 0);
        FUZZ_HOLDS(tp_utf8_valid(error.field, strlen(error.field)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char path[32];
    int last_line = 0;
    int file = memfd_create("ini", MFD_CLOEXEC);
    FUZZ_HOLDS(file >= 0);
    FUZZ_HOLDS(write(file, data, bytes) == (ssize_t)bytes);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    read_keys(path);
    (void)tp_failed(tp_ini_read_each(path, check_entry, &last_line, NULL));
    close(file);
    return 0;
}
