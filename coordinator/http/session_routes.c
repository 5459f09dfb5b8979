#include <stdio.h>
#include <string.h>

#include "coordinator/http/modules.h"
#include "coordinator/http/route.h"
#include "coordinator/session/session.h"

#define PAGE_COUNT 50
#define PATTERN_BYTES 256

struct listing {
    struct tp_call *call;
    const char *state;           /* NULL: any */
    char pattern[PATTERN_BYTES]; /* of LIKE; "%" for any */
    const char *before;
    char ids[PAGE_COUNT][TP_ID_BYTES];
    size_t count;
    json_t *items;
};

/* Escapes what LIKE reads as wildcards. */
static struct tp_status make_pattern(const char *text, char pattern[PATTERN_BYTES],
                                     struct tp_error *error)
{
    size_t at = 0;
    pattern[at++] = '%';
    for (const char *from = text; *from != '\0'; from++) {
        if (at + 4 > PATTERN_BYTES) {
            struct tp_status status =
                tp_fail(error, TP_INPUT, "query.too_long", "the text is too long");
            tp_error_set_field(error, "text");
            return status;
        }
        if (*from == '%' || *from == '_' || *from == '\\') {
            pattern[at++] = '\\';
        }
        pattern[at++] = *from;
    }
    if (at > 1) {
        pattern[at++] = '%';
    }
    pattern[at] = '\0';
    return TP_STATUS_OK;
}

static const char *relation_of(const struct tp_user *user)
{
    if (tp_permission_relation(user->role, TP_ACT_SESSION_READ, TP_RELATION_NONE)) {
        return "$1 = $1 AND $2 = $2";
    }
    return user->role == TP_ROLE_AGENCY
               ? "s.agency_code = $1 AND $2 = $2"
               : "$1 = $1 AND EXISTS (SELECT 1 FROM session_venues v WHERE v.center_id = $2 AND"
                 " v.session_id = s.id)";
}

static struct tp_status find_ids(struct tp_db *db, struct listing *listing, struct tp_error *error)
{
    const struct tp_user *user = listing->call->user;
    char sql[640];
    snprintf(sql, sizeof sql,
             "SELECT s.id FROM sessions s JOIN lots l ON l.id = s.lot_id WHERE %s AND"
             " ($3 IS NULL OR s.state = $3) AND (l.name LIKE $4 ESCAPE '\\' OR l.code LIKE $4"
             " ESCAPE '\\') AND s.id < $5 ORDER BY s.id DESC LIMIT $6",
             relation_of(user));
    struct tp_query *query = NULL;
    struct tp_status status = tp_db_query(db, &query, error, sql,
                                          "tttt"
                                          "ti",
                                          user->agency_code, user->center_id, listing->state,
                                          listing->pattern, listing->before, (int64_t)PAGE_COUNT);
    bool row = tp_ok(status);
    while (tp_ok(status) && row && listing->count < PAGE_COUNT) {
        status = tp_query_next(query, &row, error);
        if (tp_ok(status) && row) {
            snprintf(listing->ids[listing->count++], TP_ID_BYTES, "%s", tp_query_text(query, 0));
        }
    }
    tp_query_end(query);
    return status;
}

static struct tp_status list(struct tp_db *db, void *argument, struct tp_error *error)
{
    struct listing *listing = argument;
    struct tp_status status = find_ids(db, listing, error);
    for (size_t i = 0; tp_ok(status) && i < listing->count; i++) {
        json_t *session = NULL;
        status = tp_session_json(listing->call->app, db, listing->ids[i], listing->call->user,
                                 false, &session, error);
        if (tp_ok(status) && json_array_append_new(listing->items, session) != 0) {
            status = tp_fail(error, TP_NOMEM, "memory.none", "no memory for the sessions");
        }
    }
    return status;
}

static struct tp_status check_state(const char *state, struct tp_error *error)
{
    if (state != NULL && tp_session_state_of(state) == TP_SESSION_NONE) {
        struct tp_status status =
            tp_fail(error, TP_INPUT, "query.bad_state", "there is no such state");
        tp_error_set_field(error, "state");
        return status;
    }
    return TP_STATUS_OK;
}

static const char *given(const struct tp_call *call, const char *name)
{
    const char *value = tp_http_request_query(call->request, name);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

static struct tp_status list_sessions(struct tp_call *call, struct tp_error *error)
{
    const char *cursor = given(call, "cursor");
    const char *text = given(call, "text");
    /* '~' comes after every id. */
    struct listing listing = {
        .call = call, .state = given(call, "state"), .before = cursor == NULL ? "~" : cursor};
    struct tp_status status = check_state(listing.state, error);
    if (tp_ok(status)) {
        status = make_pattern(text == NULL ? "" : text, listing.pattern, error);
    }
    if (tp_failed(status)) {
        return status;
    }
    TP_AUTO(tp_json) json_t *items = json_array();
    listing.items = items;
    status = tp_store_read(call->app->store, list, &listing, error);
    if (tp_failed(status)) {
        return status;
    }
    const char *next = listing.count == PAGE_COUNT ? listing.ids[PAGE_COUNT - 1] : NULL;
    return tp_call_answer_items_take(call, tp_steal(&items), next, error);
}

static struct tp_status read_session(struct tp_call *call, struct tp_error *error)
{
    const char *session_id = NULL;
    struct tp_status status = tp_call_id(call, "session_id", &session_id, error);
    return tp_ok(status) ? tp_call_answer_session(call, 200, session_id, error) : status;
}

static const struct tp_route routes[] = {
    {TP_HTTP_GET, "/api/v1/sessions", TP_ACCESS_USER, TP_ACT_SESSION_READ, TP_BODY_NONE,
     list_sessions},
    {TP_HTTP_GET, "/api/v1/sessions/{session_id}", TP_ACCESS_USER, TP_ACT_SESSION_READ,
     TP_BODY_NONE, read_session},
};

const struct tp_module tp_session_module = {
    .name = "session",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
};
