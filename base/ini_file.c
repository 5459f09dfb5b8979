#include "base/ini_file.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define LINE_MOST_BYTES 4096
#define SECTION_MOST_BYTES 49 /* libinih cuts longer ones */
#define KEY_MOST_COUNT 20000

struct walk {
    const char *path;
    FILE *file;
    int line; /* of the line last read */
    char text[LINE_MOST_BYTES];
    const char *long_value; /* within `text`: of a line that libinih has no room for */
    tp_ini_entry entry;
    void *context;
    char **seen; /* "section\nname" of each key so far */
    size_t seen_count;
    struct tp_status status;
    int failed_line;
    struct tp_error *error;
};

const char *tp_ini_file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static void fail_line(struct walk *walk, const char *code, const char *message)
{
    if (tp_failed(walk->status))
        return;
    walk->failed_line = walk->line;
    walk->status = tp_fail(walk->error, TP_INPUT, code, "%s", message);
    tp_error_set_field(walk->error, "%s:%d", tp_ini_file_name(walk->path), walk->line);
}

static bool is_blank(char character)
{
    return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

/* Cuts blanks around and a comment behind, as libinih does to the values it reads itself. */
static char *trimmed_value(char *value)
{
    char *end = value;
    while (*end != '\0' && !(*end == ';' && end > value && is_blank(end[-1])))
        end++;
    while (end > value && is_blank(end[-1]))
        end--;
    *end = '\0';
    while (is_blank(*value))
        value++;
    return value;
}

/* Reads one whole line into `text`; false at the end of the file or on a refused line. */
static bool read_line(struct walk *walk)
{
    size_t length = 0;
    int character;
    while ((character = getc(walk->file)) != EOF) {
        if (length + 1 == sizeof(walk->text)) {
            walk->line++;
            fail_line(walk, "ini.line_too_long", "the line is longer than 4095 bytes");
            return false;
        }
        walk->text[length++] = (char)character;
        if (character == '\n')
            break;
    }
    walk->text[length] = '\0';
    if (length == 0)
        return false;
    walk->line++;
    if (!tp_utf8_valid(walk->text, length)) {
        fail_line(walk, "ini.not_utf8", "the line is not UTF-8");
        return false;
    }
    return true;
}

/* The line without its leading blanks: to libinih they would mean "goes on with the value above".
 */
static char *line_start(struct walk *walk)
{
    char *start = walk->text;
    if (walk->line == 1 && strncmp(start, "\xEF\xBB\xBF", 3) == 0)
        start += 3;
    while (is_blank(*start))
        start++;
    return start;
}

static bool check_section(struct walk *walk, const char *start)
{
    const char *end = strchr(start, ']');
    if (*start != '[' || end == NULL)
        return true;
    if (end - start - 1 > SECTION_MOST_BYTES) {
        fail_line(walk, "ini.section_too_long", "a section's name has at most 49 bytes");
        return false;
    }
    for (end++; is_blank(*end); end++)
        ;
    if (*end != '\0' && *end != ';' && *end != '#') {
        fail_line(walk, "ini.malformed", "text after the section");
        return false;
    }
    return true;
}

/* Hands libinih a stand-in for the value of a line that is longer than its buffer. */
static bool give_long_line(struct walk *walk, char *start, char *out, size_t out_bytes)
{
    if (*start == ';' || *start == '#') {
        strcpy(out, "\n");
        return true;
    }
    size_t name_bytes = strcspn(start, "=:");
    if (start[name_bytes] == '\0' || name_bytes + 3 > out_bytes) {
        fail_line(walk, "ini.malformed", "neither a section nor `name = value`");
        return false;
    }
    memcpy(out, start, name_bytes);
    strcpy(out + name_bytes, "=");
    walk->long_value = trimmed_value(start + name_bytes + 1);
    return true;
}

static char *give_line(char *out, int out_bytes, void *stream)
{
    struct walk *walk = stream;
    if (tp_failed(walk->status) || !read_line(walk))
        return NULL;
    walk->long_value = NULL;
    char *start = line_start(walk);
    if (!check_section(walk, start))
        return NULL;
    if (strlen(start) < (size_t)out_bytes)
        return strcpy(out, start);
    return give_long_line(walk, start, out, (size_t)out_bytes) ? out : NULL;
}

/* False when the key was there before or memory is short. */
static bool note_key(struct walk *walk, const char *section, const char *name)
{
    char *key = NULL;
    if (asprintf(&key, "%s\n%s", section, name) < 0)
        key = NULL;
    char **seen = realloc(walk->seen, (walk->seen_count + 1) * sizeof(*seen));
    if (seen != NULL)
        walk->seen = seen;
    if (key == NULL || seen == NULL || walk->seen_count == KEY_MOST_COUNT) {
        free(key);
        walk->status = tp_fail(walk->error, TP_NOMEM, "memory.exhausted", "too many keys");
        return false;
    }
    for (size_t i = 0; i < walk->seen_count; i++) {
        if (strcmp(walk->seen[i], key) == 0) {
            free(key);
            fail_line(walk, "ini.duplicate_key", "the key stands twice");
            tp_error_set_field(walk->error, "%s:%d %s", tp_ini_file_name(walk->path), walk->line,
                               name);
            return false;
        }
    }
    walk->seen[walk->seen_count++] = key;
    return true;
}

static int take_key(void *user, const char *section, const char *name, const char *value)
{
    struct walk *walk = user;
    if (tp_failed(walk->status))
        return 0;
    if (name[0] == '\0') {
        fail_line(walk, "ini.malformed", "a value without a name");
        return 0;
    }
    if (!note_key(walk, section, name))
        return 0;
    if (walk->long_value != NULL)
        value = walk->long_value;
    walk->status = walk->entry(walk->context, section, name, value, walk->line, walk->error);
    walk->failed_line = walk->line;
    if (tp_failed(walk->status) && walk->error != NULL && walk->error->field[0] == '\0')
        tp_error_set_field(walk->error, "%s:%d %s", tp_ini_file_name(walk->path), walk->line, name);
    return tp_ok(walk->status);
}

static void release(struct walk *walk)
{
    fclose(walk->file);
    for (size_t i = 0; i < walk->seen_count; i++)
        free(walk->seen[i]);
    free(walk->seen);
}

struct tp_status tp_ini_file_walk(const char *path, tp_ini_entry entry, void *context,
                                  struct tp_error *error)
{
    struct walk walk = {
        .path = path, .entry = entry, .context = context, .status = TP_STATUS_OK, .error = error};
    walk.file = fopen(path, "re");
    if (walk.file == NULL)
        return tp_fail(error, errno == ENOENT ? TP_NOT_FOUND : TP_IO, "ini.unreadable", "%s: %s",
                       path, strerror(errno));
    int first_bad_line = ini_parse_stream(give_line, &walk, take_key, &walk);
    if (ferror(walk.file) != 0 && tp_ok(walk.status))
        walk.status = tp_fail(error, TP_IO, "ini.unreadable", "%s cannot be read", path);
    /* libinih goes on after a line it cannot read: the first fault is the one told. */
    if (first_bad_line > 0 && (tp_ok(walk.status) || first_bad_line < walk.failed_line)) {
        walk.status = TP_STATUS_OK;
        walk.line = first_bad_line;
        fail_line(&walk, "ini.malformed", "neither a section nor `name = value`");
    } else if (first_bad_line < 0 && tp_ok(walk.status)) {
        walk.status = tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory to read %s", path);
    }
    release(&walk);
    return walk.status;
}
