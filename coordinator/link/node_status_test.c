#include "coordinator/link/node_status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"

static struct tp_node_status *status_of(const char *state_a, const char *state_b, uint32_t viewers)
{
    Tongping__Link__NodeStatus message;
    Tongping__Link__FeedStatus feeds[2];
    Tongping__Link__FeedStatus *pointers[2] = {&feeds[0], &feeds[1]};
    char ids[2][8] = {"b", "a"};
    char states[2][16];
    struct tp_node_status *status = NULL;
    struct tp_error error;
    snprintf(states[0], 16, "%s", state_b);
    snprintf(states[1], 16, "%s", state_a);
    tongping__link__node_status__init(&message);
    for (int i = 0; i < 2; i++) {
        tongping__link__feed_status__init(&feeds[i]);
        feeds[i].feed_id = ids[i];
        feeds[i].state = states[i];
        feeds[i].viewer_count = viewers;
    }
    message.feeds = pointers;
    message.n_feeds = 2;
    message.terminal_count = 3;
    assert_true(tp_ok(tp_node_status_new(&message, &status, &error)));
    return status;
}

static void note(void *context, const char *feed_id)
{
    strcat(context, feed_id);
}

static void compare__one_feed_changed__names_it(void **state)
{
    (void)state;
    char changed[16] = "";
    struct tp_node_status *before = status_of("idle", "idle", 0);
    struct tp_node_status *after = status_of("live", "idle", 0);
    assert_true(tp_node_status_compare(before, after, note, changed));
    assert_string_equal(changed, "a");
    changed[0] = '\0';
    assert_false(tp_node_status_compare(after, after, note, changed));
    assert_string_equal(changed, "");
    assert_true(tp_node_status_compare(NULL, after, note, changed));
    assert_string_equal(changed, "ab");
    tp_node_status_free(before);
    tp_node_status_free(after);
}

static void compare__more_viewers__differs_without_a_changed_feed(void **state)
{
    (void)state;
    char changed[16] = "";
    struct tp_node_status *before = status_of("live", "idle", 0);
    struct tp_node_status *after = status_of("live", "idle", 1);
    assert_true(tp_node_status_compare(before, after, note, changed));
    assert_string_equal(changed, "");
    tp_node_status_free(before);
    tp_node_status_free(after);
}

static void describe__feed_that_is_not_utf8__is_left_out(void **state)
{
    (void)state;
    struct tp_error error;
    TP_AUTO(tp_json) json_t *node = json_object();
    struct tp_node_status *status = status_of("live", "\xff", 2);
    assert_true(tp_ok(tp_node_status_describe(status, node, &error)));
    assert_int_equal(json_array_size(json_object_get(node, "feeds")), 1);
    assert_int_equal(json_integer_value(json_object_get(node, "terminal_count")), 3);
    assert_int_equal(tp_node_status_feed(status, "a")->viewer_count, 2);
    assert_null(tp_node_status_feed(status, "c"));
    tp_node_status_free(status);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compare__one_feed_changed__names_it),
        cmocka_unit_test(compare__more_viewers__differs_without_a_changed_feed),
        cmocka_unit_test(describe__feed_that_is_not_utf8__is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
