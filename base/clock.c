#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#define CHINA_OFFSET_S (8 * 3600)

static int64_t read_clock_ms(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t system_now_ms(void *context)
{
    (void)context;
    return read_clock_ms(CLOCK_REALTIME);
}

static int64_t system_monotonic_ms(void *context)
{
    (void)context;
    return read_clock_ms(CLOCK_MONOTONIC);
}

static const struct tp_clock system_clock = {
    .now_ms = system_now_ms,
    .monotonic_ms = system_monotonic_ms,
};

const struct tp_clock *tp_clock_system(void)
{
    return &system_clock;
}

int64_t tp_clock_now_ms(const struct tp_clock *clock)
{
    return clock->now_ms(clock->context);
}

int64_t tp_clock_monotonic_ms(const struct tp_clock *clock)
{
    return clock->monotonic_ms(clock->context);
}

/* Atomic: a test turns the clock while the threads under test read it. */
static int64_t manual_ms(void *context)
{
    struct tp_manual_clock *manual = context;
    return __atomic_load_n(&manual->time_ms, __ATOMIC_SEQ_CST);
}

void tp_manual_clock_init(struct tp_manual_clock *manual, int64_t now_ms)
{
    *manual = (struct tp_manual_clock){
        .clock = {.context = manual, .now_ms = manual_ms, .monotonic_ms = manual_ms},
        .time_ms = now_ms,
    };
}

void tp_manual_clock_turn(struct tp_manual_clock *manual, int64_t by_ms)
{
    __atomic_add_fetch(&manual->time_ms, by_ms, __ATOMIC_SEQ_CST);
}

/* Whole seconds towards the past, so that times before 1970 read right too. */
static int64_t floor_seconds(int64_t time_ms)
{
    return time_ms / 1000 - (time_ms % 1000 < 0 ? 1 : 0);
}

static struct tm broken_down(int64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm parts = {0};
    gmtime_r(&time, &parts);
    return parts;
}

void tp_time_format(int64_t time_ms, char out[TP_TIME_TEXT_BYTES])
{
    int64_t seconds = floor_seconds(time_ms);
    struct tm parts = broken_down(seconds);
    char date[TP_TIME_TEXT_BYTES - sizeof(".000Z") + 1];
    if (strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &parts) == 0)
        date[0] = '\0';
    snprintf(out, TP_TIME_TEXT_BYTES, "%s.%03uZ", date,
             (unsigned)(time_ms - seconds * 1000) % 1000);
}

void tp_time_format_chinese(int64_t time_ms, char out[TP_TIME_TEXT_BYTES])
{
    struct tm parts = broken_down(floor_seconds(time_ms) + CHINA_OFFSET_S);
    if (strftime(out, TP_TIME_TEXT_BYTES, "%-m月%-d日 %H:%M", &parts) == 0)
        out[0] = '\0';
}
