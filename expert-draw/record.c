#include "expert-draw/record.h"

#include <sodium.h>
#include <string.h>

#define RECORD_DOMAIN "tongping.draw.record.v1"

void tp_hash_text(const uint8_t hash[TP_HASH_BYTES], char out[TP_HASH_TEXT_BYTES])
{
    sodium_bin2base64(out, TP_HASH_TEXT_BYTES, hash, TP_HASH_BYTES,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void tp_record_hash(const char *text, size_t bytes, uint8_t out[TP_HASH_BYTES])
{
    tp_hash(RECORD_DOMAIN, text, bytes, out);
}

static struct tp_status store_record(struct tp_db *db, const struct tp_draw *draw,
                                     const struct tp_bytes *text, const uint8_t *signature,
                                     struct tp_error *error)
{
    struct tp_status status = tp_db_run(
        db, error, "INSERT INTO record (draw_id, n, text, signature) VALUES ($1, $2, $3, $4)",
        "titb", draw->plan->draw_id, (int64_t)draw->record_count, (const char *)text->data,
        signature, (size_t)TP_SIGNATURE_BYTES);
    if (tp_failed(status))
        return status;
    return tp_db_run(db, error,
                     "UPDATE draw SET state = $1, log_head = $2, round = $3, attempts = $4,"
                     " record_count = $5, record_head = $6 WHERE draw_id = $7",
                     "ttiiibt", tp_draw_state_name(draw->state),
                     draw->log_head[0] == '\0' ? NULL : draw->log_head, (int64_t)draw->round,
                     (int64_t)draw->attempts, (int64_t)draw->record_count, draw->record_head,
                     sizeof(draw->record_head), draw->plan->draw_id);
}

struct tp_status tp_record_append(struct tp_db *db, const struct tp_keypair *keypair,
                                  struct tp_draw *draw, const char *kind, int64_t now_ms,
                                  json_t *body, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *taken = body;
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    uint8_t signature[TP_SIGNATURE_BYTES];
    char previous[TP_HASH_TEXT_BYTES];
    tp_hash_text(draw->record_head, previous);
    TP_AUTO(tp_json)
    json_t *record = json_pack("{s:i,s:s,s:I,s:s,s:s,s:I}", "v", 1, "draw_id", draw->plan->draw_id,
                               "n", (json_int_t)draw->record_count + 1, "prev", previous, "kind",
                               kind, "at", (json_int_t)now_ms);
    if (taken == NULL || record == NULL || json_object_update(record, taken) != 0)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a record");
    struct tp_status status = tp_json_write(record, &text, error);
    if (tp_ok(status))
        status = tp_sign(keypair, RECORD_DOMAIN, text.data, text.length, signature, error);
    if (tp_failed(status))
        return status;
    draw->record_count++;
    tp_record_hash((const char *)text.data, text.length, draw->record_head);
    return store_record(db, draw, &text, signature, error);
}

struct tp_status tp_record_read(struct tp_db *db, const char *draw_id, int64_t n,
                                struct tp_bytes *text, uint8_t signature[TP_SIGNATURE_BYTES],
                                struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    size_t bytes = 0;
    struct tp_status status = tp_db_query(
        db, &query, error, "SELECT text, signature FROM record WHERE draw_id = $1 AND n = $2", "ti",
        draw_id, n);
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status)) {
        const void *blob = row ? tp_query_blob(query, 1, &bytes) : NULL;
        if (bytes == TP_SIGNATURE_BYTES) {
            memcpy(signature, blob, TP_SIGNATURE_BYTES);
            tp_bytes_append_text(text, tp_query_text(query, 0));
            status = tp_bytes_check(text, error);
        } else {
            status = tp_fail(error, TP_IO, "draw.damaged", "a record of the draw is missing");
        }
    }
    tp_query_end(query);
    return status;
}

static struct tp_status list_records(struct tp_db *db, const struct tp_draw *draw, json_t *list,
                                     struct tp_error *error)
{
    for (uint32_t n = 1; n <= draw->record_count; n++) {
        TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
        TP_AUTO(tp_bytes) struct tp_bytes encoded = TP_BYTES_INIT;
        uint8_t signature[TP_SIGNATURE_BYTES];
        struct tp_status status =
            tp_record_read(db, draw->plan->draw_id, n, &text, signature, error);
        if (tp_failed(status))
            return status;
        tp_base64_append(&encoded, signature, sizeof(signature));
        json_t *entry = json_pack("{s:s,s:s}", "record", (const char *)text.data, "signature",
                                  (const char *)encoded.data);
        if (entry == NULL || json_array_append_new(list, entry) != 0)
            return tp_fail(error, TP_NOMEM, "memory", "no memory for a transcript");
    }
    return TP_STATUS_OK;
}

struct tp_status tp_record_transcript(struct tp_db *db, const struct tp_draw *draw,
                                      const uint8_t *sign_public, const uint8_t *vrf_public,
                                      json_t **transcript, struct tp_error *error)
{
    char sign_text[TP_HASH_TEXT_BYTES];
    char vrf_text[TP_HASH_TEXT_BYTES];
    char head[TP_HASH_TEXT_BYTES];
    TP_AUTO(tp_json) json_t *records = json_array();
    struct tp_status status = list_records(db, draw, records, error);
    if (tp_failed(status))
        return status;
    tp_hash_text(sign_public, sign_text);
    tp_hash_text(vrf_public, vrf_text);
    tp_hash_text(draw->record_head, head);
    *transcript =
        json_pack("{s:i,s:s,s:{s:s,s:s},s:s,s:O,s:s}", "v", 1, "draw_id", draw->plan->draw_id,
                  "keeper", "vrf_public", vrf_text, "sign_public", sign_text, "plan",
                  (const char *)draw->plan->text.data, "records", records, "head", head);
    return *transcript != NULL ? TP_STATUS_OK
                               : tp_fail(error, TP_NOMEM, "memory", "no memory for a transcript");
}
