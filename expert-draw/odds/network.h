/*
 * In which order the count is taken: bucket elimination. The count is one coefficient of a product
 * of polynomials in two kinds of variables, one for each cell (its exponent must be the need) and
 * one for each employer (its exponent must not be over the cap). To eliminate a variable is to
 * multiply the factors it is in and take the exponents that are allowed; what remains is a factor
 * in the neighbours. The order is chosen so that tables stay small, by least size first: employers
 * of few cells are eliminated at once, one that spans many cities is kept as a variable of its own
 * while city after city is eliminated.
 */
#ifndef TP_ODDS_NETWORK_H
#define TP_ODDS_NETWORK_H

#include "expert-draw/odds/unit.h"

#define TP_NETWORK_LOADS 64
#define TP_NETWORK_FIRST_LOAD 128 /* the number of the first employer's variable */
#define TP_NETWORK_NONE UINT16_MAX

struct tp_factor {
    bool is_node;
    uint32_t node;
    struct tp_source source;
    uint32_t copies;
};

/* A product of factors, from which one variable may be eliminated. */
struct tp_node {
    struct tp_scope scope;
    uint16_t eliminated; /* TP_NETWORK_NONE: the product itself is the message */
    struct tp_factor *factors;
    size_t factor_count;
};

struct tp_network {
    struct tp_node *nodes; /* factors before what they go into; the last is the whole count */
    size_t node_count;
    size_t node_room;
};

/* TP_LIMIT "odds.too_large" when a table would have more than `entry_limit` entries. */
TP_MUST_USE struct tp_status tp_network_new(const struct tp_reduced *reduced, uint64_t entry_limit,
                                            struct tp_network **network, struct tp_error *error);
void tp_network_free(struct tp_network *network);
TP_DEFINE_CLEANUP(tp_network, tp_network_free)

#endif
