#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sodium.h>
#include <string.h>

#include "expert-draw/merkle.h"
#include "expert-draw/plan.h"
#include "expert-draw/pool.h"

static void leaf_number(unsigned number, uint8_t leaf[TP_HASH_BYTES])
{
    memset(leaf, 0, TP_HASH_BYTES);
    leaf[0] = (uint8_t)number;
}

/* RFC 6962's own definition, by recursion. */
static void root_of(unsigned from, unsigned count, uint8_t root[TP_HASH_BYTES])
{
    uint8_t pair[2 * TP_HASH_BYTES];
    unsigned left = 1;
    if (count == 1) {
        leaf_number(from, root);
        return;
    }
    while (left * 2 < count)
        left *= 2;
    root_of(from, left, pair);
    root_of(from + left, count - left, pair + TP_HASH_BYTES);
    tp_hash("tongping.pool.node.v1", pair, sizeof(pair), root);
}

static void merkle__any_number_of_leaves__root_as_defined(void **state)
{
    (void)state;
    struct tp_merkle merkle;
    uint8_t root[TP_HASH_BYTES];
    uint8_t expected[TP_HASH_BYTES];
    tp_merkle_init(&merkle);
    tp_merkle_root(&merkle, root);
    tp_hash("tongping.pool.empty.v1", "", 0, expected);
    assert_memory_equal(root, expected, sizeof(root));
    for (unsigned count = 1; count <= 70; count++) {
        uint8_t leaf[TP_HASH_BYTES];
        leaf_number(count - 1, leaf);
        tp_merkle_add(&merkle, leaf);
        tp_merkle_root(&merkle, root);
        root_of(0, count, expected);
        assert_memory_equal(root, expected, sizeof(root));
    }
}

static void pool__leaf__as_documented(void **state)
{
    (void)state;
    const uint8_t salt_key[TP_POOL_SALT_KEY_BYTES] = {1, 2, 3};
    TP_AUTO(tp_bytes) struct tp_bytes message = TP_BYTES_INIT;
    uint8_t salt[32], expected[TP_HASH_BYTES], leaf[TP_HASH_BYTES];
    crypto_generichash(salt, 32, (const uint8_t *)"E1", 2, salt_key, 32);
    tp_bytes_append(&message, salt, 32);
    const char *const texts[] = {"E1", "兰州", "甲", "A;B"};
    for (int i = 0; i < 4; i++) {
        tp_bytes_append_u16(&message, (uint16_t)strlen(texts[i]));
        tp_bytes_append_text(&message, texts[i]);
    }
    tp_hash("tongping.pool.leaf.v1", message.data, message.length, expected);
    tp_pool_leaf(salt_key, "E1", "兰州", "甲", "A;B", leaf);
    assert_memory_equal(leaf, expected, sizeof(leaf));
    /* Fields are told apart by their lengths, not by where they meet. */
    tp_pool_leaf(salt_key, "E1", "兰州甲", "", "A;B", expected);
    assert_memory_not_equal(leaf, expected, sizeof(leaf));
}

static void pool__specialty__whole_codes_only(void **state)
{
    (void)state;
    const struct tp_pool_expert expert = {.specialties = "A03;A0301;B1"};
    assert_true(tp_pool_expert_has(&expert, "A03"));
    assert_true(tp_pool_expert_has(&expert, "A0301"));
    assert_true(tp_pool_expert_has(&expert, "B1"));
    assert_false(tp_pool_expert_has(&expert, "A030"));
    assert_false(tp_pool_expert_has(&expert, "B"));
    assert_false(tp_pool_expert_has(&expert, "B11"));
}

static void pool__employers_and_ids__found(void **state)
{
    (void)state;
    TP_AUTO(tp_pool) struct tp_pool *pool = NULL;
    uint8_t leaf[TP_HASH_BYTES] = {0};
    assert_true(tp_ok(tp_pool_new(&pool, NULL)));
    assert_true(tp_ok(tp_pool_add(pool, "E1", "x", "A", "乙", leaf, NULL)));
    assert_true(tp_ok(tp_pool_add(pool, "E2", "x", "A", "甲", leaf, NULL)));
    assert_true(tp_ok(tp_pool_add(pool, "E3", "x", "A", "乙", leaf, NULL)));
    assert_true(tp_ok(tp_pool_finish(pool, NULL)));
    assert_int_equal(pool->employer_count, 2);
    assert_int_equal(pool->experts[0].employer, pool->experts[2].employer);
    assert_int_equal(tp_pool_employer(pool, "甲"), pool->experts[1].employer);
    assert_int_equal(tp_pool_employer(pool, "丙"), UINT32_MAX);
    assert_int_equal(tp_pool_find(pool, "E3"), 2);
    assert_int_equal(tp_pool_find(pool, "E4"), SIZE_MAX);
}

static const char plan_text[] =
    "{\"draw_id\":\"drw_1\",\"session_id\":\"ses_1\",\"seats\":[{\"venue\":\"lanzhou\","
    "\"city\":\"兰州\",\"specialty\":\"A0301\",\"count\":2}],\"max_per_employer\":null,"
    "\"exclude\":{\"employers\":[\"乙\",\"甲\"],\"ids\":[\"E1\",\"E2\"]},"
    "\"reply_window_ms\":60000,\"message\":{\"time_text\":\"明天\",\"venues\":[{\"venue\":"
    "\"lanzhou\",\"place_text\":\"一室\"}]}}";

static void plan__canonical_text__is_its_own_canonical_text(void **state)
{
    (void)state;
    TP_AUTO(tp_plan) struct tp_plan *plan = NULL;
    uint8_t hash[TP_HASH_BYTES];
    assert_true(tp_ok(tp_plan_parse(plan_text, &plan, NULL)));
    assert_string_equal((const char *)plan->text.data, plan_text);
    tp_hash("tongping.plan.v1", plan_text, strlen(plan_text), hash);
    assert_memory_equal(plan->hash, hash, sizeof(hash));
    assert_string_equal(tp_plan_place_text(plan, "lanzhou"), "一室");
}

static void plan__same_meaning_in_another_order__same_hash(void **state)
{
    (void)state;
    TP_AUTO(tp_plan) struct tp_plan *one = NULL;
    TP_AUTO(tp_plan) struct tp_plan *two = NULL;
    static const char other[] =
        "{ \"message\":{\"venues\":[{\"place_text\":\"一室\",\"venue\":\"lanzhou\"}],"
        "\"time_text\":\"明天\"},\"exclude\":{\"ids\":[\"E2\",\"E1\",\"E2\"],\"employers\":"
        "[\"甲\",\"乙\"]},\"reply_window_ms\":60000,\"seats\":[{\"count\":2,\"specialty\":"
        "\"A0301\",\"city\":\"兰州\",\"venue\":\"lanzhou\"}],\"session_id\":\"ses_1\","
        "\"draw_id\":\"drw_1\"}";
    assert_true(tp_ok(tp_plan_parse(plan_text, &one, NULL)));
    assert_true(tp_ok(tp_plan_parse(other, &two, NULL)));
    assert_memory_equal(one->hash, two->hash, TP_HASH_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merkle__any_number_of_leaves__root_as_defined),
        cmocka_unit_test(pool__leaf__as_documented),
        cmocka_unit_test(pool__specialty__whole_codes_only),
        cmocka_unit_test(pool__employers_and_ids__found),
        cmocka_unit_test(plan__canonical_text__is_its_own_canonical_text),
        cmocka_unit_test(plan__same_meaning_in_another_order__same_hash),
    };
    if (tp_failed(tp_crypto_init(NULL)))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
