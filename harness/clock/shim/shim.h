/* A clock that a test sets: its page of memory, and what the parts of the shim share.
 *
 * Scenario time goes `rate` times as fast as the machine's. A page maps the machine's monotonic
 * clock to the scenario's, and that to wall clocks: number 0 is the scenario's own, each of the
 * others may be skewed, frozen or drift while timers go on. A process sees one of them. All times
 * are in nanoseconds.
 */
#pragma once

#define _GNU_SOURCE
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#include <dlfcn.h>

#define EXPORT __attribute__((visibility("default")))

/* The function that a program would call without the shim. */
#define NEXT(function)                                                    \
    ({                                                                    \
        static __typeof__(function) *next;                                \
        if (!next)                                                        \
            next = (__typeof__(function) *)dlsym(RTLD_NEXT, #function);   \
        next;                                                             \
    })

#define SECOND 1000000000LL
#define WALLS 16

struct now {
    int64_t real; /* the machine's monotonic clock */
    int64_t monotonic;
    int64_t wall;
    double pace; /* of the monotonic clock */
    double wall_pace; /* of the wall clock, to the machine's */
};

/* Whether this process has a page. Without one everything is the machine's. */
int attached(void);

/* Read the clocks of this process, all at the same moment. */
struct now now(void);

/* A time as one number, cut where a sum of two would not fit. */
int64_t nanoseconds(const struct timespec *time);
struct timespec timespec_of(int64_t ns);

/* How long to wait until so much has passed at a pace; never too short. */
int64_t real_duration(int64_t ns, double pace);
