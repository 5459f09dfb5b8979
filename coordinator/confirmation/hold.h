/*
 * The end of the hold. Internal to confirmation/.
 */
#ifndef TP_COORDINATOR_CONFIRMATION_HOLD_H
#define TP_COORDINATOR_CONFIRMATION_HOLD_H

#include "coordinator/app.h"

/*
 * Ends the holds whose deadline has passed. Venues that have not answered count as refused and
 * their seats are freed; when the agency let the time for choosing anew pass, all venues are.
 */
TP_MUST_USE struct tp_status tp_hold_expire(struct tp_app *app, struct tp_error *error);

#endif
