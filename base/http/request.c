#include "base/http/request.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum tp_http_method tp_http_request_method(const struct tp_http_request *request)
{
    return request->method;
}

const char *tp_http_request_path(const struct tp_http_request *request)
{
    return request->path;
}

static const char *find_pair(const struct tp_http_pair *pairs, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(pairs[i].name, name) == 0)
            return pairs[i].value;
    return NULL;
}

const char *tp_http_request_parameter(const struct tp_http_request *request, const char *name)
{
    for (int i = 0; i < request->parameter_count; i++)
        if (strcmp(request->parameter_names[i], name) == 0)
            return request->segments[request->parameter_segments[i]];
    return NULL;
}

const char *tp_http_request_query(const struct tp_http_request *request, const char *name)
{
    return find_pair(request->query, request->query_count, name);
}

const char *tp_http_request_header(const struct tp_http_request *request, const char *name)
{
    return find_pair(request->headers, request->header_count, name);
}

const char *tp_http_request_cookie(const struct tp_http_request *request, const char *name)
{
    return find_pair(request->cookies, request->cookie_count, name);
}

const uint8_t *tp_http_request_body(const struct tp_http_request *request, size_t *bytes)
{
    static const uint8_t nothing[1] = {0};
    *bytes = request->body.length;
    return request->body.data != NULL ? request->body.data : nothing;
}

const char *tp_http_request_peer_address(const struct tp_http_request *request)
{
    return request->peer_address;
}

const char *tp_http_request_client_name(const struct tp_http_request *request)
{
    return request->client_name[0] != '\0' ? request->client_name : NULL;
}

void tp_http_request_fini(struct tp_http_request *request)
{
    free(request->text);
    free(request->path);
    free(request->decoded);
    tp_bytes_fini(&request->body);
    request->text = NULL;
    request->path = NULL;
    request->decoded = NULL;
}

bool tp_http_list_has(const char *list, const char *token)
{
    size_t length = strlen(token);
    while (list != NULL && *list != '\0') {
        list += strspn(list, " \t,");
        size_t item = strcspn(list, ",");
        size_t trimmed = item;
        while (trimmed > 0 && (list[trimmed - 1] == ' ' || list[trimmed - 1] == '\t'))
            trimmed--;
        if (trimmed == length && strncasecmp(list, token, length) == 0)
            return true;
        list += item;
    }
    return false;
}
