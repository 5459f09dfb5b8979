#include "coordinator/http/events.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/http/server.h"

#define LOGIN_BYTES_MOST 32
#define SOCKETS_PER_USER_MOST 32
#define SOCKETS_MOST 20000
/* RFC 6455 7.4.1: the server cannot go on with this peer. */
#define CLOSE_TOO_SLOW 1011
/* In the range for applications: the login is over. */
#define CLOSE_LOGIN_ENDED 4001

struct page {
    struct tp_websocket *socket;
    struct tp_user user;
    uint8_t login[LOGIN_BYTES_MOST];
    size_t login_bytes;
    struct page *next;
};

struct tp_events {
    pthread_mutex_t lock;
    struct page *pages;
    size_t page_count;
};

static const char *const type_names[] = {
    [TP_EVENT_TYPE_TODO] = "todo",     [TP_EVENT_TYPE_SESSION] = "session",
    [TP_EVENT_TYPE_NODE] = "node",     [TP_EVENT_TYPE_FEED] = "feed",
    [TP_EVENT_TYPE_MATTER] = "matter", [TP_EVENT_TYPE_LOG] = "log",
};

struct tp_status tp_events_new(struct tp_events **events, struct tp_error *error)
{
    struct tp_events *made = calloc(1, sizeof *made);
    if (made == NULL || pthread_mutex_init(&made->lock, NULL) != 0) {
        free(made);
        return tp_fail(error, TP_NOMEM, "memory.none", "no memory for the live events");
    }
    *events = made;
    return TP_STATUS_OK;
}

void tp_events_free(struct tp_events *events)
{
    if (events == NULL) {
        return;
    }
    while (events->pages != NULL) {
        struct page *page = events->pages;
        events->pages = page->next;
        free(page);
    }
    pthread_mutex_destroy(&events->lock);
    free(events);
}

static bool concerns(const struct tp_event *event, const struct tp_user *user)
{
    if ((event->role_bits & TP_ROLE_BIT(user->role)) != 0 ||
        (event->user_id[0] != '\0' && strcmp(event->user_id, user->id) == 0)) {
        return true;
    }
    if (user->role == TP_ROLE_AGENCY) {
        return event->agency_code[0] != '\0' && strcmp(event->agency_code, user->agency_code) == 0;
    }
    for (size_t i = 0; user->role == TP_ROLE_STAFF && i < event->center_count; i++) {
        if (strcmp(event->centers[i], user->center_id) == 0) {
            return true;
        }
    }
    return false;
}

void tp_events_publish(struct tp_events *events, const struct tp_event *event)
{
    /* Ids hold letters, digits, '-' and '_' only: nothing to escape. */
    char text[128];
    int length = snprintf(text, sizeof text, "{\"type\":\"%s\",\"id\":\"%s\"}",
                          type_names[event->type], event->id);
    pthread_mutex_lock(&events->lock);
    for (struct page *page = events->pages; page != NULL; page = page->next) {
        if (concerns(event, &page->user) &&
            tp_failed(tp_websocket_send(page->socket, text, (size_t)length, false))) {
            tp_websocket_close(page->socket, CLOSE_TOO_SLOW, "too slow");
        }
    }
    pthread_mutex_unlock(&events->lock);
}

static size_t count_of_user(const struct tp_events *events, const char *user_id)
{
    size_t count = 0;
    for (const struct page *page = events->pages; page != NULL; page = page->next) {
        count += strcmp(page->user.id, user_id) == 0;
    }
    return count;
}

struct tp_status tp_events_join(struct tp_events *events, struct tp_websocket *socket,
                                const struct tp_user *user, const void *login, size_t login_bytes,
                                struct tp_error *error)
{
    struct page *page = calloc(1, sizeof *page);
    if (page == NULL || login_bytes > LOGIN_BYTES_MOST) {
        free(page);
        return tp_fail(error, TP_NOMEM, "memory.none", "no memory for a live page");
    }
    page->socket = socket;
    page->user = *user;
    memcpy(page->login, login, login_bytes);
    page->login_bytes = login_bytes;
    pthread_mutex_lock(&events->lock);
    bool room = events->page_count < SOCKETS_MOST &&
                count_of_user(events, user->id) < SOCKETS_PER_USER_MOST;
    if (room) {
        page->next = events->pages;
        events->pages = page;
        events->page_count++;
    }
    pthread_mutex_unlock(&events->lock);
    if (!room) {
        free(page);
        return tp_fail(error, TP_LIMIT, "events.too_many", "too many live pages are open");
    }
    return TP_STATUS_OK;
}

void tp_events_leave(struct tp_events *events, struct tp_websocket *socket)
{
    pthread_mutex_lock(&events->lock);
    for (struct page **at = &events->pages; *at != NULL; at = &(*at)->next) {
        if ((*at)->socket == socket) {
            struct page *page = *at;
            *at = page->next;
            events->page_count--;
            free(page);
            break;
        }
    }
    pthread_mutex_unlock(&events->lock);
}

void tp_events_close_login(struct tp_events *events, const void *login, size_t login_bytes)
{
    pthread_mutex_lock(&events->lock);
    for (struct page *page = events->pages; page != NULL; page = page->next) {
        if (page->login_bytes == login_bytes && memcmp(page->login, login, login_bytes) == 0) {
            tp_websocket_close(page->socket, CLOSE_LOGIN_ENDED, "login ended");
        }
    }
    pthread_mutex_unlock(&events->lock);
}
