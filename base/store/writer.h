/*
 * The one writer: a thread that takes the works that wait, runs them in one transaction, each in a
 * savepoint, commits once and wakes all whose works were in it.
 */
#ifndef TP_BASE_STORE_WRITER_H
#define TP_BASE_STORE_WRITER_H

#include "base/store/engine.h"

struct tp_writer;

/* `db` is borrowed and used by the writer's thread alone until the free. */
TP_MUST_USE struct tp_status tp_writer_new(struct tp_db *db, struct tp_writer **writer,
                                           struct tp_error *error);
/* Lets the works that wait run, then ends the thread. NULL is allowed. */
void tp_writer_free(struct tp_writer *writer);

/* Blocks until the work is durable or has failed. */
TP_MUST_USE struct tp_status tp_writer_run(struct tp_writer *writer, tp_store_work work,
                                           void *argument, struct tp_error *error);

/* How many works wait that no transaction has taken yet. */
size_t tp_writer_waiting_count(struct tp_writer *writer);

/* Works that a commit has kept, and those commits, since the writer began. */
struct tp_store_counts tp_writer_counts(struct tp_writer *writer);

/* True in the thread that runs the works. */
bool tp_writer_is_current(const struct tp_writer *writer);

#endif
