/*
 * WHEP offers on their way to the nodes and the answers back: one call id and one waiting request
 * each, with a time-out, and an end at once when the node's link is lost.
 */
#ifndef TP_COORDINATOR_WATCHING_RELAY_H
#define TP_COORDINATOR_WATCHING_RELAY_H

#include "base/bytes.h"
#include "coordinator/app.h"
#include "proto/link.pb-c.h"

#define TP_RELAY_TIMEOUT_MS 10000
#define TP_RELAY_VIEWER_BYTES 65

struct tp_relay;

TP_MUST_USE struct tp_status tp_relay_new(struct tp_app *app, struct tp_relay **relay,
                                          struct tp_error *error);
/* After the port is closed. NULL is allowed. */
void tp_relay_free(struct tp_relay *relay);

struct tp_relay_offer {
    const char *center_id;
    const char *feed_id;
    const char *rendition;
    const char *ticket;
    const char *sdp;
};

/* Blocks. Appends the answer's SDP. The node's own refusals come with their code as TP_PEER;
 * "link.down", "link.timeout". */
TP_MUST_USE struct tp_status tp_relay_call(struct tp_relay *relay,
                                           const struct tp_relay_offer *offer,
                                           char viewer_id[TP_RELAY_VIEWER_BYTES],
                                           struct tp_bytes *sdp, struct tp_error *error);

/* From the link. */
void tp_relay_answered(struct tp_relay *relay, const char *center_id,
                       const Tongping__Link__WhepAnswer *answer);
void tp_relay_node_lost(struct tp_relay *relay, const char *center_id);

#endif
