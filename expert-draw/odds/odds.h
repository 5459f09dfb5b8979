/*
 * The exact mathematics of the draw: the law is "every lawful committee is equally likely".
 *
 * A committee gives each cell exactly `needed` of its candidates, as a set; nobody sits in two
 * cells; at most `max_per_employer` people of one employer sit in it, those seated before
 * included. This library counts the lawful committees as an integer, gives each expert's chance,
 * the chance that a whole-committee rejection attempt is lawful, the reason when there is no
 * committee, and a sampler that follows the law exactly. It computes with integers only; doubles
 * are made from exact fractions at the end. Pure: no I/O, no randomness of its own, no clock.
 *
 * Counting is #P-hard (one seat per cell and a cap of one is the permanent), so there are plans
 * that cannot be counted: they are refused with TP_LIMIT "odds.too_large". Whether a plan is
 * refused depends on the plan and the limits alone, never on the machine. docs/odds.md tells the
 * algorithm, its sources and its reach.
 */
#ifndef TP_ODDS_ODDS_H
#define TP_ODDS_ODDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

#define TP_ODDS_CELL_LIMIT 400 /* cells of a plan */
#define TP_ODDS_OPEN_LIMIT 128 /* of them with needed > 0 */
#define TP_ODDS_SEAT_LIMIT 255 /* seats of all cells together */
#define TP_ODDS_NO_CAP UINT32_MAX
#define TP_ODDS_NO_EMPLOYER UINT32_MAX

/* Why people who would fit a cell are not its candidates. */
struct tp_odds_exclusion {
    const char *ground; /* "same employer as the tenderer" */
    size_t count;
};

struct tp_odds_cell {
    uint32_t needed;            /* may be 0 */
    const uint32_t *candidates; /* experts, ascending, each once */
    size_t candidate_count;
    const char *venue; /* for reasons only; "" or NULL: left out */
    const char *specialty;
    const struct tp_odds_exclusion *exclusions; /* for reasons only; may be NULL */
    size_t exclusion_count;
};

/* Everything is borrowed for the time of the call. */
struct tp_odds_plan {
    const struct tp_odds_cell *cells;
    size_t cell_count;
    const uint32_t *employers; /* by expert: a number, or TP_ODDS_NO_EMPLOYER */
    size_t expert_count;
    uint32_t max_per_employer; /* TP_ODDS_NO_CAP: none */
    const uint32_t *seated;    /* already on the committee: they count for the cap, take no cell */
    size_t seated_count;
};

/* How much is computed before a plan is refused; the same limits give the same answer anywhere. */
struct tp_odds_limits {
    uint64_t table_bytes; /* of one table */
    uint64_t work;        /* multiplications of 64-bit words, roughly; 10^9 take some seconds */
};
extern const struct tp_odds_limits tp_odds_default_limits; /* 256 MiB, 2 * 10^10 */

struct tp_odds;

/*
 * Counts. A plan without a lawful committee is no error: ask tp_odds_feasible. `limits` NULL: the
 * defaults. Errors: TP_INPUT "odds.plan" (candidates not ascending, an expert out of range),
 * TP_LIMIT "odds.too_large" (also over the limits above), TP_NOMEM.
 */
TP_MUST_USE struct tp_status tp_odds_new(const struct tp_odds_plan *plan,
                                         const struct tp_odds_limits *limits, struct tp_odds **odds,
                                         struct tp_error *error);
void tp_odds_free(struct tp_odds *odds);
TP_DEFINE_CLEANUP(tp_odds, tp_odds_free)

bool tp_odds_feasible(const struct tp_odds *odds);
/* The number of lawful committees in decimal; the caller frees. NULL: no memory. */
char *tp_odds_committees(const struct tp_odds *odds);
/* The chance that an expert is on the committee, and that he is there in one cell. 0 for who is no
 * candidate, and for everyone when no committee exists. The nearest double below or at it. */
double tp_odds_chance(const struct tp_odds *odds, uint32_t expert);
double tp_odds_chance_in(const struct tp_odds *odds, uint32_t expert, size_t cell);
/* In how many lawful committees the expert is, in decimal (exact); the caller frees. */
char *tp_odds_chance_numerator(const struct tp_odds *odds, uint32_t expert);
/* The smallest and largest chance among candidates; both 0 without candidates. */
void tp_odds_chance_range(const struct tp_odds *odds, double *smallest, double *largest);

/* An attempt of whole-committee rejection takes `needed` of each cell's candidates, each set
 * equally likely: the chance that it is lawful, and the number of possible attempts. */
double tp_odds_acceptance(const struct tp_odds *odds);
char *tp_odds_attempts_possible(const struct tp_odds *odds);
/* Whether that chance is smaller than numerator / denominator, decided exactly: the rule that is
 * committed beforehand is tp_odds_acceptance_below(odds, 1, 100). */
bool tp_odds_acceptance_below(const struct tp_odds *odds, uint32_t numerator, uint32_t denominator);

/* Bytes of a deterministic stream, for example keyed BLAKE2b of the round's seed and a counter. */
struct tp_odds_stream {
    void (*read)(void *context, uint8_t *out, size_t count);
    void *context;
};

struct tp_odds_choice {
    uint32_t expert;
    uint32_t cell; /* index in the plan */
};

/*
 * Draws a committee, exactly uniform over the lawful ones when the stream is. Which committee a
 * stream gives is defined without the algorithm (docs/odds.md, "The sampler as a rule"), so that
 * a second verifier may count in its own way. `choices` takes one entry a seat: cells in their
 * order, within a cell in the order drawn. It counts once a seat, each time what is still tied to
 * the seat's cell, with four times `limits` each. TP_CONFLICT "draw.infeasible", TP_LIMIT
 * "odds.too_large", TP_NOMEM.
 */
TP_MUST_USE struct tp_status tp_odds_sample(const struct tp_odds *odds,
                                            const struct tp_odds_limits *limits,
                                            struct tp_odds_stream stream,
                                            struct tp_odds_choice *choices, size_t *choice_count,
                                            struct tp_error *error);

/* Which cells cannot be filled, and by what. */
struct tp_odds_shortage {
    size_t cells[TP_ODDS_OPEN_LIMIT]; /* a set of cells that together cannot be filled */
    size_t cell_count;
    uint32_t needed;        /* by them */
    uint32_t fillable;      /* the most that can be */
    size_t eligible;        /* people who are candidates of at least one of them */
    size_t capped;          /* employers whose cap is part of the reason; 0: people are too few */
    size_t capped_eligible; /* how many of `eligible` are with these employers */
    char reason[1024];      /* a sentence or two in English, UTF-8, without anyone's name */
};

/*
 * Whether a lawful committee exists; polynomial, so it answers for plans that are too large to
 * count. When not: TP_CONFLICT "draw.infeasible" and the shortage. It names a single cell where one
 * is to blame alone. Errors as of tp_odds_new.
 */
TP_MUST_USE struct tp_status tp_odds_check_feasible(const struct tp_odds_plan *plan,
                                                    struct tp_odds_shortage *shortage,
                                                    struct tp_error *error);

#endif
