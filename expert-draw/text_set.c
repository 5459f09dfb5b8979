#include "expert-draw/text_set.h"

#include <sodium.h>
#include <string.h>

struct tp_text_set_slot {
    const char *text;
    uint64_t hash;
    uint32_t number;
};

void tp_text_set_fini(struct tp_text_set *set)
{
    free(set->slots);
    *set = (struct tp_text_set){0};
}

static uint64_t hash_of(const struct tp_text_set *set, const char *text)
{
    _Static_assert(sizeof(set->key) == crypto_shorthash_KEYBYTES, "key size");
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, (const uint8_t *)text, strlen(text), set->key);
    return hash;
}

static struct tp_text_set_slot *slot_of(struct tp_text_set_slot *slots, size_t slot_count,
                                        const char *text, uint64_t hash)
{
    size_t at = (size_t)hash & (slot_count - 1);
    while (slots[at].text != NULL && (slots[at].hash != hash || strcmp(slots[at].text, text) != 0))
        at = (at + 1) & (slot_count - 1);
    return &slots[at];
}

static bool grow(struct tp_text_set *set)
{
    if (set->slot_count == 0)
        crypto_shorthash_keygen(set->key);
    size_t slot_count = set->slot_count == 0 ? 256 : set->slot_count * 2;
    struct tp_text_set_slot *slots = calloc(slot_count, sizeof(*slots));
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < set->slot_count; i++)
        if (set->slots[i].text != NULL)
            *slot_of(slots, slot_count, set->slots[i].text, set->slots[i].hash) = set->slots[i];
    free(set->slots);
    set->slots = slots;
    set->slot_count = slot_count;
    return true;
}

struct tp_status tp_text_set_add(struct tp_text_set *set, const char *text, uint32_t *number,
                                 bool *added, struct tp_error *error)
{
    if ((set->used_count + 1) * 2 > set->slot_count && !grow(set))
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a set of texts");
    uint64_t hash = hash_of(set, text);
    struct tp_text_set_slot *slot = slot_of(set->slots, set->slot_count, text, hash);
    *added = slot->text == NULL;
    if (*added) {
        *slot = (struct tp_text_set_slot){.text = text, .hash = hash, .number = *number};
        set->used_count++;
    }
    *number = slot->number;
    return TP_STATUS_OK;
}
