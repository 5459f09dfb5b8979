/*
 * The configuration of tp-venue (venue.ini). Paths in it are relative to the file's folder.
 *
 *   [node]         center_id, center_name, key, journal, coordinator_public, draw_public
 *   [coordinator]  url (https://HOST:PORT), ca
 *   [terminal]     address, port, certificate, private_key, folder
 *   [media]        socket, program, config. No program: tp-media is run by somebody else.
 *   [room ID]      name, source, sound
 *   [seat ID]      room, name, code, camera, desktop
 */
#ifndef TP_VENUE_NODE_CONFIG_H
#define TP_VENUE_NODE_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

#define TP_VENUE_ID_BYTES 65 /* of a center, room, seat or feed, with the NUL */
#define TP_VENUE_NAME_BYTES 128
#define TP_VENUE_PATH_BYTES 512
#define TP_VENUE_URL_BYTES 256
#define TP_VENUE_SOURCE_BYTES 256
#define TP_VENUE_CODE_BYTES 33
#define TP_VENUE_ROOM_LIMIT_COUNT 64
#define TP_VENUE_SEAT_LIMIT_COUNT 512

struct tp_venue_room {
    char id[TP_VENUE_ID_BYTES];
    char name[TP_VENUE_NAME_BYTES];
    char source[TP_VENUE_SOURCE_BYTES]; /* of the environment camera; "": none */
    char sound[TP_VENUE_SOURCE_BYTES];
};

struct tp_venue_seat {
    char id[TP_VENUE_ID_BYTES];
    char room_id[TP_VENUE_ID_BYTES];
    char name[TP_VENUE_NAME_BYTES];
    char code[TP_VENUE_CODE_BYTES]; /* enrols a terminal for this seat; 8 characters at least */
    char camera[TP_VENUE_SOURCE_BYTES];
    char desktop[TP_VENUE_SOURCE_BYTES];
};

struct tp_venue_config {
    char center_id[TP_VENUE_ID_BYTES];
    char center_name[TP_VENUE_NAME_BYTES];
    char key[TP_VENUE_PATH_BYTES];
    char journal[TP_VENUE_PATH_BYTES];
    char coordinator_public[TP_VENUE_PATH_BYTES]; /* written at enrolment */
    char draw_public[TP_VENUE_PATH_BYTES];
    char coordinator_url[TP_VENUE_URL_BYTES]; /* without a slash at the end */
    char coordinator_ca[TP_VENUE_PATH_BYTES]; /* "": the system's */
    char address[64];
    uint16_t port;
    char certificate[TP_VENUE_PATH_BYTES];
    char private_key[TP_VENUE_PATH_BYTES];
    char terminal_folder[TP_VENUE_PATH_BYTES]; /* "": no pages are served */
    char media_socket[TP_VENUE_PATH_BYTES];    /* "": no media at this venue */
    char media_program[TP_VENUE_PATH_BYTES];
    char media_config[TP_VENUE_PATH_BYTES];
    struct tp_venue_room *rooms; /* owned, in the file's order */
    size_t room_count;
    struct tp_venue_seat *seats;
    size_t seat_count;
};

/* TP_INPUT with the line and key at fault; TP_IO when the file cannot be read. */
TP_MUST_USE struct tp_status tp_venue_config_read(const char *path, struct tp_venue_config *config,
                                                  struct tp_error *error);
void tp_venue_config_fini(struct tp_venue_config *config);
TP_DEFINE_FINI_CLEANUP(tp_venue_config, tp_venue_config_fini)

/* NULL when there is none. */
const struct tp_venue_seat *tp_venue_config_seat(const struct tp_venue_config *config,
                                                 const char *seat_id);
const struct tp_venue_room *tp_venue_config_room(const struct tp_venue_config *config,
                                                 const char *room_id);

#endif
