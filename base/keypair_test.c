#include "base/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/test_folder.h"

static struct tp_test_folder folder;
static char path[TP_TEST_PATH_BYTES];

static int setup(void **state)
{
    (void)state;
    tp_test_folder_init(&folder);
    tp_test_folder_join(&folder, "key", path);
    return tp_failed(tp_crypto_init(NULL));
}

static int teardown(void **state)
{
    (void)state;
    tp_test_folder_fini(&folder);
    return 0;
}

static struct tp_keypair *made_and_saved(void)
{
    struct tp_keypair *keypair = NULL;
    assert_true(tp_ok(tp_keypair_new(&keypair, NULL)));
    assert_true(tp_ok(tp_keypair_save(keypair, path, NULL)));
    return keypair;
}

static void save__loaded_again__is_the_same_and_private(void **state)
{
    (void)state;
    TP_AUTO(tp_keypair) struct tp_keypair *keypair = made_and_saved();
    TP_AUTO(tp_keypair) struct tp_keypair *loaded = NULL;
    assert_true(tp_ok(tp_keypair_load(path, &loaded, NULL)));
    assert_memory_equal(loaded, keypair, sizeof(*keypair));
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    assert_true(tp_ok(tp_file_read(path, 1000, &text, NULL)));
    assert_memory_equal(text.data, "tongping-secret-key-v1\n", 23);
    assert_int_equal(text.length, 23 + 65 + 65);
}

static void load__others_may_read__is_denied(void **state)
{
    (void)state;
    TP_AUTO(tp_keypair) struct tp_keypair *keypair = made_and_saved();
    static const mode_t modes[] = {0640, 0604, 0620, 0601};
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        assert_int_equal(chmod(path, modes[i]), 0);
        struct tp_keypair *loaded = NULL;
        struct tp_error error = {0};
        assert_int_equal(tp_keypair_load(path, &loaded, &error).class, TP_DENIED);
        assert_string_equal(error.code, "key.readable_by_others");
        assert_null(loaded);
    }
}

static void load__malformed__is_refused_without_telling_the_text(void **state)
{
    (void)state;
    TP_AUTO(tp_keypair) struct tp_keypair *keypair = made_and_saved();
    TP_AUTO(tp_bytes) struct tp_bytes good = TP_BYTES_INIT;
    assert_true(tp_ok(tp_file_read(path, 1000, &good, NULL)));
    for (size_t i = 0; i < good.length; i++) {
        uint8_t kept = good.data[i];
        good.data[i] = 'z';
        assert_true(tp_ok(tp_file_write(path, good.data, good.length, 0600, NULL)));
        struct tp_keypair *loaded = NULL;
        struct tp_error error = {0};
        assert_int_equal(tp_keypair_load(path, &loaded, &error).class, TP_INPUT);
        assert_string_equal(error.code, "key.malformed");
        good.data[i] = kept;
    }
    for (size_t length = 0; length < good.length; length += 11) {
        struct tp_keypair *loaded = NULL;
        assert_true(tp_ok(tp_file_write(path, good.data, length, 0600, NULL)));
        assert_int_equal(tp_keypair_load(path, &loaded, NULL).class, TP_INPUT);
    }
    char large[600];
    memset(large, 'a', sizeof(large));
    assert_true(tp_ok(tp_file_write(path, large, sizeof(large), 0600, NULL)));
    struct tp_keypair *loaded = NULL;
    assert_int_equal(tp_keypair_load(path, &loaded, NULL).class, TP_INPUT);
}

static void load_or_make__twice__gives_the_first_key_again(void **state)
{
    (void)state;
    char fresh[TP_TEST_PATH_BYTES];
    tp_test_folder_join(&folder, "fresh", fresh);
    TP_AUTO(tp_keypair) struct tp_keypair *first = NULL;
    TP_AUTO(tp_keypair) struct tp_keypair *second = NULL;
    assert_int_equal(tp_keypair_load(fresh, &first, NULL).class, TP_NOT_FOUND);
    assert_true(tp_ok(tp_keypair_load_or_make(fresh, &first, NULL)));
    assert_true(tp_ok(tp_keypair_load_or_make(fresh, &second, NULL)));
    assert_memory_equal(first, second, sizeof(*first));
}

static void load_or_make__file_is_damaged__is_not_overwritten(void **state)
{
    (void)state;
    char damaged[TP_TEST_PATH_BYTES];
    tp_test_folder_join(&folder, "damaged", damaged);
    assert_true(tp_ok(tp_file_write(damaged, "damaged", 7, 0600, NULL)));
    struct tp_keypair *keypair = NULL;
    assert_int_equal(tp_keypair_load_or_make(damaged, &keypair, NULL).class, TP_INPUT);
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    assert_true(tp_ok(tp_file_read(damaged, 100, &text, NULL)));
    assert_string_equal((const char *)text.data, "damaged");
}

static void public_key__saved__loads_and_holds_no_secret(void **state)
{
    (void)state;
    TP_AUTO(tp_keypair) struct tp_keypair *keypair = made_and_saved();
    struct tp_public_key key = tp_keypair_public(keypair);
    struct tp_public_key loaded;
    assert_true(tp_ok(tp_public_key_save(&key, path, NULL)));
    assert_true(tp_ok(tp_public_key_load(path, &loaded, NULL)));
    assert_memory_equal(&loaded, &key, sizeof(key));
    assert_memory_equal(loaded.sign, keypair->sign_public, TP_SIGN_PUBLIC_BYTES);
    assert_memory_equal(loaded.seal, keypair->seal_public, TP_SEAL_PUBLIC_BYTES);
    struct tp_keypair *taken = NULL;
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(tp_keypair_load(path, &taken, NULL).class, TP_INPUT);
}

static void public_key_load__secret_file__is_refused(void **state)
{
    (void)state;
    TP_AUTO(tp_keypair) struct tp_keypair *keypair = made_and_saved();
    struct tp_public_key key;
    assert_int_equal(tp_public_key_load(path, &key, NULL).class, TP_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(save__loaded_again__is_the_same_and_private),
        cmocka_unit_test(load__others_may_read__is_denied),
        cmocka_unit_test(load__malformed__is_refused_without_telling_the_text),
        cmocka_unit_test(load_or_make__twice__gives_the_first_key_again),
        cmocka_unit_test(load_or_make__file_is_damaged__is_not_overwritten),
        cmocka_unit_test(public_key__saved__loads_and_holds_no_secret),
        cmocka_unit_test(public_key_load__secret_file__is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
