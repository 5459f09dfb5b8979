/* Fails the Nth allocation of each act until it runs through: the answer is TP_NOMEM, nothing is
 * half done, and (under the address sanitizer) nothing leaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/crypto.h"
#include "base/fault_allocator.h"
#include "base/ini.h"
#include "base/json.h"
#include "base/test_folder.h"

static struct tp_test_folder folder;
static json_t *json;

typedef struct tp_status (*act_function)(struct tp_error *error);

/* Returns how many allocations the act makes. */
static unsigned fail_each_allocation(act_function act)
{
    for (unsigned number = 1; number < 1000; number++) {
        struct tp_error error = {0};
        tp_fault_fail_at(number);
        struct tp_status status = act(&error);
        bool reached = tp_fault_was_reached();
        tp_fault_fail_at(0);
        if (!reached) {
            assert_true(tp_ok(status));
            return number - 1;
        }
        assert_int_equal(status.class, TP_NOMEM);
        assert_string_equal(error.code, "memory.exhausted");
    }
    fail_msg("the act never runs through");
    return 0;
}

static struct tp_status fill_bytes(struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes bytes = TP_BYTES_INIT;
    for (int i = 0; i < 500; i++)
        tp_bytes_append_format(&bytes, "%d ", i);
    tp_base64_append(&bytes, "abc", 3);
    return tp_bytes_check(&bytes, error);
}

static struct tp_status decode_base64(struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes bytes = TP_BYTES_INIT;
    return tp_base64_decode("Zm9vYmFy", 8, &bytes, error);
}

static struct tp_status write_json(struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes out = TP_BYTES_INIT;
    return tp_json_write(json, &out, error);
}

static struct tp_status read_ini(struct tp_error *error)
{
    char path[TP_TEST_PATH_BYTES];
    char address[64] = "";
    int64_t port = 0;
    const struct tp_ini_key keys[] = {
        {"http", "address", TP_INI_TEXT, address, sizeof(address), true, 0, 0},
        {"http", "port", TP_INI_INT, &port, 0, true, 1, 65535},
    };
    tp_test_folder_join(&folder, "a.ini", path);
    return tp_ini_read(path, keys, 2, error);
}

static struct tp_status sign_and_seal(struct tp_error *error)
{
    static struct tp_keypair keypair; /* its content does not matter here */
    uint8_t signature[TP_SIGNATURE_BYTES];
    TP_AUTO(tp_bytes) struct tp_bytes sealed = TP_BYTES_INIT;
    struct tp_status status = tp_sign(&keypair, "domain", "message", 7, signature, error);
    if (tp_ok(status)) {
        uint8_t key[TP_SEAL_PUBLIC_BYTES] = {9};
        status = tp_seal(key, "message", 7, &sealed, error);
    }
    return status;
}

static struct tp_status read_and_write_file(struct tp_error *error)
{
    char path[TP_TEST_PATH_BYTES];
    tp_test_folder_join(&folder, "b", path);
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    struct tp_status status = tp_file_write(path, "0123456789", 10, 0600, error);
    return tp_ok(status) ? tp_file_read(path, 100, &text, error) : status;
}

static struct tp_status save_and_load_keypair(struct tp_error *error)
{
    char path[TP_TEST_PATH_BYTES];
    tp_test_folder_join(&folder, "key", path);
    TP_AUTO(tp_keypair) struct tp_keypair *keypair = NULL;
    return tp_keypair_load_or_make(path, &keypair, error);
}

static void acts__memory_runs_out__say_so_and_run_later(void **state)
{
    (void)state;
    char path[TP_TEST_PATH_BYTES];
    const char *ini = "[http]\naddress=127.0.0.1\nport=8443\n";
    tp_test_folder_put(&folder, "a.ini", ini, strlen(ini), path);
    static const struct {
        act_function act;
        unsigned least_count;
    } acts[] = {
        {fill_bytes, 4},
        {decode_base64, 1},
        {write_json, 2},
        {read_ini, 3},
        {sign_and_seal, 2},
        {read_and_write_file, 1},
        {save_and_load_keypair, 1},
    };
    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
        assert_true(fail_each_allocation(acts[i].act) >= acts[i].least_count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acts__memory_runs_out__say_so_and_run_later),
    };
    if (tp_failed(tp_crypto_init(NULL)))
        return 1;
    json_set_alloc_funcs(tp_fault_free_malloc, free);
    json = json_pack("{s:s,s:[i,i]}", "name",
                     "a text that is longer than a first buffer of bytes is", "list", 1, 2);
    tp_test_folder_init(&folder);
    int failed_count = cmocka_run_group_tests(tests, NULL, NULL);
    tp_test_folder_fini(&folder);
    json_decref(json);
    return failed_count;
}
