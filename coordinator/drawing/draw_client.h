/*
 * tp-draw as the coordinator calls it (docs/interfaces.md section 2): HTTPS with both sides'
 * certificates, JSON both ways. Everything here blocks: call it from workers and jobs, never inside
 * a write.
 */
#ifndef TP_COORDINATOR_DRAWING_DRAW_CLIENT_H
#define TP_COORDINATOR_DRAWING_DRAW_CLIENT_H

#include "base/crypto.h"
#include "base/http/client.h"
#include "base/json.h"

#define TP_DRAW_CALL_TIMEOUT_MS 15000

struct tp_draw_client;

TP_MUST_USE struct tp_status tp_draw_client_new(const struct tp_http_client_config *config,
                                                struct tp_draw_client **client,
                                                struct tp_error *error);
/* NULL is allowed. */
void tp_draw_client_free(struct tp_draw_client *client);

/* From now on commitments must be signed by this key of tp-draw (copied). Before any call. */
void tp_draw_client_pin(struct tp_draw_client *client,
                        const uint8_t sign_public[TP_SIGN_PUBLIC_BYTES]);
/* NULL when none is pinned. */
const uint8_t *tp_draw_client_key(const struct tp_draw_client *client);

/*
 * One call. `body` is borrowed, NULL for none. A refusal by tp-draw comes back with its own code
 * and the class of its HTTP status, so TP_PEER means: no answer, try again ("draw.unreachable",
 * "draw.malformed_answer", or its own trouble).
 */
TP_MUST_USE struct tp_status tp_draw_client_call(struct tp_draw_client *client, const char *method,
                                                 const char *path, const json_t *body,
                                                 int64_t timeout_ms, json_t **answer,
                                                 struct tp_error *error);

/* Whoever leads the draw of a session a step on holds its turn, so that an older answer is never
 * written over a newer one. Blocks while another holds it. */
void tp_draw_client_take_turn(struct tp_draw_client *client, const char *session_id);
void tp_draw_client_give_turn(struct tp_draw_client *client, const char *session_id);

#endif
