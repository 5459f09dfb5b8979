#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void fail__without_error__returns_the_class(void **state)
{
    (void)state;
    struct tp_status status = tp_fail(NULL, TP_LIMIT, "a.b", "text");
    assert_int_equal(status.class, TP_LIMIT);
    assert_true(tp_failed(status));
}

static void fail__message_too_long__is_cut_at_a_character(void **state)
{
    (void)state;
    struct tp_error error;
    char text[1024] = "";
    for (int i = 0; i < 200; i++)
        strcat(text, "评");
    struct tp_status status = tp_fail(&error, TP_INPUT, "a.b", "x%s", text);
    assert_int_equal(status.class, TP_INPUT);
    size_t length = strlen(error.message);
    assert_true(length < TP_ERROR_MESSAGE_MAX_BYTES);
    assert_int_equal((length - 1) % 3, 0);
}

static void set_field__after_fail__keeps_code(void **state)
{
    (void)state;
    struct tp_error error;
    struct tp_status status = tp_fail(&error, TP_DENIED, "a.b", "m");
    tp_error_set_field(&error, "row %d", 7);
    tp_error_set_source(&error, "甘肃手册 一.3");
    assert_int_equal(status.class, TP_DENIED);
    assert_string_equal(error.code, "a.b");
    assert_string_equal(error.field, "row 7");
    assert_string_equal(error.source, "甘肃手册 一.3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fail__without_error__returns_the_class),
        cmocka_unit_test(fail__message_too_long__is_cut_at_a_character),
        cmocka_unit_test(set_field__after_fail__keeps_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
