#include "expert-draw/merkle.h"

#include <string.h>

void tp_merkle_init(struct tp_merkle *merkle)
{
    *merkle = (struct tp_merkle){.leaf_count = 0};
}

static void join(const uint8_t *left, const uint8_t *right, uint8_t *out)
{
    uint8_t pair[2 * TP_HASH_BYTES];
    memcpy(pair, left, TP_HASH_BYTES);
    memcpy(pair + TP_HASH_BYTES, right, TP_HASH_BYTES);
    tp_hash("tongping.pool.node.v1", pair, sizeof(pair), out);
}

void tp_merkle_add(struct tp_merkle *merkle, const uint8_t leaf[TP_HASH_BYTES])
{
    uint8_t node[TP_HASH_BYTES];
    memcpy(node, leaf, sizeof(node));
    int level = 0;
    for (; (merkle->leaf_count >> level) & 1; level++)
        join(merkle->nodes[level], node, node);
    memcpy(merkle->nodes[level], node, sizeof(node));
    merkle->leaf_count++;
}

void tp_merkle_root(const struct tp_merkle *merkle, uint8_t root[TP_HASH_BYTES])
{
    bool any = false;
    for (int level = 0; level < 64; level++) {
        if (((merkle->leaf_count >> level) & 1) == 0)
            continue;
        if (any)
            join(merkle->nodes[level], root, root);
        else
            memcpy(root, merkle->nodes[level], TP_HASH_BYTES);
        any = true;
    }
    if (!any)
        tp_hash("tongping.pool.empty.v1", "", 0, root);
}
