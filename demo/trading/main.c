/*
 * tp-demo-trading: an electronic trading system as the coordinator sees it. Receives the sealed
 * expert lists and sends lots.
 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "demo/trading/lot_sender.h"
#include "demo/trading/receiver.h"

#define LOT_ARGUMENTS 4

struct arguments {
    const char *config_path;
    bool send_lot;
    const char *lot[LOT_ARGUMENTS]; /* code, name, deadline_at, agency_code */
    int lot_count;
    const char *industry;
    const char *project_code; /* NULL: the lot's code */
};

static const struct argp_option options[] = {
    {"config", 'c', "FILE", 0, "configuration (trading.ini)", 0},
    {"send-lot", 's', NULL, 0,
     "send the lot CODE NAME DEADLINE_AT AGENCY_CODE to the coordinator and end; DEADLINE_AT in"
     " milliseconds since 1970 UTC",
     0},
    {"industry", 'i', "TEXT", 0, "the lot's industry (房屋建筑)", 0},
    {"project-code", 'p', "CODE", 0, "the lot's project (the lot's own code)", 0},
    {0},
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case 'c':
        arguments->config_path = text;
        return 0;
    case 's':
        arguments->send_lot = true;
        return 0;
    case 'i':
        arguments->industry = text;
        return 0;
    case 'p':
        arguments->project_code = text;
        return 0;
    case ARGP_KEY_ARG:
        if (!arguments->send_lot || arguments->lot_count == LOT_ARGUMENTS)
            argp_usage(state);
        arguments->lot[arguments->lot_count++] = text;
        return 0;
    case ARGP_KEY_END:
        if (arguments->config_path == NULL)
            argp_error(state, "--config FILE is needed");
        if (arguments->send_lot && arguments->lot_count != LOT_ARGUMENTS)
            argp_error(state, "--send-lot needs CODE NAME DEADLINE_AT AGENCY_CODE");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static struct tp_status send_lot(const struct arguments *arguments,
                                 const struct tp_trading_settings *settings,
                                 const struct tp_keypair *keypair, struct tp_error *error)
{
    char *end = NULL;
    errno = 0;
    const struct tp_lot_to_send lot = {
        .code = arguments->lot[0],
        .name = arguments->lot[1],
        .bid_deadline_at_ms = strtoll(arguments->lot[2], &end, 10),
        .agency_code = arguments->lot[3],
        .industry = arguments->industry,
        .project_code =
            arguments->project_code != NULL ? arguments->project_code : arguments->lot[0],
    };
    if (errno != 0 || end == arguments->lot[2] || *end != '\0')
        return tp_fail(error, TP_INPUT, "lot.bad_deadline", "DEADLINE_AT is not a number");
    TP_AUTO(tp_bytes) struct tp_bytes answer = TP_BYTES_INIT;
    struct tp_status status =
        tp_lot_send(settings, keypair, tp_clock_system(), &lot, &answer, error);
    if (tp_ok(status))
        printf("%s\n", (const char *)answer.data);
    return status;
}

static struct tp_status start_server(struct tp_receiver *receiver, struct tp_http_server **server,
                                     struct tp_error *error)
{
    const struct tp_trading_settings *settings = receiver->settings;
    const struct tp_http_server_config config = {
        .address = settings->address,
        .port = (uint16_t)settings->port,
        .certificate_path = settings->certificate,
        .private_key_path = settings->private_key,
    };
    struct tp_status status = tp_http_server_new(&config, server, error);
    if (tp_ok(status))
        status = tp_receiver_serve(receiver, *server, error);
    if (tp_ok(status))
        status = tp_http_server_start(*server, error);
    return status;
}

static struct tp_status serve(const struct tp_trading_settings *settings,
                              struct tp_keypair *keypair, struct tp_error *error)
{
    struct tp_receiver receiver = {
        .settings = settings,
        .clock = tp_clock_system(),
        .keypair = keypair,
    };
    struct tp_http_server *server = NULL;
    sigset_t ends;
    int signal_number = 0;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    /* Before any thread, so that all inherit it and only sigwait takes the signal. */
    pthread_sigmask(SIG_BLOCK, &ends, NULL);

    struct tp_status status =
        tp_public_key_load(settings->coordinator_public, &receiver.coordinator, error);
    if (tp_ok(status))
        status = tp_list_store_open(settings->store, settings->lists, &receiver.lists, error);
    if (tp_ok(status))
        status = start_server(&receiver, &server, error);
    if (tp_ok(status)) {
        printf("ready port=%u\n", (unsigned)tp_http_server_port(server));
        fflush(stdout);
        sigwait(&ends, &signal_number);
    }
    tp_http_server_free(server);
    tp_list_store_free(receiver.lists);
    return status;
}

static struct tp_status run(const struct arguments *arguments, struct tp_error *error)
{
    struct tp_trading_settings settings;
    TP_AUTO(tp_keypair) struct tp_keypair *keypair = NULL;
    struct tp_status status = tp_crypto_init(error);
    if (tp_ok(status))
        status = tp_trading_settings_read(arguments->config_path, &settings, error);
    if (tp_ok(status))
        status = tp_keypair_load(settings.key, &keypair, error);
    if (tp_failed(status))
        return status;
    return arguments->send_lot ? send_lot(arguments, &settings, keypair, error)
                               : serve(&settings, keypair, error);
}

int main(int argc, char **argv)
{
    const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "[CODE NAME DEADLINE_AT AGENCY_CODE]",
        .doc = "An electronic trading system for demonstrations and tests.",
    };
    struct arguments arguments = {.industry = "房屋建筑"};
    struct tp_error error;
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    tp_error_clear(&error);
    if (tp_failed(run(&arguments, &error))) {
        tp_log_error(TP_LOG_ERROR, "trading.failed", &error);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
