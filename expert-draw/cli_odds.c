/* tp-draw odds: what a plan means before anything is drawn. */
#include "expert-draw/cli.h"
#include "expert-draw/pool_file.h"

static json_t *chances(const struct tp_pool *pool, const struct tp_odds *odds)
{
    json_t *object = json_object();
    for (size_t i = 0; i < pool->count; i++)
        json_object_set_new(object, pool->experts[i].id,
                            json_real(tp_odds_chance(odds, (uint32_t)i)));
    return object;
}

static struct tp_status print_odds(const struct tp_draw_command *command,
                                   const struct tp_pool *pool, const struct tp_odds *odds,
                                   struct tp_error *error)
{
    double smallest, largest;
    TP_AUTO_FREE char *committees = tp_odds_committees(odds);
    if (committees == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for the odds");
    tp_odds_chance_range(odds, &smallest, &largest);
    if (command->json)
        return tp_cli_print(json_pack("{s:b,s:n,s:s,s:o,s:f,s:f,s:f}", "feasible", 1, "reason",
                                      "committees", committees, "chance", chances(pool, odds),
                                      "smallest_chance", smallest, "largest_chance", largest,
                                      "acceptance", tp_odds_acceptance(odds)),
                            error);
    printf("lawful committees %s\nchance from %.6g to %.6g\n", committees, smallest, largest);
    for (size_t i = 0; i < pool->count; i++)
        if (tp_odds_chance(odds, (uint32_t)i) > 0)
            printf("%s\t%.17g\n", pool->experts[i].id, tp_odds_chance(odds, (uint32_t)i));
    return TP_STATUS_OK;
}

struct tp_status tp_draw_command_odds(const struct tp_draw_command *command, struct tp_error *error)
{
    static const uint8_t no_salt[TP_POOL_SALT_KEY_BYTES]; /* the odds do not depend on leaves */
    TP_AUTO(tp_plan) struct tp_plan *plan = NULL;
    TP_AUTO(tp_pool_file) struct tp_pool_file *file = NULL;
    TP_AUTO(tp_pool) struct tp_pool *pool = NULL;
    TP_AUTO(tp_candidates) struct tp_candidates candidates = {0};
    TP_AUTO(tp_odds) struct tp_odds *odds = NULL;
    struct tp_status status = tp_cli_need(command->pool, "--pool", error);
    if (tp_ok(status))
        status = tp_cli_need(command->plan, "--plan", error);
    if (tp_ok(status))
        status = tp_cli_read_plan(command->plan, &plan, error);
    if (tp_ok(status))
        status = tp_pool_file_read(command->pool, &file, error);
    if (tp_ok(status))
        status = tp_pool_file_pool(file, no_salt, &pool, error);
    if (tp_ok(status))
        status = tp_candidates_init(&candidates, plan, pool, NULL, 0, error);
    if (tp_ok(status))
        status = tp_cli_check_feasible(command, &candidates, error);
    if (tp_ok(status))
        status = tp_odds_new(&candidates.odds, NULL, &odds, error);
    return tp_ok(status) ? print_odds(command, pool, odds, error) : status;
}
