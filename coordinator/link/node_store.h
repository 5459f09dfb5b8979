/*
 * The enrolled nodes in the store.
 */
#ifndef TP_COORDINATOR_LINK_NODE_STORE_H
#define TP_COORDINATOR_LINK_NODE_STORE_H

#include "coordinator/record/write.h"

/* The enrolled key; TP_DENIED "link.unknown_node". */
TP_MUST_USE struct tp_status tp_node_key(struct tp_store *store, const char *center_id,
                                         uint8_t sign_public[TP_SIGN_PUBLIC_BYTES],
                                         struct tp_error *error);

/* Writes the node's state, logs it and tells the pages. Nothing when it is so already. */
TP_MUST_USE struct tp_status tp_node_set_state(struct tp_app *app, const char *center_id, bool up,
                                               const char *version, struct tp_error *error);

/* The process begins: nobody is connected. */
TP_MUST_USE struct tp_status tp_node_all_down(struct tp_app *app, struct tp_error *error);

#endif
