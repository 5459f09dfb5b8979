#include <string.h>

#include "expert-draw/csv.h"
#include "expert-draw/pool_store.h"

struct names {
    struct tp_csv csv;
    char *text;
    size_t bytes;
};

static struct tp_status insert_names(struct tp_db *db, void *argument, struct tp_error *error)
{
    const struct names *names = argument;
    TP_AUTO_FREE char *copy = malloc(names->bytes + 1);
    if (copy == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for specialties");
    memcpy(copy, names->text, names->bytes + 1); /* reading changes the text; this may run twice */
    struct tp_csv csv;
    tp_csv_init(&csv, copy, names->bytes);
    bool found = false;
    struct tp_status status = tp_csv_next(&csv, &found, error);
    if (tp_ok(status) && (!found || csv.field_count != 3 || strcmp(csv.field[0], "code") != 0 ||
                          strcmp(csv.field[1], "name") != 0 || strcmp(csv.field[2], "parent") != 0))
        status = tp_fail(error, TP_INPUT, "specialties.header",
                         "the first row must be code,name,parent");
    if (tp_ok(status))
        status = tp_db_run(db, error, "DELETE FROM specialty", "");
    while (tp_ok(status) && found) {
        status = tp_csv_next(&csv, &found, error);
        if (tp_failed(status) || !found)
            break;
        if (csv.field_count != 3 || csv.field[0][0] == '\0' || csv.field[1][0] == '\0' ||
            !tp_utf8_valid(csv.field[1], strlen(csv.field[1])))
            return tp_fail(error, TP_INPUT, "specialties.row", "row %u is malformed", csv.record);
        const char *parent = csv.field[2][0] == '\0' ? NULL : csv.field[2];
        status =
            tp_db_run(db, error, "INSERT INTO specialty (code, name, parent) VALUES ($1, $2, $3)",
                      "ttt", csv.field[0], csv.field[1], parent);
    }
    return status;
}

struct tp_status tp_pool_store_import_specialties(struct tp_store *store, char *text, size_t bytes,
                                                  struct tp_error *error)
{
    struct names names = {.text = text, .bytes = bytes};
    return tp_store_write(store, insert_names, &names, error);
}

/* {code: {city: count}} */
static bool count_expert(json_t *counts, const struct tp_pool_expert *expert)
{
    char codes[TP_POOL_FIELD_LIMIT_BYTES + 1];
    char *rest = NULL;
    snprintf(codes, sizeof(codes), "%s", expert->specialties);
    for (char *code = strtok_r(codes, ";", &rest); code != NULL;
         code = strtok_r(NULL, ";", &rest)) {
        json_t *cities = json_object_get(counts, code);
        if (cities == NULL) {
            cities = json_object();
            if (json_object_set_new(counts, code, cities) != 0)
                return false;
        }
        json_int_t count = json_integer_value(json_object_get(cities, expert->city));
        if (json_object_set_new(cities, expert->city, json_integer(count + 1)) != 0)
            return false;
    }
    return true;
}

struct listing {
    const struct tp_pool *pool;
    json_t *list;
};

static json_t *city_list(const json_t *cities)
{
    json_t *list = json_array();
    const char *city;
    json_t *count;
    json_object_foreach((json_t *)(uintptr_t)cities, city, count)
        json_array_append_new(list, json_pack("{s:s,s:O}", "city", city, "count", count));
    return list;
}

static int compare_keys(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static struct tp_status name_of(struct tp_db *db, const char *code, json_t *entry,
                                struct tp_error *error)
{
    struct tp_query *query = NULL;
    bool row = false;
    struct tp_status status = tp_db_query(
        db, &query, error, "SELECT name, parent FROM specialty WHERE code = $1", "t", code);
    if (tp_ok(status))
        status = tp_query_next(query, &row, error);
    if (tp_ok(status)) {
        json_object_set_new(entry, "name", json_string(row ? tp_query_text(query, 0) : code));
        if (row && !tp_query_is_null(query, 1))
            json_object_set_new(entry, "parent", json_string(tp_query_text(query, 1)));
    }
    tp_query_end(query);
    return status;
}

static struct tp_status list_codes(struct tp_db *db, json_t *counts, json_t *list,
                                   struct tp_error *error)
{
    size_t count = json_object_size(counts);
    const char **codes = malloc((count + 1) * sizeof(*codes));
    if (codes == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for specialties");
    size_t at = 0;
    const char *code;
    json_t *cities;
    json_object_foreach(counts, code, cities) codes[at++] = code;
    qsort(codes, count, sizeof(*codes), compare_keys);
    struct tp_status status = TP_STATUS_OK;
    for (size_t i = 0; i < count && tp_ok(status); i++) {
        json_t *entry = json_pack("{s:s}", "code", codes[i]);
        status = name_of(db, codes[i], entry, error);
        json_object_set_new(entry, "cities", city_list(json_object_get(counts, codes[i])));
        json_array_append_new(list, entry);
    }
    free(codes);
    return status;
}

static struct tp_status list_work(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct listing *listing = argument;
    TP_AUTO(tp_json) json_t *counts = json_object();
    for (size_t i = 0; i < listing->pool->count; i++)
        if (!count_expert(counts, &listing->pool->experts[i]))
            return tp_fail(error, TP_NOMEM, "memory", "no memory for specialties");
    return list_codes(db, counts, listing->list, error);
}

struct tp_status tp_pool_store_specialties(struct tp_store *store, const struct tp_pool *pool,
                                           json_t **specialties, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *list = json_array();
    struct listing listing = {.pool = pool, .list = list};
    if (list == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for specialties");
    struct tp_status status = tp_store_read(store, list_work, &listing, error);
    if (tp_ok(status))
        *specialties = tp_steal(&list);
    return status;
}
