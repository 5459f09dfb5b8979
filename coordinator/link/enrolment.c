#include "coordinator/link/enrolment.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/link/outbox.h"
#include "coordinator/record/record.h"

#define CODE_DOMAIN "tongping.enrolment.v1"

/* Without letters and digits that are mistaken for each other on paper. */
static const char code_characters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

static void code_make(const struct tp_random *random, char code[TP_ENROLMENT_CODE_BYTES])
{
    for (int i = 0; i < TP_ENROLMENT_CODE_BYTES - 1; i++)
        code[i] = i % 5 == 4 ? '-' : code_characters[tp_random_below(random, 32)];
    code[TP_ENROLMENT_CODE_BYTES - 1] = '\0';
}

static void code_hash(const char *code, uint8_t hash[TP_HASH_BYTES])
{
    tp_hash(CODE_DOMAIN, code, strlen(code), hash);
}

struct beginning {
    const char *actor;
    const char *center_id;
    uint8_t hash[TP_HASH_BYTES];
    int64_t expires_at_ms;
};

static struct tp_status begin_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    struct beginning *beginning = argument;
    int64_t one = 0;
    bool found = false;
    struct tp_status status =
        tp_db_ask_int(write->db, &one, &found, error, "SELECT 1 FROM centers WHERE id = $1", "t",
                      beginning->center_id);
    if (tp_failed(status))
        return status;
    if (!found)
        return tp_fail(error, TP_NOT_FOUND, "center.not_found", "there is no such center");
    beginning->expires_at_ms = write->now_ms + TP_ENROLMENT_VALID_MS;
    status = tp_db_run(write->db, error,
                       "INSERT INTO node_codes (center_id, code_hash, expires_at, tries, used_by)"
                       " VALUES ($1, $2, $3, 0, NULL) ON CONFLICT (center_id) DO UPDATE SET"
                       " code_hash = $2, expires_at = $3, tries = 0, used_by = NULL",
                       "tbi", beginning->center_id, beginning->hash, sizeof(beginning->hash),
                       beginning->expires_at_ms);
    if (tp_failed(status))
        return status;
    TP_AUTO(tp_json) json_t *data = json_pack("{s:s}", "center_id", beginning->center_id);
    return tp_record_append(write, beginning->actor, "node.enrolment", NULL, data, error);
}

struct tp_status tp_enrolment_begin(struct tp_app *app, const char *actor, const char *center_id,
                                    char code[TP_ENROLMENT_CODE_BYTES], int64_t *expires_at_ms,
                                    struct tp_error *error)
{
    struct beginning beginning = {.actor = actor, .center_id = center_id};
    code_make(app->random, code);
    code_hash(code, beginning.hash);
    struct tp_status status = tp_write_run(app, begin_work, &beginning, error);
    *expires_at_ms = beginning.expires_at_ms;
    return status;
}

struct finishing {
    const char *center_id;
    const uint8_t *sign_public;
    uint8_t hash[TP_HASH_BYTES];
    bool right; /* the code; a wrong try is written, too */
    bool again; /* by the key that used it */
};

static bool blob_equals(const struct tp_query *query, int column, const void *data, size_t length)
{
    size_t bytes = 0;
    const void *blob = tp_query_blob(query, column, &bytes);
    return blob != NULL && bytes == length && sodium_memcmp(blob, data, length) == 0;
}

static struct tp_status check_code(struct tp_write *write, struct finishing *finishing,
                                   struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status =
        tp_db_query(write->db, &query, error,
                    "SELECT code_hash, used_by FROM node_codes WHERE center_id = $1 AND expires_at"
                    " > $2 AND tries < $3",
                    "tii", finishing->center_id, write->now_ms, (int64_t)TP_ENROLMENT_TRIES_MOST);
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status) && row && blob_equals(query, 0, finishing->hash, sizeof(finishing->hash))) {
        finishing->again = blob_equals(query, 1, finishing->sign_public, TP_SIGN_PUBLIC_BYTES);
        finishing->right = finishing->again || tp_query_is_null(query, 1);
    }
    tp_query_end(query);
    return status;
}

static struct tp_status enrol(struct tp_write *write, const struct finishing *finishing,
                              struct tp_error *error)
{
    struct tp_status status = tp_db_run(
        write->db, error,
        "INSERT INTO nodes (center_id, sign_public, enrolled_at, state, since_at, version)"
        " VALUES ($1, $2, $3, 'down', $3, '') ON CONFLICT (center_id) DO UPDATE SET"
        " sign_public = $2, enrolled_at = $3",
        "tbi", finishing->center_id, finishing->sign_public, (size_t)TP_SIGN_PUBLIC_BYTES,
        write->now_ms);
    if (tp_ok(status))
        status = tp_db_run(
            write->db, error, "UPDATE node_codes SET used_by = $1 WHERE center_id = $2", "bt",
            finishing->sign_public, (size_t)TP_SIGN_PUBLIC_BYTES, finishing->center_id);
    if (tp_ok(status))
        status = tp_link_reset(write->db, finishing->center_id, error);
    if (tp_failed(status))
        return status;
    char actor[TP_NAME_BYTES + 8];
    char key_text[2 * TP_SIGN_PUBLIC_BYTES + 1];
    snprintf(actor, sizeof(actor), "node:%s", finishing->center_id);
    tp_hex_encode(finishing->sign_public, TP_SIGN_PUBLIC_BYTES, key_text);
    TP_AUTO(tp_json)
    json_t *data =
        json_pack("{s:s, s:s}", "center_id", finishing->center_id, "sign_public", key_text);
    tp_news_center(write, TP_EVENT_TYPE_NODE, finishing->center_id, finishing->center_id);
    return tp_record_append(write, actor, "node.enrolled", NULL, data, error);
}

static struct tp_status finish_work(struct tp_write *write, void *argument, struct tp_error *error)
{
    struct finishing *finishing = argument;
    finishing->right = false;
    finishing->again = false;
    struct tp_status status = check_code(write, finishing, error);
    if (tp_failed(status) || finishing->again)
        return status;
    if (!finishing->right)
        return tp_db_run(write->db, error,
                         "UPDATE node_codes SET tries = tries + 1 WHERE center_id = $1", "t",
                         finishing->center_id);
    return enrol(write, finishing, error);
}

struct tp_status tp_enrolment_finish(struct tp_app *app, const char *center_id, const char *code,
                                     const uint8_t sign_public[TP_SIGN_PUBLIC_BYTES],
                                     struct tp_error *error)
{
    struct finishing finishing = {.center_id = center_id, .sign_public = sign_public};
    code_hash(code, finishing.hash);
    struct tp_status status = tp_write_run(app, finish_work, &finishing, error);
    if (tp_failed(status))
        return status;
    if (!finishing.right)
        return tp_fail(error, TP_DENIED, "enrol.refused", "the code is wrong, used or too old");
    return TP_STATUS_OK;
}
