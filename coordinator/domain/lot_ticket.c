#include "coordinator/domain/lot_ticket.h"

#include <sodium.h>
#include <string.h>

#include "base/crypto.h"

void tp_lot_ticket(const uint8_t seed[TP_LOT_SEED_BYTES], const char *domain, uint32_t attempt,
                   const char *id, uint8_t ticket[TP_LOT_TICKET_BYTES])
{
    size_t domain_length = strlen(domain);
    uint8_t head[2] = {TP_SUITE_SODIUM, (uint8_t)domain_length};
    uint8_t number[4] = {(uint8_t)(attempt >> 24), (uint8_t)(attempt >> 16),
                         (uint8_t)(attempt >> 8), (uint8_t)attempt};
    crypto_generichash_state state;
    crypto_generichash_init(&state, seed, TP_LOT_SEED_BYTES, TP_LOT_TICKET_BYTES);
    crypto_generichash_update(&state, head, sizeof head);
    crypto_generichash_update(&state, (const uint8_t *)domain, domain_length);
    crypto_generichash_update(&state, number, sizeof number);
    crypto_generichash_update(&state, (const uint8_t *)id, strlen(id));
    crypto_generichash_final(&state, ticket, TP_LOT_TICKET_BYTES);
}
