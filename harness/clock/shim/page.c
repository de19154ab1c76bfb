/* The page: written by the harness, read without a lock by every process that is attached to it. */
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ENVIRONMENT "NAUTILUS_CHAOS_CLOCK"
#define TIME_MAX (INT64_MAX / 4)
#define ONE 4294967296.0

/* to + (x - from) * pace; the pace is fixed-point, in 2^-32. */
struct line {
    int64_t from;
    int64_t to;
    uint64_t pace;
};

struct page {
    _Atomic uint32_t turn; /* odd while it is written */
    struct line monotonic; /* of the machine's monotonic clock */
    struct line walls[WALLS]; /* of `monotonic` */
};

static struct page *_Atomic own;
static int own_wall;

static int64_t at(const struct line *line, int64_t x)
{
    return line->to + (int64_t)(((__int128)(x - line->from) * (__int128)line->pace) >> 32);
}

static int64_t machine(clockid_t clock)
{
    struct timespec time;
    NEXT(clock_gettime)(clock, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

/* The time is taken inside: no reader of the old line may have taken a later one than the writer
 * of the new, or the clock could go back. */
static struct now read_page(struct page *page, int wall)
{
    struct now result;
    struct line monotonic, line;
    uint32_t turn;
    do {
        while ((turn = atomic_load_explicit(&page->turn, memory_order_acquire)) & 1)
            sched_yield();
        monotonic = page->monotonic;
        line = page->walls[wall];
        result.real = machine(CLOCK_MONOTONIC);
        atomic_thread_fence(memory_order_acquire);
    } while (atomic_load_explicit(&page->turn, memory_order_relaxed) != turn);
    result.monotonic = at(&monotonic, result.real);
    result.wall = at(&line, result.monotonic);
    result.pace = (double)monotonic.pace / ONE;
    result.wall_pace = result.pace * ((double)line.pace / ONE);
    return result;
}

static void begin_write(struct page *page)
{
    atomic_fetch_add_explicit(&page->turn, 1, memory_order_acq_rel);
    atomic_thread_fence(memory_order_seq_cst);
}

static void end_write(struct page *page)
{
    atomic_fetch_add_explicit(&page->turn, 1, memory_order_release);
}

int attached(void)
{
    return atomic_load_explicit(&own, memory_order_acquire) != NULL;
}

struct now now(void)
{
    return read_page(atomic_load_explicit(&own, memory_order_acquire), own_wall);
}

int64_t nanoseconds(const struct timespec *time)
{
    if (time->tv_sec >= TIME_MAX / SECOND)
        return TIME_MAX;
    return time->tv_sec * SECOND + time->tv_nsec;
}

struct timespec timespec_of(int64_t ns)
{
    struct timespec time = {ns / SECOND, ns % SECOND};
    if (time.tv_nsec < 0) {
        time.tv_sec -= 1;
        time.tv_nsec += SECOND;
    }
    return time;
}

int64_t real_duration(int64_t ns, double pace)
{
    double real = (double)ns / pace;
    return real < (double)TIME_MAX ? (int64_t)real + 1 : TIME_MAX;
}

/* The calls of the harness; a page is a file of `chaos_clock_page_size` bytes, mapped. */

EXPORT const int chaos_clock_page_size = sizeof(struct page);
EXPORT const int chaos_clock_walls = WALLS;

/* Set up a page that shows the machine's time. */
EXPORT void chaos_clock_begin(struct page *page)
{
    int64_t real = machine(CLOCK_MONOTONIC);
    struct line wall = {real, machine(CLOCK_REALTIME), 1ULL << 32};
    page->monotonic = (struct line){real, real, 1ULL << 32};
    for (int i = 0; i < WALLS; i++)
        page->walls[i] = wall;
}

/* Go on at another rate. */
EXPORT void chaos_clock_rate(struct page *page, double rate)
{
    begin_write(page);
    int64_t real = machine(CLOCK_MONOTONIC);
    page->monotonic = (struct line){real, at(&page->monotonic, real), (uint64_t)(rate * ONE)};
    end_write(page);
}

/* Go on from a later time. */
EXPORT void chaos_clock_skip(struct page *page, int64_t ns)
{
    begin_write(page);
    page->monotonic.to += ns;
    end_write(page);
}

/* Have a wall clock go on at a pace of the scenario's, from `offset` after what it shows now, or
 * after the scenario's time where `from_true`. */
EXPORT void chaos_clock_wall(
    struct page *page, int wall, int from_true, int64_t offset, double pace)
{
    begin_write(page);
    int64_t monotonic = at(&page->monotonic, machine(CLOCK_MONOTONIC));
    int64_t shown = at(&page->walls[from_true ? 0 : wall], monotonic);
    page->walls[wall] = (struct line){monotonic, shown + offset, (uint64_t)(pace * ONE)};
    end_write(page);
}

/* Return what a wall clock shows. */
EXPORT int64_t chaos_clock_read(struct page *page, int wall)
{
    return read_page(page, wall).wall;
}

/* The calls of a process whose clock is set. */

/* Attach this process, and what it executes, to a wall clock of a page; `where` is "path:number".
 * Returns 0 or an errno. Call it before other threads run. */
EXPORT int chaos_clock_attach(const char *where)
{
    char path[4096];
    const char *colon = strrchr(where, ':');
    int wall = colon ? atoi(colon + 1) : -1;
    if (wall < 0 || wall >= WALLS || (size_t)(colon - where) >= sizeof path)
        return EINVAL;
    memcpy(path, where, (size_t)(colon - where));
    path[colon - where] = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    void *map = mmap(NULL, sizeof(struct page), PROT_READ, MAP_SHARED, fd, 0);
    int failed = errno;
    close(fd);
    if (map == MAP_FAILED)
        return failed;
    setenv(ENVIRONMENT, where, 1);
    own_wall = wall;
    atomic_store_explicit(&own, map, memory_order_release);
    return 0;
}

/* Return the scenario's time, however wrong this process's wall clock is. */
EXPORT int64_t chaos_clock_now(void)
{
    return attached() ? read_page(atomic_load(&own), 0).wall : machine(CLOCK_REALTIME);
}

/* A program that was executed goes on with its parent's clock, or not at all. */
__attribute__((constructor)) static void attach_from_environment(void)
{
    const char *where = getenv(ENVIRONMENT);
    int failed = where ? chaos_clock_attach(where) : 0;
    if (failed) {
        fprintf(stderr, "the clock %s is not there: %s\n", where, strerror(failed));
        _exit(127);
    }
}
