#include "expert-draw/draw_log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define LOG_LIMIT_BYTES ((size_t)256 << 20)

struct tp_status tp_draw_log_append(const char *path, const struct tp_course *course,
                                    struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes line = TP_BYTES_INIT;
    char hash[TP_COURSE_TEXT_BYTES];
    tp_course_text(course->head, hash);
    tp_bytes_append_format(&line, "%s %u %s\n", course->plan->draw_id, course->record_count, hash);
    struct tp_status status = tp_bytes_check(&line, error);
    if (tp_failed(status))
        return status;
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return tp_fail(error, TP_IO, "log.write", "cannot open %s: %s", path, strerror(errno));
    bool good = write(fd, line.data, line.length) == (ssize_t)line.length && fsync(fd) == 0;
    int saved = errno;
    close(fd);
    return good ? status
                : tp_fail(error, TP_IO, "log.write", "cannot write %s: %s", path, strerror(saved));
}

/* Steps to the next line of the draw: its part after the id, NUL-terminated in place; NULL: none.
 */
static char *next_line(char **rest, const char *draw_id)
{
    size_t length = strlen(draw_id);
    for (char *line; (line = strsep(rest, "\n")) != NULL;)
        if (strncmp(line, draw_id, length) == 0 && line[length] == ' ')
            return line + length + 1;
    return NULL;
}

struct tp_status tp_draw_log_check_new(const char *path, const char *draw_id,
                                       struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    struct tp_status status = tp_file_read(path, LOG_LIMIT_BYTES, &text, error);
    if (status.class == TP_NOT_FOUND || (tp_ok(status) && text.length == 0))
        return TP_STATUS_OK;
    if (tp_failed(status))
        return status;
    char *rest = (char *)text.data;
    return next_line(&rest, draw_id) == NULL
               ? status
               : tp_fail(error, TP_CONFLICT, "log.other_attempt",
                         "the log has a draw of this draw_id already");
}

static struct tp_status is_false(struct tp_error *error, const char *what)
{
    struct tp_status status = tp_fail(error, TP_CRYPTO, "log.false", "log: %s", what);
    tp_error_set_field(error, "log");
    return status;
}

struct tp_status tp_draw_log_verify(const char *path, const struct tp_transcript *transcript,
                                    struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    struct tp_status status = tp_file_read(path, LOG_LIMIT_BYTES, &text, error);
    if (tp_failed(status))
        return status;
    char *rest = (char *)text.data;
    size_t count = json_array_size(transcript->records);
    for (size_t i = 0; i < count; i++) {
        const char *record =
            json_string_value(json_object_get(json_array_get(transcript->records, i), "record"));
        uint8_t hash[TP_HASH_BYTES];
        char hash_text[TP_COURSE_TEXT_BYTES];
        char expected[TP_COURSE_TEXT_BYTES + 24];
        tp_hash("tongping.draw.record.v1", record, strlen(record), hash);
        tp_course_text(hash, hash_text);
        snprintf(expected, sizeof(expected), "%zu %s", i + 1, hash_text);
        const char *line = next_line(&rest, transcript->draw_id);
        if (line == NULL)
            return is_false(error, "a record of the transcript is not in it");
        if (strcmp(line, expected) != 0)
            return is_false(error, "it has another record of this draw");
    }
    return next_line(&rest, transcript->draw_id) == NULL
               ? status
               : is_false(error, "the draw went on after this transcript, or was made twice");
}
