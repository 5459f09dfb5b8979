#include "base/http/client.h"

#include <assert.h>
#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define CONNECT_TIMEOUT_DEFAULT_MS 3000
#define ANSWER_LIMIT_DEFAULT (16u << 20)
#define IDLE_HANDLE_COUNT_MAX 32
#define IDLE_CONNECTION_MAX_S 60L

/* A handle keeps its connection; a request takes one that is idle or makes another. */
struct tp_http_client {
    char *base_url;
    char *ca_path;
    char *certificate_path;
    char *private_key_path;
    int64_t connect_timeout_ms;
    size_t answer_limit_bytes;
    pthread_mutex_t mutex;
    CURL *idle[IDLE_HANDLE_COUNT_MAX];
    int idle_count;
};

struct transfer {
    struct tp_bytes body;
    size_t limit_bytes;
    bool too_large;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_state;

static void init_curl(void)
{
    /* TLS writes to a peer that has gone would otherwise end the process. */
    signal(SIGPIPE, SIG_IGN);
    curl_state = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static bool copy_text(const char *text, char **copy)
{
    *copy = text != NULL ? strdup(text) : NULL;
    return text == NULL || *copy != NULL;
}

struct tp_status tp_http_client_new(const struct tp_http_client_config *config,
                                    struct tp_http_client **client_out, struct tp_error *error)
{
    assert(config->base_url != NULL);
    assert((config->certificate_path == NULL) == (config->private_key_path == NULL));
    pthread_once(&curl_once, init_curl);
    if (curl_state != CURLE_OK)
        return tp_fail(error, TP_IO, "http.client", "the client library does not start");
    struct tp_http_client *client = calloc(1, sizeof(*client));
    if (client == NULL)
        return tp_fail(error, TP_NOMEM, "http.memory", "no memory for the client");
    pthread_mutex_init(&client->mutex, NULL);
    client->connect_timeout_ms =
        config->connect_timeout_ms != 0 ? config->connect_timeout_ms : CONNECT_TIMEOUT_DEFAULT_MS;
    client->answer_limit_bytes =
        config->answer_limit_bytes != 0 ? config->answer_limit_bytes : ANSWER_LIMIT_DEFAULT;
    if (!copy_text(config->base_url, &client->base_url) ||
        !copy_text(config->ca_path, &client->ca_path) ||
        !copy_text(config->certificate_path, &client->certificate_path) ||
        !copy_text(config->private_key_path, &client->private_key_path)) {
        tp_http_client_free(client);
        return tp_fail(error, TP_NOMEM, "http.memory", "no memory for the client");
    }
    *client_out = client;
    return TP_STATUS_OK;
}

void tp_http_client_free(struct tp_http_client *client)
{
    if (client == NULL)
        return;
    for (int i = 0; i < client->idle_count; i++)
        curl_easy_cleanup(client->idle[i]);
    pthread_mutex_destroy(&client->mutex);
    free(client->base_url);
    free(client->ca_path);
    free(client->certificate_path);
    free(client->private_key_path);
    free(client);
}

static CURL *take_handle(struct tp_http_client *client)
{
    CURL *handle = NULL;
    pthread_mutex_lock(&client->mutex);
    if (client->idle_count > 0)
        handle = client->idle[--client->idle_count];
    pthread_mutex_unlock(&client->mutex);
    return handle != NULL ? handle : curl_easy_init();
}

static void give_handle(struct tp_http_client *client, CURL *handle)
{
    curl_easy_reset(handle); /* the options; the connection stays */
    pthread_mutex_lock(&client->mutex);
    bool kept = client->idle_count < IDLE_HANDLE_COUNT_MAX;
    if (kept)
        client->idle[client->idle_count++] = handle;
    pthread_mutex_unlock(&client->mutex);
    if (!kept)
        curl_easy_cleanup(handle);
}

static size_t take_body(char *data, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t bytes = size * count;
    if (bytes > transfer->limit_bytes - transfer->body.length) {
        transfer->too_large = true;
        return 0;
    }
    tp_bytes_append(&transfer->body, data, bytes);
    return transfer->body.failed ? 0 : bytes;
}

/* A list that says also what the library must not add by itself. */
static bool make_headers(const char *const *headers, struct curl_slist **list)
{
    *list = curl_slist_append(NULL, "Expect:");
    for (size_t i = 0; *list != NULL && headers != NULL && headers[i] != NULL; i++) {
        struct curl_slist *longer = curl_slist_append(*list, headers[i]);
        if (longer == NULL) {
            curl_slist_free_all(*list);
            *list = NULL;
        } else {
            *list = longer;
        }
    }
    return *list != NULL;
}

#define SET(option, value) ok = ok && curl_easy_setopt(handle, option, value) == CURLE_OK

static bool set_connection(const struct tp_http_client *client, CURL *handle, int64_t timeout_ms)
{
    bool ok = true;
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)client->connect_timeout_ms);
    SET(CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_MAXAGE_CONN, IDLE_CONNECTION_MAX_S);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (client->ca_path != NULL) {
        SET(CURLOPT_CAINFO, client->ca_path);
        SET(CURLOPT_CAPATH, NULL);
    }
    if (client->certificate_path != NULL) {
        SET(CURLOPT_SSLCERT, client->certificate_path);
        SET(CURLOPT_SSLKEY, client->private_key_path);
    }
    return ok;
}

static bool set_request(CURL *handle, const char *method, const char *url, const void *body,
                        size_t body_bytes, struct curl_slist *headers, struct transfer *transfer)
{
    bool ok = true;
    SET(CURLOPT_URL, url);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, transfer);
    if (strcmp(method, "HEAD") == 0) {
        SET(CURLOPT_NOBODY, 1L);
    } else if (body_bytes > 0 || strcmp(method, "GET") != 0) {
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body_bytes);
        SET(CURLOPT_POSTFIELDS, body != NULL ? body : "");
        SET(CURLOPT_CUSTOMREQUEST, method);
    }
    return ok;
}

static struct tp_status failure_of(CURLcode code, const struct transfer *transfer,
                                   struct tp_error *error)
{
    const char *what = curl_easy_strerror(code);
    if (transfer->too_large)
        return tp_fail(error, TP_PEER, "http.answer_too_large",
                       "the answer is larger than %zu bytes", transfer->limit_bytes);
    if (transfer->body.failed)
        return tp_fail(error, TP_NOMEM, "http.memory", "no memory for the answer");
    if (code == CURLE_OPERATION_TIMEDOUT)
        return tp_fail(error, TP_PEER, "http.timeout", "no answer in time");
    if (code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION ||
        code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE ||
        code == CURLE_SSL_CIPHER || code == CURLE_SSL_ISSUER_ERROR)
        return tp_fail(error, TP_PEER, "http.tls", "%s", what);
    return tp_fail(error, TP_PEER, "http.unreachable", "%s", what);
}

static void fill_answer(CURL *handle, struct transfer *transfer, struct tp_http_answer *answer)
{
    long status = 0;
    const char *type = NULL;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(handle, CURLINFO_CONTENT_TYPE, &type);
    memset(answer, 0, sizeof(*answer));
    answer->status = (int)status;
    if (type != NULL && strlen(type) < sizeof(answer->content_type))
        memcpy(answer->content_type, type, strlen(type) + 1);
    answer->body = transfer->body.data;
    answer->body_bytes = transfer->body.length;
    transfer->body = TP_BYTES_INIT;
}

static struct tp_status perform(struct tp_http_client *client, CURL *handle, const char *method,
                                const char *url, struct curl_slist *headers, const void *body,
                                size_t body_bytes, int64_t timeout_ms,
                                struct tp_http_answer *answer, struct tp_error *error)
{
    struct transfer transfer = {.limit_bytes = client->answer_limit_bytes};
    tp_bytes_append(&transfer.body, "", 0);
    if (!set_connection(client, handle, timeout_ms) ||
        !set_request(handle, method, url, body, body_bytes, headers, &transfer))
        return tp_fail(error, TP_IO, "http.client", "the client library refuses the request");
    CURLcode code = curl_easy_perform(handle);
    struct tp_status status = TP_STATUS_OK;
    if (code != CURLE_OK)
        status = failure_of(code, &transfer, error);
    else
        fill_answer(handle, &transfer, answer);
    tp_bytes_fini(&transfer.body);
    return status;
}

struct tp_status tp_http_client_request(struct tp_http_client *client, const char *method,
                                        const char *path, const char *const *headers,
                                        const void *body, size_t body_bytes, int64_t timeout_ms,
                                        struct tp_http_answer *answer, struct tp_error *error)
{
    assert(path[0] == '/' && timeout_ms > 0);
    char *url = NULL;
    if (asprintf(&url, "%s%s", client->base_url, path) < 0)
        return tp_fail(error, TP_NOMEM, "http.memory", "no memory for the request");
    struct curl_slist *list = NULL;
    CURL *handle = take_handle(client);
    struct tp_status status;
    if (handle == NULL || !make_headers(headers, &list))
        status = tp_fail(error, TP_NOMEM, "http.memory", "no memory for the request");
    else
        status =
            perform(client, handle, method, url, list, body, body_bytes, timeout_ms, answer, error);
    if (handle != NULL)
        give_handle(client, handle);
    curl_slist_free_all(list);
    free(url);
    return status;
}

void tp_http_answer_fini(struct tp_http_answer *answer)
{
    free(answer->body);
    *answer = (struct tp_http_answer){0};
}
