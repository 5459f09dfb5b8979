#include "expert-draw/lot_fixture.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct tp_pool *tp_lot_fixture_pool(const char *employers)
{
    struct tp_pool *pool = NULL;
    struct tp_status status = tp_pool_new(&pool, NULL);
    for (size_t i = 0; employers[i] != '\0' && tp_ok(status); i++) {
        char id[32];
        uint8_t leaf[TP_HASH_BYTES];
        const uint8_t salt_key[TP_POOL_SALT_KEY_BYTES] = {7};
        const char employer[2] = {employers[i], '\0'};
        snprintf(id, sizeof(id), "E%03zu", i);
        tp_pool_leaf(salt_key, id, "city", employer, "A", leaf);
        status = tp_pool_add(pool, id, "city", "A", employer, leaf, NULL);
    }
    if (tp_ok(status))
        status = tp_pool_finish(pool, NULL);
    assert(tp_ok(status));
    return pool;
}

bool tp_lot_fixture_lawful(const struct tp_lot *lot, const uint32_t *experts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t load = 0;
        uint32_t employer = lot->pool->experts[experts[i]].employer;
        for (size_t j = 0; j < count; j++) {
            if (j != i && experts[j] == experts[i])
                return false;
            load += lot->pool->experts[experts[j]].employer == employer;
        }
        for (size_t s = 0; s < lot->seated_count; s++) {
            if (lot->seated[s] == experts[i])
                return false;
            load += lot->pool->experts[lot->seated[s]].employer == employer;
        }
        if (load > lot->employer_cap)
            return false;
    }
    return true;
}

struct walk {
    const struct tp_lot *lot;
    void (*visit)(void *context, const uint32_t *experts, size_t count);
    void *context;
    uint32_t experts[TP_LOT_COMMITTEE_LIMIT];
    size_t count;
    size_t found;
};

static void walk_cell(struct walk *walk, size_t cell, size_t from, uint32_t left)
{
    if (cell == walk->lot->cell_count) {
        if (tp_lot_fixture_lawful(walk->lot, walk->experts, walk->count)) {
            walk->found++;
            if (walk->visit != NULL)
                walk->visit(walk->context, walk->experts, walk->count);
        }
        return;
    }
    if (left == 0) {
        uint32_t next = cell + 1 < walk->lot->cell_count ? walk->lot->cells[cell + 1].needed : 0;
        walk_cell(walk, cell + 1, 0, next);
        return;
    }
    for (size_t i = from; i < walk->lot->cells[cell].candidate_count; i++) {
        walk->experts[walk->count++] = walk->lot->cells[cell].candidates[i];
        walk_cell(walk, cell, i + 1, left - 1);
        walk->count--;
    }
}

size_t tp_lot_fixture_enumerate(const struct tp_lot *lot,
                                void (*visit)(void *context, const uint32_t *experts, size_t count),
                                void *context)
{
    struct walk walk = {.lot = lot, .visit = visit, .context = context};
    walk_cell(&walk, 0, 0, lot->cells[0].needed);
    return walk.found;
}
