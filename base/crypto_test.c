#include "base/crypto.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int setup(void **state)
{
    (void)state;
    return tp_failed(tp_crypto_init(NULL));
}

static struct tp_keypair *new_keypair(void)
{
    struct tp_keypair *keypair = NULL;
    assert_true(tp_ok(tp_keypair_new(&keypair, NULL)));
    return keypair;
}

static void sign__form__is_ed25519_over_suite_domain_and_message(void **state)
{
    (void)state;
    TP_AUTO(tp_keypair) struct tp_keypair *keypair = new_keypair();
    uint8_t signature[TP_SIGNATURE_BYTES];
    assert_true(tp_ok(tp_sign(keypair, "dom", "message", 7, signature, NULL)));
    static const uint8_t form[] = "\x01\x03"
                                  "dommessage";
    assert_int_equal(
        crypto_sign_verify_detached(signature, form, sizeof(form) - 1, keypair->sign_public), 0);
}

static void verify__anything_changed__does_not_hold(void **state)
{
    (void)state;
    TP_AUTO(tp_keypair) struct tp_keypair *keypair = new_keypair();
    TP_AUTO(tp_keypair) struct tp_keypair *other = new_keypair();
    uint8_t signature[TP_SIGNATURE_BYTES];
    assert_true(tp_ok(tp_sign(keypair, "ab", "cd", 2, signature, NULL)));
    const uint8_t *key = keypair->sign_public;
    assert_true(tp_ok(tp_verify(key, "ab", "cd", 2, signature, NULL)));
    struct tp_error error = {0};
    assert_int_equal(tp_verify(key, "ab", "ce", 2, signature, &error).class, TP_CRYPTO);
    assert_string_equal(error.code, "crypto.bad_signature");
    assert_int_equal(tp_verify(key, "ab", "c", 1, signature, NULL).class, TP_CRYPTO);
    assert_int_equal(tp_verify(key, "a", "bcd", 3, signature, NULL).class, TP_CRYPTO);
    assert_int_equal(tp_verify(key, "ac", "cd", 2, signature, NULL).class, TP_CRYPTO);
    assert_int_equal(tp_verify(other->sign_public, "ab", "cd", 2, signature, NULL).class,
                     TP_CRYPTO);
    for (size_t i = 0; i < TP_SIGNATURE_BYTES; i++) {
        signature[i] ^= 1;
        assert_int_equal(tp_verify(key, "ab", "cd", 2, signature, NULL).class, TP_CRYPTO);
        signature[i] ^= 1;
    }
}

static void sign__empty_message__is_signed(void **state)
{
    (void)state;
    TP_AUTO(tp_keypair) struct tp_keypair *keypair = new_keypair();
    uint8_t signature[TP_SIGNATURE_BYTES];
    assert_true(tp_ok(tp_sign(keypair, "d", NULL, 0, signature, NULL)));
    assert_true(tp_ok(tp_verify(keypair->sign_public, "d", NULL, 0, signature, NULL)));
}

static void hash__form__is_blake2b_over_suite_domain_and_message(void **state)
{
    (void)state;
    uint8_t hash[TP_HASH_BYTES];
    uint8_t wanted[TP_HASH_BYTES];
    static const uint8_t form[] = "\x01\x03"
                                  "dommessage";
    tp_hash("dom", "message", 7, hash);
    crypto_generichash(wanted, sizeof(wanted), form, sizeof(form) - 1, NULL, 0);
    assert_memory_equal(hash, wanted, sizeof(hash));
    tp_hash("domm", "essage", 6, hash);
    assert_memory_not_equal(hash, wanted, sizeof(hash));
}

static void seal__opened_with_its_key__comes_back_behind_what_was_there(void **state)
{
    (void)state;
    TP_AUTO(tp_keypair) struct tp_keypair *keypair = new_keypair();
    TP_AUTO(tp_bytes) struct tp_bytes sealed = TP_BYTES_INIT;
    TP_AUTO(tp_secret_bytes) struct tp_bytes opened = TP_BYTES_INIT;
    tp_bytes_append_text(&opened, "before ");
    assert_true(tp_ok(tp_seal(keypair->seal_public, "the list", 8, &sealed, NULL)));
    assert_int_equal(sealed.length, 8 + TP_SEAL_OVERHEAD_BYTES);
    assert_true(tp_ok(tp_seal_open(keypair, sealed.data, sealed.length, &opened, NULL)));
    assert_string_equal((const char *)opened.data, "before the list");
}

static void seal_open__wrong_key_or_changed__does_not_open(void **state)
{
    (void)state;
    TP_AUTO(tp_keypair) struct tp_keypair *keypair = new_keypair();
    TP_AUTO(tp_keypair) struct tp_keypair *other = new_keypair();
    TP_AUTO(tp_bytes) struct tp_bytes sealed = TP_BYTES_INIT;
    TP_AUTO(tp_bytes) struct tp_bytes opened = TP_BYTES_INIT;
    assert_true(tp_ok(tp_seal(keypair->seal_public, "x", 1, &sealed, NULL)));
    struct tp_error error = {0};
    assert_int_equal(tp_seal_open(other, sealed.data, sealed.length, &opened, &error).class,
                     TP_CRYPTO);
    assert_string_equal(error.code, "crypto.not_for_this_key");
    for (size_t length = 0; length < sealed.length; length++)
        assert_int_equal(tp_seal_open(keypair, sealed.data, length, &opened, NULL).class,
                         TP_CRYPTO);
    sealed.data[sealed.length - 1] ^= 1;
    assert_int_equal(tp_seal_open(keypair, sealed.data, sealed.length, &opened, NULL).class,
                     TP_CRYPTO);
    assert_int_equal(opened.length, 0);
}

static void seal__key_of_small_order__is_refused(void **state)
{
    (void)state;
    static const uint8_t zero[TP_SEAL_PUBLIC_BYTES];
    TP_AUTO(tp_bytes) struct tp_bytes sealed = TP_BYTES_INIT;
    assert_int_equal(tp_seal(zero, "x", 1, &sealed, NULL).class, TP_CRYPTO);
    assert_int_equal(sealed.length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sign__form__is_ed25519_over_suite_domain_and_message),
        cmocka_unit_test(verify__anything_changed__does_not_hold),
        cmocka_unit_test(sign__empty_message__is_signed),
        cmocka_unit_test(hash__form__is_blake2b_over_suite_domain_and_message),
        cmocka_unit_test(seal__opened_with_its_key__comes_back_behind_what_was_there),
        cmocka_unit_test(seal_open__wrong_key_or_changed__does_not_open),
        cmocka_unit_test(seal__key_of_small_order__is_refused),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
