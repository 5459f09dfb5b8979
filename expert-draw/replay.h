/*
 * A transcript gone through again: every record is made anew from the pool, the plan and the proofs
 * and compared with the one that is there.
 */
#ifndef TP_DRAW_REPLAY_H
#define TP_DRAW_REPLAY_H

#include "expert-draw/pool_file.h"
#include "expert-draw/transcript.h"

struct tp_replay {
    struct tp_plan *plan;
    struct tp_pool *pool;
    struct tp_course course; /* as it stands after the last record */
};

void tp_replay_fini(struct tp_replay *replay);
TP_DEFINE_FINI_CLEANUP(tp_replay, tp_replay_fini)

/* TP_CRYPTO "transcript.false": the field names the first thing that is false, "plan",
 * "records[2].seed", "head". */
TP_MUST_USE struct tp_status tp_replay_run(struct tp_replay *replay,
                                           const struct tp_transcript *transcript,
                                           const struct tp_pool_file *pool, struct tp_error *error);

#endif
