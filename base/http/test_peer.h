/*
 * A peer that writes and reads raw bytes, plain or through TLS, to say what no proper client says.
 * Everything waits at most ten seconds.
 */
#ifndef TP_BASE_HTTP_TEST_PEER_H
#define TP_BASE_HTTP_TEST_PEER_H

#include <openssl/ssl.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct tp_test_peer {
    int fd;
    SSL_CTX *context;
    SSL *ssl;
    struct tp_bytes input;
};

/* `ca_path` NULL: plain. Aborts when it cannot connect. */
void tp_test_peer_connect(struct tp_test_peer *peer, uint16_t port, const char *ca_path);
void tp_test_peer_close(struct tp_test_peer *peer);
/* False: the server has closed. */
bool tp_test_peer_write(struct tp_test_peer *peer, const void *data, size_t bytes);
bool tp_test_peer_write_text(struct tp_test_peer *peer, const char *text);
/* Reads more input; false at the end or after ten seconds. */
bool tp_test_peer_read(struct tp_test_peer *peer);
/* Reads one answer with its body; returns its status, or 0 when the server closed instead. The body
 * stands in `body`. */
int tp_test_peer_answer(struct tp_test_peer *peer, struct tp_bytes *body);
/* True when the server closes without another byte. */
bool tp_test_peer_ended(struct tp_test_peer *peer);

/* WebSocket: the handshake; returns the status. */
int tp_test_peer_upgrade(struct tp_test_peer *peer, const char *path);
/* Sends one masked frame. */
bool tp_test_peer_send_frame(struct tp_test_peer *peer, uint8_t first, const void *data,
                             size_t bytes);
/* Reads one frame; the opcode, or -1 at the end. */
int tp_test_peer_frame(struct tp_test_peer *peer, struct tp_bytes *payload);

#endif
