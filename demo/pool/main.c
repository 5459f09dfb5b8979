/*
 * tp-demo-pool: makes up a pool of experts, the same from the same seed. No real person can be met:
 * the ID numbers have a region code that does not exist (999…), the phones a prefix that is not
 * given out (100).
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "demo/pool/names.h"
#include "expert-draw/id_number.h"

#define COUNT_MOST 1000000

struct job {
    unsigned long count;
    unsigned long seed;
    const char *out;
    const char *specialties;
};

enum { OPTION_COUNT = 1000, OPTION_SEED, OPTION_OUT, OPTION_SPECIALTIES };

static const struct argp_option options[] = {
    {"count", OPTION_COUNT, "N", 0, "Experts to make (10000)", 0},
    {"seed", OPTION_SEED, "N", 0, "Seed (1)", 0},
    {"out", OPTION_OUT, "FILE", 0, "Pool to write, CSV", 0},
    {"specialties", OPTION_SPECIALTIES, "FILE", 0, "Names of specialties to write, CSV", 0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct job *job = state->input;
    char *end = NULL;
    switch (key) {
    case OPTION_COUNT:
        job->count = strtoul(value, &end, 10);
        if (*end != '\0' || job->count == 0 || job->count > COUNT_MOST)
            argp_error(state, "--count is 1 to %d", COUNT_MOST);
        return 0;
    case OPTION_SEED:
        job->seed = strtoul(value, &end, 10);
        if (*end != '\0')
            argp_error(state, "--seed is a number");
        return 0;
    case OPTION_OUT:
        job->out = value;
        return 0;
    case OPTION_SPECIALTIES:
        job->specialties = value;
        return 0;
    case ARGP_KEY_END:
        if (job->out == NULL)
            argp_error(state, "--out is needed");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static uint32_t below(struct tp_seeded_random *seeded, size_t bound)
{
    return tp_random_below(&seeded->random, (uint32_t)bound);
}

static const char *draw_city(struct tp_seeded_random *seeded)
{
    unsigned sum = 0;
    for (size_t i = 0; i < tp_demo_city_count; i++)
        sum += tp_demo_cities[i].weight;
    unsigned at = below(seeded, sum);
    for (size_t i = 0;; i++) {
        if (at < tp_demo_cities[i].weight)
            return tp_demo_cities[i].name;
        at -= tp_demo_cities[i].weight;
    }
}

static size_t draw_specialty(struct tp_seeded_random *seeded)
{
    unsigned sum = 0;
    for (size_t i = 0; i < tp_demo_specialty_count; i++)
        sum += tp_demo_specialties[i].weight;
    unsigned at = below(seeded, sum);
    for (size_t i = 0;; i++) {
        if (at < tp_demo_specialties[i].weight)
            return i;
        at -= tp_demo_specialties[i].weight;
    }
}

static void write_specialties(struct tp_seeded_random *seeded, FILE *file)
{
    size_t count = 1 + below(seeded, 3);
    bool has[64] = {false};
    for (size_t i = 0; i < count; i++)
        has[draw_specialty(seeded)] = true;
    const char *between = "";
    for (size_t i = 0; i < tp_demo_specialty_count; i++) {
        if (!has[i])
            continue;
        fprintf(file, "%s%s", between, tp_demo_specialties[i].code);
        between = ";";
    }
}

/* The order number runs with the expert's, so that no number comes twice. */
static void write_id_number(struct tp_seeded_random *seeded, unsigned long index, FILE *file)
{
    char digits[32];
    snprintf(digits, sizeof(digits), "999%03lu%04u%02u%02u%03lu", index / 1000 % 1000,
             1955 + below(seeded, 40), 1 + below(seeded, 12), 1 + below(seeded, 28), index % 1000);
    fprintf(file, "%.17s%c", digits, tp_id_number_check_character(digits));
}

static void write_expert(struct tp_seeded_random *seeded, unsigned long index, FILE *file)
{
    const char *city = draw_city(seeded);
    fprintf(file, "E%07lu,%s%s%s,", index + 1,
            tp_demo_surnames[below(seeded, tp_demo_surname_count)],
            tp_demo_given[below(seeded, tp_demo_given_count)],
            below(seeded, 3) == 0 ? "" : tp_demo_given[below(seeded, tp_demo_given_count)]);
    write_id_number(seeded, index, file);
    fprintf(file, ",100%08lu,%s,", index + 1, city);
    write_specialties(seeded, file);
    fprintf(file, ",%s%s%s\n", city, tp_demo_brands[below(seeded, tp_demo_brand_count)],
            tp_demo_trades[below(seeded, tp_demo_trade_count)]);
}

static int close_written(FILE *file, const char *path)
{
    bool failed = ferror(file) != 0;
    failed |= fclose(file) != 0;
    if (failed)
        fprintf(stderr, "tp-demo-pool: cannot write %s\n", path);
    return failed ? 1 : 0;
}

static int write_pool(const struct job *job)
{
    struct tp_seeded_random seeded;
    FILE *file = fopen(job->out, "w");
    if (file == NULL) {
        fprintf(stderr, "tp-demo-pool: cannot write %s\n", job->out);
        return 1;
    }
    tp_seeded_random_init(&seeded, job->seed);
    fprintf(file, "id,name,id_number,phone,city,specialties,employer\n");
    for (unsigned long i = 0; i < job->count; i++)
        write_expert(&seeded, i, file);
    return close_written(file, job->out);
}

static int write_names(const char *path)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        fprintf(stderr, "tp-demo-pool: cannot write %s\n", path);
        return 1;
    }
    fprintf(file, "code,name,parent\n");
    for (size_t i = 0; i < tp_demo_specialty_count; i++)
        fprintf(file, "%s,%s,%s\n", tp_demo_specialties[i].code, tp_demo_specialties[i].name,
                tp_demo_specialties[i].parent);
    return close_written(file, path);
}

int main(int argument_count, char **arguments)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .doc = "Makes up a pool of experts for demonstrations and tests.",
    };
    struct job job = {.count = 10000, .seed = 1};
    argp_err_exit_status = 2;
    argp_parse(&argp, argument_count, arguments, 0, NULL, &job);
    int status = write_pool(&job);
    if (status == 0 && job.specialties != NULL)
        status = write_names(job.specialties);
    return status;
}
