#include "base/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct tp_status fail_errno(struct tp_error *error, const char *code, const char *act,
                                   const char *path)
{
    int saved = errno;
    if (saved == ENOENT)
        return tp_fail(error, TP_NOT_FOUND, "file.not_found", "cannot %s %s: no such file", act,
                       path);
    return tp_fail(error, TP_IO, code, "cannot %s %s: %s", act, path, strerror(saved));
}

static struct tp_status read_all(int fd, const char *path, size_t limit_bytes, struct tp_bytes *out,
                                 struct tp_error *error)
{
    struct stat about;
    if (fstat(fd, &about) != 0)
        return fail_errno(error, "file.read", "read", path);
    if (S_ISREG(about.st_mode) && (uint64_t)about.st_size > limit_bytes)
        return tp_fail(error, TP_LIMIT, "file.too_large", "%s has more than %zu bytes", path,
                       limit_bytes);
    if (S_ISREG(about.st_mode))
        tp_bytes_reserve(out, (size_t)about.st_size);
    size_t total = 0;
    for (;;) {
        uint8_t block[8192];
        ssize_t got = read(fd, block, sizeof(block));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno(error, "file.read", "read", path);
        if (got == 0)
            return tp_bytes_check(out, error);
        total += (size_t)got;
        if (total > limit_bytes)
            return tp_fail(error, TP_LIMIT, "file.too_large", "%s has more than %zu bytes", path,
                           limit_bytes);
        tp_bytes_append(out, block, (size_t)got);
    }
}

struct tp_status tp_file_read(const char *path, size_t limit_bytes, struct tp_bytes *out,
                              struct tp_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(error, "file.read", "open", path);
    struct tp_status status = read_all(fd, path, limit_bytes, out, error);
    close(fd);
    return status;
}

static bool write_all(int fd, const uint8_t *data, size_t length)
{
    while (length > 0) {
        ssize_t put = write(fd, data, length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        data += put;
        length -= (size_t)put;
    }
    return true;
}

/* The rename itself is durable only when the folder is synced. */
static bool sync_folder_of(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path);
    if (slash == NULL)
        strcpy(folder, ".");
    else
        snprintf(folder, sizeof(folder), "%.*s", length == 0 ? 1 : (int)length, path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool synced = fsync(fd) == 0;
    close(fd);
    return synced;
}

struct tp_status tp_file_write(const char *path, const void *data, size_t length, unsigned mode,
                               struct tp_error *error)
{
    char temporary[PATH_MAX];
    int wanted = snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
    if (wanted < 0 || (size_t)wanted >= sizeof(temporary))
        return tp_fail(error, TP_INPUT, "file.path_too_long", "the path is too long");
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return fail_errno(error, "file.write", "write", path);
    bool written = fchmod(fd, (mode_t)mode) == 0 && write_all(fd, data, length) && fsync(fd) == 0;
    int saved = errno;
    if (close(fd) != 0 && written) {
        saved = errno;
        written = false;
    }
    if (written && rename(temporary, path) != 0) {
        saved = errno;
        written = false;
    }
    if (!written) {
        unlink(temporary);
        errno = saved;
        return fail_errno(error, "file.write", "write", path);
    }
    if (!sync_folder_of(path))
        return fail_errno(error, "file.write", "sync the folder of", path);
    return TP_STATUS_OK;
}
