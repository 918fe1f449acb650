/* Preloaded into a process, moves its calendar by CALENDAR_SHIFT seconds: the time of day is another, all waiting is as ever.
 *
 * libfaketime, which does more, ends waits of the JVM at once and stops Chromium from starting; with these few calls
 * both run. A wait until a time of day is told from a wait until a time since start by its size: no machine is up for
 * thirty years.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define THIRTY_YEARS 1000000000

static time_t shift;

__attribute__((constructor)) static void read_shift(void) {
  const char *given = getenv("CALENDAR_SHIFT");
  shift = given ? atoll(given) : 0;
}

static int is_calendar(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }

/* A deadline as the system's own clock has it. */
static const struct timespec *true_deadline(const struct timespec *deadline, struct timespec *room) {
  if (!deadline || deadline->tv_sec < THIRTY_YEARS) return deadline;
  *room = *deadline;
  room->tv_sec -= shift;
  return room;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int answer = syscall(SYS_clock_gettime, clock, now);
  if (!answer && is_calendar(clock)) now->tv_sec += shift;
  return answer;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec exact;
  int answer = clock_gettime(CLOCK_REALTIME, &exact);
  if (!answer) *now = (struct timeval){exact.tv_sec, exact.tv_nsec / 1000};
  return answer;
}

time_t time(time_t *now) {
  struct timespec exact;
  clock_gettime(CLOCK_REALTIME, &exact);
  if (now) *now = exact.tv_sec;
  return exact.tv_sec;
}

int timespec_get(struct timespec *now, int base) {
  return base == TIME_UTC && !clock_gettime(CLOCK_REALTIME, now) ? base : 0;
}

/* The function of the C library that stands behind ours; conditions have an older version of the same name. */
static void *behind(const char *name) {
  void *found = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");
  return found ? found : dlsym(RTLD_NEXT, name);
}

int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict deadline) {
  int (*wait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *) = behind("pthread_cond_timedwait");
  struct timespec room;
  return wait(condition, mutex, true_deadline(deadline, &room));
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict deadline) {
  int (*wait)(sem_t *, const struct timespec *) = behind("sem_timedwait");
  struct timespec room;
  return wait(semaphore, true_deadline(deadline, &room));
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict deadline) {
  int (*wait)(pthread_mutex_t *, const struct timespec *) = behind("pthread_mutex_timedlock");
  struct timespec room;
  return wait(mutex, true_deadline(deadline, &room));
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted, struct timespec *left) {
  struct timespec room;
  if (is_calendar(clock) && flags & TIMER_ABSTIME) wanted = true_deadline(wanted, &room);
  return syscall(SYS_clock_nanosleep, clock, flags, wanted, left) ? errno : 0;
}
