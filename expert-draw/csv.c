#include "expert-draw/csv.h"

#include <string.h>

void tp_csv_init(struct tp_csv *csv, char *text, size_t bytes)
{
    *csv = (struct tp_csv){.next = text, .end = text + bytes};
    if (bytes >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        csv->next += 3;
}

static bool at_line_end(const char *at)
{
    return *at == '\n' || (*at == '\r' && at[1] == '\n');
}

/* Unquotes in place from after the opening quote; returns what follows the closing one, or NULL. */
static char *read_quoted(struct tp_csv *csv, char *at)
{
    char *out = at;
    while (at < csv->end) {
        if (*at == '"' && at[1] == '"') {
            at++;
        } else if (*at == '"') {
            *out = '\0';
            return at + 1;
        }
        csv->has_nul |= *at == '\0';
        *out++ = *at++;
    }
    return NULL;
}

static char *read_plain(struct tp_csv *csv, char *at)
{
    while (at < csv->end && *at != ',' && !at_line_end(at)) {
        csv->stray_quote |= *at == '"';
        csv->has_nul |= *at == '\0';
        at++;
    }
    return at;
}

static void keep_field(struct tp_csv *csv, char *field)
{
    if (csv->field_count < TP_CSV_FIELD_LIMIT)
        csv->field[csv->field_count] = field;
    csv->field_count++;
}

/* Reads one field and what ends it; *more tells whether another of the record follows. */
static bool read_field(struct tp_csv *csv, bool *more)
{
    char *start = csv->next;
    char *at = start;
    if (at < csv->end && *at == '"') {
        start = at + 1;
        char *after = read_quoted(csv, start);
        if (after == NULL)
            return false;
        at = after;
        if (at < csv->end && *at != ',' && !at_line_end(at)) {
            csv->stray_quote = true;
            at = read_plain(csv, at);
        }
    } else {
        at = read_plain(csv, at);
    }
    keep_field(csv, start);
    *more = at < csv->end && *at == ',';
    csv->next = at < csv->end ? at + (*at == '\r' ? 2 : 1) : at;
    *at = '\0';
    return true;
}

struct tp_status tp_csv_next(struct tp_csv *csv, bool *found, struct tp_error *error)
{
    *found = false;
    while (csv->next < csv->end && at_line_end(csv->next)) {
        csv->next += *csv->next == '\r' ? 2 : 1;
        csv->record++;
    }
    if (csv->next >= csv->end)
        return TP_STATUS_OK;
    csv->record++;
    csv->field_count = 0;
    csv->stray_quote = false;
    csv->has_nul = false;
    for (bool more = true; more;)
        if (!read_field(csv, &more))
            return tp_fail(error, TP_INPUT, "csv.unclosed_quote",
                           "row %u: the text ends inside quotes", csv->record);
    *found = true;
    return TP_STATUS_OK;
}
