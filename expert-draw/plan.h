/*
 * The plan of a draw, as the coordinator sends it (docs/interfaces.md, section 2) and as it is
 * hashed (docs/draw.md): canonical JSON with the keys in a fixed order, exclusions in byte order,
 * each once.
 */
#ifndef TP_DRAW_PLAN_H
#define TP_DRAW_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/json.h"

#define TP_PLAN_EXCLUDE_LIMIT 1000

struct tp_plan_seat {
    const char *venue;
    const char *city;
    const char *specialty;
    uint32_t count;
};

struct tp_plan {
    json_t *canonical; /* owns the texts */
    struct tp_bytes text;
    uint8_t hash[TP_HASH_BYTES]; /* tp_hash("tongping.plan.v1", text) */
    const char *draw_id;
    const char *session_id;
    struct tp_plan_seat *seats; /* cell c is seats[c] */
    size_t seat_count;
    uint32_t needed;           /* all counts */
    uint32_t max_per_employer; /* UINT32_MAX: no cap */
    json_t *exclude_employers; /* arrays of texts, borrowed from canonical */
    json_t *exclude_ids;
    int64_t reply_window_ms;
    const char *time_text;
};

/* Reads a plan. TP_INPUT with the field at fault. */
TP_MUST_USE struct tp_status tp_plan_new(const json_t *body, struct tp_plan **plan,
                                         struct tp_error *error);
/* The same, with what only the service needs left out: draw_id and session_id are "offline" then,
 * reply_window_ms 1000, and the message has "-" for its time and each place. */
TP_MUST_USE struct tp_status tp_plan_new_offline(const json_t *body, struct tp_plan **plan,
                                                 struct tp_error *error);
/* From the canonical text, as stored. */
TP_MUST_USE struct tp_status tp_plan_parse(const char *text, struct tp_plan **plan,
                                           struct tp_error *error);
void tp_plan_free(struct tp_plan *plan);
TP_DEFINE_CLEANUP(tp_plan, tp_plan_free)

/* Where experts of `venue` go; never NULL for a venue of the plan. */
const char *tp_plan_place_text(const struct tp_plan *plan, const char *venue);

#endif
