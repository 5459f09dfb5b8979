#include "coordinator/sealing/sealing_module.h"

#include "coordinator/job/job.h"
#include "coordinator/sealing/delivery.h"
#include "coordinator/session/session.h"

static struct tp_status session_changed(struct tp_write *write,
                                        const struct tp_session_change *change,
                                        struct tp_error *error)
{
    if (change->event == TP_EVENT_DRAW_COMPLETE)
        return tp_delivery_begin(write, change->session_id, error);
    if (change->event == TP_EVENT_LEAVE || change->event == TP_EVENT_CANCEL)
        return tp_delivery_void(write, change->session_id, error);
    return TP_STATUS_OK;
}

static struct tp_status session_json(struct tp_app *app, struct tp_db *db, const char *session_id,
                                     const struct tp_user *viewer, json_t *session,
                                     struct tp_error *error)
{
    json_t *delivery = NULL;
    (void)app;
    (void)viewer;
    struct tp_status status = tp_delivery_json(db, session_id, &delivery, error);
    if (tp_failed(status))
        return status;
    if (json_object_set_new(session, "delivery", delivery) != 0)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for a session's delivery");
    return TP_STATUS_OK;
}

/* Two beside each other, so that one slow trading system does not hold up the others. */
static const struct tp_job jobs[] = {
    {"sealing.push", 250, tp_delivery_run},
    {"sealing.push", 250, tp_delivery_run},
};

const struct tp_module tp_sealing_module = {
    .name = "sealing",
    .jobs = jobs,
    .job_count = sizeof(jobs) / sizeof(jobs[0]),
    .start = tp_delivery_recover,
    .session_changed = session_changed,
    .session_json = session_json,
};
