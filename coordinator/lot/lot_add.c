#include "coordinator/lot/lot_add.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "coordinator/config/config.h"
#include "coordinator/record/record.h"

/* The year 10000: beyond it times do not print. */
#define TIME_MOST_MS 253402300800000LL

static struct tp_status refuse(struct tp_error *error, const char *field, const char *code,
                               const char *message)
{
    struct tp_status status = tp_fail(error, TP_INPUT, code, "%s", message);
    tp_error_set_field(error, "%s", field);
    return status;
}

static bool good_code(const char *code)
{
    for (const char *at = code; *at != '\0'; at++) {
        if ((unsigned char)*at <= ' ' || *at == 0x7f) {
            return false;
        }
    }
    return code[0] != '\0' && strlen(code) < TP_NAME_BYTES;
}

static struct tp_status check(struct tp_app *app, const struct tp_new_lot *lot, bool remote,
                              struct tp_error *error)
{
    if (!good_code(lot->code)) {
        return refuse(error, "code", "lot.bad_code", "1 to 64 bytes without spaces");
    }
    if (lot->from_trading && !good_code(lot->agency_code)) {
        return refuse(error, "agency_code", "lot.bad_code", "1 to 64 bytes without spaces");
    }
    if (tp_config_trading_system(app->config, lot->trading_system_id) == NULL) {
        return refuse(error, "trading_system_id", "lot.unknown_trading_system",
                      "there is no such trading system");
    }
    if (!remote) {
        return refuse(error, "remote", "lot.not_remote", "only remote lots are coordinated here");
    }
    return TP_STATUS_OK;
}

struct tp_status tp_new_lot_read(struct tp_app *app, const json_t *body, struct tp_new_lot *lot,
                                 struct tp_error *error)
{
    bool remote = true;
    const struct tp_json_field fields[] = {
        {"code", TP_JSON_TEXT, &lot->code, false, 1, 64},
        {"name", TP_JSON_TEXT, &lot->name, false, 1, 150},
        {"project_code", TP_JSON_TEXT, &lot->project_code, false, 1, 64},
        {"industry", TP_JSON_TEXT, &lot->industry, false, 1, 64},
        {"trading_system_id", TP_JSON_TEXT, &lot->trading_system_id, false, 1, 64},
        {"bid_deadline_at", TP_JSON_INT, &lot->bid_deadline_at_ms, false, 1, TIME_MOST_MS},
        {"agency_code", TP_JSON_TEXT, &lot->agency_code, false, 1, 64},
        {"remote", TP_JSON_BOOL, &remote, false, 0, 0},
    };
    size_t count = sizeof fields / sizeof fields[0] - (lot->from_trading ? 0 : 2);
    struct tp_status status = tp_json_read(body, NULL, fields, count, error);
    return tp_ok(status) ? check(app, lot, remote, error) : status;
}

static struct tp_status find_equal(struct tp_db *db, const struct tp_new_lot *lot,
                                   char id[TP_ID_BYTES], bool *found, struct tp_error *error)
{
    struct tp_query *query = NULL;
    struct tp_status status =
        tp_db_query(db, &query, error,
                    "SELECT id, name = $2 AND project_code = $3 AND industry = $4 AND"
                    " agency_code = $5 AND trading_system_id = $6 AND bid_deadline_at = $7"
                    " FROM lots WHERE code = $1",
                    "tttttti", lot->code, lot->name, lot->project_code, lot->industry,
                    lot->agency_code, lot->trading_system_id, lot->bid_deadline_at_ms);
    *found = false;
    if (tp_ok(status)) {
        status = tp_query_next(query, found, error);
    }
    if (tp_ok(status) && *found) {
        if (tp_query_int(query, 1) == 0) {
            status = tp_fail(error, TP_CONFLICT, "lot.code_taken",
                             "another lot of this code is registered");
            tp_error_set_field(error, "code");
        } else {
            snprintf(id, TP_ID_BYTES, "%s", tp_query_text(query, 0));
        }
    }
    tp_query_end(query);
    return status;
}

static struct tp_status insert(struct tp_write *write, const struct tp_new_lot *lot,
                               const char *actor, const char *id, struct tp_error *error)
{
    struct tp_status status = tp_db_run(
        write->db, error,
        "INSERT INTO lots (id, code, name, project_code, industry, agency_code, trading_system_id,"
        " bid_deadline_at, remote, source, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10)",
        "ttttttti"
        "ti",
        id, lot->code, lot->name, lot->project_code, lot->industry, lot->agency_code,
        lot->trading_system_id, lot->bid_deadline_at_ms, lot->from_trading ? "trading" : "hand",
        write->now_ms);
    if (tp_ok(status)) {
        json_t *data =
            json_pack("{s:s, s:s, s:s, s:s}", "lot_id", id, "code", lot->code, "trading_system_id",
                      lot->trading_system_id, "source", lot->from_trading ? "trading" : "hand");
        status = tp_record_append(write, actor, "lot.add", NULL, data, error);
        json_decref(data);
    }
    return status;
}

struct tp_status tp_new_lot_write(struct tp_write *write, const struct tp_new_lot *lot,
                                  const char *actor, char id[TP_ID_BYTES], bool *made,
                                  struct tp_error *error)
{
    bool found = false;
    struct tp_status status = find_equal(write->db, lot, id, &found, error);
    *made = tp_ok(status) && !found;
    if (*made) {
        tp_id_make(write->app->random, write->now_ms, "lot", id);
        status = insert(write, lot, actor, id, error);
    }
    return status;
}
