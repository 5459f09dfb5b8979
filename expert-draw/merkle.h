/*
 * The Merkle tree over a pool's leaves, in RFC 6962's shape: the left subtree holds the largest
 * power of two of leaves that is smaller than their number. A node is
 * tp_hash("tongping.pool.node.v1", left ‖ right), the root of no leaves
 * tp_hash("tongping.pool.empty.v1", "").
 */
#ifndef TP_DRAW_MERKLE_H
#define TP_DRAW_MERKLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"

/* Takes leaves one by one; needs a few nodes only. */
struct tp_merkle {
    uint64_t leaf_count;
    uint8_t nodes[64][TP_HASH_BYTES]; /* a full subtree for each bit set in leaf_count */
};

void tp_merkle_init(struct tp_merkle *merkle);
void tp_merkle_add(struct tp_merkle *merkle, const uint8_t leaf[TP_HASH_BYTES]);
void tp_merkle_root(const struct tp_merkle *merkle, uint8_t root[TP_HASH_BYTES]);

#endif
