#include "demo/trading/receiver.h"

#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/log.h"
#include "demo/trading/page.h"

#define ID_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

struct push {
    json_t *body; /* owns the texts of `list` */
    struct tp_bytes sealed;
    struct tp_received_list list;
};

static void push_fini(struct push *push)
{
    json_decref(push->body);
    tp_bytes_fini(&push->sealed);
}

static struct tp_status push_read(const struct tp_signed_request *request, struct push *push,
                                  struct tp_error *error)
{
    const char *sealed = NULL;
    const struct tp_json_field fields[] = {
        {.name = "session_id",
         .type = TP_JSON_TEXT,
         .value = &push->list.session_id,
         .minimum = 1,
         .maximum = 64},
        {.name = "lot_code",
         .type = TP_JSON_TEXT,
         .value = &push->list.lot_code,
         .minimum = 1,
         .maximum = 64},
        {.name = "draw_id",
         .type = TP_JSON_TEXT,
         .value = &push->list.draw_id,
         .minimum = 1,
         .maximum = 64},
        {.name = "version",
         .type = TP_JSON_INT,
         .value = &push->list.version,
         .minimum = 1,
         .maximum = 1000000},
        {.name = "sealed", .type = TP_JSON_TEXT, .value = &sealed, .minimum = 1, .maximum = 900000},
        {.name = "list_hash",
         .type = TP_JSON_TEXT,
         .value = &push->list.list_hash,
         .minimum = 1,
         .maximum = 128},
        {.name = "transcript_hash",
         .type = TP_JSON_TEXT,
         .value = &push->list.transcript_hash,
         .minimum = 1,
         .maximum = 128},
    };
    struct tp_status status = tp_json_parse(request->body, request->bytes, &push->body, error);
    if (tp_ok(status))
        status = tp_json_read(push->body, NULL, fields, sizeof(fields) / sizeof(fields[0]), error);
    if (tp_failed(status))
        return status;
    if (push->list.session_id[strspn(push->list.session_id, ID_CHARACTERS)] != '\0') {
        tp_error_clear(error);
        status = tp_fail(error, TP_INPUT, "list.bad_id", "not an id");
        tp_error_set_field(error, "session_id");
        return status;
    }
    status = tp_base64_decode(sealed, strlen(sealed), &push->sealed, error);
    push->list.sealed = push->sealed.data;
    push->list.sealed_bytes = push->sealed.length;
    return status;
}

static bool take_one(atomic_llong *left)
{
    long long count = atomic_load(left);
    while (count > 0) {
        if (atomic_compare_exchange_weak(left, &count, count - 1))
            return true;
    }
    return false;
}

/* Turns a character of the signature into another one. */
static void spoil(struct tp_bytes *answer)
{
    uint8_t *character = &answer->data[answer->length - 20];
    *character = *character == 'A' ? 'B' : 'A';
}

static struct tp_status receive(struct tp_receiver *receiver,
                                const struct tp_http_request *http_request, struct tp_bytes *answer,
                                struct tp_error *error)
{
    struct tp_signed_request request;
    struct push push = {0};
    int64_t now_ms = tp_clock_now_ms(receiver->clock);
    tp_signed_request_of(http_request, &request);
    if (request.sender == NULL || strcmp(request.sender, receiver->settings->coordinator_name) != 0)
        return tp_fail(error, TP_DENIED, "request.bad_signature", "the sender is not known here");
    struct tp_status status =
        tp_signed_request_verify(&request, receiver->coordinator.sign, now_ms, error);
    if (tp_ok(status))
        status = push_read(&request, &push, error);
    if (tp_ok(status))
        status = tp_list_store_receive(receiver->lists, &request, &push.list, receiver->keypair,
                                       now_ms, answer, error);
    if (tp_ok(status))
        tp_log(TP_LOG_INFO, "list.received", "session=%s version=%lld bytes=%zu",
               push.list.session_id, (long long)push.list.version, push.list.sealed_bytes);
    push_fini(&push);
    return status;
}

static void handle_push(void *context, const struct tp_http_request *request,
                        struct tp_http_response *response)
{
    struct tp_receiver *receiver = context;
    const int64_t delay_ms = receiver->settings->delay_ms;
    if (delay_ms > 0) {
        const struct timespec delay = {.tv_sec = delay_ms / 1000,
                                       .tv_nsec = (delay_ms % 1000) * 1000000};
        nanosleep(&delay, NULL);
    }
    if (take_one(&receiver->refusals_left)) {
        static const char text[] =
            "{\"error\":{\"code\":\"trading.refused\",\"message\":\"fault switch\"}}";
        tp_http_response_status(response, 503);
        tp_http_response_body(response, "application/json", text, sizeof(text) - 1);
        return;
    }
    struct tp_error error;
    TP_AUTO(tp_bytes) struct tp_bytes answer = TP_BYTES_INIT;
    if (tp_failed(receive(receiver, request, &answer, &error))) {
        tp_log_error(TP_LOG_WARN, "list.refused", &error);
        tp_http_response_error(response, &error);
        return;
    }
    if (take_one(&receiver->bad_signatures_left))
        spoil(&answer);
    tp_http_response_status(response, 200);
    tp_http_response_body(response, "application/json", answer.data, answer.length);
}

static void handle_page(void *context, const struct tp_http_request *request,
                        struct tp_http_response *response)
{
    struct tp_receiver *receiver = context;
    struct tp_error error;
    TP_AUTO(tp_bytes) struct tp_bytes page = TP_BYTES_INIT;
    (void)request;
    if (tp_failed(
            tp_trading_page_write(receiver->settings->name, receiver->lists, &page, &error))) {
        tp_http_response_error(response, &error);
        return;
    }
    tp_http_response_status(response, 200);
    tp_http_response_header(response, "Content-Security-Policy",
                            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none';"
                            " form-action 'none'; frame-ancestors 'none'");
    tp_http_response_header(response, "Cache-Control", "no-store");
    tp_http_response_body(response, "text/html; charset=utf-8", page.data, page.length);
}

struct tp_status tp_receiver_serve(struct tp_receiver *receiver, struct tp_http_server *server,
                                   struct tp_error *error)
{
    atomic_store(&receiver->refusals_left, receiver->settings->refuse_first);
    atomic_store(&receiver->bad_signatures_left, receiver->settings->bad_signature_first);
    struct tp_status status = tp_http_server_route(
        server, TP_HTTP_POST, "/tongping/v1/expert-lists", handle_push, receiver, error);
    if (tp_failed(status))
        return status;
    return tp_http_server_route(server, TP_HTTP_GET, "/", handle_page, receiver, error);
}
