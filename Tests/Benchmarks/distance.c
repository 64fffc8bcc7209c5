// Prints how long a cache line takes from the first processor that this process may use to the second, in nanoseconds;
// nothing if there is one only.
//
// Two threads take turns in changing a word. Cores that share a cache take some tens of nanoseconds; others, and virtual
// processors that the host has put on such cores, several times as long.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

enum { TURNS = 20000 };

static _Alignas(64) atomic_int turn;

static int processor(const cpu_set_t *allowed, int number) {
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, allowed) && number-- == 0) return cpu;
    return -1;
}

static void stay_on(int cpu) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(cpu, &only);
    sched_setaffinity(0, sizeof only, &only);
}

static void take_turns(int first) {
    for (int next = first; next < 2 * TURNS; next += 2) {
        while (atomic_load_explicit(&turn, memory_order_acquire) != next) {}
        atomic_store_explicit(&turn, next + 1, memory_order_release);
    }
}

static void *other(void *cpu) {
    stay_on(*(int *)cpu);
    take_turns(1);
    return NULL;
}

int main(void) {
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) < 2) return 0;
    int second = processor(&allowed, 1);
    stay_on(processor(&allowed, 0));
    pthread_t thread;
    if (pthread_create(&thread, NULL, other, &second) != 0) return 2;
    struct timespec start, end;
    // The other thread takes its first turn when it is there.
    atomic_store_explicit(&turn, 1, memory_order_release);
    while (atomic_load_explicit(&turn, memory_order_acquire) != 2) {}
    clock_gettime(CLOCK_MONOTONIC, &start);
    take_turns(2);
    clock_gettime(CLOCK_MONOTONIC, &end);
    pthread_join(thread, NULL);
    printf("%.0f\n", ((end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec)) / (2 * TURNS));
}
