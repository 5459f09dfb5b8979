#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cli/sealed_list.h"

static const char text[] = "{\"v\":1,\"draw_id\":\"drw_1\",\"experts\":[]}";

struct fixture {
    struct tp_keypair *recipient, *other, *keeper;
    struct tp_bytes sealed;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct tp_bytes plain = TP_BYTES_INIT;
    uint8_t signature[TP_SIGNATURE_BYTES];
    assert_true(tp_ok(tp_keypair_new(&fixture->recipient, NULL)));
    assert_true(tp_ok(tp_keypair_new(&fixture->other, NULL)));
    assert_true(tp_ok(tp_keypair_new(&fixture->keeper, NULL)));
    assert_true(tp_ok(
        tp_sign(fixture->keeper, "tongping.list.v1", text, sizeof(text) - 1, signature, NULL)));
    tp_bytes_append(&plain, text, sizeof(text)); /* with its NUL */
    tp_bytes_append(&plain, signature, sizeof(signature));
    assert_true(tp_ok(tp_seal(fixture->recipient->seal_public, plain.data, plain.length,
                              &fixture->sealed, NULL)));
    tp_bytes_fini(&plain);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    tp_keypair_free(fixture->recipient);
    tp_keypair_free(fixture->other);
    tp_keypair_free(fixture->keeper);
    tp_bytes_fini(&fixture->sealed);
    free(fixture);
    return 0;
}

static void sealed_list__right_keys__opens(void **state)
{
    struct fixture *fixture = *state;
    TP_AUTO(tp_json) json_t *list = NULL;
    assert_true(
        tp_ok(tp_sealed_list_open(fixture->recipient, fixture->keeper->sign_public,
                                  fixture->sealed.data, fixture->sealed.length, &list, NULL)));
    assert_string_equal(json_string_value(json_object_get(list, "draw_id")), "drw_1");
}

static void sealed_list__as_base64_text__opens(void **state)
{
    struct fixture *fixture = *state;
    TP_AUTO(tp_json) json_t *list = NULL;
    TP_AUTO(tp_bytes) struct tp_bytes encoded = TP_BYTES_INIT;
    tp_base64_append(&encoded, fixture->sealed.data, fixture->sealed.length);
    tp_bytes_append_text(&encoded, "\n");
    assert_true(tp_ok(tp_sealed_list_open(fixture->recipient, fixture->keeper->sign_public,
                                          encoded.data, encoded.length, &list, NULL)));
    assert_non_null(list);
}

static void sealed_list__another_recipients_key__refused(void **state)
{
    struct fixture *fixture = *state;
    TP_AUTO(tp_json) json_t *list = NULL;
    struct tp_error error;
    struct tp_status status =
        tp_sealed_list_open(fixture->other, fixture->keeper->sign_public, fixture->sealed.data,
                            fixture->sealed.length, &list, &error);
    assert_int_equal(status.class, TP_CRYPTO);
    assert_string_equal(error.code, "list.wrong_key");
    assert_null(list);
}

static void sealed_list__another_keeper__refused(void **state)
{
    struct fixture *fixture = *state;
    TP_AUTO(tp_json) json_t *list = NULL;
    struct tp_error error;
    struct tp_status status =
        tp_sealed_list_open(fixture->recipient, fixture->other->sign_public, fixture->sealed.data,
                            fixture->sealed.length, &list, &error);
    assert_int_equal(status.class, TP_CRYPTO);
    assert_string_equal(error.code, "list.bad_signature");
    assert_null(list);
}

static void sealed_list__any_byte_changed__refused(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < fixture->sealed.length; i++) {
        TP_AUTO(tp_json) json_t *list = NULL;
        fixture->sealed.data[i] ^= 1;
        assert_int_equal(tp_sealed_list_open(fixture->recipient, fixture->keeper->sign_public,
                                             fixture->sealed.data, fixture->sealed.length, &list,
                                             NULL)
                             .class,
                         TP_CRYPTO);
        fixture->sealed.data[i] ^= 1;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sealed_list__right_keys__opens, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sealed_list__as_base64_text__opens, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sealed_list__another_recipients_key__refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(sealed_list__another_keeper__refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sealed_list__any_byte_changed__refused, set_up, tear_down),
    };
    if (tp_failed(tp_crypto_init(NULL)))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
