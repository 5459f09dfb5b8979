/* What the offline commands share: reading their files and printing their results. */
#ifndef TP_DRAW_CLI_H
#define TP_DRAW_CLI_H

#include "expert-draw/candidates.h"
#include "expert-draw/command.h"
#include "expert-draw/course.h"

/* TP_INPUT "usage" when an option is missing. */
TP_MUST_USE struct tp_status tp_cli_need(const char *value, const char *option,
                                         struct tp_error *error);
TP_MUST_USE struct tp_status tp_cli_read_plan(const char *path, struct tp_plan **plan,
                                              struct tp_error *error);
/* Takes `json` and prints it on a line. */
TP_MUST_USE struct tp_status tp_cli_print(json_t *json, struct tp_error *error);
/* Whether a lawful committee exists; when not, tells the whole reason on standard output (as JSON:
 * {"feasible":false,"reason",…}) and fails with TP_CONFLICT. */
TP_MUST_USE struct tp_status tp_cli_check_feasible(const struct tp_draw_command *command,
                                                   const struct tp_candidates *candidates,
                                                   struct tp_error *error);
/* The committee as it stands. */
TP_MUST_USE struct tp_status tp_cli_print_committee(const struct tp_draw_command *command,
                                                    const struct tp_course *course,
                                                    struct tp_error *error);

#endif
