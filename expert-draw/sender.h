/*
 * The threads that take the engine's messages to the gateway (Kannel's sendsms form) and the one
 * that ends reply windows.
 */
#ifndef TP_DRAW_SENDER_H
#define TP_DRAW_SENDER_H

#include "expert-draw/engine.h"
#include "expert-draw/settings.h"

struct tp_draw_sender;

TP_MUST_USE struct tp_status tp_draw_sender_new(struct tp_draw_engine *engine,
                                                const struct tp_draw_settings *settings,
                                                struct tp_draw_sender **sender,
                                                struct tp_error *error);
/* Ends the engine's waiting and joins the threads. NULL is allowed. */
void tp_draw_sender_free(struct tp_draw_sender *sender);

/* "/cgi-bin/sendsms?username=…": exported for its test. */
void tp_draw_sender_path(const struct tp_draw_settings *settings,
                         const struct tp_draw_message *message, struct tp_bytes *path);

#endif
