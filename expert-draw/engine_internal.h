/* What the engine's files share. */
#ifndef TP_DRAW_ENGINE_INTERNAL_H
#define TP_DRAW_ENGINE_INTERNAL_H

#include <pthread.h>

#include "expert-draw/draw.h"
#include "expert-draw/engine.h"
#include "expert-draw/lot.h"
#include "expert-draw/pool_store.h"
#include "expert-draw/record.h"

#define TP_DRAW_POOL_CACHE_COUNT 4

struct tp_draw_engine {
    struct tp_draw_engine_config config;
    struct tp_vault *vault;
    struct tp_vrf_key *vrf;
    /* Held while a draw is led from one state to the next: read, compute, write. */
    pthread_mutex_t turn;
    struct tp_pool *pools[TP_DRAW_POOL_CACHE_COUNT]; /* under turn; newest use first */

    pthread_mutex_t wake;
    pthread_cond_t changed; /* an event, a message or the end */
    uint64_t change_count;  /* under wake, as all below */
    bool stopping;
    int poller_count;
    bool gateway_down;
    int gateway_failures; /* in a row */
};

int64_t tp_engine_now(const struct tp_draw_engine *engine);
void tp_engine_lock(struct tp_draw_engine *engine);
void tp_engine_unlock(struct tp_draw_engine *engine);
/* Wakes who waits for events and messages: after each write that made any. */
void tp_engine_wake(struct tp_draw_engine *engine);

/* Under turn: borrowed until the turn is given back. */
TP_MUST_USE struct tp_status tp_engine_pool(struct tp_draw_engine *engine, int64_t number,
                                            const struct tp_pool **pool, struct tp_error *error);

/* Inside a write. Takes `data`. */
TP_MUST_USE struct tp_status tp_engine_event(struct tp_draw_engine *engine, struct tp_db *db,
                                             const char *type, const char *draw_id, json_t *data,
                                             struct tp_error *error);

/* Under turn: leads the draw on as far as it goes without anybody's reply. */
TP_MUST_USE struct tp_status tp_engine_advance(struct tp_draw_engine *engine, const char *draw_id,
                                               struct tp_error *error);

/* The view with the gateway's counts. */
TP_MUST_USE struct tp_status tp_engine_answer_view(struct tp_draw_engine *engine,
                                                   const char *draw_id, json_t **answer,
                                                   struct tp_error *error);

/* Who may sit in each cell. */
struct tp_eligible {
    struct tp_lot_cell cells[TP_LOT_CELL_LIMIT];
    uint32_t *candidates;                /* owned; the cells point into it */
    uint32_t in_city[TP_LOT_CELL_LIMIT]; /* of the specialty in the city, before exclusions */
};
void tp_eligible_fini(struct tp_eligible *eligible);
/* Candidates of all cells: of the city, with the specialty, not excluded, not drawn before. */
TP_MUST_USE struct tp_status tp_eligible_find(const struct tp_plan *plan,
                                              const struct tp_pool *pool,
                                              const struct tp_draw *draw,
                                              struct tp_eligible *eligible, struct tp_error *error);
/* Turns "draw.infeasible" into one that says which specialty, where, how many. */
struct tp_status tp_eligible_explain(const struct tp_plan *plan, const struct tp_eligible *eligible,
                                     size_t cell, struct tp_error *error);

enum tp_message_purpose {
    TP_MESSAGE_INVITE,
    TP_MESSAGE_CONFIRM,
    TP_MESSAGE_CANCEL,
    TP_MESSAGE_RELEASE,
    TP_MESSAGE_LATE,
};
/* Inside a write: puts a message to a member into the outbox; `code` is for CONFIRM. */
TP_MUST_USE struct tp_status tp_engine_message(struct tp_draw_engine *engine, struct tp_db *db,
                                               const struct tp_draw *draw,
                                               const struct tp_member *member,
                                               enum tp_message_purpose purpose, const char *kind,
                                               const char *code, struct tp_error *error);
/* An invitation by all channels. */
TP_MUST_USE struct tp_status tp_engine_invite(struct tp_draw_engine *engine, struct tp_db *db,
                                              const struct tp_draw *draw,
                                              const struct tp_member *member,
                                              struct tp_error *error);
TP_MUST_USE struct tp_status tp_engine_gateway_view(struct tp_draw_engine *engine,
                                                    const char *draw_id, json_t **view,
                                                    struct tp_error *error);

/* Inside a write: moves a member to `state` in the database and in `member`. */
TP_MUST_USE struct tp_status tp_engine_set_member(struct tp_db *db, struct tp_member *member,
                                                  enum tp_member_state state,
                                                  struct tp_error *error);

/* The keyed hash an entry code is stored as. */
void tp_engine_code_mac(const struct tp_draw_engine *engine, const char *handle, const char *code,
                        uint8_t mac[TP_VAULT_MAC_BYTES]);

#endif
