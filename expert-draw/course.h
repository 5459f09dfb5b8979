/*
 * The course of a draw made offline: the records of docs/draw.md, section 4, computed from the
 * pool, the plan and the parties' proofs alone. Who draws and who verifies compute the same, so a
 * record is checked by making it again.
 */
#ifndef TP_DRAW_COURSE_H
#define TP_DRAW_COURSE_H

#include "base/json.h"
#include "expert-draw/candidates.h"
#include "expert-draw/rule.h"
#include "expert-draw/vrf.h"

#define TP_COURSE_PARTY_LIMIT 16
#define TP_COURSE_MEMBER_LIMIT 4096 /* drawn in all rounds */
#define TP_COURSE_HANDLE_BYTES 25   /* "h_", 22 characters, NUL */
#define TP_COURSE_TEXT_BYTES 44     /* base64url of 32 bytes */
#define TP_COURSE_ALPHA_BYTES (2 + sizeof("tongping.draw.alpha.v1") - 1 + TP_HASH_BYTES + 4 + 4)

/* What only the keeper and auditors know; the commit has its hash. */
struct tp_opening {
    uint8_t salt_key[TP_POOL_SALT_KEY_BYTES];
    uint8_t handle_key[32];
};

struct tp_course {
    const struct tp_plan *plan; /* borrowed, as the pool */
    const struct tp_pool *pool;
    struct tp_opening opening;
    uint8_t pool_file[TP_HASH_BYTES];
    uint8_t sign_public[TP_SIGN_PUBLIC_BYTES];                   /* of the keeper */
    uint8_t parties[TP_COURSE_PARTY_LIMIT][TP_VRF_PUBLIC_BYTES]; /* the keeper first */
    size_t party_count;

    struct tp_seated *drawn; /* in the order they were drawn; owned */
    size_t drawn_count;
    uint32_t round;
    uint64_t attempts;
    uint32_t record_count;
    uint8_t head[TP_HASH_BYTES];
};

void tp_course_fini(struct tp_course *course);
TP_DEFINE_FINI_CLEANUP(tp_course, tp_course_fini)

void tp_course_text(const uint8_t bytes[32], char out[TP_COURSE_TEXT_BYTES]);
void tp_course_handle(const struct tp_course *course, uint32_t expert,
                      char out[TP_COURSE_HANDLE_BYTES]);
uint32_t tp_course_vacancies(const struct tp_course *course);

/* A record's text, with which the head moves on. Takes `body`. */
TP_MUST_USE struct tp_status tp_course_append(struct tp_course *course, const char *kind,
                                              json_t *body, struct tp_bytes *text,
                                              struct tp_error *error);

/* The bodies of the records, in the order of a draw. A decline takes effect by being made; so does
 * a round. */
TP_MUST_USE struct tp_status tp_course_commit(const struct tp_course *course, json_t **body,
                                              struct tp_error *error);
/* TP_INPUT "draw.no_member": nobody with this handle holds a seat. */
TP_MUST_USE struct tp_status tp_course_decline(struct tp_course *course, const char *handle,
                                               json_t **body, struct tp_error *error);
/* What the parties prove for the next round. */
void tp_course_alpha(const struct tp_course *course, uint8_t alpha[TP_COURSE_ALPHA_BYTES]);
/* proofs[] in the order of the parties. TP_CRYPTO "vrf.*", with the field, when one does not hold;
 * TP_CONFLICT as of tp_rule_draw. */
TP_MUST_USE struct tp_status tp_course_round(struct tp_course *course,
                                             const uint8_t (*proofs)[TP_VRF_PROOF_BYTES],
                                             json_t **body, struct tp_error *error);

#endif
