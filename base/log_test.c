#include "base/log.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"

/* Standard error while a case runs. */
struct capture {
    FILE *file;
    int saved;
    char text[4096];
};

static void capture_begin(struct capture *capture)
{
    capture->file = tmpfile();
    assert_non_null(capture->file);
    capture->saved = dup(STDERR_FILENO);
    assert_true(dup2(fileno(capture->file), STDERR_FILENO) >= 0);
}

static const char *capture_end(struct capture *capture)
{
    assert_true(dup2(capture->saved, STDERR_FILENO) >= 0);
    close(capture->saved);
    rewind(capture->file);
    size_t got = fread(capture->text, 1, sizeof(capture->text) - 1, capture->file);
    capture->text[got] = '\0';
    fclose(capture->file);
    return capture->text;
}

/* The line behind its time. */
static const char *after_time(const char *line)
{
    assert_int_equal(line[10], 'T');
    assert_int_equal(line[23], 'Z');
    return line + 25;
}

static void log__plain__is_one_line(void **state)
{
    (void)state;
    struct capture capture;
    capture_begin(&capture);
    tp_log(TP_LOG_WARN, "lot.added", "lot=%s seats=%d", "lot_1", 3);
    assert_string_equal(after_time(capture_end(&capture)), "warn lot.added lot=lot_1 seats=3\n");
}

static void log__control_characters__cannot_forge_a_line(void **state)
{
    (void)state;
    struct capture capture;
    capture_begin(&capture);
    tp_log(TP_LOG_INFO, "e", "a=%s", "x\ny\r\x1b[2J\x7f\xC2\x85同");
    assert_string_equal(after_time(capture_end(&capture)), "info e a=x?y??[2J???同\n");
}

static void log__too_long__is_cut_at_a_character(void **state)
{
    (void)state;
    char text[3001] = "";
    for (int i = 0; i < 1000; i++)
        strcat(text, "评");
    for (int shift = 0; shift < 3; shift++) {
        struct capture capture;
        capture_begin(&capture);
        tp_log(TP_LOG_INFO, "e", "%.*s%s", shift, "abc", text);
        const char *line = capture_end(&capture);
        size_t length = strlen(line);
        assert_true(length <= 1000 && length > 990);
        assert_int_equal(line[length - 1], '\n');
        assert_true(tp_utf8_valid(line, length));
    }
}

static void log__below_the_level__is_dropped(void **state)
{
    (void)state;
    struct capture capture;
    capture_begin(&capture);
    tp_log(TP_LOG_DEBUG, "quiet", "a=%d", 1);
    tp_log_set_level(TP_LOG_ERROR);
    tp_log(TP_LOG_WARN, "quiet", "a=%d", 1);
    tp_log_set_level(TP_LOG_DEBUG);
    tp_log(TP_LOG_DEBUG, "loud", "a=%d", 1);
    tp_log_set_level(TP_LOG_INFO);
    assert_string_equal(after_time(capture_end(&capture)), "debug loud a=1\n");
}

static void log_error__filled__gives_class_code_field_and_message(void **state)
{
    (void)state;
    struct tp_error error = {0};
    struct tp_status status = tp_fail(&error, TP_LIMIT, "a.b", "too %s", "much");
    assert_true(tp_failed(status));
    tp_error_set_field(&error, "seats");
    struct capture capture;
    capture_begin(&capture);
    tp_log_error(TP_LOG_ERROR, "lot.refused", &error);
    assert_string_equal(
        after_time(capture_end(&capture)),
        "error lot.refused class=LIMIT code=a.b field=\"seats\" message=\"too much\"\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log__plain__is_one_line),
        cmocka_unit_test(log__control_characters__cannot_forge_a_line),
        cmocka_unit_test(log__too_long__is_cut_at_a_character),
        cmocka_unit_test(log__below_the_level__is_dropped),
        cmocka_unit_test(log_error__filled__gives_class_code_field_and_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
