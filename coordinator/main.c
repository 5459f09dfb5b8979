/*
 * tp-coordinator: the one place where sessions live.
 *
 *   tp-coordinator --config FILE                serves until SIGTERM
 *   tp-coordinator --config FILE --setup USERS  makes the first accounts
 *   tp-coordinator --config FILE --check-log    recomputes the whole log
 *   tp-coordinator --print-states               the states of a session as a diagram
 *   tp-coordinator --print-routes               method and path of every call of the API
 */
#include <argp.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/http/server.h"
#include "base/log.h"
#include "coordinator/account/account.h"
#include "coordinator/app.h"
#include "coordinator/domain/session_state.h"
#include "coordinator/http/route.h"
#include "coordinator/record/record.h"

const char *argp_program_version = "tp-coordinator 0.1.0";

struct arguments {
    const char *config_path;
    const char *setup_path;
    bool check_log;
    bool print_states;
    bool print_routes;
};

static const struct argp_option options[] = {
    {"config", 'c', "FILE", 0, "the configuration (coordinator.ini)", 0},
    {"setup", 's', "USERS", 0, "make the first accounts from an INI file and end", 0},
    {"check-log", 'l', NULL, 0, "recompute the whole log and end", 0},
    {"print-states", 'p', NULL, 0, "print the states of a session as a mermaid diagram", 0},
    {"print-routes", 'r', NULL, 0, "print method and path of every call of the API", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case 'c':
        arguments->config_path = argument;
        return 0;
    case 's':
        arguments->setup_path = argument;
        return 0;
    case 'l':
        arguments->check_log = true;
        return 0;
    case 'p':
        arguments->print_states = true;
        return 0;
    case 'r':
        arguments->print_routes = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_usage(state);
        return 0;
    case ARGP_KEY_END:
        if (arguments->config_path == NULL && !arguments->print_states &&
            !arguments->print_routes) {
            argp_error(state, "--config is needed");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {options, parse, NULL, "Coordinates remote evaluations of bids.",
                                 NULL,    NULL,  NULL};

static int print_states(void)
{
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    tp_session_print_mermaid(&text);
    if (tp_failed(tp_bytes_check(&text, NULL))) {
        return 1;
    }
    fputs((const char *)text.data, stdout);
    return 0;
}

static int print_routes(void)
{
    static const char *const methods[] = {[TP_HTTP_GET] = "GET",
                                          [TP_HTTP_POST] = "POST",
                                          [TP_HTTP_PUT] = "PUT",
                                          [TP_HTTP_PATCH] = "PATCH",
                                          [TP_HTTP_DELETE] = "DELETE"};
    size_t count = 0;
    const struct tp_module *const *modules = tp_app_modules(&count);
    for (size_t m = 0; m < count; m++) {
        for (size_t r = 0; r < modules[m]->route_count; r++) {
            const struct tp_route *route = &modules[m]->routes[r];
            printf("%s %s\n", methods[route->method], route->path);
        }
    }
    return 0;
}

static struct tp_status verify(struct tp_db *db, void *argument, struct tp_error *error)
{
    return tp_record_verify(db, argument, error);
}

static struct tp_status check_log(struct tp_app *app, struct tp_error *error)
{
    struct tp_record_head head = {0};
    struct tp_status status = tp_store_read(app->store, verify, &head, error);
    char hash[2 * TP_HASH_BYTES + 1];
    tp_hex_encode(head.hash, sizeof head.hash, hash);
    printf("%s n=%" PRId64 " hash=%s\n", tp_ok(status) ? "log holds" : "log broken after", head.n,
           hash);
    return status;
}

/* Waits for SIGTERM or SIGINT, which every thread has blocked. */
static struct tp_status serve(struct tp_app *app, const sigset_t *signals, struct tp_error *error)
{
    struct tp_status status = tp_app_start(app, error);
    if (tp_failed(status)) {
        return status;
    }
    printf("ready port=%u\n", (unsigned)tp_http_server_port(app->server));
    fflush(stdout);
    int signal_number = 0;
    sigwait(signals, &signal_number);
    tp_log(TP_LOG_INFO, "coordinator.ending", "signal=%d", signal_number);
    return TP_STATUS_OK;
}

static struct tp_status run(const struct arguments *arguments, const sigset_t *signals,
                            struct tp_error *error)
{
    const struct tp_app_options app_options = {.config_path = arguments->config_path};
    struct tp_app *app = NULL;
    struct tp_status status = tp_app_new(&app_options, &app, error);
    if (tp_failed(status)) {
        return status;
    }
    if (arguments->setup_path != NULL) {
        status = tp_accounts_set_up(app, arguments->setup_path, error);
    } else if (arguments->check_log) {
        status = check_log(app, error);
    } else {
        status = serve(app, signals, error);
    }
    tp_app_free(app);
    return status;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    if (arguments.print_states) {
        return print_states();
    }
    if (arguments.print_routes) {
        return print_routes();
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct tp_error error;
    tp_error_clear(&error);
    if (tp_failed(run(&arguments, &signals, &error))) {
        tp_log_error(TP_LOG_ERROR, "coordinator.failed", &error);
        return 1;
    }
    return 0;
}
