#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "expert-draw/identity_form.h"
#include "expert-draw/pool_store.h"

void tp_identity_id_number_mac(const struct tp_vault *vault, const char *id_number,
                               uint8_t mac[TP_VAULT_MAC_BYTES])
{
    tp_vault_mac(vault, "tongping.vault.id_number.v1", id_number, strlen(id_number), mac);
}

void tp_identity_phone_mac(const struct tp_vault *vault, const char *phone,
                           uint8_t mac[TP_VAULT_MAC_BYTES])
{
    enum { NATIONAL_DIGITS = 11 };
    size_t length = strlen(phone);
    const char *number = length > NATIONAL_DIGITS ? phone + length - NATIONAL_DIGITS : phone;
    tp_vault_mac(vault, "tongping.vault.phone.v1", number, strlen(number), mac);
}

void tp_identity_place(int64_t pool, const char *expert_id, char out[TP_IDENTITY_PLACE_BYTES])
{
    snprintf(out, TP_IDENTITY_PLACE_BYTES, "expert:%lld:%s", (long long)pool, expert_id);
}

struct tp_status tp_identity_encrypt(const struct tp_vault *vault, const char *place,
                                     const char *name, const char *id_number, const char *phone,
                                     struct tp_bytes *out, struct tp_error *error)
{
    char plain[3 * (TP_POOL_FIELD_LIMIT_BYTES + 1)];
    const char *const parts[] = {name, id_number, phone};
    size_t length = 0;
    for (int i = 0; i < 3; i++) {
        size_t bytes = strlen(parts[i]) + 1;
        memcpy(plain + length, parts[i], bytes);
        length += bytes;
    }
    struct tp_status status = tp_vault_encrypt(vault, place, plain, length, out, error);
    sodium_memzero(plain, sizeof(plain));
    return status;
}

/* Three texts, each ended by NUL. */
static bool split(const uint8_t *plain, size_t bytes, struct tp_identity *identity)
{
    char *const parts[] = {identity->name, identity->id_number, identity->phone};
    for (int i = 0; i < 3; i++) {
        const uint8_t *end = memchr(plain, '\0', bytes);
        if (end == NULL || end - plain > TP_POOL_FIELD_LIMIT_BYTES)
            return false;
        size_t length = (size_t)(end - plain) + 1;
        memcpy(parts[i], plain, length);
        plain += length;
        bytes -= length;
    }
    return bytes == 0;
}

struct tp_status tp_identity_read(struct tp_db *db, const struct tp_vault *vault, int64_t pool,
                                  const char *expert_id, struct tp_identity *identity,
                                  struct tp_error *error)
{
    TP_AUTO(tp_secret_bytes) struct tp_bytes plain = TP_BYTES_INIT;
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error, "SELECT identity FROM expert WHERE pool = $1 AND id = $2",
                    "it", pool, expert_id);
    bool row = false;
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status) && !row)
        status = tp_fail(error, TP_NOT_FOUND, "expert.not_found", "no such expert in this pool");
    if (tp_ok(status)) {
        char place[TP_IDENTITY_PLACE_BYTES];
        size_t bytes;
        const void *encrypted = tp_query_blob(query, 0, &bytes);
        tp_identity_place(pool, expert_id, place);
        status = tp_vault_decrypt(vault, place, encrypted, bytes, &plain, error);
    }
    tp_query_end(query);
    if (tp_ok(status) && !split(plain.data, plain.length, identity))
        status = tp_fail(error, TP_CRYPTO, "vault.malformed", "an identity is not as stored");
    return status;
}

struct tp_status tp_identity_macs_read(struct tp_db *db, int64_t pool, const char *expert_id,
                                       struct tp_identity_macs *macs, struct tp_error *error)
{
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT id_number_mac, phone_mac FROM expert WHERE pool = $1 AND id = $2", "it",
                    pool, expert_id);
    bool row = false;
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status)) {
        size_t bytes[2] = {0};
        const void *id_number = row ? tp_query_blob(query, 0, &bytes[0]) : NULL;
        const void *phone = row ? tp_query_blob(query, 1, &bytes[1]) : NULL;
        if (bytes[0] == TP_VAULT_MAC_BYTES && bytes[1] == TP_VAULT_MAC_BYTES) {
            memcpy(macs->id_number, id_number, TP_VAULT_MAC_BYTES);
            memcpy(macs->phone, phone, TP_VAULT_MAC_BYTES);
        } else {
            status = tp_fail(error, TP_NOT_FOUND, "expert.not_found", "no such expert");
        }
    }
    tp_query_end(query);
    return status;
}
