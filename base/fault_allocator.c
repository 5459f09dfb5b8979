#include "base/fault_allocator.h"

#include <stdlib.h>

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);

static unsigned allocations_left; /* until the one that fails; 0: none fails */

void tp_fault_fail_at(unsigned number)
{
    __atomic_store_n(&allocations_left, number, __ATOMIC_SEQ_CST);
}

bool tp_fault_was_reached(void)
{
    return __atomic_load_n(&allocations_left, __ATOMIC_SEQ_CST) == 0;
}

bool tp_fault_strikes(void)
{
    unsigned left = __atomic_load_n(&allocations_left, __ATOMIC_SEQ_CST);
    while (left > 0 && !__atomic_compare_exchange_n(&allocations_left, &left, left - 1, false,
                                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
    return left == 1;
}

void *tp_fault_free_malloc(size_t bytes)
{
    return __real_malloc(bytes);
}

void *__wrap_malloc(size_t bytes)
{
    return tp_fault_strikes() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    return tp_fault_strikes() ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *old, size_t bytes)
{
    return tp_fault_strikes() ? NULL : __real_realloc(old, bytes);
}
