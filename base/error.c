#include "base/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const class_names[] = {
    [TP_OK] = "OK",
    [TP_INPUT] = "INPUT",
    [TP_DENIED] = "DENIED",
    [TP_NOT_FOUND] = "NOT_FOUND",
    [TP_CONFLICT] = "CONFLICT",
    [TP_LIMIT] = "LIMIT",
    [TP_IO] = "IO",
    [TP_PEER] = "PEER",
    [TP_CRYPTO] = "CRYPTO",
    [TP_NOMEM] = "NOMEM",
};

const char *tp_class_name(enum tp_class class)
{
    assert((unsigned)class < sizeof(class_names) / sizeof(class_names[0]));
    return class_names[class];
}

/* vsnprintf that never leaves half a UTF-8 character at the end. */
static void format_whole_characters(char *out, size_t out_bytes, const char *format, va_list args)
{
    int wanted = vsnprintf(out, out_bytes, format, args);
    if (wanted < 0) {
        out[0] = '\0';
        return;
    }
    if ((size_t)wanted < out_bytes)
        return;
    size_t end = out_bytes - 1;
    while (end > 0 && ((unsigned char)out[end - 1] & 0xC0) == 0x80)
        end--;
    if (end > 0 && ((unsigned char)out[end - 1] & 0x80) != 0)
        end--;
    out[end] = '\0';
}

static void format_into(char *out, size_t out_bytes, const char *format, ...) TP_PRINTF(3, 4);

static void format_into(char *out, size_t out_bytes, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    format_whole_characters(out, out_bytes, format, args);
    va_end(args);
}

struct tp_status tp_fail(struct tp_error *error, enum tp_class class, const char *code,
                         const char *format, ...)
{
    assert(class != TP_OK);
    assert(code != NULL && strlen(code) < TP_ERROR_CODE_MAX_BYTES);
    if (error != NULL) {
        tp_error_clear(error);
        error->class = class;
        format_into(error->code, sizeof(error->code), "%s", code);
        va_list args;
        va_start(args, format);
        format_whole_characters(error->message, sizeof(error->message), format, args);
        va_end(args);
    }
    return tp_status_of(class);
}

void tp_error_set_field(struct tp_error *error, const char *format, ...)
{
    if (error == NULL)
        return;
    va_list args;
    va_start(args, format);
    format_whole_characters(error->field, sizeof(error->field), format, args);
    va_end(args);
}

void tp_error_set_source(struct tp_error *error, const char *source)
{
    if (error == NULL)
        return;
    format_into(error->source, sizeof(error->source), "%s", source);
}

void tp_error_clear(struct tp_error *error)
{
    if (error != NULL)
        *error = (struct tp_error){.class = TP_OK};
}
