#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "expert-draw/vault.h"

static struct tp_vault *new_vault(void)
{
    TP_AUTO(tp_keypair) struct tp_keypair *keypair = NULL;
    struct tp_vault *vault = NULL;
    assert_true(tp_ok(tp_keypair_new(&keypair, NULL)));
    assert_true(tp_ok(tp_vault_new(keypair, &vault, NULL)));
    return vault;
}

static void vault__same_key_and_place__opens(void **state)
{
    (void)state;
    TP_AUTO(tp_vault) struct tp_vault *vault = new_vault();
    TP_AUTO(tp_bytes) struct tp_bytes encrypted = TP_BYTES_INIT;
    TP_AUTO(tp_bytes) struct tp_bytes plain = TP_BYTES_INIT;
    assert_true(tp_ok(tp_vault_encrypt(vault, "expert:1:E1", "text", 4, &encrypted, NULL)));
    assert_true(tp_ok(
        tp_vault_decrypt(vault, "expert:1:E1", encrypted.data, encrypted.length, &plain, NULL)));
    assert_string_equal((const char *)plain.data, "text");
}

static void vault__other_place_key_or_bytes__refused(void **state)
{
    (void)state;
    TP_AUTO(tp_vault) struct tp_vault *vault = new_vault();
    TP_AUTO(tp_vault) struct tp_vault *other = new_vault();
    TP_AUTO(tp_bytes) struct tp_bytes encrypted = TP_BYTES_INIT;
    TP_AUTO(tp_bytes) struct tp_bytes plain = TP_BYTES_INIT;
    assert_true(tp_ok(tp_vault_encrypt(vault, "expert:1:E1", "text", 4, &encrypted, NULL)));
    assert_int_equal(
        tp_vault_decrypt(vault, "expert:1:E2", encrypted.data, encrypted.length, &plain, NULL)
            .class,
        TP_CRYPTO);
    assert_int_equal(
        tp_vault_decrypt(other, "expert:1:E1", encrypted.data, encrypted.length, &plain, NULL)
            .class,
        TP_CRYPTO);
    for (size_t i = 0; i < encrypted.length; i++) {
        encrypted.data[i] ^= 0x80;
        assert_int_equal(
            tp_vault_decrypt(vault, "expert:1:E1", encrypted.data, encrypted.length, &plain, NULL)
                .class,
            TP_CRYPTO);
        encrypted.data[i] ^= 0x80;
    }
    for (size_t length = 0; length < encrypted.length; length++)
        assert_int_equal(
            tp_vault_decrypt(vault, "expert:1:E1", encrypted.data, length, &plain, NULL).class,
            TP_CRYPTO);
}

static void vault__handles__same_again_and_unlike_in_another_draw(void **state)
{
    (void)state;
    TP_AUTO(tp_vault) struct tp_vault *vault = new_vault();
    char one[TP_HANDLE_TEXT_BYTES], again[TP_HANDLE_TEXT_BYTES], other[TP_HANDLE_TEXT_BYTES];
    tp_vault_handle(vault, "drw_1", "E1", one);
    tp_vault_handle(vault, "drw_1", "E1", again);
    assert_string_equal(one, again);
    assert_int_equal(strlen(one), 24);
    assert_memory_equal(one, "h_", 2);
    tp_vault_handle(vault, "drw_2", "E1", other);
    assert_string_not_equal(one, other);
    tp_vault_handle(vault, "drw_1E", "1", other);
    assert_string_not_equal(one, other);
}

static void vault__macs__told_apart_by_purpose(void **state)
{
    (void)state;
    TP_AUTO(tp_vault) struct tp_vault *vault = new_vault();
    uint8_t one[TP_VAULT_MAC_BYTES], two[TP_VAULT_MAC_BYTES];
    tp_vault_mac(vault, "tongping.vault.phone.v1", "1", 1, one);
    tp_vault_mac(vault, "tongping.vault.code.v1", "1", 1, two);
    assert_memory_not_equal(one, two, sizeof(one));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vault__same_key_and_place__opens),
        cmocka_unit_test(vault__other_place_key_or_bytes__refused),
        cmocka_unit_test(vault__handles__same_again_and_unlike_in_another_draw),
        cmocka_unit_test(vault__macs__told_apart_by_purpose),
    };
    if (tp_failed(tp_crypto_init(NULL)))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
