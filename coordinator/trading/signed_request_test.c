#include "coordinator/trading/signed_request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW_MS INT64_C(1790000000000)

struct fixture {
    struct tp_keypair *keypair;
    struct tp_signed_headers headers;
    struct tp_signed_request request;
};

static struct fixture fixture;

static const char *value_of(int index)
{
    return strchr(fixture.headers.list[index], ' ') + 1;
}

static int set_up(void **state)
{
    (void)state;
    static const char body[] = "{\"a\":1}";
    struct tp_error error;
    if (tp_failed(tp_crypto_init(&error)) || tp_failed(tp_keypair_new(&fixture.keypair, &error)))
        return -1;
    if (tp_failed(tp_signed_request_sign(fixture.keypair, "ggzy", "POST", "/a/b", body,
                                         strlen(body), NOW_MS, tp_random_system(), &fixture.headers,
                                         &error)))
        return -1;
    fixture.request = (struct tp_signed_request){.method = "POST",
                                                 .path = "/a/b",
                                                 .sender = value_of(0),
                                                 .time = value_of(1),
                                                 .nonce = value_of(2),
                                                 .signature = value_of(3),
                                                 .body = body,
                                                 .bytes = strlen(body)};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_keypair_free(fixture.keypair);
    return 0;
}

static const char *verify(const struct tp_signed_request *request, int64_t now_ms)
{
    static struct tp_error error;
    struct tp_status status =
        tp_signed_request_verify(request, fixture.keypair->sign_public, now_ms, &error);
    if (tp_ok(status))
        return "ok";
    assert_int_equal(status.class, TP_DENIED);
    return error.code;
}

static void verify__as_signed__holds_five_minutes(void **state)
{
    (void)state;
    assert_string_equal(verify(&fixture.request, NOW_MS), "ok");
    assert_string_equal(verify(&fixture.request, NOW_MS + 300000), "ok");
    assert_string_equal(verify(&fixture.request, NOW_MS + 300001), "request.stale");
    assert_string_equal(verify(&fixture.request, NOW_MS - 300001), "request.stale");
}

static void verify__anything_changed__is_bad_signature(void **state)
{
    (void)state;
    struct tp_signed_request changed = fixture.request;
    changed.method = "PUT";
    assert_string_equal(verify(&changed, NOW_MS), "request.bad_signature");
    changed = fixture.request;
    changed.path = "/a/c";
    assert_string_equal(verify(&changed, NOW_MS), "request.bad_signature");
    changed = fixture.request;
    changed.time = "1790000000001";
    assert_string_equal(verify(&changed, NOW_MS), "request.bad_signature");
    changed = fixture.request;
    changed.nonce = "AAAAAAAAAAAAAAAAAAAAAA";
    assert_string_equal(verify(&changed, NOW_MS), "request.bad_signature");
    changed = fixture.request;
    changed.bytes--;
    assert_string_equal(verify(&changed, NOW_MS), "request.bad_signature");
    changed = fixture.request;
    changed.signature = NULL;
    assert_string_equal(verify(&changed, NOW_MS), "request.bad_signature");
    changed = fixture.request;
    changed.nonce = "short";
    assert_string_equal(verify(&changed, NOW_MS), "request.bad_signature");
}

struct use {
    const struct tp_signed_request *request;
    int64_t now_ms;
};

static struct tp_status use_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct use *use = argument;
    return tp_signed_request_use_nonce(db, use->request, use->now_ms, error);
}

static void use_nonce__second_time__is_replayed(void **state)
{
    (void)state;
    char folder[] = "/tmp/tp-signed-XXXXXX";
    char url[64];
    struct tp_error error;
    struct tp_store *store = NULL;
    const struct tp_migration migrations[] = {{1, "nonces", TP_SIGNED_REQUEST_SCHEMA}};
    assert_non_null(mkdtemp(folder));
    snprintf(url, sizeof(url), "sqlite:%s/s.db", folder);
    assert_true(tp_ok(tp_store_open(url, migrations, 1, &store, &error)));

    struct use use = {&fixture.request, NOW_MS};
    assert_true(tp_ok(tp_store_write(store, use_work, &use, &error)));
    struct tp_status status = tp_store_write(store, use_work, &use, &error);
    assert_int_equal(status.class, TP_DENIED);
    assert_string_equal(error.code, "request.replayed");
    /* The nonce is still known for as long as its time could pass. */
    use.now_ms = NOW_MS + 2 * TP_SIGNED_REQUEST_SPAN_MS;
    assert_true(tp_failed(tp_store_write(store, use_work, &use, &error)));
    /* Another sender's same nonce is another nonce. */
    struct tp_signed_request other = fixture.request;
    other.sender = "other";
    use.request = &other;
    assert_true(tp_ok(tp_store_write(store, use_work, &use, &error)));

    tp_store_free(store);
    char command[96];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verify__as_signed__holds_five_minutes),
        cmocka_unit_test(verify__anything_changed__is_bad_signature),
        cmocka_unit_test(use_nonce__second_time__is_replayed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
