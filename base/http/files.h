/*
 * Files of the pages, below one folder.
 */
#ifndef TP_BASE_HTTP_FILES_H
#define TP_BASE_HTTP_FILES_H

#include "base/http/request.h"
#include "base/http/response.h"

struct tp_files {
    struct tp_files *next;
    char *prefix; /* without a slash at its end: "" or "/console" */
    int prefix_segment_count;
    int folder_fd;
};

/* TP_IO "http.folder" when the folder cannot be opened. */
TP_MUST_USE struct tp_status tp_files_new(const char *prefix, const char *folder,
                                          struct tp_files **files, struct tp_error *error);
/* Frees the whole list. */
void tp_files_free(struct tp_files *files);

/* The entry of the list with the longest prefix that holds the path, or NULL. */
const struct tp_files *tp_files_find(const struct tp_files *list,
                                     const struct tp_http_request *request);
/* Answers from the folder. `pages`: an unknown path without a dot is the application's own. */
void tp_files_answer(const struct tp_files *files, const struct tp_http_request *request,
                     bool pages, struct tp_http_response *response);

#endif
