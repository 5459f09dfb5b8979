/*
 * A fuzz target without libFuzzer: its function over every seed, and over seeds changed by a
 * generator that always begins the same. Linked once with each target.
 *   NAME_replay_test SEED_FOLDER ROUNDS
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/random.h"
#include "tests/fuzz/fuzz.h"

#define SEED_COUNT_MAX 256
#define SEED_BYTES_MAX ((size_t)64 * 1024)
#define CHANGES_MAX 8
#define GROWTH_MAX_BYTES 64

struct seed {
    char name[64];
    struct tp_bytes content;
};

static const char *folder;
static uint32_t rounds;
static struct seed seeds[SEED_COUNT_MAX];
static size_t seed_count;
static struct tp_seeded_random seeded;
static const uint8_t *current; /* what the function runs over, for the report of a crash */
static size_t current_bytes;

static uint32_t below(size_t bound)
{
    return tp_random_below(&seeded.random, (uint32_t)bound);
}

/* Async-signal-safe: shows the input in hex and lets the signal end the program. */
static void on_crash(int number)
{
    static const char digits[] = "0123456789abcdef";
    static const char title[] = "the input, in hex:\n";
    ssize_t written = write(STDERR_FILENO, title, sizeof(title) - 1);
    for (size_t i = 0; i < current_bytes && written > 0; i++) {
        const char pair[2] = {digits[current[i] >> 4], digits[current[i] & 15]};
        written = write(STDERR_FILENO, pair, sizeof(pair));
    }
    signal(number, SIG_DFL);
    raise(number);
}

static void run(const void *data, size_t bytes)
{
    current = data;
    current_bytes = bytes;
    assert_int_equal(LLVMFuzzerTestOneInput(data, bytes), 0);
    current_bytes = 0;
}

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct seed *)left)->name, ((const struct seed *)right)->name);
}

static int read_seeds(void **state)
{
    (void)state;
    DIR *open = opendir(folder);
    if (open == NULL)
        return -1;
    struct dirent *entry;
    while ((entry = readdir(open)) != NULL && seed_count < SEED_COUNT_MAX) {
        char path[512];
        struct seed *seed = &seeds[seed_count];
        if (entry->d_name[0] == '.' || strlen(entry->d_name) >= sizeof(seed->name))
            continue;
        strcpy(seed->name, entry->d_name);
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (tp_failed(tp_file_read(path, SEED_BYTES_MAX, &seed->content, NULL)))
            break;
        seed_count++;
    }
    closedir(open);
    qsort(seeds, seed_count, sizeof(seeds[0]), by_name);
    return seed_count > 0 ? 0 : -1;
}

static int free_seeds(void **state)
{
    (void)state;
    for (size_t i = 0; i < seed_count; i++)
        tp_bytes_fini(&seeds[i].content);
    return 0;
}

static void target__every_seed__keeps_its_promises(void **state)
{
    (void)state;
    run("", 0);
    for (size_t i = 0; i < seed_count; i++) {
        size_t before = tp_fuzz_taken_count;
        run(seeds[i].content.data, seeds[i].content.length);
        if (strncmp(seeds[i].name, "good-", 5) == 0 && tp_fuzz_taken_count == before)
            fail_msg("%s is refused", seeds[i].name);
    }
}

static void change_byte(uint8_t *data, size_t bytes)
{
    static const uint8_t interesting[] = "\r\n\0\"{}[]:;,=%/. \x01\x7f\x80\xff\xc3\xed\xf4-09aAzZ";
    size_t at = below(bytes);
    switch (below(3)) {
    case 0:
        data[at] = (uint8_t)below(256);
        break;
    case 1:
        data[at] ^= (uint8_t)(1U << below(8));
        break;
    default:
        data[at] = interesting[below(sizeof(interesting) - 1)];
        break;
    }
}

/* Changes `data`, which has room for GROWTH_MAX_BYTES more; returns its length then. */
static size_t change(uint8_t *data, size_t bytes, size_t room)
{
    size_t at = below(bytes);
    size_t length = 1 + below(bytes - at < 16 ? bytes - at : 16);
    switch (below(6)) {
    case 0: /* a piece is missing */
        memmove(data + at, data + at + length, bytes - at - length);
        return bytes - length;
    case 1: /* a piece stands twice */
        if (bytes + length > room)
            return bytes;
        memmove(data + at + length, data + at, bytes - at);
        return bytes + length;
    case 2: { /* a piece of another seed */
        const struct tp_bytes *other = &seeds[below(seed_count)].content;
        if (other->length >= length)
            memcpy(data + at, other->data + below(other->length - length + 1), length);
        return bytes;
    }
    case 3: /* the end is missing */
        return below(4) == 0 ? at : bytes;
    default:
        change_byte(data, bytes);
        return bytes;
    }
}

static void target__changed_seeds__keeps_its_promises(void **state)
{
    (void)state;
    tp_seeded_random_init(&seeded, 20261121);
    for (uint32_t i = 0; i < rounds; i++) {
        const struct tp_bytes *seed = &seeds[i % seed_count].content;
        size_t bytes = seed->length;
        size_t room = bytes + GROWTH_MAX_BYTES;
        uint8_t *data = malloc(room);
        assert_non_null(data);
        memcpy(data, seed->data, bytes);
        for (uint32_t n = 1 + below(CHANGES_MAX); n > 0 && bytes > 0; n--)
            bytes = change(data, bytes, room);
        run(data, bytes);
        free(data);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(target__every_seed__keeps_its_promises),
        cmocka_unit_test(target__changed_seeds__keeps_its_promises),
    };
    if (argc != 3) {
        fprintf(stderr, "usage: %s SEED_FOLDER ROUNDS\n", argv[0]);
        return 2;
    }
    folder = argv[1];
    rounds = (uint32_t)strtoul(argv[2], NULL, 10);
    signal(SIGABRT, on_crash);
    return cmocka_run_group_tests(tests, read_seeds, free_seeds);
}
