#include "expert-draw/service.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/log.h"
#include "expert-draw/api.h"
#include "expert-draw/schema.h"
#include "expert-draw/sender.h"

struct service {
    struct tp_draw_settings settings;
    struct tp_keypair *keypair;
    struct tp_store *store;
    struct tp_draw_engine *engine;
    struct tp_draw_sender *sender;
    struct tp_draw_api api;
    struct tp_http_server *server;
    struct tp_http_server *reply_server;
    int lock_fd;
};

/* Two services on one store would send everything twice. */
static struct tp_status lock_store(struct service *service, struct tp_error *error)
{
    static const char scheme[] = "sqlite:";
    const char *url = service->settings.store_url;
    char path[600];
    if (strncmp(url, scheme, sizeof(scheme) - 1) != 0)
        return TP_STATUS_OK;
    snprintf(path, sizeof(path), "%s.serving", url + sizeof(scheme) - 1);
    service->lock_fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (service->lock_fd < 0)
        return tp_fail(error, TP_IO, "store.lock", "%s: %s", path, strerror(errno));
    if (flock(service->lock_fd, LOCK_EX | LOCK_NB) != 0)
        return tp_fail(error, TP_CONFLICT, "store.in_use",
                       "another tp-draw already serves this store");
    return TP_STATUS_OK;
}

static struct tp_status start_servers(struct service *service, struct tp_error *error)
{
    const struct tp_draw_settings *settings = &service->settings;
    bool reply_tls = settings->reply_certificate[0] != '\0';
    const struct tp_http_server_config server = {
        .address = settings->address,
        .port = (uint16_t)settings->port,
        .certificate_path = settings->certificate,
        .private_key_path = settings->private_key,
        .client_ca_path = settings->client_ca,
        .request_timeout_ms = 40000, /* longer than the longest poll */
    };
    const struct tp_http_server_config replies = {
        .address = settings->reply_address,
        .port = (uint16_t)settings->reply_port,
        .certificate_path = reply_tls ? settings->reply_certificate : NULL,
        .private_key_path = reply_tls ? settings->reply_private_key : NULL,
        .worker_count = 4,
        .body_limit_bytes = 4096,
    };
    service->api = (struct tp_draw_api){.engine = service->engine,
                                        .client_name = settings->client_name,
                                        .reply_secret = settings->reply_secret};
    struct tp_status status = tp_http_server_new(&server, &service->server, error);
    if (tp_ok(status))
        status = tp_draw_api_route(service->server, &service->api, error);
    if (tp_ok(status))
        status = tp_http_server_new(&replies, &service->reply_server, error);
    if (tp_ok(status))
        status = tp_draw_api_route_replies(service->reply_server, &service->api, error);
    if (tp_ok(status))
        status = tp_http_server_start(service->reply_server, error);
    if (tp_ok(status))
        status = tp_http_server_start(service->server, error);
    return status;
}

static struct tp_status start(struct service *service, const char *config_path,
                              struct tp_error *error)
{
    struct tp_draw_settings *settings = &service->settings;
    struct tp_status status = tp_draw_settings_read(config_path, settings, error);
    if (tp_ok(status))
        status = lock_store(service, error);
    if (tp_ok(status))
        status = tp_vrf_self_test(error);
    if (tp_ok(status))
        status = tp_keypair_load_or_make(settings->key, &service->keypair, error);
    if (tp_ok(status))
        status = tp_store_open(settings->store_url, tp_draw_migrations, tp_draw_migration_count,
                               &service->store, error);
    const struct tp_draw_engine_config config = {
        .store = service->store,
        .keypair = service->keypair,
        .clock = tp_clock_system(),
        .random = tp_random_system(),
        .voice = settings->gateway_voice,
    };
    if (tp_ok(status))
        status = tp_draw_engine_new(&config, &service->engine, error);
    if (tp_ok(status))
        status = tp_draw_engine_resume(service->engine, error);
    if (tp_ok(status))
        status = tp_draw_sender_new(service->engine, settings, &service->sender, error);
    return tp_ok(status) ? start_servers(service, error) : status;
}

static void stop(struct service *service)
{
    if (service->engine != NULL)
        tp_draw_engine_stop_waiting(service->engine);
    tp_http_server_free(service->server);
    tp_http_server_free(service->reply_server);
    tp_draw_sender_free(service->sender);
    tp_draw_engine_free(service->engine);
    tp_store_free(service->store);
    tp_keypair_free(service->keypair);
    if (service->lock_fd >= 0)
        close(service->lock_fd);
}

struct tp_status tp_draw_serve(const char *config_path, struct tp_error *error)
{
    struct service service = {.lock_fd = -1};
    sigset_t signals;
    int caught = 0;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    /* Blocked before any thread starts, so that every thread has them blocked. */
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct tp_status status = start(&service, config_path, error);
    if (tp_ok(status)) {
        printf("ready port=%u reply_port=%u\n", tp_http_server_port(service.server),
               tp_http_server_port(service.reply_server));
        fflush(stdout);
        sigwait(&signals, &caught);
        tp_log(TP_LOG_INFO, "draw.stopping", "signal=%d", caught);
    }
    stop(&service);
    return status;
}
