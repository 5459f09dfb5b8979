/*
 * Who is logged in. Plain values, copied from the store.
 */
#ifndef TP_COORDINATOR_ACCOUNT_USER_H
#define TP_COORDINATOR_ACCOUNT_USER_H

#include "base/random.h"
#include "coordinator/domain/permission.h"

#define TP_NAME_BYTES 65     /* ids of centers, rooms, seats, codes: 64 characters */
#define TP_DISPLAY_BYTES 200 /* up to 64 Chinese characters */

struct tp_user {
    char id[TP_ID_BYTES];
    char name[TP_NAME_BYTES];
    char display[TP_DISPLAY_BYTES];
    enum tp_role role;
    char center_id[TP_NAME_BYTES];   /* of staff; empty otherwise */
    char agency_code[TP_NAME_BYTES]; /* of agencies; empty otherwise */
};

#endif
