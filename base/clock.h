/*
 * Time as a port: programs get the system's clock, tests and simulations one they turn by hand.
 */
#ifndef TP_BASE_CLOCK_H
#define TP_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

struct tp_clock {
    void *context;
    int64_t (*now_ms)(void *context);       /* milliseconds since 1970 UTC */
    int64_t (*monotonic_ms)(void *context); /* never steps; for waits and time-outs */
};

/* The system's clock. Static, never freed. */
const struct tp_clock *tp_clock_system(void);

int64_t tp_clock_now_ms(const struct tp_clock *clock);
int64_t tp_clock_monotonic_ms(const struct tp_clock *clock);

/* A clock that stands until it is turned; now and monotonic move together. */
struct tp_manual_clock {
    struct tp_clock clock;
    int64_t time_ms;
};
void tp_manual_clock_init(struct tp_manual_clock *manual, int64_t now_ms);
void tp_manual_clock_turn(struct tp_manual_clock *manual, int64_t by_ms);

#define TP_TIME_TEXT_BYTES 32
/* "2026-11-21T08:00:00.000Z" */
void tp_time_format(int64_t time_ms, char out[TP_TIME_TEXT_BYTES]);
/* "11月21日 08:00" in China Standard Time (UTC+8, no summer time). */
void tp_time_format_chinese(int64_t time_ms, char out[TP_TIME_TEXT_BYTES]);

#endif
