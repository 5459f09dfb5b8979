/*
 * What tp-draw does, without HTTP: draws from commit to completion, replies, the sealed list,
 * logins and events. Calls may come from any thread and block on the store; every step is durable
 * before a call returns. One process owns a store.
 */
#ifndef TP_DRAW_ENGINE_H
#define TP_DRAW_ENGINE_H

#include "base/clock.h"
#include "base/json.h"
#include "base/random.h"
#include "base/store/store.h"
#include "expert-draw/vault.h"
#include "expert-draw/vrf.h"

struct tp_draw_engine;

struct tp_draw_engine_config {
    struct tp_store *store; /* borrowed, as all of these */
    const struct tp_keypair *keypair;
    const struct tp_clock *clock;
    const struct tp_random *random; /* for entry codes and message ids, never for a draw */
    bool voice;                     /* invite by voice too */
};

TP_MUST_USE struct tp_status tp_draw_engine_new(const struct tp_draw_engine_config *config,
                                                struct tp_draw_engine **engine,
                                                struct tp_error *error);
void tp_draw_engine_free(struct tp_draw_engine *engine);
TP_DEFINE_CLEANUP(tp_draw_engine, tp_draw_engine_free)

/* After a restart: carries on what was under way. Messages that were being sent go out again, with
 * their ids. */
TP_MUST_USE struct tp_status tp_draw_engine_resume(struct tp_draw_engine *engine,
                                                   struct tp_error *error);
/* Ends reply windows that are over; to be called about every second. */
TP_MUST_USE struct tp_status tp_draw_engine_tick(struct tp_draw_engine *engine,
                                                 struct tp_error *error);

/* The calls of docs/interfaces.md, section 2. Answers are new references. */
TP_MUST_USE struct tp_status tp_draw_engine_info(struct tp_draw_engine *engine, json_t **answer,
                                                 struct tp_error *error);
TP_MUST_USE struct tp_status tp_draw_engine_specialties(struct tp_draw_engine *engine,
                                                        json_t **answer, struct tp_error *error);
TP_MUST_USE struct tp_status tp_draw_engine_commit(struct tp_draw_engine *engine,
                                                   const json_t *plan, bool *made, json_t **answer,
                                                   struct tp_error *error);
TP_MUST_USE struct tp_status tp_draw_engine_start(struct tp_draw_engine *engine,
                                                  const char *draw_id, const char *log_head,
                                                  json_t **answer, struct tp_error *error);
TP_MUST_USE struct tp_status tp_draw_engine_view(struct tp_draw_engine *engine, const char *draw_id,
                                                 json_t **answer, struct tp_error *error);
TP_MUST_USE struct tp_status tp_draw_engine_leave(struct tp_draw_engine *engine,
                                                  const char *draw_id, const char *handle,
                                                  const char *reason, json_t **answer,
                                                  struct tp_error *error);
TP_MUST_USE struct tp_status tp_draw_engine_cancel(struct tp_draw_engine *engine,
                                                   const char *draw_id, const char *reason,
                                                   json_t **answer, struct tp_error *error);
TP_MUST_USE struct tp_status tp_draw_engine_seal(struct tp_draw_engine *engine, const char *draw_id,
                                                 const uint8_t recipient[TP_SEAL_PUBLIC_BYTES],
                                                 json_t **answer, struct tp_error *error);
TP_MUST_USE struct tp_status tp_draw_engine_transcript(struct tp_draw_engine *engine,
                                                       const char *draw_id, json_t **answer,
                                                       struct tp_error *error);
/* Waits up to wait_ms for an event after `after`. */
TP_MUST_USE struct tp_status tp_draw_engine_events(struct tp_draw_engine *engine, int64_t after,
                                                   int64_t wait_ms, json_t **answer,
                                                   struct tp_error *error);

struct tp_login_call {
    const char *draw_id, *venue, *seat_id;
    const uint8_t *sealed;
    size_t sealed_bytes;
};
TP_MUST_USE struct tp_status tp_draw_engine_login(struct tp_draw_engine *engine,
                                                  const struct tp_login_call *call, json_t **answer,
                                                  struct tp_error *error);

/* A reply from the gateway. Unknown phones and texts are no errors: *outcome says what was done
 * with it
 * ("accepted", "declined", "repeated", "late", "already", "unknown"); static text. */
TP_MUST_USE struct tp_status tp_draw_engine_reply(struct tp_draw_engine *engine, const char *phone,
                                                  const char *text, const char **outcome,
                                                  struct tp_error *error);

/* Outbox: a message for the gateway. */
struct tp_draw_message {
    char id[TP_ID_BYTES];
    char kind[8]; /* "sms", "voice" */
    char phone[32];
    struct tp_bytes text; /* secret: it may hold an entry code */
};
void tp_draw_message_fini(struct tp_draw_message *message);

/* Takes the next message that is due and marks it as being sent; *found is false when there is
 * none. */
TP_MUST_USE struct tp_status tp_draw_engine_take_message(struct tp_draw_engine *engine,
                                                         struct tp_draw_message *message,
                                                         bool *found, struct tp_error *error);
/* The gateway took it, or did not: then it is tried again later. */
TP_MUST_USE struct tp_status tp_draw_engine_message_done(struct tp_draw_engine *engine,
                                                         const char *message_id, bool taken,
                                                         struct tp_error *error);
/* Waits until a message may be due, for at most `most_ms`. */
void tp_draw_engine_wait_for_messages(struct tp_draw_engine *engine, int64_t most_ms);
/* Ends all waiting, now and later: before shutting down. */
void tp_draw_engine_stop_waiting(struct tp_draw_engine *engine);

#endif
