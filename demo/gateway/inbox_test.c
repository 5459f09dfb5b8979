#include "demo/gateway/inbox.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
    char path[64];
};

static int set_up(void **state)
{
    static struct place place;
    strcpy(place.path, "/tmp/tp-inbox-XXXXXX");
    int file = mkstemp(place.path);
    close(file);
    *state = &place;
    return file < 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    return unlink(place->path);
}

static bool add(struct tp_inbox *inbox, const char *id, const char *text)
{
    bool fresh = false;
    const struct tp_inbox_message message = {
        .id = id, .kind = "sms", .to = "10000000001", .text = text, .at_ms = 5};
    assert_true(tp_ok(tp_inbox_add(inbox, &message, &fresh, NULL)));
    return fresh;
}

static void add__same_id_twice__is_kept_once(void **state)
{
    struct place *place = *state;
    struct tp_inbox *inbox;
    assert_true(tp_ok(tp_inbox_open(place->path, &inbox, NULL)));
    assert_true(add(inbox, "a", "一"));
    assert_false(add(inbox, "a", "一"));
    assert_true(add(inbox, NULL, "二"));
    json_t *items = tp_inbox_after(inbox, 0, 10);
    assert_int_equal(json_array_size(items), 2);
    json_decref(items);
    tp_inbox_free(inbox);
}

static void open__torn_last_line__keeps_the_whole_ones(void **state)
{
    struct place *place = *state;
    struct tp_inbox *inbox;
    assert_true(tp_ok(tp_inbox_open(place->path, &inbox, NULL)));
    add(inbox, "a", "一");
    tp_inbox_free(inbox);
    int file = open(place->path, O_WRONLY | O_APPEND);
    assert_int_equal(write(file, "{\"n\":2,\"te", 10), 10);
    close(file);
    assert_true(tp_ok(tp_inbox_open(place->path, &inbox, NULL)));
    assert_false(add(inbox, "a", "一"));
    assert_true(add(inbox, "b", "二"));
    tp_inbox_free(inbox);
    assert_true(tp_ok(tp_inbox_open(place->path, &inbox, NULL)));
    json_t *items = tp_inbox_after(inbox, 1, 10);
    assert_int_equal(json_array_size(items), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(items, 0), "text")), "二");
    json_decref(items);
    tp_inbox_free(inbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(add__same_id_twice__is_kept_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(open__torn_last_line__keeps_the_whole_ones, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
