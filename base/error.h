/*
 * What exactly went wrong, for people and for programs.
 *
 * `code` is stable and public: API clients, pages and tests decide by it ("request.seats_taken").
 * `message` is English for logs and developers; pages translate by code.
 * `field` names the input at fault ("end_at", "row 17, id_number") or is empty.
 * `source` cites the rule that demanded the refusal ("甘肃手册 一.3.(1)") or is empty.
 * No name of a person, ID number, phone number or key ever stands in an error.
 */
#ifndef TP_BASE_ERROR_H
#define TP_BASE_ERROR_H

#include "base/status.h"

#define TP_ERROR_CODE_MAX_BYTES 64
#define TP_ERROR_FIELD_MAX_BYTES 64
#define TP_ERROR_SOURCE_MAX_BYTES 128
#define TP_ERROR_MESSAGE_MAX_BYTES 256

struct tp_error {
    enum tp_class class;
    char code[TP_ERROR_CODE_MAX_BYTES];
    char field[TP_ERROR_FIELD_MAX_BYTES];
    char source[TP_ERROR_SOURCE_MAX_BYTES];
    char message[TP_ERROR_MESSAGE_MAX_BYTES];
};

/*
 * Fills `error` (which may be NULL) and returns the status of `class`, so that a failure is one
 * statement: return tp_fail(error, TP_INPUT, "request.too_late", "draw opens at %s", when);
 * Text that does not fit is cut at a character's end. `class` must not be TP_OK.
 */
struct tp_status tp_fail(struct tp_error *error, enum tp_class class, const char *code,
                         const char *format, ...) TP_PRINTF(4, 5);

/* Adds the field at fault to an error already filled; does nothing when `error` is NULL. */
void tp_error_set_field(struct tp_error *error, const char *format, ...) TP_PRINTF(2, 3);

/* Adds the rule that demanded the refusal; does nothing when `error` is NULL. */
void tp_error_set_source(struct tp_error *error, const char *source);

/* Empties the error. */
void tp_error_clear(struct tp_error *error);

#endif
