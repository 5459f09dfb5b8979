#include "coordinator/specialty/specialty.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "coordinator/drawing/draw_client.h"
#include "coordinator/job/job.h"

#define REFRESH_MS (30 * 1000LL)

struct tp_specialties {
    pthread_mutex_t lock;
    json_t *items; /* NULL until tp-draw has answered once */
};

static struct tp_status start(struct tp_app *app, struct tp_error *error)
{
    struct tp_specialties *made = calloc(1, sizeof *made);
    if (made == NULL || pthread_mutex_init(&made->lock, NULL) != 0) {
        free(made);
        return tp_fail(error, TP_NOMEM, "memory.none", "no memory for the specialties");
    }
    app->specialties = made;
    return TP_STATUS_OK;
}

static void stop(struct tp_app *app)
{
    pthread_mutex_destroy(&app->specialties->lock);
    json_decref(app->specialties->items);
    free(app->specialties);
    app->specialties = NULL;
}

static struct tp_status refresh(struct tp_app *app, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *answer = NULL;
    struct tp_status status = tp_draw_client_call(app->draw, "GET", "/v1/specialties", NULL,
                                                  TP_DRAW_CALL_TIMEOUT_MS, &answer, error);
    json_t *items = json_object_get(answer, "specialties");
    if (tp_ok(status) && !json_is_array(items)) {
        status = tp_fail(error, TP_PEER, "draw.malformed_answer", "no list of specialties");
    }
    if (tp_failed(status)) {
        return status;
    }
    struct tp_specialties *specialties = app->specialties;
    pthread_mutex_lock(&specialties->lock);
    json_decref(specialties->items);
    specialties->items = json_incref(items);
    pthread_mutex_unlock(&specialties->lock);
    return TP_STATUS_OK;
}

static const json_t *find_name(const json_t *items, const char *code)
{
    size_t index;
    const json_t *item;
    json_array_foreach(items, index, item)
    {
        const char *of_item = json_string_value(json_object_get(item, "code"));
        if (of_item != NULL && strcmp(of_item, code) == 0) {
            return json_object_get(item, "name");
        }
    }
    return NULL;
}

static void name_experts(const json_t *items, json_t *experts)
{
    size_t index;
    json_t *need;
    json_array_foreach(experts, index, need)
    {
        const char *code = json_string_value(json_object_get(need, "specialty"));
        const json_t *name = code == NULL ? NULL : find_name(items, code);
        if (json_is_string(name)) {
            json_object_set_new(need, "name", json_string(json_string_value(name)));
        }
    }
}

static struct tp_status session_json(struct tp_app *app, struct tp_db *db, const char *session_id,
                                     const struct tp_user *viewer, json_t *session,
                                     struct tp_error *error)
{
    (void)db;
    (void)session_id;
    (void)viewer;
    (void)error;
    struct tp_specialties *specialties = app->specialties;
    if (specialties == NULL) {
        return TP_STATUS_OK;
    }
    pthread_mutex_lock(&specialties->lock);
    size_t index;
    json_t *venue;
    json_array_foreach(json_object_get(session, "venues"), index, venue)
    {
        name_experts(specialties->items, json_object_get(venue, "experts"));
    }
    pthread_mutex_unlock(&specialties->lock);
    return TP_STATUS_OK;
}

static const struct tp_job jobs[] = {
    {"specialty.refresh", REFRESH_MS, refresh},
};

const struct tp_module tp_specialty_module = {
    .name = "specialty",
    .jobs = jobs,
    .job_count = sizeof jobs / sizeof jobs[0],
    .start = start,
    .stop = stop,
    .session_json = session_json,
};
