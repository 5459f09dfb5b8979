/*
 * A real server on a free port with handlers that tests need.
 *   GET  /hello                     "hello"
 *   POST /echo                      the body
 *   GET  /lots/{lot_id}/rooms/{id}  "lot_id id"
 *   GET  /who                       the client certificate's name, or "nobody"
 *   GET  /error                     TP_CONFLICT "test.conflict"
 *   GET  /large                     20,000,000 bytes of 'x'
 *   GET  /wait                      answers "waited" once tp_test_server_release was called
 *   WS   /echo-socket               messages back; "close" closes with 4001, "burst N" sends N
 * numbers WS   /wait-socket               like it, but each message waits for the release WS
 * /refusing-socket           TP_DENIED "test.denied"
 */
#ifndef TP_BASE_HTTP_TEST_SERVER_H
#define TP_BASE_HTTP_TEST_SERVER_H

#include <pthread.h>

#include "base/http/server.h"
#include "base/http/test_certificate.h"

struct tp_test_server {
    struct tp_test_certificates certificates;
    struct tp_http_server *server;
    uint16_t port;
    char url[64];
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool released;
    int waiting;        /* handlers that wait now */
    int opened, closed; /* sockets, by the calls */
    int refused_sends;  /* TP_LIMIT from tp_websocket_send */
};

enum tp_test_tls { TP_TEST_PLAIN, TP_TEST_TLS, TP_TEST_MUTUAL_TLS };

/* `config` may be NULL; address, port and certificates are set here. */
void tp_test_server_start(struct tp_test_server *test, enum tp_test_tls tls,
                          const struct tp_http_server_config *config, const char *folder);
void tp_test_server_stop(struct tp_test_server *test);
/* The handlers above, for a server that was made anew. */
void tp_test_server_add_routes(struct tp_test_server *test);
void tp_test_server_release(struct tp_test_server *test);
/* Waits, at most ten seconds, until *count (one of the above) is at least `least`. */
void tp_test_server_await(struct tp_test_server *test, const int *count, int least);

#endif
