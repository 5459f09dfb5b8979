/*
 * The effects of a transition, carried out in its transaction. Internal to session/.
 */
#ifndef TP_COORDINATOR_SESSION_EFFECTS_H
#define TP_COORDINATOR_SESSION_EFFECTS_H

#include "coordinator/session/session.h"

/* `effects` are flags of enum tp_session_effect; holds are written by the caller. */
TP_MUST_USE struct tp_status tp_session_effects(struct tp_write *write,
                                                const struct tp_session_row *row, unsigned effects,
                                                struct tp_error *error);

#endif
