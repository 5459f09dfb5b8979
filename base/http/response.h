/*
 * The answer a handler writes, and its form on the wire.
 */
#ifndef TP_BASE_HTTP_RESPONSE_H
#define TP_BASE_HTTP_RESPONSE_H

#include "base/bytes.h"
#include "base/http/server.h"

struct tp_http_response {
    int status;              /* 0: 204 without and 200 with a body */
    struct tp_bytes headers; /* "Name: value\r\n"... */
    struct tp_bytes body;
    char content_type[128];
    unsigned defaults_set; /* which default headers the handler gave itself */
    bool failed;           /* out of memory or a header that cannot be sent: answered 500 */
};

struct tp_http_wire {
    bool keep_alive;
    bool head_only;
    bool tls; /* Strict-Transport-Security is sent */
};

void tp_http_response_fini(struct tp_http_response *response);

/* An error whose HTTP status is not that of its class. */
void tp_http_response_refuse(struct tp_http_response *response, int status, const char *code,
                             const char *message);

/* Appends status line, headers and body. False: out of memory, nothing can be answered. */
bool tp_http_response_encode(struct tp_http_response *response, const struct tp_http_wire *wire,
                             struct tp_bytes *out);

#endif
