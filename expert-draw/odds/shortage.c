#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "expert-draw/odds/odds_internal.h"

/* A text that is cut at a character's end when it is full. */
struct text {
    char *bytes;
    size_t room;
    size_t used;
};

static void add(struct text *text, const char *format, ...) TP_PRINTF(2, 3);

static void add(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t left = text->room - text->used;
    int length = vsnprintf(text->bytes + text->used, left, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    if ((size_t)length < left) {
        text->used += (size_t)length;
        return;
    }
    /* Full: give up the last character if it was cut in two. */
    size_t end = text->room - 1;
    size_t start = end;
    while (start > 0 && ((unsigned char)text->bytes[start - 1] & 0xC0) == 0x80)
        start--;
    size_t following = end - start;
    unsigned char lead = start > 0 ? (unsigned char)text->bytes[start - 1] : 0;
    size_t wanted = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    text->used = following < wanted ? start - 1 : end;
    text->bytes[text->used] = '\0';
    text->room = text->used + 1;
}

/* The problem with the needs of a set of cells only. */
static struct tp_status try_only(const struct tp_problem *problem, tp_cell_set cells,
                                 struct tp_filling *filling, struct tp_error *error)
{
    TP_AUTO(tp_problem) struct tp_problem *only = tp_problem_copy(problem);
    if (only == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a plan's odds");
    for (size_t c = 0; c < only->open_count; c++)
        only->needed[c] = tp_cell_set_has(cells, c) ? only->needed[c] : 0;
    return tp_filling_find(only, filling, error);
}

/* A single cell that is short alone if there is one, else a set none of which can be spared. */
static struct tp_status narrow(const struct tp_problem *problem, struct tp_filling *filling,
                               struct tp_error *error)
{
    for (size_t c = 0; c < problem->open_count; c++) {
        struct tp_filling single;
        struct tp_status status = try_only(problem, tp_cell_bit(c), &single, error);
        if (tp_failed(status))
            return status;
        if (single.full)
            continue;
        *filling = single;
        return TP_STATUS_OK;
    }
    for (size_t c = 0; c < problem->open_count; c++) {
        if (!tp_cell_set_has(filling->short_cells, c))
            continue;
        struct tp_filling fewer;
        tp_cell_set cells = filling->short_cells & ~tp_cell_bit(c);
        struct tp_status status = try_only(problem, cells, &fewer, error);
        if (tp_failed(status))
            return status;
        if (!fewer.full)
            *filling = fewer;
    }
    return TP_STATUS_OK;
}

static bool is_empty(const char *text)
{
    return text == NULL || text[0] == '\0';
}

static void add_cells(struct text *text, const struct tp_odds_plan *plan,
                      const struct tp_odds_shortage *shortage)
{
    for (size_t i = 0; i < shortage->cell_count; i++) {
        const struct tp_odds_cell *cell = &plan->cells[shortage->cells[i]];
        add(text, "%s", i > 0 ? ", " : "");
        if (is_empty(cell->specialty))
            add(text, "seats[%zu]", shortage->cells[i]);
        else
            add(text, "specialty %s", cell->specialty);
        if (!is_empty(cell->venue))
            add(text, " at %s", cell->venue);
    }
    add(text, shortage->cell_count > 1 ? " together: " : ": ");
}

static void add_exclusions(struct text *text, const struct tp_odds_plan *plan,
                           const struct tp_odds_shortage *shortage)
{
    for (size_t i = 0; i < shortage->cell_count; i++) {
        const struct tp_odds_cell *cell = &plan->cells[shortage->cells[i]];
        for (size_t e = 0; e < cell->exclusion_count; e++) {
            if (cell->exclusions[e].count == 0)
                continue;
            add(text, "; %zu were excluded", cell->exclusions[e].count);
            if (shortage->cell_count > 1 && !is_empty(cell->specialty))
                add(text, " from %s", cell->specialty);
            add(text, ": %s", cell->exclusions[e].ground);
        }
    }
}

static void write_reason(const struct tp_odds_plan *plan, struct tp_odds_shortage *shortage)
{
    struct text text = {.bytes = shortage->reason, .room = sizeof(shortage->reason)};
    add_cells(&text, plan, shortage);
    add(&text, "%u needed, %zu eligible", shortage->needed, shortage->eligible);
    if (shortage->eligible >= shortage->needed)
        add(&text, ", but at most %u of them may sit", shortage->fillable);
    if (shortage->eligible >= shortage->needed && shortage->capped > 0)
        add(&text,
            ": %zu are with %zu employer%s, of which at most %u each may be on the committee",
            shortage->capped_eligible, shortage->capped, shortage->capped == 1 ? "" : "s",
            plan->max_per_employer);
    add_exclusions(&text, plan, shortage);
}

struct tp_status tp_odds_check_feasible(const struct tp_odds_plan *plan,
                                        struct tp_odds_shortage *shortage, struct tp_error *error)
{
    memset(shortage, 0, sizeof(*shortage));
    TP_AUTO(tp_problem) struct tp_problem *problem = NULL;
    struct tp_filling filling;
    struct tp_status status = tp_problem_new(plan, &problem, error);
    if (tp_ok(status))
        status = tp_filling_find(problem, &filling, error);
    if (tp_failed(status) || filling.full)
        return status;
    status = narrow(problem, &filling, error);
    if (tp_failed(status))
        return status;
    for (size_t c = 0; c < problem->open_count; c++) {
        if (tp_cell_set_has(filling.short_cells, c))
            shortage->cells[shortage->cell_count++] = problem->plan_cell[c];
    }
    shortage->needed = filling.needed;
    shortage->fillable = filling.fillable;
    shortage->eligible = (size_t)filling.eligible;
    shortage->capped = filling.eligible >= filling.needed ? filling.capped : 0;
    shortage->capped_eligible = shortage->capped > 0 ? (size_t)filling.capped_eligible : 0;
    write_reason(plan, shortage);
    status = tp_fail(error, TP_CONFLICT, "draw.infeasible", "%s", shortage->reason);
    tp_error_set_field(error, "seats[%zu]", shortage->cells[0]);
    return status;
}
