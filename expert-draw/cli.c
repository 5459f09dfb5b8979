#include "expert-draw/cli.h"

#define PLAN_LIMIT_BYTES ((size_t)4 << 20)

struct tp_status tp_cli_need(const char *value, const char *option, struct tp_error *error)
{
    return value != NULL ? TP_STATUS_OK : tp_fail(error, TP_INPUT, "usage", "%s is needed", option);
}

struct tp_status tp_cli_read_plan(const char *path, struct tp_plan **plan, struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    TP_AUTO(tp_json) json_t *body = NULL;
    struct tp_status status = tp_file_read(path, PLAN_LIMIT_BYTES, &text, error);
    if (tp_failed(status))
        return status;
    if (text.length == 0)
        return tp_fail(error, TP_INPUT, "json.malformed", "the plan's file is empty");
    status = tp_json_parse(text.data, text.length, &body, error);
    return tp_ok(status) ? tp_plan_new_offline(body, plan, error) : status;
}

struct tp_status tp_cli_print(json_t *json, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *taken = json;
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    if (taken == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a result");
    struct tp_status status = tp_json_write(taken, &text, error);
    if (tp_ok(status) && (printf("%s\n", (const char *)text.data) < 0 || fflush(stdout) != 0))
        return tp_fail(error, TP_IO, "output.write", "the result cannot be written");
    return status;
}

struct tp_status tp_cli_check_feasible(const struct tp_draw_command *command,
                                       const struct tp_candidates *candidates,
                                       struct tp_error *error)
{
    struct tp_odds_shortage shortage;
    struct tp_status status = tp_odds_check_feasible(&candidates->odds, &shortage, error);
    if (status.class != TP_CONFLICT || !command->json)
        return status;
    struct tp_status printed = tp_cli_print(json_pack("{s:b,s:s,s:s,s:{}}", "feasible", 0, "reason",
                                                      shortage.reason, "committees", "0", "chance"),
                                            error);
    return tp_failed(printed) ? printed : status;
}

static json_t *member(const struct tp_course *course, const struct tp_seated *seated)
{
    char handle[TP_COURSE_HANDLE_BYTES];
    const struct tp_plan_seat *seat = &course->plan->seats[seated->cell];
    tp_course_handle(course, seated->expert, handle);
    return json_pack("{s:s,s:s,s:s,s:s}", "id", course->pool->experts[seated->expert].id, "venue",
                     seat->venue, "specialty", seat->specialty, "handle", handle);
}

static json_t *committee(const struct tp_course *course)
{
    json_t *list = json_array();
    for (size_t c = 0; c < course->plan->seat_count; c++)
        for (size_t i = 0; i < course->drawn_count; i++)
            if (course->drawn[i].seated && course->drawn[i].cell == c)
                json_array_append_new(list, member(course, &course->drawn[i]));
    return list;
}

struct tp_status tp_cli_print_committee(const struct tp_draw_command *command,
                                        const struct tp_course *course, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *list = committee(course);
    if (command->json)
        return tp_cli_print(json_pack("{s:O,s:I,s:i}", "committee", list, "attempts",
                                      (json_int_t)course->attempts, "rounds", (int)course->round),
                            error);
    size_t index;
    json_t *entry;
    json_array_foreach(list, index, entry)
    {
        const char *id = NULL, *venue = NULL, *specialty = NULL, *handle = NULL;
        if (json_unpack(entry, "{s:s,s:s,s:s,s:s}", "id", &id, "venue", &venue, "specialty",
                        &specialty, "handle", &handle) == 0)
            printf("%s\t%s\t%s\t%s\n", id, venue, specialty, handle);
    }
    printf("rounds %u, attempts %llu\n", course->round, (unsigned long long)course->attempts);
    return TP_STATUS_OK;
}
