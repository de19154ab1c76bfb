/* Waits with a time limit.
 *
 * The kernel waits in the machine's time. A wait is cut into slices of at most SLICE, and the
 * clock is read again after each: a change of the rate, or a jump of the wall clock, is seen
 * within one slice. A wait without a limit, or with none left, goes straight to the kernel.
 */
#include "shim.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SLICE (SECOND / 20)

struct wait {
    int64_t until;
    int on_wall;
};

static int on_wall(clockid_t clock)
{
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_ALARM || clock == CLOCK_TAI;
}

static int is_valid(const struct timespec *time)
{
    return time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < SECOND;
}

static struct wait wait_for(int64_t ns)
{
    return (struct wait){now().monotonic + ns, 0};
}

static struct wait wait_until(clockid_t clock, const struct timespec *time)
{
    return (struct wait){nanoseconds(time), on_wall(clock)};
}

/* How long the kernel is to wait next; 0 when the time has come. */
static int64_t slice(const struct wait *wait)
{
    struct now t = now();
    int64_t left = wait->until - (wait->on_wall ? t.wall : t.monotonic);
    if (left <= 0)
        return 0;
    int64_t real = real_duration(left, wait->on_wall ? t.wall_pace : t.pace);
    return real < SLICE ? real : SLICE;
}

static struct timespec machine_time_in(int64_t ns)
{
    return timespec_of(now().real + ns);
}

/* Sleeping */

EXPORT int clock_nanosleep(
    clockid_t clock, int flags, const struct timespec *time, struct timespec *left)
{
    int is_cpu_clock = clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID;
    int absolute = flags & TIMER_ABSTIME;
    if (!attached() || is_cpu_clock || !is_valid(time))
        return NEXT(clock_nanosleep)(clock, flags, time, left);
    struct wait wait = absolute ? wait_until(clock, time) : wait_for(nanoseconds(time));
    int64_t ns;
    while ((ns = slice(&wait)) > 0) {
        struct timespec part = timespec_of(ns);
        int failed = NEXT(clock_nanosleep)(CLOCK_MONOTONIC, 0, &part, NULL);
        if (failed == EINTR && left && !absolute) {
            int64_t rest = wait.until - now().monotonic;
            *left = timespec_of(rest > 0 ? rest : 0);
        }
        if (failed)
            return failed;
    }
    return 0;
}

EXPORT int nanosleep(const struct timespec *time, struct timespec *left)
{
    if (!attached())
        return NEXT(nanosleep)(time, left);
    int failed = clock_nanosleep(CLOCK_MONOTONIC, 0, time, left);
    if (failed)
        errno = failed;
    return failed ? -1 : 0;
}

EXPORT int usleep(useconds_t us)
{
    struct timespec time = timespec_of((int64_t)us * 1000);
    return nanosleep(&time, NULL);
}

EXPORT unsigned sleep(unsigned seconds)
{
    struct timespec time = {seconds, 0}, left = {0, 0};
    return nanosleep(&time, &left) ? (unsigned)left.tv_sec + (left.tv_nsec >= SECOND / 2) : 0;
}

/* Waiting for descriptors */

EXPORT int ppoll(
    struct pollfd *fds, nfds_t count, const struct timespec *limit, const sigset_t *mask)
{
    if (!attached() || !limit || !is_valid(limit) || nanoseconds(limit) == 0)
        return NEXT(ppoll)(fds, count, limit, mask);
    struct wait wait = wait_for(nanoseconds(limit));
    for (;;) {
        int64_t ns = slice(&wait);
        struct timespec part = timespec_of(ns);
        int ready = NEXT(ppoll)(fds, count, &part, mask);
        if (ready != 0 || ns == 0)
            return ready;
    }
}

EXPORT int poll(struct pollfd *fds, nfds_t count, int limit_ms)
{
    if (!attached() || limit_ms <= 0)
        return NEXT(poll)(fds, count, limit_ms);
    struct timespec limit = timespec_of(limit_ms * 1000000LL);
    return ppoll(fds, count, &limit, NULL);
}

/* What a program compiled with _FORTIFY_SOURCE calls instead. */
EXPORT int __poll_chk(struct pollfd *fds, nfds_t count, int limit_ms, size_t size)
{
    if (size / sizeof *fds < count)
        abort();
    return poll(fds, count, limit_ms);
}

EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *limit,
    const sigset_t *mask, size_t size)
{
    if (size / sizeof *fds < count)
        abort();
    return ppoll(fds, count, limit, mask);
}

EXPORT int pselect(int count, fd_set *restrict read, fd_set *restrict write,
    fd_set *restrict except, const struct timespec *restrict limit, const sigset_t *restrict mask)
{
    if (!attached() || !limit || !is_valid(limit) || nanoseconds(limit) == 0 || count < 0)
        return NEXT(pselect)(count, read, write, except, limit, mask);
    fd_set *sets[] = {read, write, except};
    size_t size = (size_t)(count + 63) / 64 * 8;
    char saved[3][size + 1];
    for (int i = 0; i < 3; i++)
        if (sets[i])
            memcpy(saved[i], sets[i], size);
    struct wait wait = wait_for(nanoseconds(limit));
    for (;;) {
        int64_t ns = slice(&wait);
        struct timespec part = timespec_of(ns);
        int ready = NEXT(pselect)(count, read, write, except, &part, mask);
        if (ready != 0 || ns == 0)
            return ready;
        for (int i = 0; i < 3; i++)
            if (sets[i])
                memcpy(sets[i], saved[i], size);
    }
}

EXPORT int select(int count, fd_set *restrict read, fd_set *restrict write,
    fd_set *restrict except, struct timeval *restrict limit)
{
    if (!attached() || !limit || limit->tv_sec < 0 || limit->tv_usec < 0)
        return NEXT(select)(count, read, write, except, limit);
    struct timespec precise = {limit->tv_sec + limit->tv_usec / 1000000,
        limit->tv_usec % 1000000 * 1000};
    struct wait wait = wait_for(nanoseconds(&precise));
    int ready = pselect(count, read, write, except, &precise, NULL);
    int64_t left = wait.until - now().monotonic;
    precise = timespec_of(left > 0 ? left : 0);
    *limit = (struct timeval){precise.tv_sec, precise.tv_nsec / 1000};
    return ready;
}

/* Not every kernel and sandbox has epoll_pwait2; the older calls wait in milliseconds. */
static int epoll_slice(
    int epoll, struct epoll_event *events, int count, int64_t ns, const sigset_t *mask)
{
    static atomic_int lacking;
    struct timespec part = timespec_of(ns);
    if (!atomic_load(&lacking)) {
        long ready = NEXT(syscall)(SYS_epoll_pwait2, epoll, events, count, &part, mask, 8);
        if (ready >= 0 || (errno != ENOSYS && errno != EPERM))
            return (int)ready;
        atomic_store(&lacking, 1);
    }
    return NEXT(epoll_pwait)(epoll, events, count, (int)((ns + 999999) / 1000000), mask);
}

static int epoll_limited(
    int epoll, struct epoll_event *events, int count, int64_t limit, const sigset_t *mask)
{
    struct wait wait = wait_for(limit);
    for (;;) {
        int64_t ns = slice(&wait);
        int ready = epoll_slice(epoll, events, count, ns, mask);
        if (ready != 0 || ns == 0)
            return ready;
    }
}

EXPORT int epoll_pwait(
    int epoll, struct epoll_event *events, int count, int limit_ms, const sigset_t *mask)
{
    if (!attached() || limit_ms <= 0)
        return NEXT(epoll_pwait)(epoll, events, count, limit_ms, mask);
    return epoll_limited(epoll, events, count, limit_ms * 1000000LL, mask);
}

EXPORT int epoll_wait(int epoll, struct epoll_event *events, int count, int limit_ms)
{
    return epoll_pwait(epoll, events, count, limit_ms, NULL);
}

EXPORT int epoll_pwait2(int epoll, struct epoll_event *events, int count,
    const struct timespec *limit, const sigset_t *mask)
{
    if (!attached() || !limit || !is_valid(limit) || nanoseconds(limit) == 0)
        return (int)NEXT(syscall)(SYS_epoll_pwait2, epoll, events, count, limit, mask, 8);
    return epoll_limited(epoll, events, count, nanoseconds(limit), mask);
}

/* Waiting for threads */

EXPORT int sem_clockwait(
    sem_t *restrict semaphore, clockid_t clock, const struct timespec *restrict until)
{
    if (!attached() || !is_valid(until))
        return NEXT(sem_clockwait)(semaphore, clock, until);
    struct wait wait = wait_until(clock, until);
    for (;;) {
        int64_t ns = slice(&wait);
        struct timespec part = machine_time_in(ns);
        int failed = NEXT(sem_clockwait)(semaphore, CLOCK_MONOTONIC, &part);
        if (!failed || errno != ETIMEDOUT || ns == 0)
            return failed;
    }
}

EXPORT int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until)
{
    return sem_clockwait(semaphore, CLOCK_REALTIME, until);
}

/* A signal that came between two slices would be lost, so after each but the last the caller gets
 * a spurious wakeup, which POSIX allows. */
EXPORT int pthread_cond_clockwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
    clockid_t clock, const struct timespec *restrict until)
{
    if (!attached() || !is_valid(until))
        return NEXT(pthread_cond_clockwait)(cond, mutex, clock, until);
    struct wait wait = wait_until(clock, until);
    struct timespec part = machine_time_in(slice(&wait));
    int failed = NEXT(pthread_cond_clockwait)(cond, mutex, CLOCK_MONOTONIC, &part);
    return failed == ETIMEDOUT && slice(&wait) > 0 ? 0 : failed;
}

EXPORT int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
    const struct timespec *restrict until)
{
    /* glibc's note of pthread_condattr_setclock */
    clockid_t clock = cond->__data.__wrefs & 2 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
    return pthread_cond_clockwait(cond, mutex, clock, until);
}

/* Only the waits' fourth argument is a time. */
static long futex_wait(uint32_t *word, long operation, long value, const struct timespec *limit,
    long unused, long bits)
{
    clockid_t clock = operation & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    int absolute = (operation & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET;
    struct wait wait = absolute ? wait_until(clock, limit) : wait_for(nanoseconds(limit));
    for (;;) {
        int64_t ns = slice(&wait);
        struct timespec part = absolute ? machine_time_in(ns) : timespec_of(ns);
        long failed = NEXT(syscall)(
            SYS_futex, word, operation & ~FUTEX_CLOCK_REALTIME, value, &part, unused, bits);
        if (!failed || errno != ETIMEDOUT || ns == 0)
            return failed;
    }
}

EXPORT long syscall(long number, ...)
{
    long argument[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++)
        argument[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_futex && attached()) {
        long command = argument[1] & FUTEX_CMD_MASK;
        struct timespec *limit = (struct timespec *)argument[3];
        if ((command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET) && limit && is_valid(limit))
            return futex_wait((uint32_t *)argument[0], argument[1], argument[2], limit,
                argument[4], argument[5]);
    }
    return NEXT(syscall)(number, argument[0], argument[1], argument[2], argument[3], argument[4],
        argument[5]);
}
