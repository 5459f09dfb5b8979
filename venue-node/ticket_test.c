#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "venue-node/journal.h"
#include "venue-node/journal_fixture.h"
#include "venue-node/ticket.h"

#define NOW ((int64_t)1700000000000)

static struct tp_keypair *coordinator;

/* A ticket over `payload`, in `text`. */
static void sign(const char *payload, const char *domain, char text[2048])
{
    uint8_t signature[TP_SIGNATURE_BYTES];
    assert_true(tp_ok(tp_sign(coordinator, domain, payload, strlen(payload), signature, NULL)));
    TP_AUTO(tp_bytes) struct tp_bytes out = TP_BYTES_INIT;
    tp_base64_append(&out, payload, strlen(payload));
    tp_bytes_append_text(&out, ".");
    tp_base64_append(&out, signature, sizeof signature);
    snprintf(text, 2048, "%s", (const char *)out.data);
}

static void make(const char *feed_id, int64_t expires_at, char text[2048])
{
    char payload[512];
    snprintf(payload, sizeof payload,
             "{\"v\":1,\"feed_id\":\"%s\",\"session_id\":\"s\",\"holder\":\"usr_1\","
             "\"display\":\"d\",\"expires_at\":%lld,\"nonce\":\"n1\"}",
             feed_id, (long long)expires_at);
    sign(payload, TP_TICKET_DOMAIN, text);
}

static void expect_refused(const char *text, const char *feed_id, const char *code)
{
    struct tp_ticket ticket;
    struct tp_error error = {0};
    assert_int_equal(
        tp_ticket_check(coordinator->sign_public, text, feed_id, NOW, &ticket, &error).class,
        TP_DENIED);
    assert_string_equal(error.code, code);
}

static void check__good__gives_its_content(void **state)
{
    (void)state;
    char text[2048];
    struct tp_ticket ticket;
    make("f1", NOW + 60000, text);
    assert_true(tp_ok(tp_ticket_check(coordinator->sign_public, text, "f1", NOW, &ticket, NULL)));
    assert_string_equal(ticket.holder, "usr_1");
    assert_string_equal(ticket.nonce, "n1");
}

static void check__expired_or_valid_too_long__refused(void **state)
{
    (void)state;
    char text[2048];
    make("f1", NOW, text);
    expect_refused(text, "f1", "ticket.expired");
    make("f1", NOW + 3600000, text);
    expect_refused(text, "f1", "ticket.expired");
}

static void check__for_another_feed__refused(void **state)
{
    (void)state;
    char text[2048];
    make("f2", NOW + 60000, text);
    expect_refused(text, "f1", "ticket.other_feed");
}

static void check__any_character_changed__refused(void **state)
{
    (void)state;
    char text[2048];
    make("f1", NOW + 60000, text);
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        char kept = text[i];
        text[i] = kept == 'A' ? 'B' : 'A';
        struct tp_ticket ticket;
        struct tp_status status =
            tp_ticket_check(coordinator->sign_public, text, "f1", NOW, &ticket, NULL);
        /* The last character's low bits are padding and may decode to the same bytes. */
        if (i != length - 1)
            assert_int_equal(status.class, TP_DENIED);
        text[i] = kept;
    }
}

static void check__malformed__refused(void **state)
{
    (void)state;
    char text[2048];
    expect_refused("", "f1", "ticket.bad");
    expect_refused(".", "f1", "ticket.bad");
    expect_refused("abc", "f1", "ticket.bad");
    expect_refused("e30.e30", "f1", "ticket.bad");
    sign("{}", TP_TICKET_DOMAIN, text);
    expect_refused(text, "f1", "ticket.bad");
    sign("not json", TP_TICKET_DOMAIN, text);
    expect_refused(text, "f1", "ticket.bad");
}

static void check__signed_for_another_purpose__refused(void **state)
{
    (void)state;
    char text[2048];
    sign("{\"v\":1,\"feed_id\":\"f1\",\"session_id\":\"s\",\"holder\":\"u\",\"display\":\"d\","
         "\"expires_at\":1700000060000,\"nonce\":\"n\"}",
         "tongping.receipt.v1", text);
    expect_refused(text, "f1", "ticket.bad");
}

static void spend__twice__refused_also_after_a_restart_and_tidying(void **state)
{
    struct tp_ticket ticket = {.nonce = "n1", .expires_at = NOW + 60000};
    struct tp_ticket other = {.nonce = "n2", .expires_at = NOW + 60000};
    struct tp_error error = {0};
    assert_true(tp_ok(tp_ticket_spend(journal_of(state), &ticket, NULL)));
    assert_int_equal(tp_ticket_spend(journal_of(state), &ticket, &error).class, TP_DENIED);
    assert_string_equal(error.code, "ticket.used");
    struct tp_store *store = journal_reopened(state);
    assert_true(tp_ok(tp_journal_tidy(store, NOW, NULL)));
    assert_int_equal(tp_ticket_spend(store, &ticket, NULL).class, TP_DENIED);
    assert_true(tp_ok(tp_ticket_spend(store, &other, NULL)));
    /* This node's clock may be hours ahead of the coordinator's, whose times the tickets hold. */
    assert_true(tp_ok(tp_journal_tidy(store, NOW + 60001, NULL)));
    assert_int_equal(tp_ticket_spend(store, &ticket, NULL).class, TP_DENIED);
    assert_true(tp_ok(tp_journal_tidy(store, NOW + 60001 + (int64_t)24 * 60 * 60 * 1000, NULL)));
    assert_true(tp_ok(tp_ticket_spend(store, &ticket, NULL)));
}

#define STORED(name) cmocka_unit_test_setup_teardown(name, journal_set_up, journal_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check__good__gives_its_content),
        cmocka_unit_test(check__expired_or_valid_too_long__refused),
        cmocka_unit_test(check__for_another_feed__refused),
        cmocka_unit_test(check__any_character_changed__refused),
        cmocka_unit_test(check__malformed__refused),
        cmocka_unit_test(check__signed_for_another_purpose__refused),
        STORED(spend__twice__refused_also_after_a_restart_and_tidying),
    };
    if (tp_failed(tp_crypto_init(NULL)) || tp_failed(tp_keypair_new(&coordinator, NULL)))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tp_keypair_free(coordinator);
    return failed;
}
