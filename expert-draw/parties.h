/*
 * The parties of an offline draw, who are all at this machine: their secret keys, the keeper first.
 */
#ifndef TP_DRAW_PARTIES_H
#define TP_DRAW_PARTIES_H

#include "expert-draw/course.h"

struct tp_parties {
    size_t count;
    struct tp_keypair *keeper;
    struct tp_vrf_key *keys[TP_COURSE_PARTY_LIMIT];
};

/* TP_INPUT "key.double" when two files hold one key, and the errors of tp_keypair_load. */
TP_MUST_USE struct tp_status tp_parties_load(struct tp_parties *parties, const char *const *paths,
                                             size_t count, struct tp_error *error);
void tp_parties_fini(struct tp_parties *parties);
TP_DEFINE_FINI_CLEANUP(tp_parties, tp_parties_fini)

/* The keys that the keeper opens leaves and handles of one draw with. */
TP_MUST_USE struct tp_status tp_parties_opening(const struct tp_parties *parties,
                                                const char *draw_id, struct tp_opening *opening,
                                                struct tp_error *error);

/* The next round of `course` with everyone's proof. */
TP_MUST_USE struct tp_status tp_parties_round(const struct tp_parties *parties,
                                              struct tp_course *course, json_t **body,
                                              struct tp_error *error);

#endif
