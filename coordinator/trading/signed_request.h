/*
 * The signed requests between the coordinator and a trading system, in both directions
 * (docs/interfaces.md section 3): four headers whose Ed25519 signature (domain
 * "tongping.request.v1") covers
 *     METHOD \n PATH \n TIME \n NONCE \n hex(BLAKE2b-256 of the body, domain "tongping.body.v1").
 * A request is good for five minutes around the receiver's clock and its nonce once.
 */
#ifndef TP_COORDINATOR_TRADING_SIGNED_REQUEST_H
#define TP_COORDINATOR_TRADING_SIGNED_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/http/server.h"
#include "base/random.h"
#include "base/store/store.h"

#define TP_SIGNED_REQUEST_SPAN_MS (5 * 60 * 1000)
#define TP_SIGNED_REQUEST_NAME_MAX_BYTES 64
#define TP_SIGNED_REQUEST_NONCE_CHARACTERS 22

/* The table of seen nonces, for receivers other than the coordinator (whose schema has it). */
#define TP_SIGNED_REQUEST_SCHEMA                                                                   \
    "CREATE TABLE request_nonces (sender TEXT NOT NULL, nonce TEXT NOT NULL,"                      \
    " seen_at INTEGER NOT NULL, PRIMARY KEY (sender, nonce));"                                     \
    "CREATE INDEX request_nonces_by_age ON request_nonces (seen_at);"

/* The headers of one outgoing request; `list` points into the struct itself: do not copy it. */
struct tp_signed_headers {
    const char *list[6]; /* NULL-terminated, for tp_http_client_request; the last is Content-Type */
    char text[4][160];
};

/* `path` is the path of the request line without host and query. `nonce` is made from `random`. */
TP_MUST_USE struct tp_status
tp_signed_request_sign(const struct tp_keypair *keypair, const char *sender, const char *method,
                       const char *path, const void *body, size_t bytes, int64_t now_ms,
                       const struct tp_random *random, struct tp_signed_headers *headers,
                       struct tp_error *error);

/* What a receiver sees of a request; all borrowed, headers may be NULL. */
struct tp_signed_request {
    const char *method;
    const char *path;
    const char *sender;    /* Tongping-Key */
    const char *time;      /* Tongping-Time */
    const char *nonce;     /* Tongping-Nonce */
    const char *signature; /* Tongping-Signature */
    const void *body;
    size_t bytes;
};

/* Takes method, path, headers and body from a request under way. */
void tp_signed_request_of(const struct tp_http_request *request, struct tp_signed_request *out);

/* TP_DENIED with "request.bad_signature" (also for missing or malformed headers) or
 * "request.stale". The nonce is not looked at here. */
TP_MUST_USE struct tp_status tp_signed_request_verify(const struct tp_signed_request *request,
                                                      const uint8_t sign_public[32], int64_t now_ms,
                                                      struct tp_error *error);

/* Inside a write of the receiver, after verify: TP_DENIED "request.replayed" when the nonce was
 * used before. Forgets the nonces whose time is over. */
TP_MUST_USE struct tp_status tp_signed_request_use_nonce(struct tp_db *db,
                                                         const struct tp_signed_request *request,
                                                         int64_t now_ms, struct tp_error *error);

#endif
