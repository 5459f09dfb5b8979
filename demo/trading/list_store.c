#include "demo/trading/list_store.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "coordinator/trading/receipt.h"

struct tp_list_store {
    struct tp_store *store;
    pthread_mutex_t receiving; /* one list at a time: file and row belong together */
    char folder[256];
};

static const struct tp_migration migrations[] = {
    {1, "nonces", TP_SIGNED_REQUEST_SCHEMA},
    {2, "lists",
     "CREATE TABLE received_list (session_id TEXT NOT NULL, version INTEGER NOT NULL,"
     " lot_code TEXT NOT NULL, draw_id TEXT NOT NULL, list_hash TEXT NOT NULL,"
     " transcript_hash TEXT NOT NULL, sealed_bytes INTEGER NOT NULL, received_at INTEGER NOT NULL,"
     " answer BLOB NOT NULL, PRIMARY KEY (session_id, version));"
     "CREATE INDEX received_list_by_time ON received_list (received_at);"},
};

struct tp_status tp_list_store_open(const char *path, const char *folder,
                                    struct tp_list_store **out, struct tp_error *error)
{
    TP_AUTO_FREE struct tp_list_store *store = calloc(1, sizeof(*store));
    if (store == NULL)
        return tp_fail(error, TP_NOMEM, "nomem", "no memory for the list store");
    if (snprintf(store->folder, sizeof(store->folder), "%s", folder) >= (int)sizeof(store->folder))
        return tp_fail(error, TP_INPUT, "settings.folder", "the folder's name is too long");
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return tp_fail(error, TP_IO, "settings.folder", "cannot make the folder for lists");
    char url[PATH_MAX + 8];
    snprintf(url, sizeof(url), "sqlite:%s", path);
    struct tp_status status = tp_store_open(
        url, migrations, sizeof(migrations) / sizeof(migrations[0]), &store->store, error);
    if (tp_failed(status))
        return status;
    pthread_mutex_init(&store->receiving, NULL);
    *out = tp_steal(&store);
    return TP_STATUS_OK;
}

void tp_list_store_free(struct tp_list_store *store)
{
    if (store == NULL)
        return;
    tp_store_free(store->store);
    pthread_mutex_destroy(&store->receiving);
    free(store);
}

struct receiving {
    const struct tp_signed_request *request;
    const struct tp_received_list *list;
    const struct tp_keypair *keypair;
    int64_t now_ms;
    struct tp_bytes *answer;
};

/* Appends the answer given earlier for this list, if any. */
static struct tp_status find_answer(struct tp_db *db, const struct receiving *receiving,
                                    bool *found, struct tp_error *error)
{
    const struct tp_received_list *list = receiving->list;
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT list_hash, draw_id, answer FROM received_list WHERE session_id = $1 AND version"
        " = $2",
        "ti", list->session_id, list->version);
    if (tp_ok(status))
        status = tp_query_next(query, found, error);
    if (tp_ok(status) && *found) {
        if (strcmp(tp_query_text(query, 0), list->list_hash) != 0 ||
            strcmp(tp_query_text(query, 1), list->draw_id) != 0) {
            status = tp_fail(error, TP_CONFLICT, "list.other_content",
                             "another list was received under this version");
        } else {
            size_t bytes = 0;
            const void *answer = tp_query_blob(query, 2, &bytes);
            tp_bytes_append(receiving->answer, answer, bytes);
            status = tp_bytes_check(receiving->answer, error);
        }
    }
    tp_query_end(query);
    return status;
}

static struct tp_status receive_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct receiving *receiving = argument;
    const struct tp_received_list *list = receiving->list;
    bool found = false;
    tp_bytes_clear(receiving->answer);
    struct tp_status status =
        tp_signed_request_use_nonce(db, receiving->request, receiving->now_ms, error);
    if (tp_ok(status))
        status = find_answer(db, receiving, &found, error);
    if (tp_failed(status) || found)
        return status;
    const struct tp_receipt receipt = {.session_id = list->session_id,
                                       .draw_id = list->draw_id,
                                       .version = list->version,
                                       .list_hash = list->list_hash,
                                       .received_at = receiving->now_ms};
    status = tp_receipt_write(&receipt, receiving->keypair, receiving->answer, error);
    if (tp_failed(status))
        return status;
    return tp_db_run(db, error,
                     "INSERT INTO received_list (session_id, version, lot_code, draw_id, list_hash,"
                     " transcript_hash, sealed_bytes, received_at, answer)"
                     " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                     "tittttiib", list->session_id, list->version, list->lot_code, list->draw_id,
                     list->list_hash, list->transcript_hash, (int64_t)list->sealed_bytes,
                     receiving->now_ms, receiving->answer->data, receiving->answer->length);
}

/* True when a list stands under this session and version already; its file must not change. */
struct known {
    const struct tp_received_list *list;
    bool found;
};

static struct tp_status known_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct known *known = argument;
    int64_t one = 0;
    return tp_db_ask_int(db, &one, &known->found, error,
                         "SELECT 1 FROM received_list WHERE session_id = $1 AND version = $2", "ti",
                         known->list->session_id, known->list->version);
}

/* The file first: a receipt promises that the list is kept. */
static struct tp_status keep_file(struct tp_list_store *store, const struct tp_received_list *list,
                                  struct tp_error *error)
{
    struct known known = {.list = list};
    struct tp_status status = tp_store_read(store->store, known_work, &known, error);
    if (tp_failed(status) || known.found)
        return status;
    char path[512];
    snprintf(path, sizeof(path), "%s/%s.v%" PRId64 ".sealed", store->folder, list->session_id,
             list->version);
    return tp_file_write(path, list->sealed, list->sealed_bytes, 0600, error);
}

struct tp_status tp_list_store_receive(struct tp_list_store *store,
                                       const struct tp_signed_request *request,
                                       const struct tp_received_list *list,
                                       const struct tp_keypair *keypair, int64_t now_ms,
                                       struct tp_bytes *answer, struct tp_error *error)
{
    struct receiving receiving = {
        .request = request, .list = list, .keypair = keypair, .now_ms = now_ms, .answer = answer};
    pthread_mutex_lock(&store->receiving);
    struct tp_status status = keep_file(store, list, error);
    if (tp_ok(status))
        status = tp_store_write(store->store, receive_work, &receiving, error);
    pthread_mutex_unlock(&store->receiving);
    return status;
}

struct reading {
    tp_list_store_each each;
    void *context;
};

static struct tp_status read_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    const struct reading *reading = argument;
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(
        db, &query, error,
        "SELECT session_id, lot_code, draw_id, version, list_hash, transcript_hash, sealed_bytes,"
        " received_at FROM received_list ORDER BY received_at DESC, session_id LIMIT 200",
        "");
    bool row = false;
    while (tp_ok(status) && tp_ok(status = tp_query_next(query, &row, error)) && row) {
        const struct tp_received_list list = {
            .session_id = tp_query_text(query, 0),
            .lot_code = tp_query_text(query, 1),
            .draw_id = tp_query_text(query, 2),
            .version = tp_query_int(query, 3),
            .list_hash = tp_query_text(query, 4),
            .transcript_hash = tp_query_text(query, 5),
            .sealed_bytes = (size_t)tp_query_int(query, 6),
        };
        reading->each(reading->context, &list, tp_query_int(query, 7));
    }
    tp_query_end(query);
    return status;
}

struct tp_status tp_list_store_read(struct tp_list_store *store, tp_list_store_each each,
                                    void *context, struct tp_error *error)
{
    struct reading reading = {each, context};
    return tp_store_read(store->store, read_work, &reading, error);
}
