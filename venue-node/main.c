/*
 * tp-venue: the node of one center. `--config FILE` serves; `--config FILE --enrol CODE` makes it
 * known to its coordinator first.
 */
#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "venue-node/enrolment.h"
#include "venue-node/venue.h"

const char *argp_program_version = "tp-venue " TP_VENUE_VERSION;

struct arguments {
    const char *config_path;
    const char *enrol_code;
};

static const struct argp_option options[] = {
    {"config", 'c', "FILE", 0, "The node's configuration (required)", 0},
    {"enrol", 'e', "CODE", 0, "Enrol at the coordinator by this one-time code, and end", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case 'c':
        arguments->config_path = argument;
        return 0;
    case 'e':
        arguments->enrol_code = argument;
        return 0;
    case ARGP_KEY_END:
        if (arguments->config_path == NULL)
            argp_error(state, "--config is required");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The signals that end the program are taken by sigwait alone, in no thread's midst. */
static void block_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGINT);
    sigprocmask(SIG_BLOCK, signals, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static struct tp_status serve(const struct tp_venue_config *config, struct tp_error *error)
{
    sigset_t signals;
    block_signals(&signals);
    struct tp_venue *venue = NULL;
    struct tp_status status = tp_venue_start(config, &venue, error);
    if (tp_failed(status))
        return status;
    printf("ready port=%d\n", (int)tp_http_server_port(venue->server));
    fflush(stdout);
    int signal_number = 0;
    sigwait(&signals, &signal_number);
    tp_log(TP_LOG_INFO, "venue.ending", "signal=%d", signal_number);
    tp_venue_free(venue);
    return TP_STATUS_OK;
}

int main(int argc, char **argv)
{
    const struct argp argp = {
        .options = options,
        .parser = parse,
        .doc = "The node of one center: terminals, journal, link to the coordinator, media.",
    };
    struct arguments arguments = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    struct tp_error error = {0};
    TP_AUTO(tp_venue_config) struct tp_venue_config config = {0};
    struct tp_status status = tp_crypto_init(&error);
    if (tp_ok(status))
        status = tp_venue_config_read(arguments.config_path, &config, &error);
    if (tp_ok(status) && arguments.enrol_code != NULL)
        status = tp_venue_enrol(&config, arguments.enrol_code, &error);
    else if (tp_ok(status))
        status = serve(&config, &error);
    if (tp_failed(status)) {
        tp_log_error(TP_LOG_ERROR, "venue.failed", &error);
        return EXIT_FAILURE;
    }
    if (arguments.enrol_code != NULL)
        printf("enrolled %s\n", config.center_id);
    return EXIT_SUCCESS;
}
