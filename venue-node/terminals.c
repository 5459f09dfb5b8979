#include "venue-node/terminals.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SOCKET_LIMIT_COUNT 8

struct place {
    struct tp_websocket *sockets[SOCKET_LIMIT_COUNT];
    size_t count;
    int64_t empty_since; /* monotonic */
};

struct tp_terminals {
    const struct tp_venue_config *config;
    const struct tp_clock *clock;
    pthread_mutex_t lock;
    struct place *places; /* one per seat of the configuration, in its order */
};

struct tp_status tp_terminals_new(const struct tp_venue_config *config,
                                  const struct tp_clock *clock, struct tp_terminals **terminals,
                                  struct tp_error *error)
{
    struct tp_terminals *made = calloc(1, sizeof *made);
    struct place *places = calloc(config->seat_count + 1, sizeof *places);
    if (made == NULL || places == NULL) {
        free(made);
        free(places);
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for terminals");
    }
    made->config = config;
    made->clock = clock;
    made->places = places;
    for (size_t i = 0; i < config->seat_count; i++)
        places[i].empty_since = tp_clock_monotonic_ms(clock);
    pthread_mutex_init(&made->lock, NULL);
    *terminals = made;
    return TP_STATUS_OK;
}

void tp_terminals_free(struct tp_terminals *terminals)
{
    if (terminals == NULL)
        return;
    pthread_mutex_destroy(&terminals->lock);
    free(terminals->places);
    free(terminals);
}

static struct place *place_of(struct tp_terminals *terminals, const char *seat_id)
{
    const struct tp_venue_seat *seat = tp_venue_config_seat(terminals->config, seat_id);
    return seat == NULL ? NULL : &terminals->places[seat - terminals->config->seats];
}

struct tp_status tp_terminals_add(struct tp_terminals *terminals, const char *seat_id,
                                  struct tp_websocket *socket, struct tp_error *error)
{
    pthread_mutex_lock(&terminals->lock);
    struct place *place = place_of(terminals, seat_id);
    bool added = place != NULL && place->count < SOCKET_LIMIT_COUNT;
    if (added)
        place->sockets[place->count++] = socket;
    pthread_mutex_unlock(&terminals->lock);
    if (!added)
        return tp_fail(error, TP_LIMIT, "seat.too_many_sockets", "too many pages of one seat");
    return TP_STATUS_OK;
}

void tp_terminals_remove(struct tp_terminals *terminals, const char *seat_id,
                         struct tp_websocket *socket)
{
    pthread_mutex_lock(&terminals->lock);
    struct place *place = place_of(terminals, seat_id);
    for (size_t i = 0; place != NULL && i < place->count; i++) {
        if (place->sockets[i] != socket)
            continue;
        place->sockets[i] = place->sockets[--place->count];
        if (place->count == 0)
            place->empty_since = tp_clock_monotonic_ms(terminals->clock);
        break;
    }
    pthread_mutex_unlock(&terminals->lock);
}

static void tell(const struct place *place)
{
    static const char message[] = "{\"type\":\"state\"}";
    for (size_t i = 0; i < place->count; i++)
        if (tp_failed(tp_websocket_send(place->sockets[i], message, sizeof message - 1, false)))
            tp_websocket_close(place->sockets[i], 1008, "too slow");
}

void tp_terminals_tell(struct tp_terminals *terminals, const char *seat_id)
{
    pthread_mutex_lock(&terminals->lock);
    if (seat_id != NULL) {
        const struct place *place = place_of(terminals, seat_id);
        if (place != NULL)
            tell(place);
    } else {
        for (size_t i = 0; i < terminals->config->seat_count; i++)
            tell(&terminals->places[i]);
    }
    pthread_mutex_unlock(&terminals->lock);
}

void tp_terminals_close(struct tp_terminals *terminals, const char *seat_id)
{
    pthread_mutex_lock(&terminals->lock);
    const struct place *place = place_of(terminals, seat_id);
    for (size_t i = 0; place != NULL && i < place->count; i++)
        tp_websocket_close(place->sockets[i], 1008, "enrolled anew");
    pthread_mutex_unlock(&terminals->lock);
}

uint32_t tp_terminals_count(struct tp_terminals *terminals)
{
    uint32_t count = 0;
    pthread_mutex_lock(&terminals->lock);
    for (size_t i = 0; i < terminals->config->seat_count; i++)
        count += terminals->places[i].count > 0;
    pthread_mutex_unlock(&terminals->lock);
    return count;
}

int64_t tp_terminals_silent_ms(struct tp_terminals *terminals, const char *seat_id)
{
    pthread_mutex_lock(&terminals->lock);
    const struct place *place = place_of(terminals, seat_id);
    int64_t silent_ms = place == NULL || place->count > 0
                            ? 0
                            : tp_clock_monotonic_ms(terminals->clock) - place->empty_since;
    pthread_mutex_unlock(&terminals->lock);
    return silent_ms;
}
