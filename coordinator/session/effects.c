#include "coordinator/session/effects.h"

#include <stdio.h>

#include "coordinator/config/policy.h"
#include "coordinator/domain/slots.h"
#include "coordinator/session/seats.h"
#include "coordinator/todo/todo.h"

struct request {
    unsigned effect;
    const char *kind;
    const char *title;  /* before the lot's name */
    bool to_main_venue; /* otherwise to the agency */
};

static const struct request requests[] = {
    {TP_EFFECT_ASK_CHOICE, "choose_venues", "重新选择评标场地：", false},
    {TP_EFFECT_ASK_DRAW, "open_draw", "各场地已确认，可开始组建评标委员会：", false},
    {TP_EFFECT_ASK_ENTRY, "open_entry", "专家名单已送达，请按时开放入场：", true},
};

struct closing {
    unsigned effect;
    const char *kind;
};

static const struct closing closings[] = {
    {TP_EFFECT_CLOSE_CHOICE, "choose_venues"},
    {TP_EFFECT_CLOSE_DRAW, "open_draw"},
    {TP_EFFECT_CLOSE_ENTRY, "open_entry"},
    {TP_EFFECT_CLOSE_ALL, NULL},
};

static struct tp_status ask(struct tp_write *write, const struct tp_session_row *row,
                            const struct request *request, struct tp_error *error)
{
    char title[TP_SESSION_TITLE_BYTES];
    struct tp_status status =
        tp_session_title(write->db, row->lot_id, request->title, title, error);
    if (tp_failed(status)) {
        return status;
    }
    char message[TP_SESSION_TITLE_BYTES + 64];
    snprintf(message, sizeof message, "【同评】%s。请登录协调系统办理。", title);
    const struct tp_todo todo = {
        .kind = request->kind,
        .session_id = row->id,
        .title = title,
        .center_id = request->to_main_venue ? row->main_center_id : NULL,
        .agency_code = request->to_main_venue ? NULL : row->agency_code,
        .sms_text = message,
    };
    return tp_todo_add(write, &todo, error);
}

struct tp_status tp_session_effects(struct tp_write *write, const struct tp_session_row *row,
                                    unsigned effects, struct tp_error *error)
{
    struct tp_status status = TP_STATUS_OK;
    if ((effects & TP_EFFECT_FREE_SEATS) != 0) {
        status = tp_session_free_seats(write, row, TP_ALL_VENUES, error);
    }
    for (size_t i = 0; tp_ok(status) && i < sizeof closings / sizeof closings[0]; i++) {
        if ((effects & closings[i].effect) != 0) {
            status = tp_todo_done(write, closings[i].kind, row->id, NULL, NULL, error);
        }
    }
    for (size_t i = 0; tp_ok(status) && i < sizeof requests / sizeof requests[0]; i++) {
        if ((effects & requests[i].effect) != 0) {
            status = ask(write, row, &requests[i], error);
        }
    }
    return status;
}
