/*
 * What a node last said of itself, as a value: copied from a NodeStatus message, limited in size.
 */
#ifndef TP_COORDINATOR_LINK_NODE_STATUS_H
#define TP_COORDINATOR_LINK_NODE_STATUS_H

#include <jansson.h>

#include "base/error.h"
#include "proto/link.pb-c.h"

#define TP_NODE_FEEDS_MOST 1024

struct tp_node_status;

/* TP_LIMIT "link.too_many_feeds". */
TP_MUST_USE struct tp_status tp_node_status_new(const Tongping__Link__NodeStatus *message,
                                                struct tp_node_status **status,
                                                struct tp_error *error);
/* NULL is allowed. */
void tp_node_status_free(struct tp_node_status *status);

/* Sets the fields of GET /nodes in `node`; NULL: zeros. */
TP_MUST_USE struct tp_status tp_node_status_describe(const struct tp_node_status *status,
                                                     json_t *node, struct tp_error *error);

struct tp_node_feed {
    const char *feed_id; /* owned by the status */
    const char *kind;
    const char *state;
    const char *detail;
    uint32_t viewer_count;
};
/* NULL when the node did not name it; `status` may be NULL. */
const struct tp_node_feed *tp_node_status_feed(const struct tp_node_status *status,
                                               const char *feed_id);

/* Calls `changed` for each feed whose state differs between the two (either may be NULL). Returns
 * whether anything an operator looks at differs at all. */
bool tp_node_status_compare(const struct tp_node_status *before, const struct tp_node_status *after,
                            void (*changed)(void *context, const char *feed_id), void *context);

#endif
