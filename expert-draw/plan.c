#include "expert-draw/plan.h"

#include <string.h>

#include "expert-draw/lot.h"

#define REPLY_WINDOW_LEAST_MS 1000
#define REPLY_WINDOW_MOST_MS ((int64_t)7 * 24 * 3600 * 1000)

struct parts {
    const char *draw_id, *session_id, *time_text;
    int64_t reply_window_ms;
    json_t *seats, *exclude, *message, *venues, *employers, *ids;
    json_t *cap; /* borrowed: integer or null */
};

void tp_plan_free(struct tp_plan *plan)
{
    if (plan == NULL)
        return;
    json_decref(plan->canonical);
    tp_bytes_fini(&plan->text);
    free(plan->seats);
    free(plan);
}

#define READ(object, path, fields, error)                                                          \
    tp_json_read(object, path, fields, sizeof(fields) / sizeof((fields)[0]), error)

static struct tp_status read_top(const json_t *body, struct parts *parts, struct tp_error *error)
{
    int64_t cap = 0;
    const struct tp_json_field fields[] = {
        {.name = "draw_id",
         .type = TP_JSON_TEXT,
         .value = &parts->draw_id,
         .minimum = 1,
         .maximum = 64},
        {.name = "session_id",
         .type = TP_JSON_TEXT,
         .value = &parts->session_id,
         .minimum = 1,
         .maximum = 64},
        {.name = "seats",
         .type = TP_JSON_ARRAY,
         .value = &parts->seats,
         .minimum = 1,
         .maximum = TP_LOT_CELL_LIMIT},
        {.name = "max_per_employer",
         .type = TP_JSON_INT,
         .value = &cap,
         .optional = true,
         .minimum = 1,
         .maximum = TP_LOT_COMMITTEE_LIMIT},
        {.name = "exclude", .type = TP_JSON_OBJECT, .value = &parts->exclude, .optional = true},
        {.name = "reply_window_ms",
         .type = TP_JSON_INT,
         .value = &parts->reply_window_ms,
         .minimum = REPLY_WINDOW_LEAST_MS,
         .maximum = REPLY_WINDOW_MOST_MS},
        {.name = "message", .type = TP_JSON_OBJECT, .value = &parts->message},
    };
    struct tp_status status = READ(body, NULL, fields, error);
    if (tp_failed(status))
        return status;
    parts->cap = json_object_get(body, "max_per_employer");
    const struct tp_json_field message[] = {
        {.name = "time_text",
         .type = TP_JSON_TEXT,
         .value = &parts->time_text,
         .minimum = 1,
         .maximum = 100},
        {.name = "venues",
         .type = TP_JSON_ARRAY,
         .value = &parts->venues,
         .minimum = 1,
         .maximum = TP_LOT_CELL_LIMIT},
    };
    status = READ(parts->message, "message", message, error);
    if (tp_failed(status) || parts->exclude == NULL)
        return status;
    const struct tp_json_field exclude[] = {
        {.name = "employers",
         .type = TP_JSON_ARRAY,
         .value = &parts->employers,
         .optional = true,
         .maximum = TP_PLAN_EXCLUDE_LIMIT},
        {.name = "ids",
         .type = TP_JSON_ARRAY,
         .value = &parts->ids,
         .optional = true,
         .maximum = TP_PLAN_EXCLUDE_LIMIT},
    };
    return READ(parts->exclude, "exclude", exclude, error);
}

/* Ids come back in messages, records and URLs. */
static struct tp_status check_id(const char *id, const char *field, struct tp_error *error)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (id[strspn(id, letters)] == '\0')
        return TP_STATUS_OK;
    struct tp_status status =
        tp_fail(error, TP_INPUT, "plan.bad_id", "%s may hold letters, digits, - and _", field);
    tp_error_set_field(error, "%s", field);
    return status;
}

/* A venue of the service is an id; a plan for the command line may name a place. */
static struct tp_status check_venue(const char *venue, const char *path, struct tp_error *error)
{
    for (const unsigned char *at = (const unsigned char *)venue; *at != '\0'; at++) {
        if (*at >= 0x20 && *at != 0x7F)
            continue;
        struct tp_status status =
            tp_fail(error, TP_INPUT, "plan.bad_id", "a venue holds no control characters");
        tp_error_set_field(error, "%s.venue", path);
        return status;
    }
    return TP_STATUS_OK;
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* A new array of the texts of `list` (NULL: none) in byte order, each once. */
static struct tp_status sorted_texts(const json_t *list, const char *field, json_t **out,
                                     struct tp_error *error)
{
    const char *texts[TP_PLAN_EXCLUDE_LIMIT];
    size_t count = list == NULL ? 0 : json_array_size(list);
    for (size_t i = 0; i < count; i++) {
        texts[i] = json_string_value(json_array_get(list, i));
        if (texts[i] == NULL || texts[i][0] == '\0' || strlen(texts[i]) > 256) {
            struct tp_status status = tp_fail(error, TP_INPUT, "plan.bad_exclusion",
                                              "exclusions are texts of 1 to 256 bytes");
            tp_error_set_field(error, "exclude.%s[%zu]", field, i);
            return status;
        }
    }
    qsort(texts, count, sizeof(texts[0]), compare_texts);
    *out = json_array();
    bool good = *out != NULL;
    for (size_t i = 0; i < count && good; i++)
        if (i == 0 || strcmp(texts[i], texts[i - 1]) != 0)
            good = json_array_append_new(*out, json_string(texts[i])) == 0;
    return good ? TP_STATUS_OK : tp_fail(error, TP_NOMEM, "memory", "no memory for a plan");
}

static struct tp_status read_seat(const json_t *object, size_t index, json_t *canonical,
                                  struct tp_error *error)
{
    const char *venue, *city, *specialty;
    int64_t count;
    char path[32];
    snprintf(path, sizeof(path), "seats[%zu]", index);
    const struct tp_json_field fields[] = {
        {.name = "venue", .type = TP_JSON_TEXT, .value = &venue, .minimum = 1, .maximum = 64},
        {.name = "city", .type = TP_JSON_TEXT, .value = &city, .minimum = 1, .maximum = 64},
        {.name = "specialty",
         .type = TP_JSON_TEXT,
         .value = &specialty,
         .minimum = 1,
         .maximum = 16},
        {.name = "count",
         .type = TP_JSON_INT,
         .value = &count,
         .minimum = 1,
         .maximum = TP_LOT_COMMITTEE_LIMIT},
    };
    struct tp_status status = READ(object, path, fields, error);
    if (tp_ok(status))
        status = check_venue(venue, path, error);
    if (tp_failed(status))
        return status;
    json_t *seat = json_pack("{s:s,s:s,s:s,s:I}", "venue", venue, "city", city, "specialty",
                             specialty, "count", (json_int_t)count);
    if (seat == NULL || json_array_append_new(canonical, seat) != 0)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a plan");
    return TP_STATUS_OK;
}

static struct tp_status read_venue(const json_t *object, size_t index, json_t *canonical,
                                   struct tp_error *error)
{
    const char *venue, *place_text;
    char path[40];
    snprintf(path, sizeof(path), "message.venues[%zu]", index);
    const struct tp_json_field fields[] = {
        {.name = "venue", .type = TP_JSON_TEXT, .value = &venue, .minimum = 1, .maximum = 64},
        {.name = "place_text",
         .type = TP_JSON_TEXT,
         .value = &place_text,
         .minimum = 1,
         .maximum = 200},
    };
    struct tp_status status = READ(object, path, fields, error);
    if (tp_failed(status))
        return status;
    json_t *entry = json_pack("{s:s,s:s}", "venue", venue, "place_text", place_text);
    if (entry == NULL || json_array_append_new(canonical, entry) != 0)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a plan");
    return TP_STATUS_OK;
}

typedef struct tp_status (*entry_reader)(const json_t *object, size_t index, json_t *canonical,
                                         struct tp_error *error);

static struct tp_status read_entries(const json_t *list, entry_reader read, json_t **out,
                                     struct tp_error *error)
{
    *out = json_array();
    if (*out == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a plan");
    struct tp_status status = TP_STATUS_OK;
    for (size_t i = 0; i < json_array_size(list) && tp_ok(status); i++)
        status = read(json_array_get(list, i), i, *out, error);
    return status;
}

static struct tp_status make_canonical(const struct parts *parts, json_t **canonical,
                                       struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *seats = NULL;
    TP_AUTO(tp_json) json_t *venues = NULL;
    TP_AUTO(tp_json) json_t *employers = NULL;
    TP_AUTO(tp_json) json_t *ids = NULL;
    struct tp_status status = read_entries(parts->seats, read_seat, &seats, error);
    if (tp_ok(status))
        status = read_entries(parts->venues, read_venue, &venues, error);
    if (tp_ok(status))
        status = sorted_texts(parts->employers, "employers", &employers, error);
    if (tp_ok(status))
        status = sorted_texts(parts->ids, "ids", &ids, error);
    if (tp_failed(status))
        return status;
    *canonical = json_pack("{s:s,s:s,s:O,s:O?,s:{s:O,s:O},s:I,s:{s:s,s:O}}", "draw_id",
                           parts->draw_id, "session_id", parts->session_id, "seats", seats,
                           "max_per_employer", parts->cap, "exclude", "employers", employers, "ids",
                           ids, "reply_window_ms", (json_int_t)parts->reply_window_ms, "message",
                           "time_text", parts->time_text, "venues", venues);
    if (*canonical == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a plan");
    return TP_STATUS_OK;
}

const char *tp_plan_place_text(const struct tp_plan *plan, const char *venue)
{
    const json_t *venues = json_object_get(json_object_get(plan->canonical, "message"), "venues");
    for (size_t i = 0; i < json_array_size(venues); i++) {
        const json_t *entry = json_array_get(venues, i);
        if (strcmp(json_string_value(json_object_get(entry, "venue")), venue) == 0)
            return json_string_value(json_object_get(entry, "place_text"));
    }
    return NULL;
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static bool double_cell(const struct tp_plan *plan, size_t seat)
{
    for (size_t i = 0; i < seat; i++)
        if (strcmp(plan->seats[i].venue, plan->seats[seat].venue) == 0 &&
            strcmp(plan->seats[i].specialty, plan->seats[seat].specialty) == 0)
            return true;
    return false;
}

static struct tp_status fill_seats(struct tp_plan *plan, struct tp_error *error)
{
    const json_t *seats = json_object_get(plan->canonical, "seats");
    plan->seat_count = json_array_size(seats);
    plan->seats = calloc(plan->seat_count, sizeof(*plan->seats));
    if (plan->seats == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a plan");
    for (size_t i = 0; i < plan->seat_count; i++) {
        const json_t *seat = json_array_get(seats, i);
        plan->seats[i] = (struct tp_plan_seat){
            .venue = text_of(seat, "venue"),
            .city = text_of(seat, "city"),
            .specialty = text_of(seat, "specialty"),
            .count = (uint32_t)json_integer_value(json_object_get(seat, "count")),
        };
        plan->needed += plan->seats[i].count;
        struct tp_status status = TP_STATUS_OK;
        if (double_cell(plan, i))
            status = tp_fail(error, TP_INPUT, "plan.double_cell",
                             "the same venue and specialty stand twice");
        else if (tp_plan_place_text(plan, plan->seats[i].venue) == NULL)
            status = tp_fail(error, TP_INPUT, "plan.no_place",
                             "the message has no place for this venue");
        if (tp_failed(status)) {
            tp_error_set_field(error, "seats[%zu].venue", i);
            return status;
        }
    }
    if (plan->needed > TP_LOT_COMMITTEE_LIMIT)
        return tp_fail(error, TP_LIMIT, "plan.too_large", "a committee holds at most %d experts",
                       TP_LOT_COMMITTEE_LIMIT);
    return TP_STATUS_OK;
}

static struct tp_status fill(struct tp_plan *plan, struct tp_error *error)
{
    const json_t *exclude = json_object_get(plan->canonical, "exclude");
    const json_t *cap = json_object_get(plan->canonical, "max_per_employer");
    plan->draw_id = text_of(plan->canonical, "draw_id");
    plan->session_id = text_of(plan->canonical, "session_id");
    plan->time_text = text_of(json_object_get(plan->canonical, "message"), "time_text");
    plan->reply_window_ms = json_integer_value(json_object_get(plan->canonical, "reply_window_ms"));
    plan->exclude_employers = json_object_get(exclude, "employers");
    plan->exclude_ids = json_object_get(exclude, "ids");
    plan->max_per_employer =
        json_is_integer(cap) ? (uint32_t)json_integer_value(cap) : TP_LOT_NO_CAP;
    struct tp_status status = fill_seats(plan, error);
    if (tp_ok(status))
        status = tp_json_write(plan->canonical, &plan->text, error);
    if (tp_ok(status))
        tp_hash("tongping.plan.v1", plan->text.data, plan->text.length, plan->hash);
    return status;
}

struct tp_status tp_plan_new(const json_t *body, struct tp_plan **plan, struct tp_error *error)
{
    struct parts parts = {0};
    TP_AUTO(tp_plan) struct tp_plan *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory", "no memory for a plan");
    struct tp_status status = read_top(body, &parts, error);
    if (tp_ok(status))
        status = check_id(parts.draw_id, "draw_id", error);
    if (tp_ok(status))
        status = check_id(parts.session_id, "session_id", error);
    if (tp_ok(status))
        status = make_canonical(&parts, &made->canonical, error);
    if (tp_ok(status))
        status = fill(made, error);
    if (tp_ok(status))
        *plan = tp_steal(&made);
    return status;
}

struct tp_status tp_plan_parse(const char *text, struct tp_plan **plan, struct tp_error *error)
{
    TP_AUTO(tp_json) json_t *body = NULL;
    struct tp_status status = tp_json_parse(text, strlen(text), &body, error);
    return tp_failed(status) ? status : tp_plan_new(body, plan, error);
}

static struct tp_status fail_memory(struct tp_error *error)
{
    return tp_fail(error, TP_NOMEM, "memory", "no memory for a plan");
}

/* A place for each venue, for plans by which nobody is invited. */
static json_t *empty_message(const json_t *seats)
{
    json_t *venues = json_array();
    size_t index;
    json_t *seat;
    json_array_foreach(seats, index, seat)
    {
        json_t *venue = json_object_get(seat, "venue");
        bool there = false;
        for (size_t i = 0; i < json_array_size(venues) && !there; i++)
            there = json_equal(json_object_get(json_array_get(venues, i), "venue"), venue) != 0;
        if (json_is_string(venue) && !there)
            json_array_append_new(venues,
                                  json_pack("{s:O,s:s}", "venue", venue, "place_text", "-"));
    }
    return json_pack("{s:s,s:o}", "time_text", "-", "venues", venues);
}

/* Sets a member that is absent; takes `value`. */
static bool set_default(json_t *body, const char *name, json_t *value)
{
    if (json_object_get(body, name) == NULL)
        return value != NULL && json_object_set_new(body, name, value) == 0;
    json_decref(value);
    return true;
}

struct tp_status tp_plan_new_offline(const json_t *body, struct tp_plan **plan,
                                     struct tp_error *error)
{
    TP_AUTO(tp_json)
    json_t *whole = json_is_object(body) ? json_copy((json_t *)(uintptr_t)body) : json_object();
    if (whole == NULL || !set_default(whole, "draw_id", json_string("offline")) ||
        !set_default(whole, "session_id", json_string("offline")) ||
        !set_default(whole, "reply_window_ms", json_integer(REPLY_WINDOW_LEAST_MS)) ||
        !set_default(whole, "message", empty_message(json_object_get(whole, "seats"))))
        return fail_memory(error);
    return tp_plan_new(whole, plan, error);
}
