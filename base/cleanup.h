/*
 * Clean-up at the end of a scope. TP_AUTO(json) needs a function named as below.
 *   TP_AUTO(tp_bytes) struct tp_bytes text = TP_BYTES_INIT;
 *   TP_AUTO_FREE char *copy = strdup(x);
 * tp_steal(&pointer) hands a pointer on and disarms its clean-up.
 */
#ifndef TP_BASE_CLEANUP_H
#define TP_BASE_CLEANUP_H

#include <stdlib.h>

#define TP_CLEANUP(function) __attribute__((cleanup(function)))
#define TP_AUTO(type) TP_CLEANUP(type##_cleanup)
/* Declares type##_cleanup for a pointer type freed by `free_function`. */
#define TP_DEFINE_CLEANUP(type, free_function)                                                     \
    static inline void type##_cleanup(struct type **pointer)                                       \
    {                                                                                              \
        free_function(*pointer);                                                                   \
    }
/* Declares type##_cleanup for an embedded type ended by `fini_function`. */
#define TP_DEFINE_FINI_CLEANUP(type, fini_function)                                                \
    static inline void type##_cleanup(struct type *value)                                          \
    {                                                                                              \
        fini_function(value);                                                                      \
    }

static inline void tp_free_cleanup(void *pointer)
{
    free(*(void **)pointer);
}
#define TP_AUTO_FREE TP_CLEANUP(tp_free_cleanup)

#define tp_steal(pointer)                                                                          \
    ({                                                                                             \
        __typeof__(*(pointer)) tp_stolen = *(pointer);                                             \
        *(pointer) = NULL;                                                                         \
        tp_stolen;                                                                                 \
    })

#endif
