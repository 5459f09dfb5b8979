#include "venue-node/enrolment.h"

#include <string.h>

#include "base/crypto.h"
#include "base/http/client.h"
#include "base/json.h"
#include "base/link/outbox.h"
#include "venue-node/journal.h"

#define ENROL_PATH "/api/v1/node/enrol"
#define ANSWER_MOST_BYTES 65536
#define ENROL_LIMIT_MS 15000

static struct tp_status make_request(const struct tp_venue_config *config, const char *code,
                                     const struct tp_keypair *keypair, struct tp_bytes *body,
                                     struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes sign_public = TP_BYTES_INIT;
    tp_base64_append(&sign_public, keypair->sign_public, sizeof keypair->sign_public);
    struct tp_status status = tp_bytes_check(&sign_public, error);
    if (tp_failed(status))
        return status;
    TP_AUTO(tp_json)
    json_t *json = json_pack("{s:s, s:s, s:s}", "center_id", config->center_id, "code", code,
                             "sign_public", (const char *)sign_public.data);
    if (json == NULL)
        return tp_fail(error, TP_INPUT, "enrol.malformed", "the code is not valid text");
    return tp_json_write(json, body, error);
}

static struct tp_status post(const struct tp_venue_config *config, const struct tp_bytes *body,
                             struct tp_http_answer *answer, struct tp_error *error)
{
    const struct tp_http_client_config client_config = {
        .base_url = config->coordinator_url,
        .ca_path = config->coordinator_ca[0] != '\0' ? config->coordinator_ca : NULL,
        .answer_limit_bytes = ANSWER_MOST_BYTES,
    };
    struct tp_http_client *client = NULL;
    struct tp_status status = tp_http_client_new(&client_config, &client, error);
    if (tp_failed(status))
        return status;
    const char *const headers[] = {"Content-Type: application/json", NULL};
    status = tp_http_client_request(client, "POST", ENROL_PATH, headers, body->data, body->length,
                                    ENROL_LIMIT_MS, answer, error);
    tp_http_client_free(client);
    return status;
}

/* The coordinator's own words, when its answer holds an error of our form. */
static struct tp_status refused(const struct tp_http_answer *answer, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *json = NULL;
    const char *code = NULL, *message = NULL;
    if (tp_ok(tp_json_parse(answer->body, answer->body_bytes, &json, NULL))) {
        const json_t *told = json_object_get(json, "error");
        code = json_string_value(json_object_get(told, "code"));
        message = json_string_value(json_object_get(told, "message"));
    }
    return tp_fail(error, answer->status >= 500 ? TP_PEER : TP_DENIED,
                   code != NULL ? code : "enrol.refused", "the coordinator answered %d: %s",
                   answer->status, message != NULL ? message : "no reason given");
}

static struct tp_status read_answer(const struct tp_http_answer *answer, struct tp_public_key *key,
                                    struct tp_error *error)
{
    if (answer->status < 200 || answer->status > 299)
        return refused(answer, error);
    TP_AUTO(tp_json) json_t *json = NULL;
    TP_AUTO(tp_bytes) struct tp_bytes sign_public = TP_BYTES_INIT;
    const char *text = NULL;
    const struct tp_json_field fields[] = {
        {.name = "coordinator_sign_public", .type = TP_JSON_TEXT, .value = &text},
    };
    struct tp_status status = tp_json_parse(answer->body, answer->body_bytes, &json, error);
    if (tp_ok(status))
        status = tp_json_read(json, NULL, fields, 1, error);
    if (tp_ok(status))
        status = tp_base64_decode(text, strlen(text), &sign_public, error);
    if (tp_failed(status) || sign_public.length != sizeof key->sign)
        return tp_fail(error, TP_PEER, "enrol.bad_answer", "the coordinator's answer is malformed");
    *key = (struct tp_public_key){0};
    memcpy(key->sign, sign_public.data, sizeof key->sign);
    return TP_STATUS_OK;
}

static struct tp_status begin_anew(struct tp_db *db, void *argument, struct tp_error *error)
{
    (void)argument;
    return tp_link_reset(db, TP_LINK_COORDINATOR_PEER, error);
}

static struct tp_status keep(const struct tp_venue_config *config, const struct tp_public_key *key,
                             struct tp_error *error)
{
    struct tp_store *journal = NULL;
    struct tp_status status = tp_journal_open(config->journal, &journal, error);
    if (tp_ok(status))
        status = tp_store_write(journal, begin_anew, NULL, error);
    tp_store_free(journal);
    return tp_ok(status) ? tp_public_key_save(key, config->coordinator_public, error) : status;
}

struct tp_status tp_venue_enrol(const struct tp_venue_config *config, const char *code,
                                struct tp_error *error)
{
    TP_AUTO(tp_keypair) struct tp_keypair *keypair = NULL;
    struct tp_status status = tp_keypair_load_or_make(config->key, &keypair, error);
    if (tp_failed(status))
        return status;
    TP_AUTO(tp_secret_bytes) struct tp_bytes body = TP_BYTES_INIT;
    tp_bytes_reserve(&body, 1024);
    struct tp_http_answer answer = {0};
    status = make_request(config, code, keypair, &body, error);
    if (tp_ok(status))
        status = post(config, &body, &answer, error);
    if (tp_failed(status))
        return status;
    struct tp_public_key coordinator;
    status = read_answer(&answer, &coordinator, error);
    tp_http_answer_fini(&answer);
    return tp_ok(status) ? keep(config, &coordinator, error) : status;
}
