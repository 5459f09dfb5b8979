#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "venue-node/assertion.h"

#define NOW ((int64_t)1700000000000)
#define GOOD                                                                                       \
    "{\"draw_id\":\"d\",\"session_id\":\"s\",\"seat_id\":\"x\",\"venue\":\"v\",\"handle\":\"h1\"," \
    "\"label\":\"专家 3\",\"at\":1700000000000}"

static struct tp_keypair *draw, *foreign;

static struct tp_status check_by(const struct tp_keypair *signer, const char *domain,
                                 const char *text, struct tp_login *login)
{
    uint8_t signature[TP_SIGNATURE_BYTES];
    assert_true(tp_ok(tp_sign(signer, domain, text, strlen(text), signature, NULL)));
    const struct tp_login_proof proof = {
        .assertion = (const uint8_t *)text,
        .assertion_bytes = strlen(text),
        .signature = signature,
        .signature_bytes = sizeof signature,
    };
    const struct tp_assertion_expected expected = {"d", "s", "x", "v", NOW};
    return tp_assertion_check(draw->sign_public, &proof, &expected, login, NULL);
}

static enum tp_class check(const char *text)
{
    struct tp_login login = {0};
    return check_by(draw, TP_ASSERTION_DOMAIN, text, &login).class;
}

static void check__right__gives_handle_and_label(void **state)
{
    (void)state;
    struct tp_login login = {0};
    assert_true(tp_ok(check_by(draw, TP_ASSERTION_DOMAIN, GOOD, &login)));
    assert_string_equal(login.handle, "h1");
    assert_string_equal(login.label, "专家 3");
}

static void check__other_key_or_purpose__refused(void **state)
{
    (void)state;
    struct tp_login login = {0};
    assert_int_equal(check_by(foreign, TP_ASSERTION_DOMAIN, GOOD, &login).class, TP_CRYPTO);
    assert_int_equal(check_by(draw, "tongping.list.v1", GOOD, &login).class, TP_CRYPTO);
    assert_string_equal(login.handle, "");
}

static void check__anything_differs__refused(void **state)
{
    (void)state;
    static const char *const fields[] = {"\"d\"", "\"s\"", "\"x\"", "\"v\""};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        char text[512];
        snprintf(text, sizeof text, "%s", GOOD);
        strstr(text, fields[i])[1] = 'o';
        assert_int_equal(check(text), TP_CRYPTO);
    }
}

static void check__too_old_or_too_new__refused(void **state)
{
    (void)state;
    char text[512];
    const char *stem = "{\"draw_id\":\"d\",\"session_id\":\"s\",\"seat_id\":\"x\",\"venue\":\"v\","
                       "\"handle\":\"h1\",\"label\":\"l\",\"at\":";
    snprintf(text, sizeof text, "%s%lld}", stem, (long long)(NOW - TP_ASSERTION_AGE_MS));
    assert_int_equal(check(text), TP_OK);
    snprintf(text, sizeof text, "%s%lld}", stem, (long long)(NOW - TP_ASSERTION_AGE_MS - 1));
    assert_int_equal(check(text), TP_CRYPTO);
    snprintf(text, sizeof text, "%s%lld}", stem, (long long)(NOW + TP_ASSERTION_AGE_MS + 1));
    assert_int_equal(check(text), TP_CRYPTO);
}

static void check__malformed__refused(void **state)
{
    (void)state;
    assert_int_equal(check(""), TP_CRYPTO);
    assert_int_equal(check("{}"), TP_CRYPTO);
    assert_int_equal(check("[1]"), TP_CRYPTO);
    char text[TP_ASSERTION_MOST_BYTES + 2];
    memset(text, ' ', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_int_equal(check(text), TP_CRYPTO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check__right__gives_handle_and_label),
        cmocka_unit_test(check__other_key_or_purpose__refused),
        cmocka_unit_test(check__anything_differs__refused),
        cmocka_unit_test(check__too_old_or_too_new__refused),
        cmocka_unit_test(check__malformed__refused),
    };
    if (tp_failed(tp_crypto_init(NULL)) || tp_failed(tp_keypair_new(&draw, NULL)) ||
        tp_failed(tp_keypair_new(&foreign, NULL)))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tp_keypair_free(draw);
    tp_keypair_free(foreign);
    return failed;
}
