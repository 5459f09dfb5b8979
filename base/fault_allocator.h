/*
 * Memory that runs out on purpose. A test that links this fails the Nth allocation of the code
 * under test, for N from 1 until nothing fails any more: every way out must give back what it took.
 *
 * The linker leads malloc, calloc and realloc of the statically linked code here (--wrap). Shared
 * libraries are reached only through their own hooks.
 */
#ifndef TP_BASE_FAULT_ALLOCATOR_H
#define TP_BASE_FAULT_ALLOCATOR_H

#include <stdbool.h>
#include <stddef.h>

/* The allocation with this number from now fails, and none after it. 0: none fails. */
void tp_fault_fail_at(unsigned number);

/* True when the allocation that should fail was reached since. */
bool tp_fault_was_reached(void);

/* True when the allocation being made is to fail; counts it. For hooks of libraries. */
bool tp_fault_strikes(void);

/* malloc that is never made to fail: for libraries that are not under test. */
void *tp_fault_free_malloc(size_t bytes);

#endif
