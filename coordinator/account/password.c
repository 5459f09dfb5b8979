#include "coordinator/account/password.h"

#include <semaphore.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE_MOST 4

struct tp_password_gate {
    sem_t places;
    char of_nobody[TP_PASSWORD_HASH_BYTES];
};

_Static_assert(TP_PASSWORD_HASH_BYTES >= crypto_pwhash_STRBYTES, "the hash must fit");

static void enter(struct tp_password_gate *gate)
{
    while (sem_wait(&gate->places) != 0) {
        /* Interrupted by a signal: wait on. */
    }
}

struct tp_status tp_password_hash(struct tp_password_gate *gate, const char *password,
                                  char hash[TP_PASSWORD_HASH_BYTES], struct tp_error *error)
{
    enter(gate);
    int failed =
        crypto_pwhash_str(hash, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE);
    sem_post(&gate->places);
    return failed != 0 ? tp_fail(error, TP_NOMEM, "memory.none", "no memory for a password's hash")
                       : TP_STATUS_OK;
}

bool tp_password_matches(struct tp_password_gate *gate, const char *hash, const char *password)
{
    enter(gate);
    const char *stored = hash == NULL ? gate->of_nobody : hash;
    bool matches = crypto_pwhash_str_verify(stored, password, strlen(password)) == 0;
    sem_post(&gate->places);
    return matches && hash != NULL;
}

struct tp_status tp_password_gate_new(struct tp_password_gate **gate, struct tp_error *error)
{
    struct tp_password_gate *made = calloc(1, sizeof *made);
    if (made == NULL || sem_init(&made->places, 0, AT_ONCE_MOST) != 0) {
        free(made);
        return tp_fail(error, TP_NOMEM, "memory.none", "no memory for passwords");
    }
    struct tp_status status = tp_password_hash(made, "nobody's password", made->of_nobody, error);
    if (tp_failed(status)) {
        tp_password_gate_free(made);
        return status;
    }
    *gate = made;
    return TP_STATUS_OK;
}

void tp_password_gate_free(struct tp_password_gate *gate)
{
    if (gate != NULL) {
        sem_destroy(&gate->places);
        free(gate);
    }
}
