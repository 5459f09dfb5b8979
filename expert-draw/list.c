/*
 * The sealed list of a complete committee, for the trading system alone (docs/interfaces.md).
 */
#include <sodium.h>
#include <string.h>

#include "base/log.h"
#include "expert-draw/engine_internal.h"

#define LIST_DOMAIN "tongping.list.v1"

struct listing {
    struct tp_draw_engine *engine;
    const char *draw_id;
    struct tp_bytes *text; /* secret */
    int count;
    char transcript_hash[TP_HASH_TEXT_BYTES];
};

static struct tp_status add_expert(struct listing *listing, struct tp_db *db,
                                   const struct tp_draw *draw, const struct tp_member *member,
                                   json_t *experts, struct tp_error *error)
{
    struct tp_identity identity;
    const struct tp_plan_seat *seat = tp_draw_seat(draw, member);
    struct tp_status status = tp_identity_read(db, listing->engine->vault, draw->pool,
                                               member->expert_id, &identity, error);
    if (tp_ok(status) &&
        json_array_append_new(experts,
                              json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "handle", member->handle,
                                        "name", identity.name, "id_number", identity.id_number,
                                        "phone", identity.phone, "specialty", seat->specialty,
                                        "venue", seat->venue)) != 0)
        status = tp_fail(error, TP_NOMEM, "memory", "no memory for a list");
    sodium_memzero(&identity, sizeof(identity));
    return status;
}

static struct tp_status list_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct listing *listing = argument;
    TP_AUTO(tp_draw) struct tp_draw *draw = NULL;
    TP_AUTO(tp_json) json_t *experts = json_array();
    struct tp_status status = tp_draw_read(db, listing->draw_id, &draw, error);
    if (tp_ok(status) && draw->state != TP_DRAW_COMPLETE)
        status = tp_fail(error, TP_CONFLICT, "draw.not_complete", "the draw is %s",
                         tp_draw_state_name(draw->state));
    for (size_t i = 0; tp_ok(status) && i < draw->member_count; i++)
        if (draw->members[i].state == TP_MEMBER_ACCEPTED)
            status = add_expert(listing, db, draw, &draw->members[i], experts, error);
    if (tp_failed(status))
        return status;
    listing->count = (int)json_array_size(experts);
    tp_hash_text(draw->record_head, listing->transcript_hash);
    TP_AUTO(tp_json)
    json_t *list = json_pack("{s:i,s:s,s:s,s:s,s:O}", "v", 1, "draw_id", listing->draw_id,
                             "session_id", draw->plan->session_id, "transcript_hash",
                             listing->transcript_hash, "experts", experts);
    return tp_json_write(list, listing->text, error);
}

/* JSON ‖ 0x00 ‖ signature */
static struct tp_status sign_list(const struct tp_draw_engine *engine, struct tp_bytes *text,
                                  struct tp_error *error)
{
    uint8_t signature[TP_SIGNATURE_BYTES];
    struct tp_status status =
        tp_sign(engine->config.keypair, LIST_DOMAIN, text->data, text->length, signature, error);
    tp_bytes_append_u8(text, 0);
    tp_bytes_append(text, signature, sizeof(signature));
    return tp_ok(status) ? tp_bytes_check(text, error) : status;
}

struct tp_status tp_draw_engine_seal(struct tp_draw_engine *engine, const char *draw_id,
                                     const uint8_t recipient[TP_SEAL_PUBLIC_BYTES], json_t **answer,
                                     struct tp_error *error)
{
    TP_AUTO(tp_secret_bytes) struct tp_bytes text = TP_BYTES_INIT;
    TP_AUTO(tp_bytes) struct tp_bytes sealed = TP_BYTES_INIT;
    TP_AUTO(tp_bytes) struct tp_bytes encoded = TP_BYTES_INIT;
    uint8_t hash[TP_HASH_BYTES];
    char hash_text[TP_HASH_TEXT_BYTES];
    struct listing listing = {.engine = engine, .draw_id = draw_id, .text = &text};
    struct tp_status status = tp_store_read(engine->config.store, list_work, &listing, error);
    if (tp_ok(status))
        status = sign_list(engine, &text, error);
    if (tp_ok(status))
        status = tp_seal(recipient, text.data, text.length, &sealed, error);
    if (tp_failed(status))
        return status;
    tp_hash("tongping.list.hash.v1", sealed.data, sealed.length, hash);
    tp_hash_text(hash, hash_text);
    tp_base64_append(&encoded, sealed.data, sealed.length);
    *answer =
        json_pack("{s:s,s:s,s:s,s:i}", "sealed", (const char *)encoded.data, "list_hash", hash_text,
                  "transcript_hash", listing.transcript_hash, "count", listing.count);
    tp_log(TP_LOG_INFO, "list.sealed", "draw=%s experts=%d", draw_id, listing.count);
    return *answer != NULL ? status : tp_fail(error, TP_NOMEM, "memory", "no memory for an answer");
}
