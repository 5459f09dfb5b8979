/* tp-draw run and tp-draw substitute: a draw offline, and its next round. */
#include <string.h>

#include "expert-draw/cli.h"
#include "expert-draw/draw_log.h"
#include "expert-draw/parties.h"
#include "expert-draw/replay.h"

/* Adds the record that `body` makes to transcript and log. Takes `body`. */
static struct tp_status add_record(const struct tp_draw_command *command, struct tp_course *course,
                                   struct tp_transcript *transcript,
                                   const struct tp_parties *parties, const char *kind, json_t *body,
                                   struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    struct tp_status status = tp_course_append(course, kind, body, &text, error);
    if (tp_ok(status))
        status = tp_transcript_add(transcript, parties->keeper, &text, error);
    if (tp_ok(status) && command->log != NULL)
        status = tp_draw_log_append(command->log, course, error);
    return status;
}

static struct tp_status add_round(const struct tp_draw_command *command, struct tp_course *course,
                                  struct tp_transcript *transcript,
                                  const struct tp_parties *parties, struct tp_error *error)
{
    json_t *body = NULL;
    struct tp_status status = tp_parties_round(parties, course, &body, error);
    return tp_ok(status) ? add_record(command, course, transcript, parties, "round", body, error)
                         : status;
}

static struct tp_status check_vacancies(const struct tp_draw_command *command,
                                        const struct tp_course *course, struct tp_error *error)
{
    TP_AUTO(tp_candidates) struct tp_candidates candidates = {0};
    struct tp_status status = tp_candidates_init(&candidates, course->plan, course->pool,
                                                 course->drawn, course->drawn_count, error);
    return tp_ok(status) ? tp_cli_check_feasible(command, &candidates, error) : status;
}

static struct tp_status begin(struct tp_course *course, const struct tp_parties *parties,
                              const struct tp_pool_file *file, struct tp_pool **pool,
                              struct tp_error *error)
{
    struct tp_status status =
        tp_parties_opening(parties, course->plan->draw_id, &course->opening, error);
    if (tp_ok(status))
        status = tp_pool_file_pool(file, course->opening.salt_key, pool, error);
    if (tp_failed(status))
        return status;
    course->pool = *pool;
    tp_pool_file_mac(file, course->opening.salt_key, course->pool_file);
    memcpy(course->sign_public, parties->keeper->sign_public, TP_SIGN_PUBLIC_BYTES);
    course->party_count = parties->count;
    for (size_t i = 0; i < parties->count; i++)
        memcpy(course->parties[i], tp_vrf_key_public(parties->keys[i]), TP_VRF_PUBLIC_BYTES);
    return status;
}

static struct tp_status draw(const struct tp_draw_command *command, struct tp_course *course,
                             const struct tp_parties *parties, struct tp_error *error)
{
    TP_AUTO(tp_transcript) struct tp_transcript transcript = {0};
    json_t *body = NULL;
    struct tp_status status = check_vacancies(command, course, error);
    if (tp_ok(status) && command->log != NULL)
        status = tp_draw_log_check_new(command->log, course->plan->draw_id, error);
    if (tp_ok(status))
        status = tp_transcript_init(&transcript, course, error);
    if (tp_ok(status))
        status = tp_course_commit(course, &body, error);
    if (tp_ok(status))
        status = add_record(command, course, &transcript, parties, "commit", body, error);
    if (tp_ok(status))
        status = add_round(command, course, &transcript, parties, error);
    if (tp_ok(status))
        status = tp_transcript_write(&transcript, command->out, error);
    return tp_ok(status) ? tp_cli_print_committee(command, course, error) : status;
}

static struct tp_status need_all(const struct tp_draw_command *command, const char *what,
                                 const char *value, struct tp_error *error)
{
    struct tp_status status = tp_cli_need(command->pool, "--pool", error);
    if (tp_ok(status))
        status = tp_cli_need(value, what, error);
    return tp_ok(status) ? tp_cli_need(command->out, "--out", error) : status;
}

struct tp_status tp_draw_command_run(const struct tp_draw_command *command, struct tp_error *error)
{
    TP_AUTO(tp_plan) struct tp_plan *plan = NULL;
    TP_AUTO(tp_parties) struct tp_parties parties = {0};
    TP_AUTO(tp_pool_file) struct tp_pool_file *file = NULL;
    TP_AUTO(tp_pool) struct tp_pool *pool = NULL;
    TP_AUTO(tp_course) struct tp_course course = {0};
    struct tp_status status = need_all(command, "--plan", command->plan, error);
    if (tp_ok(status))
        status = tp_cli_read_plan(command->plan, &plan, error);
    if (tp_ok(status))
        status = tp_parties_load(&parties, command->keys, command->key_count, error);
    if (tp_ok(status))
        status = tp_pool_file_read(command->pool, &file, error);
    course.plan = plan;
    if (tp_ok(status))
        status = begin(&course, &parties, file, &pool, error);
    return tp_ok(status) ? draw(command, &course, &parties, error) : status;
}

/* The same parties must go on, in their order. */
static struct tp_status check_parties(const struct tp_course *course,
                                      const struct tp_parties *parties, struct tp_error *error)
{
    bool same =
        course->party_count == parties->count &&
        memcmp(course->sign_public, parties->keeper->sign_public, TP_SIGN_PUBLIC_BYTES) == 0;
    for (size_t i = 0; same && i < parties->count; i++)
        same = memcmp(course->parties[i], tp_vrf_key_public(parties->keys[i]),
                      TP_VRF_PUBLIC_BYTES) == 0;
    return same ? TP_STATUS_OK
                : tp_fail(error, TP_INPUT, "key.other_parties",
                          "the keys are not those of the transcript's parties, in their order");
}

static size_t decline_count(const struct tp_draw_command *command)
{
    return command->decline_count + (size_t)command->argument_count;
}

static const char *declined(const struct tp_draw_command *command, size_t index)
{
    return index < command->decline_count ? command->declines[index]
                                          : command->arguments[index - command->decline_count];
}

/* Whether substitutes exist, before anything is written to the log. */
static struct tp_status check_declines(const struct tp_draw_command *command,
                                       const struct tp_course *course, struct tp_error *error)
{
    struct tp_course ahead = *course;
    TP_AUTO_FREE struct tp_seated *drawn = calloc(course->drawn_count + 1, sizeof(*drawn));
    if (drawn == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a draw");
    memcpy(drawn, course->drawn, course->drawn_count * sizeof(*drawn));
    ahead.drawn = drawn;
    struct tp_status status = TP_STATUS_OK;
    if (decline_count(command) == 0)
        return tp_fail(error, TP_INPUT, "usage", "--decline is needed");
    for (size_t i = 0; i < decline_count(command) && tp_ok(status); i++) {
        TP_AUTO(tp_json) json_t *body = NULL;
        status = tp_course_decline(&ahead, declined(command, i), &body, error);
    }
    return tp_ok(status) ? check_vacancies(command, &ahead, error) : status;
}

static struct tp_status decline_all(const struct tp_draw_command *command, struct tp_course *course,
                                    struct tp_transcript *transcript,
                                    const struct tp_parties *parties, struct tp_error *error)
{
    struct tp_status status = TP_STATUS_OK;
    for (size_t i = 0; i < decline_count(command) && tp_ok(status); i++) {
        json_t *body = NULL;
        status = tp_course_decline(course, declined(command, i), &body, error);
        if (tp_ok(status))
            status = add_record(command, course, transcript, parties, "reply", body, error);
    }
    return status;
}

static struct tp_status go_on(const struct tp_draw_command *command, struct tp_course *course,
                              struct tp_transcript *transcript, const struct tp_parties *parties,
                              struct tp_error *error)
{
    struct tp_status status = check_parties(course, parties, error);
    if (tp_ok(status))
        status = check_declines(command, course, error);
    if (tp_ok(status))
        status = decline_all(command, course, transcript, parties, error);
    if (tp_ok(status))
        status = add_round(command, course, transcript, parties, error);
    if (tp_ok(status))
        status = tp_transcript_write(transcript, command->out, error);
    return tp_ok(status) ? tp_cli_print_committee(command, course, error) : status;
}

struct tp_status tp_draw_command_substitute(const struct tp_draw_command *command,
                                            struct tp_error *error)
{
    TP_AUTO(tp_transcript) struct tp_transcript transcript = {0};
    TP_AUTO(tp_parties) struct tp_parties parties = {0};
    TP_AUTO(tp_pool_file) struct tp_pool_file *file = NULL;
    TP_AUTO(tp_replay) struct tp_replay replay = {0};
    struct tp_status status = need_all(command, "--transcript", command->transcript, error);
    if (tp_ok(status))
        status = tp_transcript_read(&transcript, command->transcript, error);
    if (tp_ok(status))
        status = tp_parties_load(&parties, command->keys, command->key_count, error);
    if (tp_ok(status))
        status = tp_pool_file_read(command->pool, &file, error);
    if (tp_ok(status))
        status = tp_replay_run(&replay, &transcript, file, error);
    if (tp_ok(status) && command->log != NULL)
        status = tp_draw_log_verify(command->log, &transcript, error);
    return tp_ok(status) ? go_on(command, &replay.course, &transcript, &parties, error) : status;
}
