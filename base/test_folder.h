/*
 * A folder of a test's own, removed with all that is in it.
 */
#ifndef TP_BASE_TEST_FOLDER_H
#define TP_BASE_TEST_FOLDER_H

#define TP_TEST_PATH_BYTES 512

struct tp_test_folder {
    char path[TP_TEST_PATH_BYTES / 2];
};

/* Ends the test program when it cannot be made. */
void tp_test_folder_init(struct tp_test_folder *folder);
void tp_test_folder_fini(struct tp_test_folder *folder);

/* "FOLDER/name" in `out`, which is returned. */
const char *tp_test_folder_join(const struct tp_test_folder *folder, const char *name,
                                char out[TP_TEST_PATH_BYTES]);

/* Writes a file into the folder and gives its path. */
const char *tp_test_folder_put(const struct tp_test_folder *folder, const char *name,
                               const void *data, unsigned long bytes, char out[TP_TEST_PATH_BYTES]);

#endif
