/*
 * tp-media's service: what the frames of proto/media.proto mean, and the status told once a second
 * and at once on a change. Everything is wired here.
 */
#ifndef TP_MEDIA_SERVICE_H
#define TP_MEDIA_SERVICE_H

#include "media/config.h"

struct tp_service;

/* Listens and serves on the main loop. `config` must live as long. */
TP_MUST_USE struct tp_status tp_service_start(const struct tp_media_config *config,
                                              struct tp_service **service, struct tp_error *error);
void tp_service_stop(struct tp_service *service);

#endif
