/* Timers of the kernel. They are set in the machine's time at the rate of that moment: a later
 * change of the rate does not move them. */
#include "shim.h"

#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define DESCRIPTORS 4096

/* The clocks of timerfd descriptors. */
static _Atomic int8_t timerfd_clock[DESCRIPTORS];

static int64_t to_machine(int64_t ns)
{
    return ns > 0 ? real_duration(ns, now().pace) : ns;
}

static int64_t to_scenario(int64_t ns)
{
    return (int64_t)((double)ns * now().pace);
}

static int64_t from_timeval(struct timeval time)
{
    return time.tv_sec * SECOND + time.tv_usec * 1000;
}

/* Rounded up: a timer of 0 is one that is off. */
static struct timeval timeval_of(int64_t ns)
{
    int64_t us = (ns + 999) / 1000;
    return (struct timeval){us / 1000000, us % 1000000};
}

static void show(struct itimerval *value)
{
    value->it_value = timeval_of(to_scenario(from_timeval(value->it_value)));
    value->it_interval = timeval_of(to_scenario(from_timeval(value->it_interval)));
}

static void show_precise(struct itimerspec *value)
{
    value->it_value = timespec_of(to_scenario(nanoseconds(&value->it_value)));
    value->it_interval = timespec_of(to_scenario(nanoseconds(&value->it_interval)));
}

EXPORT int setitimer(__itimer_which_t which, const struct itimerval *restrict value,
    struct itimerval *restrict old)
{
    if (!attached() || which != ITIMER_REAL || !value)
        return NEXT(setitimer)(which, value, old);
    struct itimerval real = {
        .it_value = timeval_of(to_machine(from_timeval(value->it_value))),
        .it_interval = timeval_of(to_machine(from_timeval(value->it_interval))),
    };
    int failed = NEXT(setitimer)(which, &real, old);
    if (!failed && old)
        show(old);
    return failed;
}

EXPORT int getitimer(__itimer_which_t which, struct itimerval *value)
{
    int failed = NEXT(getitimer)(which, value);
    if (!failed && attached() && which == ITIMER_REAL)
        show(value);
    return failed;
}

EXPORT unsigned alarm(unsigned seconds)
{
    struct itimerval value = {.it_value = {seconds, 0}}, old = {0};
    setitimer(ITIMER_REAL, &value, &old);
    return (unsigned)(old.it_value.tv_sec + (old.it_value.tv_usec > 0));
}

/* A time at which to fire, or in how long, as in how long by the machine's clock. */
static struct itimerspec machine_setting(
    const struct itimerspec *value, int absolute, int wall)
{
    struct now t = now();
    int64_t first = nanoseconds(&value->it_value);
    if (first > 0 && absolute) {
        int64_t left = first - (wall ? t.wall : t.monotonic);
        first = left > 0 ? real_duration(left, wall ? t.wall_pace : t.pace) : 1;
    } else {
        first = to_machine(first);
    }
    return (struct itimerspec){
        .it_value = timespec_of(first),
        .it_interval = timespec_of(to_machine(nanoseconds(&value->it_interval))),
    };
}

EXPORT int timer_settime(timer_t timer, int flags, const struct itimerspec *restrict value,
    struct itimerspec *restrict old)
{
    if (!attached() || !value)
        return NEXT(timer_settime)(timer, flags, value, old);
    /* The timer does not tell its clock; no machine has been up for thirty years. */
    int wall = value->it_value.tv_sec > 30LL * 365 * 86400;
    struct itimerspec real = machine_setting(value, flags & TIMER_ABSTIME, wall);
    int failed = NEXT(timer_settime)(timer, flags & ~TIMER_ABSTIME, &real, old);
    if (!failed && old)
        show_precise(old);
    return failed;
}

EXPORT int timer_gettime(timer_t timer, struct itimerspec *value)
{
    int failed = NEXT(timer_gettime)(timer, value);
    if (!failed && attached())
        show_precise(value);
    return failed;
}

EXPORT int timerfd_create(__clockid_t clock, int flags)
{
    int fd = NEXT(timerfd_create)(clock, flags);
    if (fd >= 0 && fd < DESCRIPTORS)
        timerfd_clock[fd] = (int8_t)clock;
    return fd;
}

EXPORT int timerfd_settime(
    int fd, int flags, const struct itimerspec *value, struct itimerspec *old)
{
    if (!attached() || !value || fd < 0)
        return NEXT(timerfd_settime)(fd, flags, value, old);
    int wall = fd < DESCRIPTORS && timerfd_clock[fd] == CLOCK_REALTIME;
    struct itimerspec real = machine_setting(value, flags & TFD_TIMER_ABSTIME, wall);
    int failed = NEXT(timerfd_settime)(fd, 0, &real, old);
    if (!failed && old)
        show_precise(old);
    return failed;
}

EXPORT int timerfd_gettime(int fd, struct itimerspec *value)
{
    int failed = NEXT(timerfd_gettime)(fd, value);
    if (!failed && attached())
        show_precise(value);
    return failed;
}
