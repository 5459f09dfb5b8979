#include "coordinator/request/venue_write.h"

#include <stdio.h>

#include "coordinator/config/policy.h"
#include "coordinator/session/seats.h"
#include "coordinator/todo/todo.h"

void tp_request_time_rules(const struct tp_app *app, struct tp_time_rules *rules)
{
    const struct tp_policy *policy = app->policy;
    *rules = (struct tp_time_rules){
        .slot_ms = tp_policy_value(policy, TP_RULE_SLOT),
        .longest_ms = tp_policy_value(policy, TP_RULE_LONGEST_SESSION),
        .horizon_ms = tp_policy_value(policy, TP_RULE_BOOKING_HORIZON),
        .overnight = tp_policy_value(policy, TP_RULE_OVERNIGHT) != 0,
        .slot_source = tp_policy_source(policy, TP_RULE_SLOT),
        .longest_source = tp_policy_source(policy, TP_RULE_LONGEST_SESSION),
        .horizon_source = tp_policy_source(policy, TP_RULE_BOOKING_HORIZON),
        .overnight_source = tp_policy_source(policy, TP_RULE_OVERNIGHT),
    };
}

static struct tp_status write_row(struct tp_write *write, const char *session_id,
                                  const struct tp_venue_place *place, int64_t representatives,
                                  struct tp_error *error)
{
    return tp_db_run(
        write->db, error,
        "INSERT INTO session_venues (session_id, position, center_id, center_name, state,"
        " representatives) SELECT $1, $2, c.id, c.name, 'held', $4 FROM centers c WHERE c.id = $3"
        " ON CONFLICT (session_id, position) DO UPDATE SET center_id = excluded.center_id,"
        " center_name = excluded.center_name, state = 'held', refusal = NULL",
        "titi", session_id, (int64_t)place->position, place->center_id, representatives);
}

static struct tp_status write_seats(struct tp_write *write, const char *session_id,
                                    const struct tp_venue_place *place, struct tp_slots slots,
                                    struct tp_error *error)
{
    struct tp_status status = tp_db_run(
        write->db, error, "DELETE FROM session_seats WHERE session_id = $1 AND venue_position = $2",
        "ti", session_id, (int64_t)place->position);
    for (size_t i = 0; tp_ok(status) && i < place->seat_count; i++) {
        const struct tp_seat_view *seat = place->seats[i];
        status = tp_db_run(write->db, error,
                           "INSERT INTO session_seats (session_id, venue_position, position,"
                           " seat_id, seat_name, room_id) VALUES ($1, $2, $3, $4, $5, $6)",
                           "tiittt", session_id, (int64_t)place->position, (int64_t)i, seat->id,
                           seat->name, seat->room_id);
        if (tp_ok(status)) {
            status = tp_session_book_seat(write, session_id, seat->id, slots, error);
        }
    }
    return status;
}

static struct tp_status ask_staff(struct tp_write *write, const char *session_id,
                                  const struct tp_venue_place *place, const char *title,
                                  struct tp_error *error)
{
    char message[TP_SESSION_TITLE_BYTES + 64];
    snprintf(message, sizeof message, "【同评】%s。请登录协调系统及时核对确认。", title);
    const struct tp_todo todo = {.kind = "confirm_venue",
                                 .session_id = session_id,
                                 .title = title,
                                 .center_id = place->center_id,
                                 .sms_text = message};
    return tp_todo_add(write, &todo, error);
}

struct tp_status tp_venue_write(struct tp_write *write, const char *session_id,
                                const struct tp_venue_place *place, int64_t representatives,
                                struct tp_slots slots, const char *title, struct tp_error *error)
{
    struct tp_status status = write_row(write, session_id, place, representatives, error);
    if (tp_ok(status)) {
        status = write_seats(write, session_id, place, slots, error);
    }
    if (tp_ok(status)) {
        status = ask_staff(write, session_id, place, title, error);
    }
    return status;
}

struct tp_status tp_venue_experts_write(struct tp_write *write, const char *session_id,
                                        int position, const struct tp_venue_request *venue,
                                        struct tp_error *error)
{
    struct tp_status status =
        tp_db_run(write->db, error,
                  "DELETE FROM session_experts WHERE session_id = $1 AND venue_position = $2", "ti",
                  session_id, (int64_t)position);
    for (size_t i = 0; tp_ok(status) && i < venue->specialty_count; i++) {
        status = tp_db_run(write->db, error,
                           "INSERT INTO session_experts (session_id, venue_position, position,"
                           " specialty, count) VALUES ($1, $2, $3, $4, $5)",
                           "tiiti", session_id, (int64_t)position, (int64_t)i,
                           venue->experts[i].specialty, venue->experts[i].count);
    }
    return status;
}
