#include "expert-draw/vault.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define HANDLE_BYTES 16

struct tp_vault {
    uint8_t root[32];
    uint8_t rest_key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
};

struct tp_status tp_vault_new(const struct tp_keypair *keypair, struct tp_vault **vault,
                              struct tp_error *error)
{
    struct tp_vault *made = sodium_malloc(sizeof(*made));
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for the vault's keys");
    tp_hash("tongping.vault.v1", keypair->sign_secret, 32, made->root);
    tp_vault_mac(made, "tongping.vault.rest.v1", "", 0, made->rest_key);
    *vault = made;
    return TP_STATUS_OK;
}

void tp_vault_free(struct tp_vault *vault)
{
    sodium_free(vault);
}

void tp_vault_mac(const struct tp_vault *vault, const char *purpose, const void *message,
                  size_t bytes, uint8_t out[TP_VAULT_MAC_BYTES])
{
    size_t length = strlen(purpose);
    assert(length > 0 && length < 256);
    const uint8_t head[2] = {TP_SUITE_SODIUM, (uint8_t)length};
    crypto_generichash_state state;
    crypto_generichash_init(&state, vault->root, sizeof(vault->root), TP_VAULT_MAC_BYTES);
    crypto_generichash_update(&state, head, sizeof(head));
    crypto_generichash_update(&state, (const uint8_t *)purpose, length);
    crypto_generichash_update(&state, message, bytes);
    crypto_generichash_final(&state, out, TP_VAULT_MAC_BYTES);
    sodium_memzero(&state, sizeof(state));
}

struct tp_status tp_vault_encrypt(const struct tp_vault *vault, const char *place,
                                  const void *plain, size_t bytes, struct tp_bytes *out,
                                  struct tp_error *error)
{
    uint8_t nonce[NONCE_BYTES];
    randombytes_buf(nonce, sizeof(nonce));
    tp_bytes_append(out, nonce, sizeof(nonce));
    tp_bytes_reserve(out, bytes + TAG_BYTES);
    struct tp_status status = tp_bytes_check(out, error);
    if (tp_failed(status))
        return status;
    crypto_aead_xchacha20poly1305_ietf_encrypt(out->data + out->length, NULL, plain, bytes,
                                               (const uint8_t *)place, strlen(place), NULL, nonce,
                                               vault->rest_key);
    out->length += bytes + TAG_BYTES;
    return TP_STATUS_OK;
}

struct tp_status tp_vault_decrypt(const struct tp_vault *vault, const char *place,
                                  const void *encrypted, size_t bytes, struct tp_bytes *out,
                                  struct tp_error *error)
{
    const uint8_t *nonce = encrypted;
    if (encrypted == NULL || bytes < NONCE_BYTES + TAG_BYTES)
        return tp_fail(error, TP_CRYPTO, "vault.wrong_key", "too short to be encrypted data");
    size_t plain_bytes = bytes - NONCE_BYTES - TAG_BYTES;
    tp_bytes_reserve(out, plain_bytes + 1);
    struct tp_status status = tp_bytes_check(out, error);
    if (tp_failed(status))
        return status;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            out->data + out->length, NULL, NULL, nonce + NONCE_BYTES, bytes - NONCE_BYTES,
            (const uint8_t *)place, strlen(place), nonce, vault->rest_key) != 0)
        return tp_fail(error, TP_CRYPTO, "vault.wrong_key",
                       "stored data does not open with this key");
    out->length += plain_bytes;
    out->data[out->length] = '\0';
    return TP_STATUS_OK;
}

void tp_vault_handle(const struct tp_vault *vault, const char *draw_id, const char *expert_id,
                     char out[TP_HANDLE_TEXT_BYTES])
{
    uint8_t message[256];
    size_t draw_bytes = strlen(draw_id) + 1; /* the NUL separates */
    size_t expert_bytes = strlen(expert_id);
    assert(draw_bytes + expert_bytes <= sizeof(message));
    memcpy(message, draw_id, draw_bytes);
    memcpy(message + draw_bytes, expert_id, expert_bytes);
    uint8_t mac[TP_VAULT_MAC_BYTES];
    tp_vault_mac(vault, "tongping.vault.handle.v1", message, draw_bytes + expert_bytes, mac);
    memcpy(out, "h_", 2);
    sodium_bin2base64(out + 2, TP_HANDLE_TEXT_BYTES - 2, mac, HANDLE_BYTES,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}
