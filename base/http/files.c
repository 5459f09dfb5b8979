#include "base/http/files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX (64u << 20)
#define NAME_BYTES 1024
#define TAG_BYTES 80
#define INDEX "index.html"

struct opened {
    int fd;
    size_t bytes;
    bool gzip;
    char tag[TAG_BYTES];
};

static int count_segments(const char *path)
{
    int count = 0;
    for (; *path != '\0'; path++)
        count += *path == '/';
    return count;
}

struct tp_status tp_files_new(const char *prefix, const char *folder, struct tp_files **files_out,
                              struct tp_error *error)
{
    if (prefix[0] != '/')
        return tp_fail(error, TP_INPUT, "http.route", "prefix %s has no slash first", prefix);
    struct tp_files *files = calloc(1, sizeof(*files));
    size_t length = strlen(prefix);
    while (length > 0 && prefix[length - 1] == '/')
        length--;
    if (files != NULL)
        files->prefix = strndup(prefix, length);
    if (files == NULL || files->prefix == NULL) {
        free(files);
        return tp_fail(error, TP_NOMEM, "http.memory", "no memory for a route");
    }
    files->prefix_segment_count = count_segments(files->prefix);
    files->folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (files->folder_fd < 0) {
        struct tp_status status = tp_fail(error, TP_IO, "http.folder", "cannot open folder %s: %s",
                                          folder, strerrordesc_np(errno));
        free(files->prefix);
        free(files);
        return status;
    }
    *files_out = files;
    return TP_STATUS_OK;
}

void tp_files_free(struct tp_files *files)
{
    while (files != NULL) {
        struct tp_files *next = files->next;
        close(files->folder_fd);
        free(files->prefix);
        free(files);
        files = next;
    }
}

static bool holds(const struct tp_files *files, const char *path)
{
    size_t length = strlen(files->prefix);
    return strncmp(path, files->prefix, length) == 0 &&
           (path[length] == '/' || path[length] == '\0');
}

const struct tp_files *tp_files_find(const struct tp_files *list,
                                     const struct tp_http_request *request)
{
    const struct tp_files *best = NULL;
    for (; list != NULL; list = list->next)
        if (holds(list, request->path) &&
            (best == NULL || strlen(list->prefix) > strlen(best->prefix)))
            best = list;
    return best;
}

/* The request's segments below the prefix as a relative name. A segment came decoded and is never
 * "." or ".."; hidden files and segments with a slash in them name nothing. */
static bool file_name(const struct tp_files *files, const struct tp_http_request *request,
                      char name[NAME_BYTES])
{
    size_t used = 0;
    name[0] = '\0';
    for (int i = files->prefix_segment_count; i < request->segment_count; i++) {
        const char *segment = request->segments[i];
        size_t length = strlen(segment);
        if (segment[0] == '.' || strpbrk(segment, "/\\") != NULL || used + length + 2 > NAME_BYTES)
            return false;
        if (used > 0)
            name[used++] = '/';
        memcpy(name + used, segment, length + 1);
        used += length;
    }
    return true;
}

static bool open_exactly(const struct tp_files *files, const char *name, struct opened *opened)
{
    struct stat about;
    opened->fd = openat(files->folder_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (opened->fd < 0)
        return false;
    if (fstat(opened->fd, &about) != 0 || !S_ISREG(about.st_mode) ||
        (uint64_t)about.st_size > FILE_BYTES_MAX) {
        close(opened->fd);
        return false;
    }
    opened->bytes = (size_t)about.st_size;
    snprintf(opened->tag, sizeof(opened->tag), "\"%" PRIx64 "-%" PRIx64 ".%lx%s\"",
             (uint64_t)about.st_size, (uint64_t)about.st_mtim.tv_sec, about.st_mtim.tv_nsec,
             opened->gzip ? "-gz" : "");
    return true;
}

static bool takes_gzip(const struct tp_http_request *request)
{
    const char *accepted = tp_http_request_header(request, "accept-encoding");
    for (const char *at = accepted; at != NULL && *at != '\0';) {
        at += strspn(at, " \t,");
        size_t item = strcspn(at, ",");
        size_t name = strcspn(at, ",; \t");
        if (name == 4 && strncasecmp(at, "gzip", 4) == 0) {
            const char *weight = memmem(at, item, "q=0", 3);
            bool never = weight != NULL && strspn(weight + 2, "0.") == strcspn(weight + 2, ", \t;");
            return !never;
        }
        at += item;
    }
    return false;
}

static bool open_best(const struct tp_files *files, const struct tp_http_request *request,
                      const char *name, struct opened *opened)
{
    char zipped[NAME_BYTES + 4];
    opened->gzip = takes_gzip(request);
    if (opened->gzip && name[0] != '\0') {
        snprintf(zipped, sizeof(zipped), "%s.gz", name);
        if (open_exactly(files, zipped, opened))
            return true;
    }
    opened->gzip = false;
    return name[0] != '\0' && open_exactly(files, name, opened);
}

static const char *type_of(const char *name)
{
    static const struct {
        const char *suffix;
        const char *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".wasm", "application/wasm"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"},
        {".webp", "image/webp"},
        {".gif", "image/gif"},
        {".ico", "image/x-icon"},
        {".woff", "font/woff"},
        {".woff2", "font/woff2"},
        {".ttf", "font/ttf"},
        {".txt", "text/plain; charset=utf-8"},
        {".csv", "text/csv; charset=utf-8"},
        {".xml", "application/xml"},
        {".pdf", "application/pdf"},
        {".zip", "application/zip"},
        {".mp3", "audio/mpeg"},
        {".mp4", "video/mp4"},
        {".webm", "video/webm"},
    };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot != NULL && i < sizeof(types) / sizeof(types[0]); i++)
        if (strcasecmp(types[i].suffix, dot) == 0)
            return types[i].type;
    return "application/octet-stream";
}

static bool has_tag(const struct tp_http_request *request, const char *tag)
{
    const char *list = tp_http_request_header(request, "if-none-match");
    if (list == NULL)
        return false;
    return strcmp(list, "*") == 0 || strstr(list, tag) != NULL;
}

static bool read_all(int fd, uint8_t *data, size_t bytes)
{
    size_t done = 0;
    while (done < bytes) {
        ssize_t part = read(fd, data + done, bytes - done);
        if (part < 0 && errno == EINTR)
            continue;
        if (part <= 0)
            return false;
        done += (size_t)part;
    }
    return true;
}

static void answer_opened(const struct opened *opened, const char *name,
                          const struct tp_http_request *request, struct tp_http_response *response)
{
    bool fixed = strncmp(name, "assets/", 7) == 0 || strstr(name, "/assets/") != NULL;
    tp_http_response_header(response, "Cache-Control",
                            fixed ? "public, max-age=31536000, immutable" : "no-cache");
    tp_http_response_header(response, "ETag", opened->tag);
    tp_http_response_header(response, "Vary", "Accept-Encoding");
    if (has_tag(request, opened->tag)) {
        tp_http_response_status(response, 304);
        return;
    }
    if (opened->gzip)
        tp_http_response_header(response, "Content-Encoding", "gzip");
    uint8_t *data = malloc(opened->bytes + 1);
    if (data == NULL || !read_all(opened->fd, data, opened->bytes)) {
        free(data);
        response->failed = true;
        return;
    }
    tp_http_response_status(response, 200);
    tp_http_response_body(response, type_of(name), data, opened->bytes);
    free(data);
}

void tp_files_answer(const struct tp_files *files, const struct tp_http_request *request,
                     bool pages, struct tp_http_response *response)
{
    char name[NAME_BYTES];
    struct opened opened;
    bool named = file_name(files, request, name);
    bool found = named && open_best(files, request, name, &opened);
    const char *slash = strrchr(name, '/');
    if (!found && named && pages && strchr(slash != NULL ? slash : name, '.') == NULL) {
        strcpy(name, INDEX);
        found = open_best(files, request, name, &opened);
    }
    if (!found) {
        tp_http_response_refuse(response, 404, "http.not_found", "no such page or file");
        return;
    }
    answer_opened(&opened, name, request, response);
    close(opened.fd);
}
