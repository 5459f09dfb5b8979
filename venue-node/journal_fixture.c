#include "venue-node/journal_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "venue-node/journal.h"

struct fixture {
    char folder[32];
    char path[64];
    struct tp_store *store;
};

int journal_set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (fixture == NULL)
        return -1;
    snprintf(fixture->folder, sizeof fixture->folder, "/tmp/tp-journal-XXXXXX");
    if (mkdtemp(fixture->folder) == NULL)
        return -1;
    snprintf(fixture->path, sizeof fixture->path, "%s/journal.db", fixture->folder);
    *state = fixture;
    return tp_ok(tp_journal_open(fixture->path, &fixture->store, NULL)) ? 0 : -1;
}

int journal_tear_down(void **state)
{
    struct fixture *fixture = *state;
    tp_store_free(fixture->store);
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char path[80];
        snprintf(path, sizeof path, "%s%s", fixture->path, suffixes[i]);
        unlink(path);
    }
    rmdir(fixture->folder);
    free(fixture);
    return 0;
}

struct tp_store *journal_of(void **state)
{
    struct fixture *fixture = *state;
    return fixture->store;
}

struct tp_store *journal_reopened(void **state)
{
    struct fixture *fixture = *state;
    tp_store_free(fixture->store);
    fixture->store = NULL;
    if (tp_failed(tp_journal_open(fixture->path, &fixture->store, NULL)))
        abort();
    return fixture->store;
}
