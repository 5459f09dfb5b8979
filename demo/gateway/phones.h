/*
 * The demo's phones: takes messages in the form of Kannel's sendsms, shows them, and sends the
 * owners' replies to tp-draw as a gateway would.
 */
#ifndef TP_DEMO_GATEWAY_PHONES_H
#define TP_DEMO_GATEWAY_PHONES_H

#include "base/clock.h"
#include "base/http/server.h"
#include "demo/gateway/inbox.h"
#include "demo/gateway/settings.h"

struct tp_phones;

TP_MUST_USE struct tp_status tp_phones_new(const struct tp_gateway_settings *settings,
                                           const struct tp_clock *clock, struct tp_inbox *inbox,
                                           struct tp_phones **phones, struct tp_error *error);
/* After the server is freed. */
void tp_phones_free(struct tp_phones *phones);

/* Adds the routes; `phones` is borrowed for the server's life. */
TP_MUST_USE struct tp_status tp_phones_serve(struct tp_phones *phones,
                                             struct tp_http_server *server, struct tp_error *error);

#endif
