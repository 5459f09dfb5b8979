#include "expert-draw/pool.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "expert-draw/merkle.h"

#define TEXT_BLOCK_BYTES ((size_t)256 << 10)

/* Texts are kept in blocks: they must not move while experts point at them. */
struct tp_pool_text {
    struct tp_pool_text *older;
    size_t used_bytes;
    char bytes[TEXT_BLOCK_BYTES];
};

static void hash_text(crypto_generichash_state *state, const char *text)
{
    size_t length = strlen(text);
    assert(length <= UINT16_MAX);
    const uint8_t prefix[2] = {(uint8_t)(length >> 8), (uint8_t)length};
    crypto_generichash_update(state, prefix, sizeof(prefix));
    crypto_generichash_update(state, (const uint8_t *)text, length);
}

void tp_pool_leaf(const uint8_t salt_key[TP_POOL_SALT_KEY_BYTES], const char *id, const char *city,
                  const char *employer, const char *specialties, uint8_t leaf[TP_HASH_BYTES])
{
    static const char domain[] = "tongping.pool.leaf.v1";
    const uint8_t head[2] = {TP_SUITE_SODIUM, sizeof(domain) - 1};
    uint8_t salt[TP_HASH_BYTES];
    crypto_generichash(salt, sizeof(salt), (const uint8_t *)id, strlen(id), salt_key,
                       TP_POOL_SALT_KEY_BYTES);
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, TP_HASH_BYTES);
    crypto_generichash_update(&state, head, sizeof(head));
    crypto_generichash_update(&state, (const uint8_t *)domain, sizeof(domain) - 1);
    crypto_generichash_update(&state, salt, sizeof(salt));
    hash_text(&state, id);
    hash_text(&state, city);
    hash_text(&state, employer);
    hash_text(&state, specialties);
    crypto_generichash_final(&state, leaf, TP_HASH_BYTES);
}

struct tp_status tp_pool_new(struct tp_pool **pool, struct tp_error *error)
{
    *pool = calloc(1, sizeof(**pool));
    if (*pool == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a pool");
    return TP_STATUS_OK;
}

void tp_pool_free(struct tp_pool *pool)
{
    if (pool == NULL)
        return;
    for (struct tp_pool_text *block = pool->texts; block != NULL;) {
        struct tp_pool_text *older = block->older;
        free(block);
        block = older;
    }
    free(pool->experts);
    free(pool->employers);
    free(pool);
}

static const char *keep_text(struct tp_pool *pool, const char *text)
{
    size_t bytes = strlen(text) + 1;
    assert(bytes <= TEXT_BLOCK_BYTES);
    if (pool->texts == NULL || pool->texts->used_bytes + bytes > TEXT_BLOCK_BYTES) {
        struct tp_pool_text *block = malloc(sizeof(*block));
        if (block == NULL)
            return NULL;
        block->older = pool->texts;
        block->used_bytes = 0;
        pool->texts = block;
    }
    char *kept = pool->texts->bytes + pool->texts->used_bytes;
    memcpy(kept, text, bytes);
    pool->texts->used_bytes += bytes;
    return kept;
}

static bool make_room(struct tp_pool *pool)
{
    if (pool->count < pool->capacity)
        return true;
    size_t capacity = pool->capacity == 0 ? 1024 : pool->capacity * 2;
    struct tp_pool_expert *experts = realloc(pool->experts, capacity * sizeof(*experts));
    if (experts != NULL)
        pool->experts = experts;
    const char **employers = realloc(pool->employers, capacity * sizeof(*employers));
    if (employers != NULL)
        pool->employers = employers;
    if (experts == NULL || employers == NULL)
        return false;
    pool->capacity = capacity;
    return true;
}

struct tp_status tp_pool_add(struct tp_pool *pool, const char *id, const char *city,
                             const char *specialties, const char *employer,
                             const uint8_t leaf[TP_HASH_BYTES], struct tp_error *error)
{
    assert(pool->count == 0 || strcmp(pool->experts[pool->count - 1].id, id) < 0);
    if (!make_room(pool))
        return tp_fail(error, TP_NOMEM, "memory", "no memory for the pool");
    struct tp_pool_expert *expert = &pool->experts[pool->count];
    *expert = (struct tp_pool_expert){
        .id = keep_text(pool, id),
        .city = keep_text(pool, city),
        .specialties = keep_text(pool, specialties),
    };
    memcpy(expert->leaf, leaf, TP_HASH_BYTES);
    pool->employers[pool->count] = keep_text(pool, employer);
    if (expert->id == NULL || expert->city == NULL || expert->specialties == NULL ||
        pool->employers[pool->count] == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for the pool");
    pool->count++;
    return TP_STATUS_OK;
}

struct numbered {
    const char *text;
    size_t expert;
};

static int compare_numbered(const void *left, const void *right)
{
    const struct numbered *a = left;
    const struct numbered *b = right;
    return strcmp(a->text, b->text);
}

/* employers[] holds each expert's text before, and the distinct texts in byte order afterwards. */
static bool number_employers(struct tp_pool *pool)
{
    struct numbered *all = malloc((pool->count + 1) * sizeof(*all));
    if (all == NULL)
        return false;
    for (size_t i = 0; i < pool->count; i++)
        all[i] = (struct numbered){.text = pool->employers[i], .expert = i};
    qsort(all, pool->count, sizeof(*all), compare_numbered);
    pool->employer_count = 0;
    for (size_t i = 0; i < pool->count; i++) {
        if (i == 0 || strcmp(all[i].text, all[i - 1].text) != 0)
            pool->employers[pool->employer_count++] = all[i].text;
        pool->experts[all[i].expert].employer = (uint32_t)(pool->employer_count - 1);
    }
    free(all);
    return true;
}

struct tp_status tp_pool_finish(struct tp_pool *pool, struct tp_error *error)
{
    if (!number_employers(pool))
        return tp_fail(error, TP_NOMEM, "memory", "no memory for the pool's employers");
    struct tp_merkle merkle;
    tp_merkle_init(&merkle);
    for (size_t i = 0; i < pool->count; i++)
        tp_merkle_add(&merkle, pool->experts[i].leaf);
    tp_merkle_root(&merkle, pool->root);
    return TP_STATUS_OK;
}

bool tp_pool_expert_has(const struct tp_pool_expert *expert, const char *specialty)
{
    size_t length = strlen(specialty);
    for (const char *at = expert->specialties; *at != '\0';) {
        if (strncmp(at, specialty, length) == 0 && (at[length] == ';' || at[length] == '\0'))
            return true;
        at += strcspn(at, ";");
        at += *at == ';' ? 1 : 0;
    }
    return false;
}

uint32_t tp_pool_employer(const struct tp_pool *pool, const char *name)
{
    size_t low = 0;
    size_t high = pool->employer_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(pool->employers[middle], name);
        if (order == 0)
            return (uint32_t)middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return UINT32_MAX;
}

size_t tp_pool_find(const struct tp_pool *pool, const char *id)
{
    size_t low = 0;
    size_t high = pool->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(pool->experts[middle].id, id);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SIZE_MAX;
}
