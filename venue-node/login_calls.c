#include "venue-node/login_calls.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/random.h"

#define CALL_LIMIT_COUNT 24

struct call {
    uint64_t id; /* 0: free */
    bool link_down;
    Tongping__Link__LoginAnswer *answer;
};

struct tp_login_calls {
    pthread_mutex_t lock;
    pthread_cond_t answered;
    uint64_t last_id;
    struct call calls[CALL_LIMIT_COUNT];
};

struct tp_status tp_login_calls_new(struct tp_login_calls **calls, struct tp_error *error)
{
    struct tp_login_calls *made = calloc(1, sizeof *made);
    if (made == NULL)
        return tp_fail(error, TP_NOMEM, "memory.exhausted", "no memory for calls");
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&made->answered, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&made->lock, NULL);
    /* An answer to a call of an earlier process must not fit one of this. */
    uint32_t start;
    tp_random_fill(tp_random_system(), &start, sizeof start);
    made->last_id = (uint64_t)start << 20;
    *calls = made;
    return TP_STATUS_OK;
}

void tp_login_calls_free(struct tp_login_calls *calls)
{
    if (calls == NULL)
        return;
    for (size_t i = 0; i < CALL_LIMIT_COUNT; i++)
        tongping__link__login_answer__free_unpacked(calls->calls[i].answer, NULL);
    pthread_cond_destroy(&calls->answered);
    pthread_mutex_destroy(&calls->lock);
    free(calls);
}

static struct call *find(struct tp_login_calls *calls, uint64_t id)
{
    for (size_t i = 0; i < CALL_LIMIT_COUNT; i++)
        if (calls->calls[i].id == id)
            return &calls->calls[i];
    return NULL;
}

struct tp_status tp_login_calls_begin(struct tp_login_calls *calls, uint64_t *call_id,
                                      struct tp_error *error)
{
    pthread_mutex_lock(&calls->lock);
    struct call *call = find(calls, 0);
    if (call != NULL) {
        *call = (struct call){.id = ++calls->last_id};
        *call_id = call->id;
    }
    pthread_mutex_unlock(&calls->lock);
    if (call == NULL)
        return tp_fail(error, TP_LIMIT, "login.busy", "too many logins at once; try again");
    return TP_STATUS_OK;
}

void tp_login_calls_abandon(struct tp_login_calls *calls, uint64_t call_id)
{
    pthread_mutex_lock(&calls->lock);
    struct call *call = find(calls, call_id);
    if (call != NULL) {
        tongping__link__login_answer__free_unpacked(call->answer, NULL);
        *call = (struct call){0};
    }
    pthread_mutex_unlock(&calls->lock);
}

static struct timespec deadline_in(int64_t timeout_ms)
{
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    int64_t nanoseconds = deadline.tv_nsec + timeout_ms % 1000 * 1000000;
    deadline.tv_sec += timeout_ms / 1000 + nanoseconds / 1000000000;
    deadline.tv_nsec = nanoseconds % 1000000000;
    return deadline;
}

struct tp_status tp_login_calls_wait(struct tp_login_calls *calls, uint64_t call_id,
                                     int64_t timeout_ms, Tongping__Link__LoginAnswer **answer,
                                     struct tp_error *error)
{
    struct timespec deadline = deadline_in(timeout_ms);
    pthread_mutex_lock(&calls->lock);
    struct call *call = find(calls, call_id);
    assert(call != NULL);
    int waited = 0;
    while (call->answer == NULL && !call->link_down && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&calls->answered, &calls->lock, &deadline);
    bool link_down = call->link_down;
    *answer = call->answer;
    *call = (struct call){0};
    pthread_mutex_unlock(&calls->lock);
    if (*answer != NULL)
        return TP_STATUS_OK;
    if (link_down)
        return tp_fail(error, TP_PEER, "link.down", "the line to the coordinator was cut");
    return tp_fail(error, TP_PEER, "login.timeout", "no answer came in time");
}

/* A copy by way of its bytes: protobuf-c has no other. */
static Tongping__Link__LoginAnswer *copy_of(const Tongping__Link__LoginAnswer *answer)
{
    size_t bytes = tongping__link__login_answer__get_packed_size(answer);
    uint8_t *packed = malloc(bytes + 1);
    if (packed == NULL)
        return NULL;
    tongping__link__login_answer__pack(answer, packed);
    Tongping__Link__LoginAnswer *copy = tongping__link__login_answer__unpack(NULL, bytes, packed);
    free(packed);
    return copy;
}

void tp_login_calls_answer(struct tp_login_calls *calls, const Tongping__Link__LoginAnswer *answer)
{
    if (answer->call_id == 0)
        return;
    Tongping__Link__LoginAnswer *copy = copy_of(answer);
    if (copy == NULL)
        return;
    pthread_mutex_lock(&calls->lock);
    struct call *call = find(calls, answer->call_id);
    if (call != NULL && call->answer == NULL) {
        call->answer = copy;
        copy = NULL;
        pthread_cond_broadcast(&calls->answered);
    }
    pthread_mutex_unlock(&calls->lock);
    tongping__link__login_answer__free_unpacked(copy, NULL);
}

void tp_login_calls_link_down(struct tp_login_calls *calls)
{
    pthread_mutex_lock(&calls->lock);
    for (size_t i = 0; i < CALL_LIMIT_COUNT; i++)
        calls->calls[i].link_down = calls->calls[i].id != 0;
    pthread_cond_broadcast(&calls->answered);
    pthread_mutex_unlock(&calls->lock);
}
