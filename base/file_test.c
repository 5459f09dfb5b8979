#include "base/bytes.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/test_folder.h"

static int setup(void **state)
{
    static struct tp_test_folder folder;
    tp_test_folder_init(&folder);
    *state = &folder;
    return 0;
}

static int teardown(void **state)
{
    tp_test_folder_fini(*state);
    return 0;
}

static int entry_count(const char *path)
{
    DIR *folder = opendir(path);
    assert_non_null(folder);
    int count = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static void write__new_and_again__has_the_last_text_and_mode_and_no_neighbours(void **state)
{
    char path[TP_TEST_PATH_BYTES];
    tp_test_folder_join(*state, "a", path);
    assert_true(tp_ok(tp_file_write(path, "first text", 10, 0644, NULL)));
    assert_true(tp_ok(tp_file_write(path, "second", 6, 0600, NULL)));
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    assert_true(tp_ok(tp_file_read(path, 6, &text, NULL)));
    assert_string_equal((const char *)text.data, "second");
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(entry_count(((struct tp_test_folder *)*state)->path), 1);
}

static void write__target_is_a_folder__fails_and_leaves_nothing(void **state)
{
    char path[TP_TEST_PATH_BYTES];
    tp_test_folder_join(*state, "taken", path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(tp_file_write(path, "x", 1, 0600, NULL).class, TP_IO);
    assert_int_equal(entry_count(((struct tp_test_folder *)*state)->path), 1);
}

static void write__folder_missing__is_not_found(void **state)
{
    char path[TP_TEST_PATH_BYTES];
    tp_test_folder_join(*state, "no/such", path);
    assert_int_equal(tp_file_write(path, "x", 1, 0600, NULL).class, TP_NOT_FOUND);
}

static void read__over_the_limit__is_refused(void **state)
{
    char path[TP_TEST_PATH_BYTES];
    tp_test_folder_put(*state, "a", "12345", 5, path);
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    struct tp_error error = {0};
    assert_int_equal(tp_file_read(path, 4, &text, &error).class, TP_LIMIT);
    assert_string_equal(error.code, "file.too_large");
    assert_true(tp_ok(tp_file_read(path, 5, &text, &error)));
}

/* A device tells no size before: the limit must hold while reading. */
static void read__endless_file__is_refused(void **state)
{
    (void)state;
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    assert_int_equal(tp_file_read("/dev/zero", 100000, &text, NULL).class, TP_LIMIT);
    assert_true(text.length <= 100000);
}

static void read__missing_or_folder__is_told(void **state)
{
    char path[TP_TEST_PATH_BYTES];
    tp_test_folder_join(*state, "missing", path);
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    struct tp_error error = {0};
    assert_int_equal(tp_file_read(path, 9, &text, &error).class, TP_NOT_FOUND);
    assert_string_equal(error.code, "file.not_found");
    assert_int_equal(
        tp_file_read(((struct tp_test_folder *)*state)->path, 99999, &text, &error).class, TP_IO);
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILE_TEST(write__new_and_again__has_the_last_text_and_mode_and_no_neighbours),
        FILE_TEST(write__target_is_a_folder__fails_and_leaves_nothing),
        FILE_TEST(write__folder_missing__is_not_found),
        FILE_TEST(read__over_the_limit__is_refused),
        cmocka_unit_test(read__endless_file__is_refused),
        FILE_TEST(read__missing_or_folder__is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
