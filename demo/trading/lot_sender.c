#include "demo/trading/lot_sender.h"

#include <string.h>

#include "base/http/client.h"
#include "base/json.h"
#include "coordinator/trading/signed_request.h"

#define LOT_PATH "/api/v1/trading/lots"
#define LOT_TIMEOUT_MS 15000

static struct tp_status body_of(const struct tp_trading_settings *settings,
                                const struct tp_lot_to_send *lot, struct tp_bytes *body,
                                struct tp_error *error)
{
    TP_AUTO(tp_json)
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:b}", "code", lot->code, "name", lot->name,
                  "project_code", lot->project_code, "agency_code", lot->agency_code,
                  "trading_system_id", settings->id, "bid_deadline_at",
                  (json_int_t)lot->bid_deadline_at_ms, "industry", lot->industry, "remote", 1);
    if (json == NULL)
        return tp_fail(error, TP_INPUT, "lot.not_text", "code or name is not UTF-8");
    return tp_json_write(json, body, error);
}

static struct tp_status refused(const struct tp_http_answer *answer, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *json = NULL;
    const char *code = NULL;
    const char *message = NULL;
    if (tp_ok(tp_json_parse(answer->body, answer->body_bytes, &json, NULL))) {
        code = json_string_value(json_object_get(json_object_get(json, "error"), "code"));
        message = json_string_value(json_object_get(json_object_get(json, "error"), "message"));
    }
    return tp_fail(error, TP_PEER, code != NULL ? code : "coordinator.refused", "status %d: %s",
                   answer->status, message != NULL ? message : "no reason given");
}

struct tp_status tp_lot_send(const struct tp_trading_settings *settings,
                             const struct tp_keypair *keypair, const struct tp_clock *clock,
                             const struct tp_lot_to_send *lot, struct tp_bytes *answer_text,
                             struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes body = TP_BYTES_INIT;
    struct tp_signed_headers headers;
    struct tp_http_client *client = NULL;
    struct tp_http_answer answer;
    const struct tp_http_client_config config = {
        .base_url = settings->coordinator_url,
        .ca_path = settings->coordinator_ca[0] != '\0' ? settings->coordinator_ca : NULL,
    };
    struct tp_status status = body_of(settings, lot, &body, error);
    if (tp_ok(status))
        status =
            tp_signed_request_sign(keypair, settings->id, "POST", LOT_PATH, body.data, body.length,
                                   tp_clock_now_ms(clock), tp_random_system(), &headers, error);
    if (tp_ok(status))
        status = tp_http_client_new(&config, &client, error);
    if (tp_failed(status))
        return status;
    status = tp_http_client_request(client, "POST", LOT_PATH, headers.list, body.data, body.length,
                                    LOT_TIMEOUT_MS, &answer, error);
    tp_http_client_free(client);
    if (tp_failed(status))
        return status;
    if (answer.status == 200 || answer.status == 201)
        tp_bytes_append(answer_text, answer.body, answer.body_bytes);
    else
        status = refused(&answer, error);
    tp_http_answer_fini(&answer);
    return tp_failed(status) ? status : tp_bytes_check(answer_text, error);
}
