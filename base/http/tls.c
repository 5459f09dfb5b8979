#include "base/http/tls.h"

#include <openssl/x509v3.h>
#include <string.h>
#include <sys/socket.h>

#include "base/bytes.h"

bool tp_tls_prepare(SSL_CTX *context, const char *client_ca_path)
{
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    if (client_ca_path == NULL)
        return true;
    /* Every connection shows its certificate anew. */
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(client_ca_path);
    if (names == NULL || SSL_CTX_load_verify_locations(context, client_ca_path, NULL) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return false;
    }
    SSL_CTX_set_client_CA_list(context, names);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return true;
}

void tp_tls_client_name(struct lws *wsi, char out[TP_HTTP_NAME_BYTES])
{
    out[0] = '\0';
    SSL *ssl = lws_get_ssl(wsi);
    if (ssl == NULL || SSL_get_verify_result(ssl) != X509_V_OK)
        return;
    X509 *certificate = SSL_get1_peer_certificate(ssl);
    if (certificate == NULL)
        return;
    X509_NAME *subject = X509_get_subject_name(certificate);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at >= 0) {
        unsigned char *text = NULL;
        int bytes =
            ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
        /* A NUL or a cut in the name could make another's name of it. */
        if (bytes > 0 && bytes < TP_HTTP_NAME_BYTES && tp_utf8_valid(text, (size_t)bytes)) {
            memcpy(out, text, (size_t)bytes);
            out[bytes] = '\0';
        }
        OPENSSL_free(text);
    }
    X509_free(certificate);
}

void tp_tls_half_close(struct lws *wsi)
{
    SSL *ssl = lws_get_ssl(wsi);
    if (ssl != NULL)
        SSL_shutdown(ssl);
    shutdown(lws_get_socket_fd(wsi), SHUT_WR);
}
