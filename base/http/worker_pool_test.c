#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/http/worker_pool.h"

#define WORKER_COUNT 8

static struct tp_worker_pool *pool;
static atomic_int done;
static pthread_barrier_t together;

struct item {
    struct tp_work work; /* first */
    int rounds;
    int number;
};

static int set_up(void **state)
{
    (void)state;
    atomic_store(&done, 0);
    return tp_ok(tp_worker_pool_new(WORKER_COUNT, &pool, NULL)) ? 0 : -1;
}

static void run_rounds(struct tp_work *work)
{
    struct item *item = (struct item *)work;
    atomic_fetch_add(&done, 1);
    if (--item->rounds > 0)
        tp_worker_pool_submit(pool, work);
    else
        free(item);
}

static void submit__many_that_come_again__all_run_before_free(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        struct item *item = calloc(1, sizeof(*item));
        assert_non_null(item);
        item->work.run = run_rounds;
        item->rounds = 20;
        tp_worker_pool_submit(pool, &item->work);
    }
    tp_worker_pool_free(pool);
    assert_int_equal(done, 20000);
}

static void run_together(struct tp_work *work)
{
    (void)work;
    pthread_barrier_wait(&together);
    atomic_fetch_add(&done, 1);
}

/* Would hang if blocking work did not bring up every worker. */
static void submit__work_that_blocks__all_workers_come(void **state)
{
    (void)state;
    struct tp_work works[WORKER_COUNT];
    pthread_barrier_init(&together, NULL, WORKER_COUNT);
    for (int i = 0; i < WORKER_COUNT; i++) {
        works[i].run = run_together;
        tp_worker_pool_submit(pool, &works[i]);
    }
    tp_worker_pool_free(pool);
    assert_int_equal(done, WORKER_COUNT);
    pthread_barrier_destroy(&together);
}

static void run_in_order(struct tp_work *work)
{
    struct item *item = (struct item *)work;
    assert_int_equal(atomic_fetch_add(&done, 1), item->number);
}

static void submit__one_worker__in_order(void **state)
{
    (void)state;
    struct tp_worker_pool *single = NULL;
    static struct item items[1000];
    assert_true(tp_ok(tp_worker_pool_new(1, &single, NULL)));
    for (int i = 0; i < 1000; i++) {
        items[i].work.run = run_in_order;
        items[i].number = i;
        tp_worker_pool_submit(single, &items[i].work);
    }
    tp_worker_pool_free(single);
    assert_int_equal(done, 1000);
    tp_worker_pool_free(pool);
}

static void free__nothing_submitted__ends(void **state)
{
    (void)state;
    tp_worker_pool_free(pool);
    tp_worker_pool_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(submit__many_that_come_again__all_run_before_free, set_up),
        cmocka_unit_test_setup(submit__work_that_blocks__all_workers_come, set_up),
        cmocka_unit_test_setup(submit__one_worker__in_order, set_up),
        cmocka_unit_test_setup(free__nothing_submitted__ends, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
