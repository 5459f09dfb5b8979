/*
 * What the files of a connection share: connection.c (life and entries), connection_write.c,
 * connection_request.c and connection_socket.c. All on the loop thread.
 */
#ifndef TP_BASE_HTTP_CONNECTION_PARTS_H
#define TP_BASE_HTTP_CONNECTION_PARTS_H

#include "base/http/connection.h"

#define TP_CONNECTION_DISCARD_MS 1500
#define TP_CONNECTION_CLOSE_MS 3000
#define TP_CONNECTION_PING_MS 30000
#define TP_CONNECTION_KEPT_BYTES 16384 /* a larger buffer is freed once it is empty */

int64_t tp_connection_now_ms(void);
void tp_connection_set_deadline(struct tp_connection *connection, int64_t from_now_ms);
/* Asks for the end; the entry that is under way sees to it. */
void tp_connection_end(struct tp_connection *connection);
/* What was received and is not dealt with. */
size_t tp_connection_waiting(const struct tp_connection *connection);
uint8_t *tp_connection_waiting_data(const struct tp_connection *connection);

/* Writes as much as goes; the rest follows when the peer takes it. */
void tp_connection_flush(struct tp_connection *connection);
/* Puts `bytes` (which may be swapped away) after what is to be written. */
void tp_connection_put_output(struct tp_connection *connection, struct tp_bytes *bytes);

/* Begins to write the exchange's answer; the exchange stays the caller's. */
void tp_connection_answer(struct tp_connection *connection, struct tp_exchange *exchange);
/* Answers without reading what may still come; without a code, what the exchange says. */
void tp_connection_refuse(struct tp_connection *connection, int status, const char *code,
                          const char *message);
/* These return true when there may be more to do with what was received. */
bool tp_connection_process_head(struct tp_connection *connection);
bool tp_connection_process_body(struct tp_connection *connection);
bool tp_connection_process_frame(struct tp_connection *connection);

/* Answers 101 and begins the socket that the exchange brings. */
void tp_connection_become_websocket(struct tp_connection *connection, struct tp_exchange *exchange);

#endif
