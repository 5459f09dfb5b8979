/*
 * Enrolment of a center's node: the operator gets a one-time code for the center and gives it to
 * who sets the node up; the node trades it, with its own public key, for the coordinator's.
 */
#ifndef TP_COORDINATOR_LINK_ENROLMENT_H
#define TP_COORDINATOR_LINK_ENROLMENT_H

#include "coordinator/record/write.h"

#define TP_ENROLMENT_CODE_BYTES 20 /* "ABCD-EFGH-JKLM-NPQR" */
#define TP_ENROLMENT_VALID_MS (INT64_C(24) * 3600 * 1000)
#define TP_ENROLMENT_TRIES_MOST 10

/* Makes a code in place of an earlier one; TP_NOT_FOUND "center.not_found". */
TP_MUST_USE struct tp_status tp_enrolment_begin(struct tp_app *app, const char *actor,
                                                const char *center_id,
                                                char code[TP_ENROLMENT_CODE_BYTES],
                                                int64_t *expires_at_ms, struct tp_error *error);

/*
 * Takes the node's key when the code is right: both directions of the link begin anew. The same
 * call again with the same key answers the same. TP_DENIED "enrol.refused" for anything that is
 * wrong, without telling what; after TP_ENROLMENT_TRIES_MOST wrong tries the code is void.
 */
TP_MUST_USE struct tp_status tp_enrolment_finish(struct tp_app *app, const char *center_id,
                                                 const char *code,
                                                 const uint8_t sign_public[TP_SIGN_PUBLIC_BYTES],
                                                 struct tp_error *error);

#endif
