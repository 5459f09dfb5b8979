/*
 * The pool as the draw sees it: ids, cities, specialties, employers and the salted leaves that the
 * Merkle root commits to. No name, ID number or phone is here. Experts stand in the byte order of
 * their ids.
 *
 * leaf = tp_hash("tongping.pool.leaf.v1", salt ‖ text(id) ‖ text(city) ‖ text(employer) ‖
 * text(specialties)), where text(x) is u16 length ‖ bytes, specialties are the codes in byte order
 * joined by ';', and salt is the keyed BLAKE2b-256 of the id under the pool's salt key.
 */
#ifndef TP_DRAW_POOL_H
#define TP_DRAW_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"

#define TP_POOL_SALT_KEY_BYTES 32

struct tp_pool_expert {
    const char *id;
    const char *city;
    const char *specialties; /* "A0301;A0305" */
    uint32_t employer;       /* index: the same for the same text */
    uint8_t leaf[TP_HASH_BYTES];
};

struct tp_pool {
    int64_t number; /* of the import */
    size_t count;
    struct tp_pool_expert *experts;
    const char **employers;
    size_t employer_count;
    uint8_t root[TP_HASH_BYTES];
    struct tp_pool_text *texts; /* owns what the experts point at */
    size_t capacity;
};

void tp_pool_leaf(const uint8_t salt_key[TP_POOL_SALT_KEY_BYTES], const char *id, const char *city,
                  const char *employer, const char *specialties, uint8_t leaf[TP_HASH_BYTES]);

TP_MUST_USE struct tp_status tp_pool_new(struct tp_pool **pool, struct tp_error *error);
void tp_pool_free(struct tp_pool *pool);
TP_DEFINE_CLEANUP(tp_pool, tp_pool_free)

/* Adds one expert; texts are copied, `employer` for the time until tp_pool_finish. */
TP_MUST_USE struct tp_status tp_pool_add(struct tp_pool *pool, const char *id, const char *city,
                                         const char *specialties, const char *employer,
                                         const uint8_t leaf[TP_HASH_BYTES], struct tp_error *error);
/* Numbers the employers and computes the root. Experts must have come in the byte order of their
 * ids (asserted). */
TP_MUST_USE struct tp_status tp_pool_finish(struct tp_pool *pool, struct tp_error *error);

bool tp_pool_expert_has(const struct tp_pool_expert *expert, const char *specialty);
/* The employer's index, or UINT32_MAX when nobody of the pool is employed there. */
uint32_t tp_pool_employer(const struct tp_pool *pool, const char *name);
/* The expert's index, or SIZE_MAX. */
size_t tp_pool_find(const struct tp_pool *pool, const char *id);

#endif
