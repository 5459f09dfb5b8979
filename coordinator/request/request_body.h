/*
 * A2: what an agency asks for, read from POST /sessions, and what it chooses anew after a refusal,
 * read from POST /sessions/{id}/venues. Internal to request/.
 */
#ifndef TP_COORDINATOR_REQUEST_REQUEST_BODY_H
#define TP_COORDINATOR_REQUEST_REQUEST_BODY_H

#include <jansson.h>

#include "coordinator/allocation/allocation.h"
#include "coordinator/app.h"

#define TP_SPECIALTIES_PER_VENUE_MOST 16

struct tp_expert_need {
    const char *specialty;
    int64_t count;
};

struct tp_venue_request {
    struct tp_venue_wish wish;
    int64_t representatives;
    struct tp_expert_need experts[TP_SPECIALTIES_PER_VENUE_MOST];
    size_t specialty_count;
};

/* All texts are borrowed from the body. */
struct tp_request {
    const char *lot_id;
    int64_t start_at_ms;
    int64_t end_at_ms;
    bool by_lot;
    struct tp_venue_request venues[TP_VENUES_MOST]; /* 0 is the main venue */
    size_t venue_count;
};

/* Reads and checks everything that needs no store: shapes, limits, committee. */
TP_MUST_USE struct tp_status tp_request_read(struct tp_app *app, const json_t *body,
                                             struct tp_request *request, struct tp_error *error);

/* What replaces the refused venues. Where no experts are given, they stay as asked first. */
struct tp_rechoice {
    int64_t version;
    bool by_lot;
    bool has_main;
    struct tp_venue_wish main;
    struct tp_venue_request
        secondary[TP_VENUES_MOST]; /* in the order of the refused secondary venues */
    size_t secondary_count;
};

/* The policy's check of a whole committee. */
TP_MUST_USE struct tp_status tp_request_check_committee(const struct tp_app *app, int64_t experts,
                                                        int64_t representatives,
                                                        struct tp_error *error);

TP_MUST_USE struct tp_status tp_rechoice_read(const json_t *body, struct tp_rechoice *rechoice,
                                              struct tp_error *error);

#endif
