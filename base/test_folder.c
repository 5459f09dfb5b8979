#include "base/test_folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void give_up(const char *act)
{
    perror(act);
    abort();
}

void tp_test_folder_init(struct tp_test_folder *folder)
{
    const char *root = getenv("TEST_TMPDIR");
    snprintf(folder->path, sizeof(folder->path), "%s/tp-XXXXXX", root == NULL ? "/tmp" : root);
    if (mkdtemp(folder->path) == NULL)
        give_up("mkdtemp");
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

void tp_test_folder_fini(struct tp_test_folder *folder)
{
    nftw(folder->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    folder->path[0] = '\0';
}

const char *tp_test_folder_join(const struct tp_test_folder *folder, const char *name,
                                char out[TP_TEST_PATH_BYTES])
{
    snprintf(out, TP_TEST_PATH_BYTES, "%s/%s", folder->path, name);
    return out;
}

const char *tp_test_folder_put(const struct tp_test_folder *folder, const char *name,
                               const void *data, unsigned long bytes, char out[TP_TEST_PATH_BYTES])
{
    FILE *file = fopen(tp_test_folder_join(folder, name, out), "we");
    if (file == NULL)
        give_up("fopen");
    if (fwrite(data, 1, bytes, file) != bytes || fclose(file) != 0)
        give_up("fwrite");
    return out;
}
