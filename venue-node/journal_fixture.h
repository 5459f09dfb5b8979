/*
 * For the unit tests: a journal in a folder of its own.
 */
#ifndef TP_VENUE_NODE_JOURNAL_FIXTURE_H
#define TP_VENUE_NODE_JOURNAL_FIXTURE_H

#include "base/store/store.h"

/* cmocka's set-up and tear-down. */
int journal_set_up(void **state);
int journal_tear_down(void **state);
struct tp_store *journal_of(void **state);
/* As after a restart of the process. */
struct tp_store *journal_reopened(void **state);

#endif
