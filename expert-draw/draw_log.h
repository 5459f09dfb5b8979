/*
 * A log that names the records of draws, one a line: "DRAW_ID N HASH", the hash in base64url. It is
 * kept apart from the transcripts; a record stands in it before its randomness is known, so that a
 * second attempt, or one that was cut short, shows.
 */
#ifndef TP_DRAW_DRAW_LOG_H
#define TP_DRAW_DRAW_LOG_H

#include "expert-draw/transcript.h"

/* Appends the course's last record and waits until it is on disk. */
TP_MUST_USE struct tp_status tp_draw_log_append(const char *path, const struct tp_course *course,
                                                struct tp_error *error);
/* TP_CONFLICT "log.other_attempt" when the log has the draw already. A log that is not there is
 * empty. */
TP_MUST_USE struct tp_status tp_draw_log_check_new(const char *path, const char *draw_id,
                                                   struct tp_error *error);
/* TP_CRYPTO "log.false" when the log's lines of this draw are not the transcript's records, all of
 * them and in their order. */
TP_MUST_USE struct tp_status tp_draw_log_verify(const char *path,
                                                const struct tp_transcript *transcript,
                                                struct tp_error *error);

#endif
