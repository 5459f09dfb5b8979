/*
 * The terminals' open event sockets, by seat.
 */
#ifndef TP_VENUE_NODE_TERMINALS_H
#define TP_VENUE_NODE_TERMINALS_H

#include "base/clock.h"
#include "base/http/server.h"
#include "venue-node/config.h"

struct tp_terminals;

/* `config` and `clock` are borrowed. */
TP_MUST_USE struct tp_status tp_terminals_new(const struct tp_venue_config *config,
                                              const struct tp_clock *clock,
                                              struct tp_terminals **terminals,
                                              struct tp_error *error);
void tp_terminals_free(struct tp_terminals *terminals);

/* TP_LIMIT "seat.too_many_sockets": at most 8 a seat. */
TP_MUST_USE struct tp_status tp_terminals_add(struct tp_terminals *terminals, const char *seat_id,
                                              struct tp_websocket *socket, struct tp_error *error);
void tp_terminals_remove(struct tp_terminals *terminals, const char *seat_id,
                         struct tp_websocket *socket);

/* Tells the seat's terminals (all when NULL) to fetch the state again. */
void tp_terminals_tell(struct tp_terminals *terminals, const char *seat_id);
/* Closes the seat's sockets: its cookie is worthless now. */
void tp_terminals_close(struct tp_terminals *terminals, const char *seat_id);

/* Seats with at least one socket. */
uint32_t tp_terminals_count(struct tp_terminals *terminals);
/* How long the seat has had no socket; 0 when it has one. At first counted from the start. */
int64_t tp_terminals_silent_ms(struct tp_terminals *terminals, const char *seat_id);

#endif
