/* Small pools for the tests of the lot: expert i has the id "E<i>", a leaf of its own and an
 * employer. */
#ifndef TP_DRAW_LOT_FIXTURE_H
#define TP_DRAW_LOT_FIXTURE_H

#include "expert-draw/lot.h"

/* employers[i] is a letter. Aborts the test when it fails. */
struct tp_pool *tp_lot_fixture_pool(const char *employers);

/* Is this whole committee lawful: nobody twice, nobody seated, no employer over the cap? */
bool tp_lot_fixture_lawful(const struct tp_lot *lot, const uint32_t *experts, size_t count);

/* Calls `visit` with every lawful committee: the experts of each cell ascending, cell after cell.
 * Returns their number. `visit` may be NULL. */
size_t tp_lot_fixture_enumerate(const struct tp_lot *lot,
                                void (*visit)(void *context, const uint32_t *experts, size_t count),
                                void *context);

#endif
