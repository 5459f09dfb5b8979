/* The engine with a clock that the test turns and a store in a folder of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "expert-draw/engine.h"
#include "expert-draw/id_number.h"
#include "expert-draw/login_guard.h"
#include "expert-draw/pool_store.h"
#include "expert-draw/schema.h"

#define START_MS 1700000000000
#define WINDOW_MS 60000
#define EXPERTS 12

struct fixture {
    char folder[64];
    struct tp_manual_clock clock;
    struct tp_seeded_random random;
    struct tp_keypair *keypair;
    struct tp_vault *vault;
    struct tp_store *store;
    struct tp_draw_engine *engine;
};

static void open_engine(struct fixture *fixture)
{
    char url[128];
    snprintf(url, sizeof(url), "sqlite:%s/store.db", fixture->folder);
    assert_true(tp_ok(
        tp_store_open(url, tp_draw_migrations, tp_draw_migration_count, &fixture->store, NULL)));
    const struct tp_draw_engine_config config = {
        .store = fixture->store,
        .keypair = fixture->keypair,
        .clock = &fixture->clock.clock,
        .random = &fixture->random.random,
        .voice = false,
    };
    assert_true(tp_ok(tp_draw_engine_new(&config, &fixture->engine, NULL)));
    assert_true(tp_ok(tp_draw_engine_resume(fixture->engine, NULL)));
}

static void close_engine(struct fixture *fixture)
{
    tp_draw_engine_free(fixture->engine);
    tp_store_free(fixture->store);
}

/* Expert i: phone 1000000000<i>, all of one specialty and city, two to an employer. */
static void fill_pool(struct fixture *fixture)
{
    char text[4096] = "id,name,id_number,phone,city,specialties,employer\n";
    TP_AUTO(tp_pool_csv) struct tp_pool_csv csv = {0};
    for (int i = 0; i < EXPERTS; i++) {
        char digits[32];
        snprintf(digits, sizeof(digits), "99900019700101%03d", i % 1000);
        size_t length = strlen(text);
        snprintf(text + length, sizeof(text) - length,
                 "E%02d,某人,%s%c,100000000%02d,兰州,A,甲%d\n", i, digits,
                 tp_id_number_check_character(digits), i, i / 2);
    }
    assert_true(tp_ok(tp_pool_csv_read(text, strlen(text), &csv, NULL)));
    assert_int_equal(csv.row_count, EXPERTS);
    assert_true(tp_ok(tp_pool_store_import(fixture->store, fixture->vault, &csv, START_MS, NULL)));
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    strcpy(fixture->folder, "/tmp/tp-draw-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    tp_manual_clock_init(&fixture->clock, START_MS);
    tp_seeded_random_init(&fixture->random, 5);
    assert_true(tp_ok(tp_keypair_new(&fixture->keypair, NULL)));
    assert_true(tp_ok(tp_vault_new(fixture->keypair, &fixture->vault, NULL)));
    open_engine(fixture);
    fill_pool(fixture);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    static const char *const files[] = {"store.db", "store.db-wal", "store.db-shm"};
    close_engine(fixture);
    tp_vault_free(fixture->vault);
    tp_keypair_free(fixture->keypair);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char path[128];
        snprintf(path, sizeof(path), "%s/%s", fixture->folder, files[i]);
        unlink(path);
    }
    rmdir(fixture->folder);
    free(fixture);
    return 0;
}

static json_t *plan_for(int count)
{
    return json_pack("{s:s,s:s,s:[{s:s,s:s,s:s,s:i}],s:i,s:i,s:{s:s,s:[{s:s,s:s}]}}", "draw_id",
                     "drw_1", "session_id", "ses_1", "seats", "venue", "lanzhou", "city", "兰州",
                     "specialty", "A", "count", count, "max_per_employer", 1, "reply_window_ms",
                     WINDOW_MS, "message", "time_text", "明天", "venues", "venue", "lanzhou",
                     "place_text", "一室");
}

static void begin(struct fixture *fixture, int count)
{
    static const char log_head[] =
        "0000000000000000000000000000000000000000000000000000000000000000";
    TP_AUTO(tp_json) json_t *plan = plan_for(count);
    TP_AUTO(tp_json) json_t *committed = NULL;
    TP_AUTO(tp_json) json_t *view = NULL;
    bool made = false;
    assert_true(tp_ok(tp_draw_engine_commit(fixture->engine, plan, &made, &committed, NULL)));
    assert_true(made);
    assert_true(tp_ok(tp_draw_engine_start(fixture->engine, "drw_1", log_head, &view, NULL)));
}

static int64_t number_of(struct fixture *fixture, const char *name)
{
    TP_AUTO(tp_json) json_t *view = NULL;
    assert_true(tp_ok(tp_draw_engine_view(fixture->engine, "drw_1", &view, NULL)));
    return json_integer_value(json_object_get(view, name));
}

static void expect_state(struct fixture *fixture, const char *expected)
{
    TP_AUTO(tp_json) json_t *view = NULL;
    assert_true(tp_ok(tp_draw_engine_view(fixture->engine, "drw_1", &view, NULL)));
    assert_string_equal(json_string_value(json_object_get(view, "state")), expected);
}

/* Sends what is due; keeps the phones of invitations and the last entry code. */
struct sent {
    char phones[EXPERTS][32];
    int count;
    char code[8];
};

static void send_all(struct fixture *fixture, bool taken, struct sent *sent)
{
    bool found = true;
    sent->count = 0;
    while (found) {
        struct tp_draw_message message = {.text = TP_BYTES_INIT};
        assert_true(tp_ok(tp_draw_engine_take_message(fixture->engine, &message, &found, NULL)));
        if (found) {
            const char *text = (const char *)message.text.data;
            const char *code = strstr(text, "入场码：");
            if (strstr(text, "邀请您") != NULL)
                strcpy(sent->phones[sent->count++], message.phone);
            if (code != NULL)
                snprintf(sent->code, sizeof(sent->code), "%.6s", code + strlen("入场码："));
            assert_true(
                tp_ok(tp_draw_engine_message_done(fixture->engine, message.id, taken, NULL)));
        }
        tp_draw_message_fini(&message);
    }
}

static const char *reply(struct fixture *fixture, const char *phone, const char *text)
{
    const char *outcome = NULL;
    assert_true(tp_ok(tp_draw_engine_reply(fixture->engine, phone, text, &outcome, NULL)));
    return outcome;
}

static void engine__window_over__silent_and_substituted(void **state)
{
    struct fixture *fixture = *state;
    struct sent first, second;
    begin(fixture, 2);
    send_all(fixture, true, &first);
    assert_int_equal(first.count, 2);
    assert_string_equal(reply(fixture, first.phones[0], "1"), "accepted");
    tp_manual_clock_turn(&fixture->clock, WINDOW_MS - 1);
    assert_true(tp_ok(tp_draw_engine_tick(fixture->engine, NULL)));
    assert_int_equal(number_of(fixture, "rounds"), 1);
    tp_manual_clock_turn(&fixture->clock, 1);
    /* Late by the clock, even before the window was swept. */
    assert_string_equal(reply(fixture, first.phones[1], "1"), "late");
    assert_true(tp_ok(tp_draw_engine_tick(fixture->engine, NULL)));
    assert_int_equal(number_of(fixture, "rounds"), 2);
    assert_string_equal(reply(fixture, first.phones[1], "1"), "late");
    send_all(fixture, true, &second);
    assert_int_equal(second.count, 1);
    assert_string_equal(reply(fixture, second.phones[0], "1"), "accepted");
    expect_state(fixture, "complete");
}

static void engine__gateway_takes_nothing__window_stays_shut(void **state)
{
    struct fixture *fixture = *state;
    struct sent sent;
    begin(fixture, 1);
    for (int i = 0; i < 6; i++) {
        send_all(fixture, false, &sent);
        tp_manual_clock_turn(&fixture->clock, 10 * WINDOW_MS);
        assert_true(tp_ok(tp_draw_engine_tick(fixture->engine, NULL)));
    }
    assert_int_equal(number_of(fixture, "rounds"), 1);
    assert_int_equal(number_of(fixture, "waiting"), 1);
    for (int i = 0; i < 14; i++) {
        send_all(fixture, false, &sent);
        tp_manual_clock_turn(&fixture->clock, 10 * WINDOW_MS);
    }
    assert_true(tp_ok(tp_draw_engine_tick(fixture->engine, NULL)));
    assert_int_equal(number_of(fixture, "rounds"), 2);
}

static void engine__nobody_left__exhausted(void **state)
{
    struct fixture *fixture = *state;
    struct sent sent;
    begin(fixture, 6); /* every employer once */
    send_all(fixture, true, &sent);
    assert_int_equal(sent.count, 6);
    assert_string_equal(reply(fixture, sent.phones[0], "2"), "declined");
    expect_state(fixture, "inviting");
    send_all(fixture, true, &sent);
    assert_int_equal(sent.count, 1); /* the other one of that employer */
    assert_string_equal(reply(fixture, sent.phones[0], "2"), "declined");
    expect_state(fixture, "exhausted");
}

static void engine__stopped_while_sending__sent_again_with_the_same_id(void **state)
{
    struct fixture *fixture = *state;
    struct tp_draw_message before = {.text = TP_BYTES_INIT};
    struct tp_draw_message after = {.text = TP_BYTES_INIT};
    bool found;
    begin(fixture, 1);
    assert_true(tp_ok(tp_draw_engine_take_message(fixture->engine, &before, &found, NULL)));
    assert_true(found);
    assert_true(tp_ok(tp_draw_engine_take_message(fixture->engine, &after, &found, NULL)));
    assert_false(found);
    close_engine(fixture);
    open_engine(fixture);
    assert_true(tp_ok(tp_draw_engine_take_message(fixture->engine, &after, &found, NULL)));
    assert_true(found);
    assert_string_equal(before.id, after.id);
    assert_string_equal(before.phone, after.phone);
    assert_int_equal(number_of(fixture, "rounds"), 1);
    tp_draw_message_fini(&before);
    tp_draw_message_fini(&after);
}

static void engine__pool_imported_anew__draw_under_way_keeps_its_own(void **state)
{
    struct fixture *fixture = *state;
    struct sent sent;
    char text[] = "id,name,id_number,phone,city,specialties,employer\n"
                  "X1,某人,999000196809240004,10000000099,兰州,A,丙\n";
    TP_AUTO(tp_pool_csv) struct tp_pool_csv csv = {0};
    begin(fixture, 2);
    assert_true(tp_ok(tp_pool_csv_read(text, strlen(text), &csv, NULL)));
    assert_true(tp_ok(tp_pool_store_import(fixture->store, fixture->vault, &csv, START_MS, NULL)));
    send_all(fixture, true, &sent);
    assert_string_equal(reply(fixture, sent.phones[0], "2"), "declined");
    assert_string_equal(reply(fixture, sent.phones[1], "1"), "accepted");
    send_all(fixture, true, &sent);
    assert_int_equal(sent.count, 1);
    assert_string_not_equal(sent.phones[0], "10000000099");
    assert_string_equal(reply(fixture, sent.phones[0], "1"), "accepted");
    expect_state(fixture, "complete");
}

struct attempt {
    char id_number[32];
    char code[16];
    int64_t at;
    uint8_t nonce[16];
};

static struct tp_status try_login(struct fixture *fixture, const struct attempt *attempt,
                                  const char *seat_id, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *answer = NULL;
    TP_AUTO(tp_bytes) struct tp_bytes nonce = TP_BYTES_INIT;
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    TP_AUTO(tp_bytes) struct tp_bytes sealed = TP_BYTES_INIT;
    tp_base64_append(&nonce, attempt->nonce, sizeof(attempt->nonce));
    TP_AUTO(tp_json)
    json_t *credential =
        json_pack("{s:i,s:s,s:s,s:s,s:s,s:s,s:I}", "v", 1, "id_number", attempt->id_number, "code",
                  attempt->code, "session_id", "ses_1", "seat_id", seat_id, "nonce",
                  (char *)nonce.data, "at", (json_int_t)attempt->at);
    assert_true(tp_ok(tp_json_write(credential, &text, NULL)));
    assert_true(
        tp_ok(tp_seal(fixture->keypair->seal_public, text.data, text.length, &sealed, NULL)));
    const struct tp_login_call call = {.draw_id = "drw_1",
                                       .venue = "lanzhou",
                                       .seat_id = seat_id,
                                       .sealed = sealed.data,
                                       .sealed_bytes = sealed.length};
    return tp_draw_engine_login(fixture->engine, &call, &answer, error);
}

static struct attempt good_attempt(struct fixture *fixture, const char *phone, const char *code)
{
    struct attempt attempt = {.at = START_MS};
    char digits[32];
    snprintf(digits, sizeof(digits), "99900019700101%03d", atoi(phone + 9));
    snprintf(attempt.id_number, sizeof(attempt.id_number), "%.17s%c", digits,
             tp_id_number_check_character(digits));
    snprintf(attempt.code, sizeof(attempt.code), "%s", code);
    tp_random_fill(&fixture->random.random, attempt.nonce, sizeof(attempt.nonce));
    return attempt;
}

static void engine__login_tries__locked_for_longer_each_time(void **state)
{
    struct fixture *fixture = *state;
    struct sent sent;
    struct tp_error error;
    char seat_id[32];
    begin(fixture, 1);
    send_all(fixture, true, &sent);
    char phone[32];
    strcpy(phone, sent.phones[0]);
    assert_string_equal(reply(fixture, phone, "1"), "accepted");
    send_all(fixture, true, &sent);
    int64_t lock_ms = TP_LOGIN_LOCK_LEAST_MS;
    for (int lock = 0; lock < 3; lock++) {
        for (int i = 0; i < TP_LOGIN_TRY_LIMIT; i++) {
            struct attempt wrong = good_attempt(fixture, phone, "x");
            wrong.at = fixture->clock.time_ms;
            snprintf(seat_id, sizeof(seat_id), "seat-%d-%d", lock, i);
            assert_true(tp_failed(try_login(fixture, &wrong, seat_id, &error)));
            assert_string_equal(error.code, "login.refused");
        }
        struct attempt right = good_attempt(fixture, phone, sent.code);
        tp_manual_clock_turn(&fixture->clock, lock_ms - 1);
        right.at = fixture->clock.time_ms;
        assert_true(tp_failed(try_login(fixture, &right, "seat-x", &error)));
        assert_string_equal(error.code, "login.too_many_tries");
        tp_manual_clock_turn(&fixture->clock, 1);
        lock_ms *= 2;
    }
    struct attempt right = good_attempt(fixture, phone, sent.code);
    right.at = fixture->clock.time_ms;
    assert_true(tp_ok(try_login(fixture, &right, "seat-x", &error)));
    assert_true(tp_failed(try_login(fixture, &right, "seat-x", &error)));
    assert_string_equal(error.code, "login.refused"); /* the nonce again */
}

static void engine__login_guesses_at_one_seat__seat_locked_for_unknown_numbers_too(void **state)
{
    struct fixture *fixture = *state;
    struct tp_error error;
    begin(fixture, 1);
    for (int i = 0; i <= TP_LOGIN_TRY_LIMIT; i++) {
        char phone[32];
        snprintf(phone, sizeof(phone), "100000000%02d", 50 + i);
        struct attempt unknown = good_attempt(fixture, phone, "123456");
        assert_true(tp_failed(try_login(fixture, &unknown, "seat-1", &error)));
        assert_string_equal(error.code,
                            i < TP_LOGIN_TRY_LIMIT ? "login.refused" : "login.too_many_tries");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(engine__window_over__silent_and_substituted, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(engine__gateway_takes_nothing__window_stays_shut, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(engine__nobody_left__exhausted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(engine__stopped_while_sending__sent_again_with_the_same_id,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(engine__pool_imported_anew__draw_under_way_keeps_its_own,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(engine__login_tries__locked_for_longer_each_time, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            engine__login_guesses_at_one_seat__seat_locked_for_unknown_numbers_too, set_up,
            tear_down),
    };
    if (tp_failed(tp_crypto_init(NULL)))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
