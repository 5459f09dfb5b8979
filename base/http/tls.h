/*
 * What the server asks of TLS (OpenSSL) beyond the library's settings.
 */
#ifndef TP_BASE_HTTP_TLS_H
#define TP_BASE_HTTP_TLS_H

#include <libwebsockets.h>
#include <openssl/ssl.h>

#include "base/http/request.h"

/* Settings of a server's context: TLS 1.2 and later; with a CA, clients must show a certificate. */
bool tp_tls_prepare(SSL_CTX *context, const char *client_ca_path);
/* The common name of the verified client certificate; empty when there is none. */
void tp_tls_client_name(struct lws *wsi, char out[TP_HTTP_NAME_BYTES]);
/* Ends our direction, so that the peer sees the end while we still read. */
void tp_tls_half_close(struct lws *wsi);

#endif
