/* tp-draw verify: everything that a transcript says, computed again. */
#include <string.h>

#include "expert-draw/cli.h"
#include "expert-draw/draw_log.h"
#include "expert-draw/replay.h"

/* The plan on paper, when one is given. */
static struct tp_status check_plan(const struct tp_draw_command *command,
                                   const struct tp_replay *replay, struct tp_error *error)
{
    TP_AUTO(tp_plan) struct tp_plan *plan = NULL;
    if (command->plan == NULL)
        return TP_STATUS_OK;
    struct tp_status status = tp_cli_read_plan(command->plan, &plan, error);
    if (tp_failed(status) || memcmp(plan->hash, replay->plan->hash, TP_HASH_BYTES) == 0)
        return status;
    status = tp_fail(error, TP_CRYPTO, "transcript.false", "plan: not the one that is given");
    tp_error_set_field(error, "plan");
    return status;
}

static struct tp_status print_good(const struct tp_draw_command *command,
                                   const struct tp_course *course, struct tp_error *error)
{
    char head[TP_COURSE_TEXT_BYTES];
    tp_course_text(course->head, head);
    if (command->json)
        return tp_cli_print(json_pack("{s:b,s:s,s:i,s:I,s:i,s:s}", "valid", 1, "draw_id",
                                      course->plan->draw_id, "rounds", (int)course->round,
                                      "attempts", (json_int_t)course->attempts, "records",
                                      (int)course->record_count, "head", head),
                            error);
    printf("good: draw %s, %u records, %u rounds, head %s\n", course->plan->draw_id,
           course->record_count, course->round, head);
    return TP_STATUS_OK;
}

static struct tp_status print_false(const struct tp_draw_command *command, struct tp_status status,
                                    const struct tp_error *found)
{
    if (!command->json)
        return status;
    struct tp_status printed =
        tp_cli_print(json_pack("{s:b,s:s,s:s,s:s}", "valid", 0, "false", found->field, "reason",
                               found->message, "code", found->code),
                     NULL);
    return tp_failed(printed) ? printed : status;
}

struct tp_status tp_draw_command_verify(const struct tp_draw_command *command,
                                        struct tp_error *error)
{
    TP_AUTO(tp_transcript) struct tp_transcript transcript = {0};
    TP_AUTO(tp_pool_file) struct tp_pool_file *file = NULL;
    TP_AUTO(tp_replay) struct tp_replay replay = {0};
    const char *path = command->argument_count > 0 ? command->arguments[0] : command->transcript;
    struct tp_status status = tp_cli_need(command->pool, "--pool", error);
    if (tp_ok(status))
        status = tp_cli_need(path, "a transcript", error);
    if (tp_ok(status))
        status = tp_transcript_read(&transcript, path, error);
    if (tp_ok(status))
        status = tp_pool_file_read(command->pool, &file, error);
    if (tp_ok(status))
        status = tp_replay_run(&replay, &transcript, file, error);
    if (tp_ok(status))
        status = check_plan(command, &replay, error);
    if (tp_ok(status) && command->log != NULL)
        status = tp_draw_log_verify(command->log, &transcript, error);
    if (tp_ok(status))
        return print_good(command, &replay.course, error);
    return status.class == TP_CRYPTO ? print_false(command, status, error) : status;
}
