#include "expert-draw/lot.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#define TICKET_BYTES 32
#define DOMAIN "tongping.lot.ticket.v1"

struct drawn {
    uint8_t ticket[TICKET_BYTES];
    uint32_t expert;
};

/* What is changed during a draw: kept apart from the lot, which is only read. */
struct drawing {
    const struct tp_lot *lot;
    uint32_t *employer_load; /* by employer */
    uint8_t *taken;          /* by expert */
    struct drawn best[TP_LOT_COMMITTEE_LIMIT];
};

static void make_ticket(const uint8_t seed[TP_LOT_SEED_BYTES], uint32_t attempt, uint16_t cell,
                        const uint8_t leaf[TP_HASH_BYTES], uint8_t ticket[TICKET_BYTES])
{
    enum { DOMAIN_BYTES = sizeof(DOMAIN) - 1 };
    uint8_t message[2 + DOMAIN_BYTES + 4 + 2 + TP_HASH_BYTES] = {TP_SUITE_SODIUM, DOMAIN_BYTES};
    uint8_t *at = message + 2;
    memcpy(at, DOMAIN, DOMAIN_BYTES);
    at += DOMAIN_BYTES;
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = (uint8_t)(attempt >> shift);
    *at++ = (uint8_t)(cell >> 8);
    *at++ = (uint8_t)cell;
    memcpy(at, leaf, TP_HASH_BYTES);
    crypto_generichash(ticket, TICKET_BYTES, message, sizeof(message), seed, TP_LOT_SEED_BYTES);
}

/* Equal tickets do not happen; the leaf's order would decide. */
static bool before(const struct tp_pool *pool, const struct drawn *a, const struct drawn *b)
{
    int order = memcmp(a->ticket, b->ticket, TICKET_BYTES);
    if (order == 0)
        order = memcmp(pool->experts[a->expert].leaf, pool->experts[b->expert].leaf, TP_HASH_BYTES);
    return order < 0;
}

/* Keeps best[0..needed) the smallest seen, in order. */
static void keep_smallest(const struct tp_pool *pool, struct drawn *best, size_t *count,
                          size_t needed, const struct drawn *candidate)
{
    if (*count == needed && !before(pool, candidate, &best[needed - 1]))
        return;
    size_t at = *count < needed ? (*count)++ : needed - 1;
    for (; at > 0 && before(pool, candidate, &best[at - 1]); at--)
        best[at] = best[at - 1];
    best[at] = *candidate;
}

static void draw_cell(struct drawing *drawing, const struct tp_lot_cell *cell, const uint8_t *seed,
                      uint32_t attempt)
{
    const struct tp_pool *pool = drawing->lot->pool;
    size_t count = 0;
    for (size_t i = 0; i < cell->candidate_count; i++) {
        struct drawn candidate = {.expert = cell->candidates[i]};
        make_ticket(seed, attempt, cell->number, pool->experts[candidate.expert].leaf,
                    candidate.ticket);
        keep_smallest(pool, drawing->best, &count, cell->needed, &candidate);
    }
}

static bool seat(struct drawing *drawing, uint32_t expert)
{
    uint32_t *load = &drawing->employer_load[drawing->lot->pool->experts[expert].employer];
    if (drawing->taken[expert] || *load >= drawing->lot->employer_cap)
        return false;
    drawing->taken[expert] = 1;
    ++*load;
    return true;
}

static void unseat(struct drawing *drawing, const struct tp_lot_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        uint32_t expert = result->choices[i].expert;
        drawing->taken[expert] = 0;
        drawing->employer_load[drawing->lot->pool->experts[expert].employer]--;
    }
}

/* One attempt; stops at the first rule that is broken, which changes nothing of the outcome. */
static bool attempt_lawful(struct drawing *drawing, const uint8_t *seed, uint32_t attempt,
                           struct tp_lot_result *result)
{
    result->attempts = attempt;
    result->count = 0;
    for (size_t c = 0; c < drawing->lot->cell_count; c++) {
        const struct tp_lot_cell *cell = &drawing->lot->cells[c];
        if (cell->needed == 0)
            continue;
        draw_cell(drawing, cell, seed, attempt);
        for (uint32_t i = 0; i < cell->needed; i++) {
            uint32_t expert = drawing->best[i].expert;
            if (!seat(drawing, expert)) {
                unseat(drawing, result);
                return false;
            }
            result->choices[result->count++] =
                (struct tp_lot_choice){.expert = expert, .cell = cell->number};
        }
    }
    return true;
}

static size_t needed_of(const struct tp_lot *lot)
{
    size_t needed = 0;
    for (size_t c = 0; c < lot->cell_count; c++)
        needed += lot->cells[c].needed;
    return needed;
}

static void drawing_fini(struct drawing *drawing)
{
    free(drawing->employer_load);
    free(drawing->taken);
}

static bool drawing_init(struct drawing *drawing, const struct tp_lot *lot)
{
    *drawing = (struct drawing){.lot = lot};
    drawing->employer_load = calloc(lot->pool->employer_count + 1, sizeof(uint32_t));
    drawing->taken = calloc(lot->pool->count + 1, 1);
    if (drawing->employer_load == NULL || drawing->taken == NULL)
        return false;
    for (size_t i = 0; i < lot->seated_count; i++) {
        drawing->taken[lot->seated[i]] = 1;
        drawing->employer_load[lot->pool->experts[lot->seated[i]].employer]++;
    }
    return true;
}

struct tp_status tp_lot_draw(const struct tp_lot *lot, const uint8_t seed[TP_LOT_SEED_BYTES],
                             uint32_t attempt_limit, struct tp_lot_result *result,
                             struct tp_error *error)
{
    if (needed_of(lot) > TP_LOT_COMMITTEE_LIMIT)
        return tp_fail(error, TP_LIMIT, "draw.committee_too_large", "more than %d experts",
                       TP_LOT_COMMITTEE_LIMIT);
    size_t short_cell;
    struct tp_status status = tp_lot_check_feasible(lot, &short_cell, error);
    if (tp_failed(status))
        return status;
    struct drawing drawing;
    bool ready = drawing_init(&drawing, lot);
    bool lawful = false;
    for (uint32_t attempt = 1; ready && !lawful && attempt <= attempt_limit; attempt++)
        lawful = attempt_lawful(&drawing, seed, attempt, result);
    drawing_fini(&drawing);
    if (!ready)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a draw");
    if (!lawful)
        return tp_fail(error, TP_LIMIT, "draw.attempts",
                       "lawful committees exist, but none came in %u attempts", attempt_limit);
    return TP_STATUS_OK;
}
