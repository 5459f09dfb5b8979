/*
 * One draw as it stands in the database, and the writes that change it. Loaded as a whole, worked
 * on in memory, written in one transaction. Signed records tell its course; their form is in
 * docs/draw.md.
 */
#ifndef TP_DRAW_DRAW_H
#define TP_DRAW_DRAW_H

#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/store/store.h"
#include "expert-draw/plan.h"
#include "expert-draw/vault.h"

enum tp_draw_state {
    TP_DRAW_COMMITTED,
    TP_DRAW_INVITING,
    TP_DRAW_COMPLETE,
    TP_DRAW_EXHAUSTED, /* no lawful substitute is left */
    TP_DRAW_CANCELLED,
};

enum tp_member_state {
    TP_MEMBER_INVITED,
    TP_MEMBER_ACCEPTED,
    TP_MEMBER_DECLINED,
    TP_MEMBER_SILENT, /* no reply in the window */
    TP_MEMBER_LEFT,
};

const char *tp_draw_state_name(enum tp_draw_state state);
const char *tp_member_state_name(enum tp_member_state state);

struct tp_member {
    char handle[TP_HANDLE_TEXT_BYTES];
    char expert_id[65];
    uint32_t cell;
    uint32_t round;
    enum tp_member_state state;
    int label; /* 0: none */
    int repeats;
    int64_t deadline_at; /* 0: the invitation was not taken by the gateway yet */
};

struct tp_draw {
    struct tp_plan *plan;
    int64_t pool;
    enum tp_draw_state state;
    char log_head[65];
    uint32_t round;
    uint64_t attempts; /* of the lot, over all rounds */
    uint32_t record_count;
    uint8_t record_head[TP_HASH_BYTES];
    struct tp_member *members; /* in the order they were drawn */
    size_t member_count;
};

void tp_draw_free(struct tp_draw *draw);
TP_DEFINE_CLEANUP(tp_draw, tp_draw_free)

/* TP_NOT_FOUND "draw.not_found". */
TP_MUST_USE struct tp_status tp_draw_read(struct tp_db *db, const char *draw_id,
                                          struct tp_draw **draw, struct tp_error *error);
TP_MUST_USE struct tp_status tp_draw_load(struct tp_store *store, const char *draw_id,
                                          struct tp_draw **draw, struct tp_error *error);

/* NULL when no member has the handle. */
struct tp_member *tp_draw_member(struct tp_draw *draw, const char *handle);
/* Members of a cell in `state`; of every cell when `cell` is UINT32_MAX. */
uint32_t tp_draw_count(const struct tp_draw *draw, uint32_t cell, enum tp_member_state state);
/* Seats of a cell that nobody holds or was asked for. */
uint32_t tp_draw_vacancies(const struct tp_draw *draw, uint32_t cell);

/* "专家 3" for an accepted member; "" without a label. */
#define TP_LABEL_TEXT_BYTES 32
void tp_member_label_text(const struct tp_member *member, char out[TP_LABEL_TEXT_BYTES]);

/* A member's place in the plan. */
const struct tp_plan_seat *tp_draw_seat(const struct tp_draw *draw, const struct tp_member *member);

/* What the coordinator is shown: docs/interfaces.md, GET /v1/draws/{id}. Gateway counts are added
 * by the caller. */
TP_MUST_USE struct tp_status tp_draw_view(const struct tp_draw *draw, json_t **view,
                                          struct tp_error *error);

#endif
