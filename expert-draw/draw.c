#include "expert-draw/draw.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *const state_names[] = {
    [TP_DRAW_COMMITTED] = "committed", [TP_DRAW_INVITING] = "inviting",
    [TP_DRAW_COMPLETE] = "complete",   [TP_DRAW_EXHAUSTED] = "exhausted",
    [TP_DRAW_CANCELLED] = "cancelled",
};

static const char *const member_names[] = {
    [TP_MEMBER_INVITED] = "invited",   [TP_MEMBER_ACCEPTED] = "accepted",
    [TP_MEMBER_DECLINED] = "declined", [TP_MEMBER_SILENT] = "silent",
    [TP_MEMBER_LEFT] = "left",
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

const char *tp_draw_state_name(enum tp_draw_state state)
{
    return state_names[state];
}

const char *tp_member_state_name(enum tp_member_state state)
{
    return member_names[state];
}

static int index_of(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    return -1;
}

void tp_draw_free(struct tp_draw *draw)
{
    if (draw == NULL)
        return;
    tp_plan_free(draw->plan);
    free(draw->members);
    free(draw);
}

static struct tp_status damaged(struct tp_error *error)
{
    return tp_fail(error, TP_IO, "draw.damaged", "a stored draw is not as it was written");
}

static struct tp_status fill_head(const struct tp_query *query, struct tp_draw *draw,
                                  struct tp_error *error)
{
    int state = index_of(state_names, COUNT_OF(state_names), tp_query_text(query, 2));
    size_t bytes;
    const void *head = tp_query_blob(query, 7, &bytes);
    if (state < 0 || bytes != TP_HASH_BYTES)
        return damaged(error);
    draw->pool = tp_query_int(query, 1);
    draw->state = (enum tp_draw_state)state;
    if (!tp_query_is_null(query, 3))
        snprintf(draw->log_head, sizeof(draw->log_head), "%s", tp_query_text(query, 3));
    draw->round = (uint32_t)tp_query_int(query, 4);
    draw->attempts = (uint64_t)tp_query_int(query, 5);
    draw->record_count = (uint32_t)tp_query_int(query, 6);
    memcpy(draw->record_head, head, TP_HASH_BYTES);
    return tp_plan_parse(tp_query_text(query, 0), &draw->plan, error);
}

static struct tp_status read_head(struct tp_db *db, const char *draw_id, struct tp_draw *draw,
                                  struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT plan, pool, state, log_head, round, attempts, record_count,"
                    " record_head FROM draw WHERE draw_id = $1",
                    "t", draw_id);
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status))
        status = row ? fill_head(query, draw, error)
                     : tp_fail(error, TP_NOT_FOUND, "draw.not_found", "no such draw");
    tp_query_end(query);
    return status;
}

static struct tp_status add_member(struct tp_draw *draw, const struct tp_query *query,
                                   struct tp_error *error)
{
    struct tp_member *grown =
        realloc(draw->members, (draw->member_count + 1) * sizeof(*draw->members));
    if (grown == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a draw");
    draw->members = grown;
    struct tp_member *member = &grown[draw->member_count++];
    *member = (struct tp_member){.cell = (uint32_t)tp_query_int(query, 2),
                                 .round = (uint32_t)tp_query_int(query, 3),
                                 .label = (int)tp_query_int(query, 5),
                                 .repeats = (int)tp_query_int(query, 6),
                                 .deadline_at = tp_query_int(query, 7)};
    int state = index_of(member_names, COUNT_OF(member_names), tp_query_text(query, 4));
    if (state < 0 || member->cell >= draw->plan->seat_count)
        return damaged(error);
    member->state = (enum tp_member_state)state;
    snprintf(member->handle, sizeof(member->handle), "%s", tp_query_text(query, 0));
    snprintf(member->expert_id, sizeof(member->expert_id), "%s", tp_query_text(query, 1));
    return TP_STATUS_OK;
}

static struct tp_status read_members(struct tp_db *db, const char *draw_id, struct tp_draw *draw,
                                     struct tp_error *error)
{
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT handle, expert_id, cell, round, state, COALESCE(label, 0), repeats,"
                    " COALESCE(deadline_at, 0) FROM member WHERE draw_id = $1 ORDER BY n",
                    "t", draw_id);
    for (bool row = true; tp_ok(status) && row;) {
        status = tp_query_next(query, &row, error);
        if (tp_ok(status) && row)
            status = add_member(draw, query, error);
    }
    tp_query_end(query);
    return status;
}

struct tp_status tp_draw_read(struct tp_db *db, const char *draw_id, struct tp_draw **draw,
                              struct tp_error *error)
{
    TP_AUTO(tp_draw) struct tp_draw *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a draw");
    struct tp_status status = read_head(db, draw_id, made, error);
    if (tp_ok(status))
        status = read_members(db, draw_id, made, error);
    if (tp_ok(status))
        *draw = tp_steal(&made);
    return status;
}

struct load {
    const char *draw_id;
    struct tp_draw **draw;
};

static struct tp_status load_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct load *load = argument;
    return tp_draw_read(db, load->draw_id, load->draw, error);
}

struct tp_status tp_draw_load(struct tp_store *store, const char *draw_id, struct tp_draw **draw,
                              struct tp_error *error)
{
    struct load load = {.draw_id = draw_id, .draw = draw};
    return tp_store_read(store, load_work, &load, error);
}

struct tp_member *tp_draw_member(struct tp_draw *draw, const char *handle)
{
    for (size_t i = 0; i < draw->member_count; i++)
        if (strcmp(draw->members[i].handle, handle) == 0)
            return &draw->members[i];
    return NULL;
}

uint32_t tp_draw_count(const struct tp_draw *draw, uint32_t cell, enum tp_member_state state)
{
    uint32_t count = 0;
    for (size_t i = 0; i < draw->member_count; i++)
        count += (cell == UINT32_MAX || draw->members[i].cell == cell) &&
                 draw->members[i].state == state;
    return count;
}

uint32_t tp_draw_vacancies(const struct tp_draw *draw, uint32_t cell)
{
    uint32_t held = tp_draw_count(draw, cell, TP_MEMBER_ACCEPTED) +
                    tp_draw_count(draw, cell, TP_MEMBER_INVITED);
    assert(held <= draw->plan->seats[cell].count);
    return draw->plan->seats[cell].count - held;
}

void tp_member_label_text(const struct tp_member *member, char out[TP_LABEL_TEXT_BYTES])
{
    out[0] = '\0';
    if (member->label > 0)
        snprintf(out, TP_LABEL_TEXT_BYTES, "专家 %d", member->label);
}

const struct tp_plan_seat *tp_draw_seat(const struct tp_draw *draw, const struct tp_member *member)
{
    return &draw->plan->seats[member->cell];
}

static json_t *cells_view(const struct tp_draw *draw)
{
    json_t *cells = json_array();
    for (uint32_t cell = 0; cell < draw->plan->seat_count; cell++) {
        const struct tp_plan_seat *seat = &draw->plan->seats[cell];
        json_array_append_new(
            cells, json_pack("{s:s,s:s,s:i,s:i,s:i}", "venue", seat->venue, "specialty",
                             seat->specialty, "needed", (int)seat->count, "accepted",
                             (int)tp_draw_count(draw, cell, TP_MEMBER_ACCEPTED), "waiting",
                             (int)tp_draw_count(draw, cell, TP_MEMBER_INVITED)));
    }
    return cells;
}

static json_t *members_view(const struct tp_draw *draw)
{
    json_t *members = json_array();
    for (size_t i = 0; i < draw->member_count; i++) {
        const struct tp_member *member = &draw->members[i];
        const struct tp_plan_seat *seat = tp_draw_seat(draw, member);
        char label[TP_LABEL_TEXT_BYTES];
        tp_member_label_text(member, label);
        json_array_append_new(members, json_pack("{s:s,s:s,s:s,s:s,s:s?}", "handle", member->handle,
                                                 "venue", seat->venue, "specialty", seat->specialty,
                                                 "state", tp_member_state_name(member->state),
                                                 "label", label[0] == '\0' ? NULL : label));
    }
    return members;
}

struct tp_status tp_draw_view(const struct tp_draw *draw, json_t **view, struct tp_error *error)
{
    uint32_t declined = tp_draw_count(draw, UINT32_MAX, TP_MEMBER_DECLINED) +
                        tp_draw_count(draw, UINT32_MAX, TP_MEMBER_SILENT) +
                        tp_draw_count(draw, UINT32_MAX, TP_MEMBER_LEFT);
    *view =
        json_pack("{s:s,s:s,s:i,s:I,s:i,s:i,s:i,s:i,s:o,s:o}", "draw_id", draw->plan->draw_id,
                  "state", tp_draw_state_name(draw->state), "rounds", (int)draw->round, "attempts",
                  (json_int_t)draw->attempts, "needed", (int)draw->plan->needed, "accepted",
                  (int)tp_draw_count(draw, UINT32_MAX, TP_MEMBER_ACCEPTED), "declined",
                  (int)declined, "waiting", (int)tp_draw_count(draw, UINT32_MAX, TP_MEMBER_INVITED),
                  "cells", cells_view(draw), "members", members_view(draw));
    return *view != NULL ? TP_STATUS_OK
                         : tp_fail(error, TP_NOMEM, "memory", "no memory for a draw's view");
}
