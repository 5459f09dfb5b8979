/*
 * Passwords: Argon2id (RFC 9106) by libsodium's crypto_pwhash_str, INTERACTIVE limits (64 MiB).
 * At most four at a time, so that logins cannot take all memory.
 */
#ifndef TP_COORDINATOR_ACCOUNT_PASSWORD_H
#define TP_COORDINATOR_ACCOUNT_PASSWORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define TP_PASSWORD_HASH_BYTES 128
#define TP_PASSWORD_LEAST 10 /* characters */
#define TP_PASSWORD_MOST 200

struct tp_password_gate;

TP_MUST_USE struct tp_status tp_password_gate_new(struct tp_password_gate **gate,
                                                  struct tp_error *error);
void tp_password_gate_free(struct tp_password_gate *gate);

TP_MUST_USE struct tp_status tp_password_hash(struct tp_password_gate *gate, const char *password,
                                              char hash[TP_PASSWORD_HASH_BYTES],
                                              struct tp_error *error);
/* `hash` NULL takes as long and is false: an unknown name is not told by its time. */
bool tp_password_matches(struct tp_password_gate *gate, const char *hash, const char *password);

#endif
