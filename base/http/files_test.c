#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/http/test_peer.h"
#include "base/http/test_server.h"

static struct tp_test_server test;
static struct tp_test_peer peer;
static char folder[256];
static char answer[70000];

static void place(const char *name, const char *text)
{
    struct tp_error error = {0};
    char path[400];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (tp_failed(tp_file_write(path, text, strlen(text), 0644, &error)))
        fail_msg("%s: %s", error.code, error.message);
}

static void remove_tree(void)
{
    static const char *const names[] = {
        "site/index.html",   "site/assets/app.js", "site/assets/app.js.gz", "site/.hidden",
        "site/model.bin.gz", "site/room.html",     "site/assets",           "site",
        "secret.txt",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[400];
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        remove(path);
    }
    rmdir(folder);
}

static int set_up(void **state)
{
    (void)state;
    char site[300];
    const char *parent = getenv("TEST_TMPDIR");
    snprintf(folder, sizeof(folder), "%s/tp-files-XXXXXX", parent != NULL ? parent : P_tmpdir);
    assert_non_null(mkdtemp(folder));
    snprintf(site, sizeof(site), "%s/site", folder);
    mkdir(site, 0755);
    snprintf(site, sizeof(site), "%s/site/assets", folder);
    mkdir(site, 0755);
    place("secret.txt", "secret");
    place("site/index.html", "<html>index</html>");
    place("site/room.html", "<html>room</html>");
    place("site/.hidden", "hidden");
    place("site/assets/app.js", "let plain;");
    place("site/assets/app.js.gz", "zipped bytes");
    snprintf(site, sizeof(site), "%s/site", folder);
    tp_test_server_start(&test, TP_TEST_TLS, NULL, site);
    tp_test_peer_connect(&peer, test.port, test.certificates.ca);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_test_peer_close(&peer);
    tp_test_server_stop(&test);
    remove_tree();
    return 0;
}

/* The whole answer, head and body, to one request on a connection of its own. */
static int get(const char *method, const char *target, const char *headers)
{
    char request[1024];
    int status = 0;
    tp_test_peer_close(&peer);
    tp_test_peer_connect(&peer, test.port, test.certificates.ca);
    snprintf(request, sizeof(request), "%s %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%s\r\n",
             method, target, headers);
    assert_true(tp_test_peer_write_text(&peer, request));
    while (tp_test_peer_read(&peer))
        ;
    assert_true(peer.input.length > 0 && peer.input.length < sizeof(answer));
    memcpy(answer, peer.input.data, peer.input.length + 1);
    sscanf(answer, "HTTP/1.1 %d", &status);
    return status;
}

static bool has(const char *text)
{
    return strstr(answer, text) != NULL;
}

static const char *body(void)
{
    return strstr(answer, "\r\n\r\n") + 4;
}

static void get__file__with_headers(void **state)
{
    (void)state;
    assert_int_equal(get("GET", "/assets/app.js", ""), 200);
    assert_string_equal(body(), "let plain;");
    assert_true(has("Content-Type: text/javascript; charset=utf-8\r\n"));
    assert_true(has("Cache-Control: public, max-age=31536000, immutable\r\n"));
    assert_true(has("Vary: Accept-Encoding\r\n"));
    assert_true(has("Content-Security-Policy: default-src 'self'; script-src 'self' "
                    "'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: "
                    "blob:; media-src 'self' blob:; connect-src 'self' wss: https:; "
                    "frame-ancestors 'none'\r\n"));
    assert_true(has("Strict-Transport-Security: "));
    assert_true(has("Permissions-Policy: camera=(self), microphone=(self)"));
    assert_false(has("Content-Encoding"));
    assert_false(has("no-store"));
}

static void get__gzip_taken__sidecar(void **state)
{
    (void)state;
    assert_int_equal(get("GET", "/assets/app.js", "Accept-Encoding: br, gzip;q=0.5\r\n"), 200);
    assert_string_equal(body(), "zipped bytes");
    assert_true(has("Content-Encoding: gzip\r\n"));
    assert_true(has("Content-Type: text/javascript"));
    assert_int_equal(get("GET", "/assets/app.js", "Accept-Encoding: gzip;q=0\r\n"), 200);
    assert_string_equal(body(), "let plain;");
    assert_int_equal(get("GET", "/room.html", "Accept-Encoding: gzip\r\n"), 200);
    assert_string_equal(body(), "<html>room</html>");
}

static void get__same_tag__304(void **state)
{
    (void)state;
    char tag[128];
    char headers[256];
    assert_int_equal(get("GET", "/room.html", ""), 200);
    assert_true(has("Cache-Control: no-cache\r\n"));
    assert_int_equal(sscanf(strstr(answer, "ETag: "), "ETag: %100s", tag), 1);
    snprintf(headers, sizeof(headers), "If-None-Match: \"x\", %s\r\n", tag);
    assert_int_equal(get("GET", "/room.html", headers), 304);
    assert_string_equal(body(), "");
    assert_false(has("Content-Length"));
    assert_int_equal(get("GET", "/room.html", "If-None-Match: \"x\"\r\n"), 200);
    place("site/room.html", "<html>another room</html>");
    assert_int_equal(get("GET", "/room.html", headers), 200);
}

static void get__page_of_the_application__index(void **state)
{
    (void)state;
    static const char *const pages[] = {"/", "/sessions", "/sessions/1/rooms", "/sessions/",
                                        "/assets"};
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        assert_int_equal(get("GET", pages[i], ""), 200);
        assert_string_equal(body(), "<html>index</html>");
    }
}

static void get__unknown__404(void **state)
{
    (void)state;
    static const char *const paths[] = {"/nothing.js", "/assets/old.css", "/hello/deeper",
                                        "/lots/1/rooms/2/3", "/a/b/c.png"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        assert_int_equal(get("GET", paths[i], ""), 404);
        assert_true(has("http.not_found"));
    }
}

static void get__out_of_the_folder__never(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "/../secret.txt",         "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",       "/assets/../../secret.txt",
        "/%2e%2e%2fsecret.txt",   "/assets%2f..%2f..%2fsecret.txt",
        "//secret.txt",           "/.hidden",
        "/assets/%2e%2e/.hidden", "/..%5csecret.txt",
        "/%2fetc%2fpasswd",       "/.%2e/secret.txt",
        "/..%00/secret.txt",
    };
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        int status = get("GET", paths[i], "");
        if (status != 400 && status != 404)
            fail_msg("%s: %d", paths[i], status);
        assert_false(has("secret\r") || has("hidden\r"));
    }
}

static void other__methods__405_and_routes_first(void **state)
{
    (void)state;
    assert_int_equal(get("POST", "/room.html", "Content-Length: 0\r\n"), 405);
    assert_true(has("Allow: GET, HEAD\r\n"));
    assert_int_equal(get("HEAD", "/room.html", ""), 200);
    assert_true(has("Content-Length: 17\r\n"));
    assert_string_equal(body(), "");
    assert_int_equal(get("GET", "/hello", ""), 200);
    assert_string_equal(body(), "hello");
}

static void files__no_folder__refused(void **state)
{
    (void)state;
    struct tp_http_server *server = NULL;
    struct tp_http_server_config config = {.address = "127.0.0.1"};
    struct tp_error error;
    assert_true(tp_ok(tp_http_server_new(&config, &server, NULL)));
    assert_int_equal(tp_http_server_files(server, "/", "/nonexistent", &error).class, TP_IO);
    assert_string_equal(error.code, "http.folder");
    tp_http_server_free(server);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(get__file__with_headers),
        CASE(get__gzip_taken__sidecar),
        CASE(get__same_tag__304),
        CASE(get__page_of_the_application__index),
        CASE(get__unknown__404),
        CASE(get__out_of_the_folder__never),
        CASE(other__methods__405_and_routes_first),
        CASE(files__no_folder__refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
