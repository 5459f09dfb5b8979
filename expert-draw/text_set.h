/*
 * A set of borrowed texts, each with a number: finds doubles in files of a million rows.
 */
#ifndef TP_DRAW_TEXT_SET_H
#define TP_DRAW_TEXT_SET_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

struct tp_text_set {
    struct tp_text_set_slot *slots;
    size_t slot_count; /* a power of two, or 0 */
    size_t used_count;
    uint8_t key[16]; /* hashes are keyed: no file can be made whose texts all collide */
};

void tp_text_set_fini(struct tp_text_set *set);
TP_DEFINE_FINI_CLEANUP(tp_text_set, tp_text_set_fini)

/* Adds `text` with `number`, or tells the number it is there with already: *number is set to it and
 * *added to false. */
TP_MUST_USE struct tp_status tp_text_set_add(struct tp_text_set *set, const char *text,
                                             uint32_t *number, bool *added, struct tp_error *error);

#endif
