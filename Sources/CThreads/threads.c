// The processors that threads run on: Swift does not import the functions of GNU for that.

#define _GNU_SOURCE
#include "CThreads.h"

#include <sched.h>
#include <unistd.h>

bool cthreads_start_elsewhere(pthread_attr_t *attributes) {
    cpu_set_t others;
    int here = sched_getcpu();
    if (here < 0 || here >= CPU_SETSIZE || sched_getaffinity(0, sizeof others, &others) != 0) return false;
    CPU_CLR(here, &others);
    return CPU_COUNT(&others) > 0 && pthread_attr_setaffinity_np(attributes, sizeof others, &others) == 0;
}

void cthreads_run_anywhere(void) {
    cpu_set_t all;
    if (sched_getaffinity(getpid(), sizeof all, &all) == 0) sched_setaffinity(0, sizeof all, &all);
}
