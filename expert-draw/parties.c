#include "expert-draw/parties.h"

#include <string.h>

#include "expert-draw/vault.h"

void tp_parties_fini(struct tp_parties *parties)
{
    for (size_t i = 0; i < parties->count; i++)
        tp_vrf_key_free(parties->keys[i]);
    tp_keypair_free(parties->keeper);
    memset(parties, 0, sizeof(*parties));
}

static bool known(const struct tp_parties *parties, const struct tp_vrf_key *key)
{
    for (size_t i = 0; i < parties->count; i++)
        if (memcmp(tp_vrf_key_public(parties->keys[i]), tp_vrf_key_public(key),
                   TP_VRF_PUBLIC_BYTES) == 0)
            return true;
    return false;
}

static struct tp_status add(struct tp_parties *parties, const char *path, struct tp_error *error)
{
    TP_AUTO(tp_keypair) struct tp_keypair *keypair = NULL;
    TP_AUTO(tp_vrf_key) struct tp_vrf_key *key = NULL;
    struct tp_status status = tp_keypair_load(path, &keypair, error);
    if (tp_ok(status))
        status = tp_vrf_key_of_keypair(keypair, &key, error);
    if (tp_failed(status))
        return status;
    if (known(parties, key))
        return tp_fail(error, TP_INPUT, "key.double", "%s holds the key of another party", path);
    parties->keys[parties->count++] = tp_steal(&key);
    if (parties->keeper == NULL)
        parties->keeper = tp_steal(&keypair);
    return status;
}

struct tp_status tp_parties_load(struct tp_parties *parties, const char *const *paths, size_t count,
                                 struct tp_error *error)
{
    memset(parties, 0, sizeof(*parties));
    if (count == 0)
        return tp_fail(error, TP_INPUT, "usage", "--key is needed, the keeper's first");
    if (count > TP_COURSE_PARTY_LIMIT)
        return tp_fail(error, TP_INPUT, "usage", "more than %d keys", TP_COURSE_PARTY_LIMIT);
    struct tp_status status = TP_STATUS_OK;
    for (size_t i = 0; i < count && tp_ok(status); i++)
        status = add(parties, paths[i], error);
    return status;
}

struct tp_status tp_parties_opening(const struct tp_parties *parties, const char *draw_id,
                                    struct tp_opening *opening, struct tp_error *error)
{
    TP_AUTO(tp_vault) struct tp_vault *vault = NULL;
    struct tp_status status = tp_vault_new(parties->keeper, &vault, error);
    if (tp_failed(status))
        return status;
    tp_vault_mac(vault, "tongping.vault.draw_salt.v1", draw_id, strlen(draw_id), opening->salt_key);
    tp_vault_mac(vault, "tongping.vault.draw_handles.v1", draw_id, strlen(draw_id),
                 opening->handle_key);
    return status;
}

struct tp_status tp_parties_round(const struct tp_parties *parties, struct tp_course *course,
                                  json_t **body, struct tp_error *error)
{
    uint8_t alpha[TP_COURSE_ALPHA_BYTES];
    uint8_t proofs[TP_COURSE_PARTY_LIMIT][TP_VRF_PROOF_BYTES];
    tp_course_alpha(course, alpha);
    for (size_t i = 0; i < parties->count; i++) {
        struct tp_status status =
            tp_vrf_prove(parties->keys[i], alpha, sizeof(alpha), proofs[i], error);
        if (tp_failed(status))
            return status;
    }
    return tp_course_round(course, (const uint8_t(*)[TP_VRF_PROOF_BYTES])proofs, body, error);
}
