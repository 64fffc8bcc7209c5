// The threads of C11, by those of POSIX: ThreadSanitizer does not see that librdkafka starts a thread with thrd_create, and
// ends the process in it. Tests/sanitizers loads this before the C library.
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

struct start { thrd_start_t body; void *argument; };

static void *run(void *memory) {
  struct start start = *(struct start *)memory;
  free(memory);
  return (void *)(intptr_t)start.body(start.argument);
}

int thrd_create(thrd_t *thread, thrd_start_t body, void *argument) {
  struct start *start = malloc(sizeof *start);
  if (!start) return thrd_nomem;
  *start = (struct start){body, argument};
  if (!pthread_create(thread, NULL, run, start)) return thrd_success;
  free(start);
  return thrd_error;
}

int thrd_join(thrd_t thread, int *result) {
  void *value;
  if (pthread_join(thread, &value)) return thrd_error;
  if (result) *result = (int)(intptr_t)value;
  return thrd_success;
}

int mtx_lock(mtx_t *mutex) { return pthread_mutex_lock((pthread_mutex_t *)mutex) ? thrd_error : thrd_success; }
int mtx_unlock(mtx_t *mutex) { return pthread_mutex_unlock((pthread_mutex_t *)mutex) ? thrd_error : thrd_success; }
int cnd_signal(cnd_t *changed) { return pthread_cond_signal((pthread_cond_t *)changed) ? thrd_error : thrd_success; }
int cnd_broadcast(cnd_t *changed) { return pthread_cond_broadcast((pthread_cond_t *)changed) ? thrd_error : thrd_success; }
int cnd_wait(cnd_t *changed, mtx_t *mutex) {
  return pthread_cond_wait((pthread_cond_t *)changed, (pthread_mutex_t *)mutex) ? thrd_error : thrd_success;
}
int cnd_timedwait(cnd_t *changed, mtx_t *mutex, const struct timespec *until) {
  int error = pthread_cond_timedwait((pthread_cond_t *)changed, (pthread_mutex_t *)mutex, until);
  return !error ? thrd_success : error == ETIMEDOUT ? thrd_timedout : thrd_error;
}
