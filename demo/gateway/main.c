/*
 * tp-demo-gateway --config gateway.ini: the SMS and voice gateway of the demo, with phones to look
 * at and to reply from.
 */
#include <argp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "demo/gateway/phones.h"

static const struct argp_option options[] = {
    {"config", 'c', "FILE", 0, "configuration (gateway.ini)", 0},
    {0},
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
    const char **config_path = state->input;
    switch (key) {
    case 'c':
        *config_path = text;
        return 0;
    case ARGP_KEY_END:
        if (*config_path == NULL)
            argp_error(state, "--config FILE is needed");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static struct tp_status start(const struct tp_gateway_settings *settings, struct tp_phones *phones,
                              struct tp_http_server **server, struct tp_error *error)
{
    const struct tp_http_server_config config = {
        .address = settings->address,
        .port = (uint16_t)settings->port,
        .certificate_path = settings->certificate,
        .private_key_path = settings->private_key,
    };
    struct tp_status status = tp_http_server_new(&config, server, error);
    if (tp_ok(status))
        status = tp_phones_serve(phones, *server, error);
    if (tp_ok(status))
        status = tp_http_server_start(*server, error);
    return status;
}

static struct tp_status serve(const char *config_path, struct tp_error *error)
{
    struct tp_gateway_settings settings;
    struct tp_inbox *inbox = NULL;
    struct tp_phones *phones = NULL;
    struct tp_http_server *server = NULL;
    sigset_t ends;
    int signal_number = 0;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    /* Before any thread, so that all inherit it and only sigwait takes the signal. */
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    struct tp_status status = tp_gateway_settings_read(config_path, &settings, error);
    if (tp_ok(status))
        status = tp_inbox_open(settings.file, &inbox, error);
    if (tp_ok(status))
        status = tp_phones_new(&settings, tp_clock_system(), inbox, &phones, error);
    if (tp_ok(status))
        status = start(&settings, phones, &server, error);
    if (tp_ok(status)) {
        printf("ready port=%u\n", (unsigned)tp_http_server_port(server));
        fflush(stdout);
        sigwait(&ends, &signal_number);
    }
    tp_http_server_free(server);
    tp_phones_free(phones);
    tp_inbox_free(inbox);
    return status;
}

int main(int argc, char **argv)
{
    const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .doc = "The SMS and voice gateway of the demo, with phones to reply from.",
    };
    const char *config_path = NULL;
    struct tp_error error;
    tp_error_clear(&error);
    argp_parse(&argp, argc, argv, 0, NULL, &config_path);
    if (tp_failed(serve(config_path, &error))) {
        tp_log_error(TP_LOG_ERROR, "gateway.failed", &error);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
