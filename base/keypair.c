#include "base/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_TITLE "tongping-secret-key-v1"
#define PUBLIC_TITLE "tongping-public-key-v1"
#define PART_BYTES 32
#define FILE_MOST_BYTES 512

/* Both parts of a key file have one size. */
_Static_assert(PART_BYTES == crypto_sign_SEEDBYTES, "the secret part of signing is its seed");
_Static_assert(PART_BYTES == TP_SEAL_SECRET_BYTES, "the secret part of sealing");
_Static_assert(PART_BYTES == TP_SIGN_PUBLIC_BYTES, "the public part of signing");
_Static_assert(PART_BYTES == TP_SEAL_PUBLIC_BYTES, "the public part of sealing");

struct tp_status tp_keypair_new(struct tp_keypair **keypair, struct tp_error *error)
{
    struct tp_keypair *made = sodium_malloc(sizeof(*made));
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no locked memory for a key");
    crypto_sign_keypair(made->sign_public, made->sign_secret);
    crypto_box_keypair(made->seal_public, made->seal_secret);
    *keypair = made;
    return TP_STATUS_OK;
}

void tp_keypair_free(struct tp_keypair *keypair)
{
    sodium_free(keypair);
}

struct tp_public_key tp_keypair_public(const struct tp_keypair *keypair)
{
    struct tp_public_key key;
    memcpy(key.sign, keypair->sign_public, sizeof(key.sign));
    memcpy(key.seal, keypair->seal_public, sizeof(key.seal));
    return key;
}

static struct tp_status fail_malformed(const char *path, struct tp_error *error)
{
    return tp_fail(error, TP_INPUT, "key.malformed", "%s is not such a key file", path);
}

/* title \n hex \n hex \n, and nothing more. */
static struct tp_status parse_file(const char *path, const struct tp_bytes *text, const char *title,
                                   uint8_t first[PART_BYTES], uint8_t second[PART_BYTES],
                                   struct tp_error *error)
{
    size_t title_bytes = strlen(title);
    size_t hex_bytes = 2 * (size_t)PART_BYTES;
    if (text->length != title_bytes + 1 + 2 * (hex_bytes + 1) ||
        memcmp(text->data, title, title_bytes) != 0)
        return fail_malformed(path, error);
    const char *at = (const char *)text->data + title_bytes;
    const char *line_ends[] = {at, at + 1 + hex_bytes, at + 2 * (1 + hex_bytes)};
    for (size_t i = 0; i < 3; i++) {
        if (*line_ends[i] != '\n')
            return fail_malformed(path, error);
    }
    char hex[2 * PART_BYTES + 1] = {0};
    memcpy(hex, line_ends[0] + 1, hex_bytes);
    struct tp_status status = tp_hex_decode(hex, first, PART_BYTES, NULL);
    if (tp_ok(status)) {
        memcpy(hex, line_ends[1] + 1, hex_bytes);
        status = tp_hex_decode(hex, second, PART_BYTES, NULL);
    }
    sodium_memzero(hex, sizeof(hex));
    return tp_failed(status) ? fail_malformed(path, error) : TP_STATUS_OK;
}

static struct tp_status save_file(const char *path, unsigned mode, const char *title,
                                  const uint8_t first[PART_BYTES], const uint8_t second[PART_BYTES],
                                  struct tp_error *error)
{
    TP_AUTO(tp_secret_bytes) struct tp_bytes text = TP_BYTES_INIT;
    tp_bytes_reserve(&text, FILE_MOST_BYTES);
    char hex[2 * PART_BYTES + 1];
    tp_hex_encode(first, PART_BYTES, hex);
    tp_bytes_append_format(&text, "%s\n%s\n", title, hex);
    tp_hex_encode(second, PART_BYTES, hex);
    tp_bytes_append_format(&text, "%s\n", hex);
    sodium_memzero(hex, sizeof(hex));
    struct tp_status status = tp_bytes_check(&text, error);
    if (tp_failed(status))
        return status;
    return tp_file_write(path, text.data, text.length, mode, error);
}

/* Looks at the mode of the very file that is then read. */
static struct tp_status read_secret(const char *path, struct tp_bytes *text, struct tp_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return tp_fail(error, TP_NOT_FOUND, "key.not_found", "there is no key file %s", path);
    if (fd < 0)
        return tp_fail(error, TP_IO, "key.unreadable", "%s: %s", path, strerror(errno));
    struct stat about;
    ssize_t got = -1;
    bool open_to_others = false;
    if (fstat(fd, &about) == 0) {
        open_to_others = (about.st_mode & (S_IRWXG | S_IRWXO)) != 0;
        if (!open_to_others && text->capacity > FILE_MOST_BYTES)
            got = read(fd, text->data, FILE_MOST_BYTES);
    }
    int saved = errno;
    close(fd);
    if (open_to_others)
        return tp_fail(error, TP_DENIED, "key.readable_by_others",
                       "%s may be read by others than its owner: chmod 600", path);
    if (got < 0)
        return tp_fail(error, TP_IO, "key.unreadable", "%s: %s", path, strerror(saved));
    text->length = (size_t)got;
    text->data[text->length] = '\0';
    return TP_STATUS_OK;
}

static struct tp_status load_into(const char *path, struct tp_keypair *keypair,
                                  struct tp_error *error)
{
    TP_AUTO(tp_secret_bytes) struct tp_bytes text = TP_BYTES_INIT;
    tp_bytes_reserve(&text, FILE_MOST_BYTES);
    struct tp_status status = tp_bytes_check(&text, error);
    if (tp_ok(status))
        status = read_secret(path, &text, error);
    if (tp_failed(status))
        return status;
    uint8_t seed[PART_BYTES];
    status = parse_file(path, &text, SECRET_TITLE, seed, keypair->seal_secret, error);
    if (tp_ok(status)) {
        crypto_sign_seed_keypair(keypair->sign_public, keypair->sign_secret, seed);
        if (crypto_scalarmult_base(keypair->seal_public, keypair->seal_secret) != 0)
            status = fail_malformed(path, error);
    }
    sodium_memzero(seed, sizeof(seed));
    return status;
}

struct tp_status tp_keypair_load(const char *path, struct tp_keypair **keypair,
                                 struct tp_error *error)
{
    TP_AUTO(tp_keypair) struct tp_keypair *loaded = sodium_malloc(sizeof(*loaded));
    if (loaded == NULL)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no locked memory for a key");
    struct tp_status status = load_into(path, loaded, error);
    if (tp_ok(status))
        *keypair = tp_steal(&loaded);
    return status;
}

struct tp_status tp_keypair_save(const struct tp_keypair *keypair, const char *path,
                                 struct tp_error *error)
{
    uint8_t seed[PART_BYTES];
    crypto_sign_ed25519_sk_to_seed(seed, keypair->sign_secret);
    struct tp_status status =
        save_file(path, 0600, SECRET_TITLE, seed, keypair->seal_secret, error);
    sodium_memzero(seed, sizeof(seed));
    return status;
}

struct tp_status tp_keypair_load_or_make(const char *path, struct tp_keypair **keypair,
                                         struct tp_error *error)
{
    struct tp_status status = tp_keypair_load(path, keypair, error);
    if (status.class != TP_NOT_FOUND)
        return status;
    tp_error_clear(error);
    TP_AUTO(tp_keypair) struct tp_keypair *made = NULL;
    status = tp_keypair_new(&made, error);
    if (tp_ok(status))
        status = tp_keypair_save(made, path, error);
    if (tp_ok(status))
        *keypair = tp_steal(&made);
    return status;
}

struct tp_status tp_public_key_load(const char *path, struct tp_public_key *key,
                                    struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    struct tp_status status = tp_file_read(path, FILE_MOST_BYTES, &text, error);
    if (status.class == TP_LIMIT)
        return fail_malformed(path, error);
    if (tp_failed(status))
        return status;
    return parse_file(path, &text, PUBLIC_TITLE, key->sign, key->seal, error);
}

struct tp_status tp_public_key_save(const struct tp_public_key *key, const char *path,
                                    struct tp_error *error)
{
    return save_file(path, 0644, PUBLIC_TITLE, key->sign, key->seal, error);
}
