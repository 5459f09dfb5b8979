/*
 * The outbox of messages to staff: sent through the gateway's `sendsms` call (docs/interfaces.md,
 * 2, "Gateway"), tried again with growing pauses, kept until taken. Internal to todo/.
 */
#ifndef TP_COORDINATOR_TODO_SMS_H
#define TP_COORDINATOR_TODO_SMS_H

#include "coordinator/app.h"

/* Sends what is due; a job. */
TP_MUST_USE struct tp_status tp_sms_send_due(struct tp_app *app, struct tp_error *error);

#endif
