#include "coordinator/allocation/venue_lot.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"

struct tp_status tp_venue_lot_init(struct tp_venue_lot *lot, const uint8_t seed[TP_LOT_SEED_BYTES],
                                   struct tp_error *error)
{
    memcpy(lot->seed, seed, sizeof lot->seed);
    lot->candidates = json_array();
    lot->chosen = json_array();
    if (lot->candidates == NULL || lot->chosen == NULL) {
        tp_venue_lot_fini(lot);
        return tp_fail(error, TP_NOMEM, "memory.none", "no memory for the lot");
    }
    return TP_STATUS_OK;
}

void tp_venue_lot_fini(struct tp_venue_lot *lot)
{
    json_decref(lot->candidates);
    json_decref(lot->chosen);
    lot->candidates = NULL;
    lot->chosen = NULL;
}

const char *tp_venue_lot_draw(struct tp_venue_lot *lot, uint32_t position,
                              const char *const *candidates, size_t count)
{
    assert(count > 0);
    const char *winner = NULL;
    uint8_t smallest[TP_LOT_TICKET_BYTES];
    for (size_t i = 0; i < count; i++) {
        uint8_t ticket[TP_LOT_TICKET_BYTES];
        char text[2 * TP_LOT_TICKET_BYTES + 1];
        tp_lot_ticket(lot->seed, TP_VENUE_LOT_DOMAIN, position, candidates[i], ticket);
        tp_hex_encode(ticket, sizeof ticket, text);
        json_array_append_new(lot->candidates,
                              json_pack("{s:i, s:s, s:s}", "position", (int)position, "center_id",
                                        candidates[i], "ticket", text));
        if (winner == NULL || memcmp(ticket, smallest, sizeof ticket) < 0) {
            winner = candidates[i];
            memcpy(smallest, ticket, sizeof ticket);
        }
    }
    json_array_append_new(lot->chosen,
                          json_pack("{s:i, s:s}", "position", (int)position, "center_id", winner));
    return winner;
}

struct tp_status tp_venue_lot_record(const struct tp_venue_lot *lot, json_t **record,
                                     struct tp_error *error)
{
    *record = NULL;
    if (json_array_size(lot->chosen) == 0) {
        return TP_STATUS_OK;
    }
    char seed[2 * TP_LOT_SEED_BYTES + 1];
    tp_hex_encode(lot->seed, sizeof lot->seed, seed);
    *record = json_pack("{s:s, s:s, s:O, s:O}", "seed", seed, "domain", TP_VENUE_LOT_DOMAIN,
                        "candidates", lot->candidates, "chosen", lot->chosen);
    return *record == NULL ? tp_fail(error, TP_NOMEM, "memory.none", "no memory for the lot")
                           : TP_STATUS_OK;
}
