/* The plan of a draw. Its canonical text is read to the same plan, so that its hash names it. */
#include <stdlib.h>
#include <string.h>

#include "expert-draw/lot.h"
#include "expert-draw/plan.h"
#include "tests/fuzz/fuzz.h"

static void check_plan(const struct tp_plan *plan)
{
    uint64_t needed = 0;
    FUZZ_HOLDS(plan->seat_count >= 1 && plan->seat_count <= TP_LOT_CELL_LIMIT);
    for (size_t i = 0; i < plan->seat_count; i++) {
        needed += plan->seats[i].count;
        FUZZ_HOLDS(plan->seats[i].count >= 1);
        FUZZ_HOLDS(tp_plan_place_text(plan, plan->seats[i].venue) != NULL);
    }
    FUZZ_HOLDS(needed == plan->needed && needed <= TP_LOT_COMMITTEE_LIMIT);
    FUZZ_HOLDS(json_array_size(plan->exclude_ids) <= TP_PLAN_EXCLUDE_LIMIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct tp_fuzz_input input = {data, bytes};
    char *text = tp_fuzz_take_text(&input);
    TP_AUTO(tp_plan) struct tp_plan *plan = NULL;
    TP_AUTO(tp_plan) struct tp_plan *again = NULL;
    struct tp_error error = {0};
    struct tp_status status = tp_plan_parse(text, &plan, &error);
    free(text);
    if (tp_failed(status)) {
        FUZZ_HOLDS(plan == NULL && error.class != TP_NOMEM);
        return 0;
    }
    tp_fuzz_taken_count++;
    check_plan(plan);
    FUZZ_HOLDS(tp_ok(tp_plan_parse((const char *)plan->text.data, &again, NULL)));
    FUZZ_HOLDS(memcmp(plan->hash, again->hash, sizeof(plan->hash)) == 0);
    return 0;
}
