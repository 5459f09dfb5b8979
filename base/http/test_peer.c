#include "base/http/test_peer.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static void must(bool condition, const char *what)
{
    if (!condition) {
        perror(what);
        abort();
    }
}

void tp_test_peer_connect(struct tp_test_peer *peer, uint16_t port, const char *ca_path)
{
    *peer = (struct tp_test_peer){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct timeval wait = {.tv_sec = 10};
    int yes = 1;
    must(peer->fd >= 0, "socket");
    setsockopt(peer->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    setsockopt(peer->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    must(connect(peer->fd, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
    if (ca_path == NULL)
        return;
    peer->context = SSL_CTX_new(TLS_client_method());
    must(peer->context != NULL, "TLS");
    must(SSL_CTX_load_verify_locations(peer->context, ca_path, NULL) == 1, ca_path);
    SSL_CTX_set_verify(peer->context, SSL_VERIFY_PEER, NULL);
    peer->ssl = SSL_new(peer->context);
    must(peer->ssl != NULL && SSL_set_fd(peer->ssl, peer->fd) == 1, "TLS");
    must(SSL_connect(peer->ssl) == 1, "TLS handshake");
}

void tp_test_peer_close(struct tp_test_peer *peer)
{
    SSL_free(peer->ssl);
    SSL_CTX_free(peer->context);
    close(peer->fd);
    tp_bytes_fini(&peer->input);
}

bool tp_test_peer_write(struct tp_test_peer *peer, const void *data, size_t bytes)
{
    const uint8_t *at = data;
    while (bytes > 0) {
        int part = bytes < 65536 ? (int)bytes : 65536;
        ssize_t done = peer->ssl != NULL ? SSL_write(peer->ssl, at, part)
                                         : send(peer->fd, at, (size_t)part, MSG_NOSIGNAL);
        if (done <= 0)
            return false;
        at += done;
        bytes -= (size_t)done;
    }
    return true;
}

bool tp_test_peer_write_text(struct tp_test_peer *peer, const char *text)
{
    return tp_test_peer_write(peer, text, strlen(text));
}

bool tp_test_peer_read(struct tp_test_peer *peer)
{
    uint8_t buffer[16384];
    ssize_t done = peer->ssl != NULL ? SSL_read(peer->ssl, buffer, sizeof(buffer))
                                     : recv(peer->fd, buffer, sizeof(buffer), 0);
    if (done <= 0)
        return false;
    tp_bytes_append(&peer->input, buffer, (size_t)done);
    return true;
}

static void take(struct tp_test_peer *peer, size_t bytes)
{
    memmove(peer->input.data, peer->input.data + bytes, peer->input.length - bytes);
    peer->input.length -= bytes;
    peer->input.data[peer->input.length] = '\0';
}

int tp_test_peer_answer(struct tp_test_peer *peer, struct tp_bytes *body)
{
    const char *end = NULL;
    while (peer->input.data == NULL ||
           (end = strstr((const char *)peer->input.data, "\r\n\r\n")) == NULL)
        if (!tp_test_peer_read(peer))
            return 0;
    size_t head = (size_t)(end - (const char *)peer->input.data) + 4;
    int status = 0;
    unsigned long length = 0;
    const char *field = strcasestr((const char *)peer->input.data, "\r\nContent-Length:");
    sscanf((const char *)peer->input.data, "HTTP/1.1 %d", &status);
    if (field != NULL && field < end)
        length = strtoul(field + 17, NULL, 10);
    take(peer, head);
    while (peer->input.length < length)
        if (!tp_test_peer_read(peer))
            return 0;
    if (body != NULL) {
        tp_bytes_clear(body);
        tp_bytes_append(body, peer->input.data, length);
    }
    take(peer, length);
    return status;
}

bool tp_test_peer_ended(struct tp_test_peer *peer)
{
    return peer->input.length == 0 && !tp_test_peer_read(peer);
}

int tp_test_peer_upgrade(struct tp_test_peer *peer, const char *path)
{
    char request[512];
    snprintf(request, sizeof(request),
             "GET %s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
             "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
             "Sec-WebSocket-Version: 13\r\n\r\n",
             path);
    return tp_test_peer_write_text(peer, request) ? tp_test_peer_answer(peer, NULL) : 0;
}

bool tp_test_peer_send_frame(struct tp_test_peer *peer, uint8_t first, const void *data,
                             size_t bytes)
{
    static const uint8_t mask[4] = {0x12, 0x34, 0x56, 0x78};
    struct tp_bytes frame = TP_BYTES_INIT;
    tp_bytes_append_u8(&frame, first);
    if (bytes < 126) {
        tp_bytes_append_u8(&frame, 0x80 | (uint8_t)bytes);
    } else if (bytes < 65536) {
        tp_bytes_append_u8(&frame, 0x80 | 126);
        tp_bytes_append_u16(&frame, (uint16_t)bytes);
    } else {
        tp_bytes_append_u8(&frame, 0x80 | 127);
        tp_bytes_append_u64(&frame, bytes);
    }
    tp_bytes_append(&frame, mask, sizeof(mask));
    for (size_t i = 0; i < bytes; i++)
        tp_bytes_append_u8(&frame, ((const uint8_t *)data)[i] ^ mask[i % 4]);
    bool written = tp_test_peer_write(peer, frame.data, frame.length);
    tp_bytes_fini(&frame);
    return written;
}

int tp_test_peer_frame(struct tp_test_peer *peer, struct tp_bytes *payload)
{
    for (;;) {
        const uint8_t *data = peer->input.data;
        size_t have = peer->input.length;
        size_t size_bytes = have < 2 ? 0 : data[1] == 127 ? 8 : data[1] == 126 ? 2 : 0;
        if (have >= 2 && have >= 2 + size_bytes) {
            size_t length = size_bytes == 0 ? data[1] : 0;
            for (size_t i = 0; i < size_bytes; i++)
                length = length << 8 | data[2 + i];
            if (have >= 2 + size_bytes + length) {
                int opcode = data[0] & 0x0f;
                tp_bytes_clear(payload);
                tp_bytes_append(payload, data + 2 + size_bytes, length);
                take(peer, 2 + size_bytes + length);
                return opcode;
            }
        }
        if (!tp_test_peer_read(peer))
            return -1;
    }
}
