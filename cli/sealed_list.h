/*
 * The expert list that tp-draw sealed for a trading system (docs/interfaces.md, "The sealed list"):
 * JSON ‖ 0x00 ‖ signature, in a sealed box.
 */
#ifndef TP_CLI_SEALED_LIST_H
#define TP_CLI_SEALED_LIST_H

#include "base/crypto.h"
#include "base/json.h"

/*
 * Opens with the recipient's key and verifies with tp-draw's. `sealed` is the box itself, or its
 * base64url text as it stands in the push. The text of `list` is secret: free it soon. TP_CRYPTO:
 * "list.wrong_key" (not sealed to this key, or changed), "list.bad_signature" (not from this
 * keeper); TP_INPUT "list.malformed".
 */
TP_MUST_USE struct tp_status tp_sealed_list_open(const struct tp_keypair *recipient,
                                                 const uint8_t keeper[TP_SIGN_PUBLIC_BYTES],
                                                 const void *sealed, size_t bytes, json_t **list,
                                                 struct tp_error *error);

#endif
