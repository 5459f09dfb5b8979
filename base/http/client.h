/*
 * One blocking HTTPS request (libcurl). Call it from worker threads.
 */
#ifndef TP_BASE_HTTP_CLIENT_H
#define TP_BASE_HTTP_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct tp_http_client; /* keeps connections for reuse; one per peer; safe from several threads */

struct tp_http_client_config {
    const char *base_url;         /* "https://127.0.0.1:9443", without a slash at the end */
    const char *ca_path;          /* PEM; NULL: the system's */
    const char *certificate_path; /* own certificate for mutual TLS; may be NULL */
    const char *private_key_path;
    int64_t connect_timeout_ms; /* 0: 3,000 */
    size_t answer_limit_bytes;  /* 0: 16 MiB */
};

struct tp_http_answer {
    int status;
    char content_type[128];
    uint8_t *body; /* NUL-terminated beyond body_bytes */
    size_t body_bytes;
};

TP_MUST_USE struct tp_status tp_http_client_new(const struct tp_http_client_config *config,
                                                struct tp_http_client **client,
                                                struct tp_error *error);
void tp_http_client_free(struct tp_http_client *client);

/*
 * `path` begins with a slash. `headers` is a NULL-terminated list of "Name: value" or NULL.
 * Any HTTP status is success here; TP_PEER ("http.unreachable", "http.timeout", "http.tls") when no
 * answer came. Fini the answer after success.
 */
TP_MUST_USE struct tp_status
tp_http_client_request(struct tp_http_client *client, const char *method, const char *path,
                       const char *const *headers, const void *body, size_t body_bytes,
                       int64_t timeout_ms, struct tp_http_answer *answer, struct tp_error *error);
void tp_http_answer_fini(struct tp_http_answer *answer);

#endif
