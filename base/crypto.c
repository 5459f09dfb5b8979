#include "base/crypto.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

_Static_assert(TP_SIGN_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "libsodium's size");
_Static_assert(TP_SIGN_SECRET_BYTES == crypto_sign_SECRETKEYBYTES, "libsodium's size");
_Static_assert(TP_SIGNATURE_BYTES == crypto_sign_BYTES, "libsodium's size");
_Static_assert(TP_SEAL_PUBLIC_BYTES == crypto_box_PUBLICKEYBYTES, "libsodium's size");
_Static_assert(TP_SEAL_SECRET_BYTES == crypto_box_SECRETKEYBYTES, "libsodium's size");
_Static_assert(TP_SEAL_OVERHEAD_BYTES == crypto_box_SEALBYTES, "libsodium's size");
_Static_assert(TP_HASH_BYTES == crypto_generichash_BYTES, "libsodium's size");

struct tp_status tp_crypto_init(struct tp_error *error)
{
    if (sodium_init() < 0)
        return tp_fail(error, TP_CRYPTO, "crypto.unavailable", "libsodium cannot be initialised");
    return TP_STATUS_OK;
}

/* suite ‖ u8 length of domain ‖ domain */
struct prefix {
    uint8_t bytes[2 + 255];
    size_t length;
};

static struct prefix prefix_of(const char *domain)
{
    size_t length = strlen(domain);
    assert(length >= 1 && length <= 255);
    struct prefix prefix = {.length = 2 + length};
    prefix.bytes[0] = TP_SUITE_SODIUM;
    prefix.bytes[1] = (uint8_t)length;
    memcpy(prefix.bytes + 2, domain, length);
    return prefix;
}

static struct tp_status signed_form(const char *domain, const void *message, size_t bytes,
                                    struct tp_bytes *out, struct tp_error *error)
{
    struct prefix prefix = prefix_of(domain);
    tp_bytes_reserve(out, prefix.length + bytes);
    tp_bytes_append(out, prefix.bytes, prefix.length);
    tp_bytes_append(out, message, bytes);
    return tp_bytes_check(out, error);
}

struct tp_status tp_sign(const struct tp_keypair *keypair, const char *domain, const void *message,
                         size_t bytes, uint8_t signature[TP_SIGNATURE_BYTES],
                         struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes form = TP_BYTES_INIT;
    struct tp_status status = signed_form(domain, message, bytes, &form, error);
    if (tp_failed(status))
        return status;
    if (crypto_sign_detached(signature, NULL, form.data, form.length, keypair->sign_secret) != 0)
        return tp_fail(error, TP_CRYPTO, "crypto.sign", "signing failed");
    return TP_STATUS_OK;
}

struct tp_status tp_verify(const uint8_t sign_public[TP_SIGN_PUBLIC_BYTES], const char *domain,
                           const void *message, size_t bytes,
                           const uint8_t signature[TP_SIGNATURE_BYTES], struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes form = TP_BYTES_INIT;
    struct tp_status status = signed_form(domain, message, bytes, &form, error);
    if (tp_failed(status))
        return status;
    if (crypto_sign_verify_detached(signature, form.data, form.length, sign_public) != 0)
        return tp_fail(error, TP_CRYPTO, "crypto.bad_signature", "the signature does not hold");
    return TP_STATUS_OK;
}

void tp_hash(const char *domain, const void *message, size_t bytes, uint8_t out[TP_HASH_BYTES])
{
    struct prefix prefix = prefix_of(domain);
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, TP_HASH_BYTES);
    crypto_generichash_update(&state, prefix.bytes, prefix.length);
    crypto_generichash_update(&state, message, bytes);
    crypto_generichash_final(&state, out, TP_HASH_BYTES);
}

struct tp_status tp_seal(const uint8_t seal_public[TP_SEAL_PUBLIC_BYTES], const void *message,
                         size_t bytes, struct tp_bytes *out, struct tp_error *error)
{
    if (bytes > SIZE_MAX / 4)
        return tp_fail(error, TP_LIMIT, "crypto.too_large", "the message is too large to seal");
    tp_bytes_reserve(out, bytes + TP_SEAL_OVERHEAD_BYTES);
    struct tp_status status = tp_bytes_check(out, error);
    if (tp_failed(status))
        return status;
    if (crypto_box_seal(out->data + out->length, message, bytes, seal_public) != 0)
        return tp_fail(error, TP_CRYPTO, "crypto.seal", "the public key takes no seal");
    out->length += bytes + TP_SEAL_OVERHEAD_BYTES;
    out->data[out->length] = '\0';
    return TP_STATUS_OK;
}

struct tp_status tp_seal_open(const struct tp_keypair *keypair, const void *sealed, size_t bytes,
                              struct tp_bytes *out, struct tp_error *error)
{
    if (bytes < TP_SEAL_OVERHEAD_BYTES)
        return tp_fail(error, TP_CRYPTO, "crypto.not_for_this_key", "too short for a sealed box");
    size_t opened = bytes - TP_SEAL_OVERHEAD_BYTES;
    tp_bytes_reserve(out, opened);
    struct tp_status status = tp_bytes_check(out, error);
    if (tp_failed(status))
        return status;
    if (crypto_box_seal_open(out->data + out->length, sealed, bytes, keypair->seal_public,
                             keypair->seal_secret) != 0) {
        out->data[out->length] = '\0';
        return tp_fail(error, TP_CRYPTO, "crypto.not_for_this_key",
                       "the sealed box does not open with this key");
    }
    out->length += opened;
    out->data[out->length] = '\0';
    return TP_STATUS_OK;
}
