/* What time it is. Clocks of CPU time, and the resolution of clocks, are the machine's. */
#include "shim.h"

#include <sys/time.h>

EXPORT int clock_gettime(clockid_t clock, struct timespec *time)
{
    struct now t;
    int failed;
    if (!attached())
        return NEXT(clock_gettime)(clock, time);
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
        *time = timespec_of(now().wall);
        return 0;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_COARSE:
        *time = timespec_of(now().monotonic);
        return 0;
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_BOOTTIME:
    case CLOCK_BOOTTIME_ALARM:
        t = now();
        failed = NEXT(clock_gettime)(clock, time);
        if (!failed)
            *time = timespec_of(nanoseconds(time) + t.monotonic - t.real);
        return failed;
    case CLOCK_REALTIME_ALARM:
    case CLOCK_TAI: /* as on a machine that knows of no leap seconds */
        *time = timespec_of(now().wall);
        return 0;
    default:
        return NEXT(clock_gettime)(clock, time);
    }
}

EXPORT int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
    struct timespec precise;
    if (zone)
        *(struct timezone *)zone = (struct timezone){0, 0};
    clock_gettime(CLOCK_REALTIME, &precise);
    *time = (struct timeval){precise.tv_sec, precise.tv_nsec / 1000};
    return 0;
}

EXPORT time_t time(time_t *seconds)
{
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    if (seconds)
        *seconds = precise.tv_sec;
    return precise.tv_sec;
}

EXPORT int timespec_get(struct timespec *time, int base)
{
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, time) == 0 ? base : 0;
}
