#include "coordinator/app.h"

#include <stdlib.h>

#include "base/http/server.h"
#include "base/log.h"
#include "coordinator/account/account.h"
#include "coordinator/center/center.h"
#include "coordinator/config/config.h"
#include "coordinator/config/policy.h"
#include "coordinator/confirmation/confirmation.h"
#include "coordinator/drawing/drawing_module.h"
#include "coordinator/evaluation/evaluation_module.h"
#include "coordinator/http/events.h"
#include "coordinator/http/frame.h"
#include "coordinator/http/modules.h"
#include "coordinator/job/job.h"
#include "coordinator/link/link_module.h"
#include "coordinator/lot/lot.h"
#include "coordinator/matter/matter_module.h"
#include "coordinator/operations/operations_module.h"
#include "coordinator/request/request.h"
#include "coordinator/schema/schema.h"
#include "coordinator/sealing/sealing_module.h"
#include "coordinator/specialty/specialty.h"
#include "coordinator/todo/todo_module.h"
#include "coordinator/watching/watching_module.h"

/* Every stage of the process; nothing else names them. In this order they are started, told of
 * changes and asked for their part of a session. */
static const struct tp_module *const tp_modules[] = {
    &tp_service_module,    &tp_account_module,      &tp_center_module,  &tp_lot_module,
    &tp_request_module,    &tp_confirmation_module, &tp_session_module, &tp_todo_module,
    &tp_record_module,     &tp_link_module,         &tp_drawing_module, &tp_sealing_module,
    &tp_evaluation_module, &tp_watching_module,     &tp_matter_module,  &tp_operations_module,
    &tp_specialty_module,
};

const struct tp_module *const *tp_app_modules(size_t *count)
{
    *count = sizeof tp_modules / sizeof tp_modules[0];
    return tp_modules;
}

/* The application and what only its wiring needs. */
struct whole {
    struct tp_app app;
    struct tp_config *config;
    struct tp_policy policy;
    struct tp_frame *frame;
    size_t started_count; /* modules */
    bool serving;
};

static struct tp_status read_settings(struct whole *whole, const char *config_path,
                                      struct tp_error *error)
{
    struct tp_status status = tp_config_read(config_path, &whole->config, error);
    if (tp_ok(status)) {
        status = tp_policy_read(whole->config->policy_path, &whole->policy, error);
    }
    whole->app.config = whole->config;
    whole->app.policy = &whole->policy;
    return status;
}

static struct tp_status open_parts(struct whole *whole, struct tp_error *error)
{
    struct tp_app *app = &whole->app;
    struct tp_status status =
        tp_keypair_load_or_make(whole->config->key_path, &app->keypair, error);
    if (tp_ok(status)) {
        status =
            tp_store_open(whole->config->store_url, tp_schema, tp_schema_count, &app->store, error);
    }
    if (tp_ok(status)) {
        status = tp_events_new(&app->events, error);
    }
    if (tp_ok(status)) {
        status = tp_accounts_new(&app->accounts, error);
    }
    if (tp_ok(status)) {
        status = tp_jobs_new(app, &app->jobs, error);
    }
    return status;
}

struct tp_status tp_app_new(const struct tp_app_options *options, struct tp_app **app,
                            struct tp_error *error)
{
    struct whole *whole = calloc(1, sizeof *whole);
    if (whole == NULL) {
        return tp_fail(error, TP_NOMEM, "memory.none", "no memory for the coordinator");
    }
    whole->app.clock = options->clock == NULL ? tp_clock_system() : options->clock;
    whole->app.random = options->random == NULL ? tp_random_system() : options->random;
    whole->app.modules = tp_modules;
    whole->app.module_count = sizeof tp_modules / sizeof tp_modules[0];
    struct tp_status status = tp_crypto_init(error);
    if (tp_ok(status)) {
        status = read_settings(whole, options->config_path, error);
    }
    if (tp_ok(status)) {
        status = open_parts(whole, error);
    }
    if (tp_failed(status)) {
        tp_app_free(&whole->app);
        return status;
    }
    *app = &whole->app;
    return TP_STATUS_OK;
}

static struct tp_status make_server(struct whole *whole, struct tp_error *error)
{
    const struct tp_config *config = whole->config;
    const struct tp_http_server_config server_config = {
        .address = config->address,
        .port = (uint16_t)config->port,
        .certificate_path = config->certificate_path,
        .private_key_path = config->private_key_path,
        .worker_count = (int)config->worker_count,
    };
    return tp_http_server_new(&server_config, &whole->app.server, error);
}

static struct tp_status start_modules(struct whole *whole, struct tp_error *error)
{
    struct tp_app *app = &whole->app;
    struct tp_status status = TP_STATUS_OK;
    while (tp_ok(status) && whole->started_count < app->module_count) {
        const struct tp_module *module = app->modules[whole->started_count];
        if (module->start != NULL) {
            status = module->start(app, error);
        }
        whole->started_count += tp_ok(status);
    }
    return status;
}

static struct tp_status start_jobs(struct tp_app *app, struct tp_error *error)
{
    struct tp_status status = TP_STATUS_OK;
    for (size_t m = 0; tp_ok(status) && m < app->module_count; m++) {
        for (size_t j = 0; tp_ok(status) && j < app->modules[m]->job_count; j++) {
            status = tp_jobs_start(app->jobs, &app->modules[m]->jobs[j], error);
        }
    }
    return status;
}

struct tp_status tp_app_start(struct tp_app *app, struct tp_error *error)
{
    struct whole *whole = (struct whole *)app; /* the first member */
    struct tp_status status = make_server(whole, error);
    if (tp_ok(status)) {
        status = start_modules(whole, error);
    }
    if (tp_ok(status)) {
        status = tp_frame_new(app, &whole->frame, error);
    }
    if (tp_ok(status) && whole->config->web_folder[0] != '\0') {
        status = tp_http_server_files(app->server, "/", whole->config->web_folder, error);
    }
    if (tp_ok(status)) {
        status = tp_http_server_start(app->server, error);
    }
    if (tp_ok(status)) {
        status = start_jobs(app, error);
    }
    return status;
}

void tp_app_free(struct tp_app *app)
{
    if (app == NULL) {
        return;
    }
    struct whole *whole = (struct whole *)app;
    tp_jobs_stop(app->jobs);
    tp_http_server_free(app->server);
    while (whole->started_count > 0) {
        const struct tp_module *module = app->modules[--whole->started_count];
        if (module->stop != NULL) {
            module->stop(app);
        }
    }
    tp_frame_free(whole->frame);
    tp_jobs_free(app->jobs);
    tp_accounts_free(app->accounts);
    tp_events_free(app->events);
    tp_store_free(app->store);
    tp_keypair_free(app->keypair);
    tp_config_free(whole->config);
    free(whole);
}
