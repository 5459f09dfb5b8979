#include <sodium.h>
#include <string.h>
#include <time.h>

#include "expert-draw/engine_internal.h"

#define POLLER_LIMIT 4

static void init_waiting(struct tp_draw_engine *engine)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&engine->turn, NULL);
    pthread_mutex_init(&engine->wake, NULL);
    pthread_cond_init(&engine->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

struct tp_status tp_draw_engine_new(const struct tp_draw_engine_config *config,
                                    struct tp_draw_engine **engine, struct tp_error *error)
{
    struct tp_draw_engine *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for the engine");
    made->config = *config;
    init_waiting(made);
    struct tp_status status = tp_vault_new(config->keypair, &made->vault, error);
    if (tp_ok(status))
        status = tp_vrf_key_of_keypair(config->keypair, &made->vrf, error);
    if (tp_failed(status)) {
        tp_draw_engine_free(made);
        return status;
    }
    *engine = made;
    return status;
}

void tp_draw_engine_free(struct tp_draw_engine *engine)
{
    if (engine == NULL)
        return;
    for (int i = 0; i < TP_DRAW_POOL_CACHE_COUNT; i++)
        tp_pool_free(engine->pools[i]);
    tp_vault_free(engine->vault);
    tp_vrf_key_free(engine->vrf);
    pthread_cond_destroy(&engine->changed);
    pthread_mutex_destroy(&engine->wake);
    pthread_mutex_destroy(&engine->turn);
    free(engine);
}

int64_t tp_engine_now(const struct tp_draw_engine *engine)
{
    return tp_clock_now_ms(engine->config.clock);
}

void tp_engine_lock(struct tp_draw_engine *engine)
{
    pthread_mutex_lock(&engine->turn);
}

void tp_engine_unlock(struct tp_draw_engine *engine)
{
    pthread_mutex_unlock(&engine->turn);
}

void tp_engine_wake(struct tp_draw_engine *engine)
{
    pthread_mutex_lock(&engine->wake);
    engine->change_count++;
    pthread_cond_broadcast(&engine->changed);
    pthread_mutex_unlock(&engine->wake);
}

void tp_draw_engine_stop_waiting(struct tp_draw_engine *engine)
{
    pthread_mutex_lock(&engine->wake);
    engine->stopping = true;
    pthread_cond_broadcast(&engine->changed);
    pthread_mutex_unlock(&engine->wake);
}

/* Under wake: until something changed since `seen`, the end, or the time. */
static void wait_for_change(struct tp_draw_engine *engine, uint64_t seen, int64_t most_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(most_ms / 1000);
    until.tv_nsec += (long)(most_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    int waited = 0;
    while (!engine->stopping && engine->change_count == seen && waited == 0)
        waited = pthread_cond_timedwait(&engine->changed, &engine->wake, &until);
}

void tp_draw_engine_wait_for_messages(struct tp_draw_engine *engine, int64_t most_ms)
{
    pthread_mutex_lock(&engine->wake);
    wait_for_change(engine, engine->change_count, most_ms);
    pthread_mutex_unlock(&engine->wake);
}

struct tp_status tp_engine_pool(struct tp_draw_engine *engine, int64_t number,
                                const struct tp_pool **pool, struct tp_error *error)
{
    int at = 0;
    while (at < TP_DRAW_POOL_CACHE_COUNT - 1 && engine->pools[at] != NULL &&
           engine->pools[at]->number != number)
        at++;
    struct tp_pool *wanted = engine->pools[at];
    if (wanted == NULL || wanted->number != number) {
        struct tp_pool *loaded = NULL;
        struct tp_status status = tp_pool_store_load(engine->config.store, number, &loaded, error);
        if (tp_failed(status))
            return status;
        tp_pool_free(wanted);
        wanted = loaded;
    }
    for (int i = at; i > 0; i--)
        engine->pools[i] = engine->pools[i - 1];
    engine->pools[0] = wanted;
    *pool = wanted;
    return TP_STATUS_OK;
}

struct tp_status tp_engine_event(struct tp_draw_engine *engine, struct tp_db *db, const char *type,
                                 const char *draw_id, json_t *data, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *taken = data;
    TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
    if (taken == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for an event");
    struct tp_status status = tp_json_write(taken, &text, error);
    if (tp_failed(status))
        return status;
    return tp_db_run(db, error,
                     "INSERT INTO event (n, at, type, draw_id, data) VALUES"
                     " ((SELECT COALESCE(MAX(n), 0) + 1 FROM event), $1, $2, $3, $4)",
                     "ittt", tp_engine_now(engine), type, draw_id, (const char *)text.data);
}

struct event_read {
    int64_t after;
    json_t *list;
};

static struct tp_status events_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct event_read *read = argument;
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT n, at, type, draw_id, data FROM event WHERE n > $1 ORDER BY n LIMIT 500", "i",
        read->after);
    for (bool row = true; tp_ok(status) && row;) {
        status = tp_query_next(query, &row, error);
        if (tp_failed(status) || !row)
            break;
        json_t *event = json_pack("{s:I,s:I,s:s,s:s?,s:o}", "n", (json_int_t)tp_query_int(query, 0),
                                  "at", (json_int_t)tp_query_int(query, 1), "type",
                                  tp_query_text(query, 2), "draw_id", tp_query_text(query, 3),
                                  "data", json_loads(tp_query_text(query, 4), 0, NULL));
        if (event == NULL || json_array_append_new(read->list, event) != 0)
            status = tp_fail(error, TP_NOMEM, "memory", "no memory for events");
    }
    tp_query_end(query);
    return status;
}

static struct tp_status read_events(struct tp_draw_engine *engine, int64_t after, json_t **list,
                                    struct tp_error *error)
{
    struct event_read read = {.after = after, .list = json_array()};
    *list = read.list;
    if (read.list == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for events");
    return tp_store_read(engine->config.store, events_work, &read, error);
}

/* Pollers hold a worker each: more than a few at once are answered without waiting. */
static bool wait_for_event(struct tp_draw_engine *engine, uint64_t seen, int64_t most_ms)
{
    pthread_mutex_lock(&engine->wake);
    bool may_wait = engine->poller_count < POLLER_LIMIT && !engine->stopping;
    if (may_wait) {
        engine->poller_count++;
        wait_for_change(engine, seen, most_ms);
        engine->poller_count--;
        may_wait = !engine->stopping;
    }
    pthread_mutex_unlock(&engine->wake);
    return may_wait;
}

static uint64_t change_count(struct tp_draw_engine *engine)
{
    pthread_mutex_lock(&engine->wake);
    uint64_t count = engine->change_count;
    pthread_mutex_unlock(&engine->wake);
    return count;
}

struct tp_status tp_draw_engine_events(struct tp_draw_engine *engine, int64_t after,
                                       int64_t wait_ms, json_t **answer, struct tp_error *error)
{
    int64_t until_ms = tp_clock_monotonic_ms(engine->config.clock) + wait_ms;
    TP_AUTO(tp_json) json_t *list = NULL;
    struct tp_status status;
    for (bool waiting = true;;) {
        uint64_t seen = change_count(engine);
        json_decref(tp_steal(&list));
        status = read_events(engine, after, &list, error);
        int64_t left_ms = until_ms - tp_clock_monotonic_ms(engine->config.clock);
        if (tp_failed(status))
            return status;
        if (json_array_size(list) > 0 || left_ms <= 0 || !waiting)
            break;
        waiting = wait_for_event(engine, seen, left_ms);
    }
    *answer = json_pack("{s:O}", "events", list);
    return *answer != NULL ? status : tp_fail(error, TP_NOMEM, "memory", "no memory for events");
}

struct tp_status tp_draw_engine_info(struct tp_draw_engine *engine, json_t **answer,
                                     struct tp_error *error)
{
    const struct tp_keypair *keypair = engine->config.keypair;
    char vrf[TP_HASH_TEXT_BYTES];
    char sign[TP_HASH_TEXT_BYTES];
    char seal[TP_HASH_TEXT_BYTES];
    TP_AUTO(tp_json) json_t *pool = NULL;
    struct tp_status status = tp_pool_store_info(engine->config.store, &pool, error);
    if (tp_failed(status))
        return status;
    tp_hash_text(tp_vrf_key_public(engine->vrf), vrf);
    tp_hash_text(keypair->sign_public, sign);
    tp_hash_text(keypair->seal_public, seal);
    *answer = json_pack("{s:{s:s,s:s,s:s},s:O,s:s}", "keeper", "vrf_public", vrf, "sign_public",
                        sign, "seal_public", seal, "pool", pool, "version", "1");
    return *answer != NULL ? status : tp_fail(error, TP_NOMEM, "memory", "no memory for an answer");
}

struct tp_status tp_draw_engine_specialties(struct tp_draw_engine *engine, json_t **answer,
                                            struct tp_error *error)
{
    const struct tp_pool *pool = NULL;
    TP_AUTO(tp_json) json_t *list = NULL;
    int64_t number = 0;
    tp_engine_lock(engine);
    struct tp_status status = tp_pool_store_current(engine->config.store, &number, error);
    if (tp_ok(status))
        status = tp_engine_pool(engine, number, &pool, error);
    if (tp_ok(status))
        status = tp_pool_store_specialties(engine->config.store, pool, &list, error);
    tp_engine_unlock(engine);
    if (tp_failed(status))
        return status;
    *answer = json_pack("{s:O}", "specialties", list);
    return *answer != NULL ? status : tp_fail(error, TP_NOMEM, "memory", "no memory for an answer");
}

void tp_engine_code_mac(const struct tp_draw_engine *engine, const char *handle, const char *code,
                        uint8_t mac[TP_VAULT_MAC_BYTES])
{
    char text[TP_HANDLE_TEXT_BYTES + 16];
    int length = snprintf(text, sizeof(text), "%s:%.10s", handle, code);
    tp_vault_mac(engine->vault, "tongping.vault.code.v1", text, (size_t)length, mac);
    sodium_memzero(text, sizeof(text));
}
