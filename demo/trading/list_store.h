/*
 * The sealed lists that were received, each with the receipt given for it. A list is one session's
 * one version; the receipt is fixed when the list is first stored and given again ever after.
 */
#ifndef TP_DEMO_TRADING_LIST_STORE_H
#define TP_DEMO_TRADING_LIST_STORE_H

#include <stdint.h>

#include "base/crypto.h"
#include "base/store/store.h"
#include "coordinator/trading/signed_request.h"

struct tp_list_store;

struct tp_received_list {
    const char *session_id; /* borrowed, as all texts */
    const char *lot_code;
    const char *draw_id;
    int64_t version;
    const char *list_hash;
    const char *transcript_hash;
    const uint8_t *sealed;
    size_t sealed_bytes;
};

/* Sealed lists are kept as files "SESSION.vVERSION.sealed" below `folder`, which is made when
 * missing; everything else in the database at `path`. */
TP_MUST_USE struct tp_status tp_list_store_open(const char *path, const char *folder,
                                                struct tp_list_store **store,
                                                struct tp_error *error);
void tp_list_store_free(struct tp_list_store *store);

/*
 * Stores the list once and appends the answer with the receipt. `request` is verified already; its
 * nonce is used up in the same transaction ("request.replayed"). Another list under the same
 * session and version is TP_CONFLICT "list.other_content".
 */
TP_MUST_USE struct tp_status tp_list_store_receive(struct tp_list_store *store,
                                                   const struct tp_signed_request *request,
                                                   const struct tp_received_list *list,
                                                   const struct tp_keypair *keypair, int64_t now_ms,
                                                   struct tp_bytes *answer, struct tp_error *error);

/* Calls `each` for the newest 200 lists, newest first. */
typedef void (*tp_list_store_each)(void *context, const struct tp_received_list *list,
                                   int64_t received_at_ms);
TP_MUST_USE struct tp_status tp_list_store_read(struct tp_list_store *store,
                                                tp_list_store_each each, void *context,
                                                struct tp_error *error);

#endif
