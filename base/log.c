#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"

#define LINE_MOST_BYTES 1000

static enum tp_log_level lowest_level = TP_LOG_INFO;

void tp_log_set_level(enum tp_log_level level)
{
    lowest_level = level;
}

static const char *level_name(enum tp_log_level level)
{
    static const char *const names[] = {
        [TP_LOG_DEBUG] = "debug",
        [TP_LOG_INFO] = "info",
        [TP_LOG_WARN] = "warn",
        [TP_LOG_ERROR] = "error",
    };
    return names[level];
}

/* A line feed in a value would let it forge a line of its own; C1 controls are two bytes of UTF-8.
 */
static void mask_controls(char *text, size_t length)
{
    unsigned char *bytes = (unsigned char *)text;
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] < 0x20 || bytes[i] == 0x7F)
            bytes[i] = '?';
        else if (bytes[i] == 0xC2 && i + 1 < length && bytes[i + 1] >= 0x80 && bytes[i + 1] < 0xA0)
            bytes[i] = bytes[i + 1] = '?';
    }
}

/* The last `length` that does not end within a character. */
static size_t whole_characters(const char *text, size_t length)
{
    while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
        length--;
    return length;
}

/* One write, so that the lines of several threads do not mix. */
static void write_line(const char *line, size_t length)
{
    ssize_t put;
    do {
        put = write(STDERR_FILENO, line, length);
    } while (put < 0 && errno == EINTR);
}

void tp_log(enum tp_log_level level, const char *event, const char *format, ...)
{
    if (level < lowest_level)
        return;
    char time_text[TP_TIME_TEXT_BYTES];
    tp_time_format(tp_clock_now_ms(tp_clock_system()), time_text);
    char line[LINE_MOST_BYTES + 2];
    int head = snprintf(line, sizeof(line), "%s %s %s ", time_text, level_name(level), event);
    if (head < 0 || head >= LINE_MOST_BYTES)
        return;
    va_list args;
    va_start(args, format);
    int body = vsnprintf(line + head, sizeof(line) - (size_t)head, format, args);
    va_end(args);
    size_t length = (size_t)head + (body < 0 ? 0 : (size_t)body);
    if (length >= LINE_MOST_BYTES)
        length = whole_characters(line, LINE_MOST_BYTES - 1);
    while (length > 0 && line[length - 1] == ' ')
        length--;
    mask_controls(line, length);
    line[length++] = '\n';
    write_line(line, length);
}

void tp_log_error(enum tp_log_level level, const char *event, const struct tp_error *error)
{
    if (error == NULL) {
        tp_log(level, event, "code=unknown");
        return;
    }
    tp_log(level, event, "class=%s code=%s field=\"%s\" message=\"%s\"",
           tp_class_name(error->class), error->code, error->field, error->message);
}
