/*
 * What the fuzz targets share. A target is one function over arbitrary bytes: libFuzzer drives it
 * (./dev fuzz), and replay_test.c drives it over its seeds. It may refuse its input; it may not
 * break memory, overflow, hang, or break a promise that FUZZ_HOLDS states.
 */
#ifndef TP_TESTS_FUZZ_FUZZ_H
#define TP_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"

/* Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Inputs that the parser took so far: a seed named "good-..." must be taken. */
extern size_t tp_fuzz_taken_count;

/* Ends the program with the promise that was broken. */
#define FUZZ_HOLDS(condition)                                                                      \
    ((condition) ? (void)0 : tp_fuzz_broken(#condition, __FILE__, __LINE__))
__attribute__((noreturn)) void tp_fuzz_broken(const char *promise, const char *file, int line);

/* Cuts the input into pieces, from its front; what is not there is zero or empty. */
struct tp_fuzz_input {
    const uint8_t *data;
    size_t bytes;
};
uint8_t tp_fuzz_take_u8(struct tp_fuzz_input *input);
uint16_t tp_fuzz_take_u16(struct tp_fuzz_input *input);
/* At most `bytes`, in memory of exactly that size so that one byte too far is seen. free(). */
uint8_t *tp_fuzz_take(struct tp_fuzz_input *input, size_t bytes, size_t *taken_bytes);
/* The rest with a NUL behind it. free(). */
char *tp_fuzz_take_text(struct tp_fuzz_input *input);
/* Up to the next newline (which goes too), with a NUL behind it. free(). */
char *tp_fuzz_take_line(struct tp_fuzz_input *input);

/* The same keys in every run; `which` tells them apart. Static, never freed. */
const struct tp_keypair *tp_fuzz_keypair(unsigned which);

#endif
