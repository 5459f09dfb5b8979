/*
 * The messages that the demo's phones have received: in memory, and a JSON line each in a file, so
 * that a restart shows them again. Safe from several threads.
 */
#ifndef TP_DEMO_GATEWAY_INBOX_H
#define TP_DEMO_GATEWAY_INBOX_H

#include <jansson.h>

#include "base/error.h"

#define TP_INBOX_MESSAGES_MOST 20000

struct tp_inbox;

/* Opens `path`, made when missing; a torn last line (a crash) is dropped. */
TP_MUST_USE struct tp_status tp_inbox_open(const char *path, struct tp_inbox **inbox,
                                           struct tp_error *error);
void tp_inbox_free(struct tp_inbox *inbox);

struct tp_inbox_message {
    const char *id;   /* the sender's id of the message, or NULL; the same id is kept once */
    const char *kind; /* "sms" or "voice" */
    const char *to;
    const char *text;
    int64_t at_ms;
};

/* *fresh is false when a message of this id is there already. TP_LIMIT when full. */
TP_MUST_USE struct tp_status tp_inbox_add(struct tp_inbox *inbox,
                                          const struct tp_inbox_message *message, bool *fresh,
                                          struct tp_error *error);

/* New array of messages with n > `after`, oldest first, at most `most`:
 * {"n","at","kind","to","text"}. NULL without memory. */
json_t *tp_inbox_after(struct tp_inbox *inbox, int64_t after, size_t most);

#endif
