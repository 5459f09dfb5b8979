#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/random.h"
#include "expert-draw/id_number.h"
#include "expert-draw/pool_csv.h"

#define HEADER "id,name,id_number,phone,city,specialties,employer\n"
#define GOOD_NUMBER "999000196809240004"
#define GOOD "E1,张三," GOOD_NUMBER ",10000000001,兰州,A0305;A0301,甲公司\n"

struct read {
    char text[4096];
    struct tp_pool_csv csv;
    struct tp_error error;
    struct tp_status status;
};

static struct read *read_text(const char *text)
{
    struct read *read = calloc(1, sizeof(*read));
    snprintf(read->text, sizeof(read->text), "%s", text);
    read->status = tp_pool_csv_read(read->text, strlen(read->text), &read->csv, &read->error);
    return read;
}

static void end_read(struct read *read)
{
    tp_pool_csv_fini(&read->csv);
    free(read);
}

static void pool_csv__good_row__read_with_sorted_specialties(void **state)
{
    (void)state;
    struct read *read = read_text("\xEF\xBB\xBF" HEADER GOOD);
    assert_true(tp_ok(read->status));
    assert_int_equal(read->csv.row_count, 1);
    assert_int_equal(read->csv.fault_count, 0);
    assert_string_equal(read->csv.rows[0].field[TP_POOL_ID], "E1");
    assert_string_equal(read->csv.rows[0].field[TP_POOL_NAME], "张三");
    assert_string_equal(read->csv.rows[0].field[TP_POOL_SPECIALTIES], "A0301;A0305");
    assert_int_equal(read->csv.rows[0].number, 2);
    end_read(read);
}

static void pool_csv__columns_in_another_order_quotes_and_crlf__read(void **state)
{
    (void)state;
    struct read *read =
        read_text("employer,note,specialties,city,phone,id_number,name,id\r\n"
                  "\"甲, \"\"乙\"\"\n公司\",x,A0301,兰州,+8610000000001,99900019680924000"
                  "4,张三,E1\r\n"
                  "\r\n"
                  "\"丙\",x,\"A0301\",兰州,10000000002,999000197801070017,李四,E2");
    assert_true(tp_ok(read->status));
    /* A line feed inside an employer is a control character: that row is bad, the other good. */
    assert_int_equal(read->csv.row_count, 1);
    assert_int_equal(read->csv.fault_count, 1);
    assert_string_equal(read->csv.faults[0].column, "employer");
    assert_string_equal(read->csv.faults[0].fault, "control_character");
    assert_string_equal(read->csv.rows[0].field[TP_POOL_EMPLOYER], "丙");
    end_read(read);
}

static const struct bad {
    const char *row, *column, *fault;
} bad_rows[] = {
    {"E2,李四,999000197801070017,10000000002,兰州,A0301\n", "", "columns"},
    {"E2,李四,999000197801070017,10000000002,兰州,A0301,甲,乙\n", "", "columns"},
    {",李四,999000197801070017,10000000002,兰州,A0301,甲\n", "id", "empty"},
    {"E 2,李四,999000197801070017,10000000002,兰州,A0301,甲\n", "id", "code"},
    {"E2, ,999000197801070017,10000000002,兰州,A0301,甲\n", "name", "empty"},
    {"E2,\xFF\xFE,999000197801070017,10000000002,兰州,A0301,甲\n", "name", "utf8"},
    {"E2,李四,99900019780107001,10000000002,兰州,A0301,甲\n", "id_number", "length"},
    {"E2,李四,99900019780107O017,10000000002,兰州,A0301,甲\n", "id_number", "digit"},
    {"E2,李四,999000197813070017,10000000002,兰州,A0301,甲\n", "id_number", "birth_date"},
    {"E2,李四,999000197902290017,10000000002,兰州,A0301,甲\n", "id_number", "birth_date"},
    {"E2,李四,999000197801070018,10000000002,兰州,A0301,甲\n", "id_number", "checksum"},
    {"E2,李四,999000197801070017,12-34,兰州,A0301,甲\n", "phone", "form"},
    {"E2,李四,999000197801070017,10000000002,兰州,;,甲\n", "specialties", "empty"},
    {"E2,李四,999000197801070017,10000000002,兰州,A0301;A0301,甲\n", "specialties", "double"},
    {"E2,李四,999000197801070017,10000000002,兰州,A!,甲\n", "specialties", "code"},
    {"E2,李四,999000197801070017,10000000002,兰州,A0301,\n", "employer", "empty"},
    {"E2,李\"四,999000197801070017,10000000002,兰州,A0301,甲\n", "", "quote"},
    {"E2,\"李\"四,999000197801070017,10000000002,兰州,A0301,甲\n", "", "quote"},
    {"E1,李四,999000197801070017,10000000002,兰州,A0301,甲\n", "id", "double"},
    {"E2,李四," GOOD_NUMBER ",10000000002,兰州,A0301,甲\n", "id_number", "double"},
};

static void pool_csv__each_bad_row__named_and_the_good_one_kept(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_rows) / sizeof(bad_rows[0]); i++) {
        char text[1024];
        snprintf(text, sizeof(text), HEADER GOOD "%s", bad_rows[i].row);
        struct read *read = read_text(text);
        assert_true(tp_ok(read->status));
        assert_int_equal(read->csv.row_count, 1);
        assert_int_equal(read->csv.fault_count, 1);
        assert_int_equal(read->csv.faults[0].row, 3);
        assert_string_equal(read->csv.faults[0].column, bad_rows[i].column);
        assert_string_equal(read->csv.faults[0].fault, bad_rows[i].fault);
        bool is_double = strcmp(bad_rows[i].fault, "double") == 0 &&
                         strcmp(bad_rows[i].column, "specialties") != 0;
        assert_int_equal(read->csv.faults[0].other_row, is_double ? 2 : 0);
        end_read(read);
    }
}

static void pool_csv__several_faults_in_a_row__all_named(void **state)
{
    (void)state;
    struct read *read = read_text(HEADER "E2,,1,2,兰州,A0301,甲\n");
    assert_int_equal(read->csv.row_count, 0);
    assert_int_equal(read->csv.fault_count, 3);
    end_read(read);
}

static void pool_csv__broken_as_a_whole__refused(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"", "pool.no_header"},
        {"id,name,id_number,phone,city,specialties\nx\n", "pool.no_column"},
        {HEADER "E1,\"张三\n", "csv.unclosed_quote"},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct read *read = read_text(texts[i][0]);
        assert_int_equal(read->status.class, TP_INPUT);
        assert_string_equal(read->error.code, texts[i][1]);
        assert_null(read->csv.rows);
        end_read(read);
    }
}

/* Whatever the bytes: no crash, and every row is good or named. Under ASan this is a small fuzzer.
 */
static void pool_csv__changed_at_random__never_reads_outside(void **state)
{
    (void)state;
    struct tp_seeded_random seeded;
    static const char whole[] =
        HEADER GOOD "\"E2\",\"李\"\"四\",999000197801070017,1,兰州,A;B,甲\r\n";
    tp_seeded_random_init(&seeded, 3);
    for (int i = 0; i < 20000; i++) {
        struct tp_pool_csv csv;
        char *text = malloc(sizeof(whole));
        memcpy(text, whole, sizeof(whole));
        size_t bytes = sizeof(whole) - 1 - tp_random_below(&seeded.random, 40);
        text[bytes] = '\0';
        for (int change = 0; change < 4; change++)
            text[tp_random_below(&seeded.random, (uint32_t)bytes)] =
                "\",\n\r\0;x\xE5"[tp_random_below(&seeded.random, 8)];
        if (tp_ok(tp_pool_csv_read(text, bytes, &csv, NULL))) {
            assert_true(csv.row_count <= 8);
            tp_pool_csv_fini(&csv);
        }
        free(text);
    }
}

static void id_number__check_character__as_the_standard_says(void **state)
{
    (void)state;
    /* The two examples of GB 11643-1999. */
    assert_int_equal(tp_id_number_check_character("11010519491231002"), 'X');
    assert_int_equal(tp_id_number_check_character("44052418800101001"), '4');
    assert_null(tp_id_number_fault("11010519491231002X"));
    assert_string_equal(tp_id_number_fault("11010519491231002x"), "checksum");
    assert_string_equal(tp_id_number_fault("110105194912310021"), "checksum");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pool_csv__good_row__read_with_sorted_specialties),
        cmocka_unit_test(pool_csv__columns_in_another_order_quotes_and_crlf__read),
        cmocka_unit_test(pool_csv__each_bad_row__named_and_the_good_one_kept),
        cmocka_unit_test(pool_csv__several_faults_in_a_row__all_named),
        cmocka_unit_test(pool_csv__broken_as_a_whole__refused),
        cmocka_unit_test(pool_csv__changed_at_random__never_reads_outside),
        cmocka_unit_test(id_number__check_character__as_the_standard_says),
    };
    if (tp_failed(tp_crypto_init(NULL)))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
