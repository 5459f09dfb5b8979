/*
 * The coordinator's parts as one value, and the module: how a stage (request/, drawing/, link/,
 * ...) is hooked into the process. app.c is the only wiring: it holds the list of modules, nothing
 * else names them. Stages include this header and see of each other only what their own headers
 * show.
 *
 * To add a stage: define one `const struct tp_module tp_NAME_module`, add it to tp_modules in app.c
 * and its migrations as the next numbered file in coordinator/schema/.
 */
#ifndef TP_COORDINATOR_APP_H
#define TP_COORDINATOR_APP_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/random.h"
#include "base/store/store.h"

struct tp_config;         /* config/config.h */
struct tp_policy;         /* config/policy.h */
struct tp_http_server;    /* base/http/server.h */
struct tp_events;         /* http/events.h */
struct tp_jobs;           /* job/job.h */
struct tp_accounts;       /* account/account.h */
struct tp_draw_client;    /* drawing/ */
struct tp_link_server;    /* link/ */
struct tp_specialties;    /* specialty/ */
struct tp_login_queue;    /* evaluation/ */
struct tp_relay;          /* watching/ */
struct tp_route;          /* http/route.h */
struct tp_job;            /* job/job.h */
struct tp_write;          /* record/write.h */
struct tp_session_change; /* session/session.h */
struct tp_session_facts;  /* domain/session_state.h */
struct tp_user;           /* account/user.h */

struct tp_app {
    const struct tp_clock *clock;
    const struct tp_random *random;
    const struct tp_config *config;
    const struct tp_policy *policy;
    struct tp_keypair *keypair;
    struct tp_store *store;
    struct tp_http_server *server;
    struct tp_events *events;
    struct tp_jobs *jobs;
    struct tp_accounts *accounts;
    const struct tp_module *const *modules;
    size_t module_count;
    /* Set by the modules that own them, in their `start`. NULL before. */
    struct tp_draw_client *draw;
    struct tp_link_server *link;
    struct tp_specialties *specialties;
    struct tp_login_queue *logins;
    struct tp_relay *relay;
};

/*
 * What a stage brings. Every pointer may be NULL. All of it lives as long as the process.
 */
struct tp_module {
    const char *name;
    const struct tp_route *routes;
    size_t route_count;
    const struct tp_job *jobs;
    size_t job_count;

    /* After the store is open and before the port listens: make clients, add WebSocket patterns to
     * app->server, read own configuration. In the order of tp_modules. */
    struct tp_status (*start)(struct tp_app *app, struct tp_error *error);
    /* After the port is closed and the jobs have ended, in reverse order. */
    void (*stop)(struct tp_app *app);

    /* In the transaction of every session transition, after the state is written: put messages
     * into the link's outbox, give orders to the own stage. A failure undoes the whole act. */
    struct tp_status (*session_changed)(struct tp_write *write,
                                        const struct tp_session_change *change,
                                        struct tp_error *error);
    /* Before the guards of a transition are asked: adds what this stage alone knows. */
    struct tp_status (*session_facts)(struct tp_app *app, struct tp_db *db, const char *session_id,
                                      struct tp_session_facts *facts, struct tp_error *error);
    /* Adds this stage's fields to the JSON of a session (sessions' "draw", "delivery", "entry", the
     * "expert" of its seats). `viewer` may see the session; hide here what its role may not. */
    struct tp_status (*session_json)(struct tp_app *app, struct tp_db *db, const char *session_id,
                                     const struct tp_user *viewer, json_t *session,
                                     struct tp_error *error);
    /* A login ended (logout, expiry, account closed). Not in a transaction; must not block long. */
    void (*login_ended)(struct tp_app *app, const char *user_id);
};

struct tp_app_options {
    const char *config_path;
    const struct tp_clock *clock;   /* NULL: the system's */
    const struct tp_random *random; /* NULL: the system's */
};

/* Reads the configuration, opens store and keys; does not listen yet. */
TP_MUST_USE struct tp_status tp_app_new(const struct tp_app_options *options, struct tp_app **app,
                                        struct tp_error *error);
/* Starts the modules, the port and the jobs, in this order. */
TP_MUST_USE struct tp_status tp_app_start(struct tp_app *app, struct tp_error *error);
/* Every module of the process, also before anything is read. */
const struct tp_module *const *tp_app_modules(size_t *count);
/* Ends what was started, in reverse order, and frees. NULL is allowed. */
void tp_app_free(struct tp_app *app);

#endif
