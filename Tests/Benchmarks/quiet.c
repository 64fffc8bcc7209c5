// Shows whether others use the machine: two times in nanoseconds, both of which are longer then.   quiet [MIB]
//
// - How long a read takes in 4 MiB that are read in random order, on the slower one of the first two processors that this
//   process may use, while both do so. More than the second cache holds: others that use the third one, or the memory, slow it.
// - How long a cache line takes from the one processor to the other; nothing with one processor. Cores that share a cache take
//   some tens of nanoseconds; others, and virtual processors that the host has put on such cores, several times as long.
//
// Before that, MIB of memory are used and freed. A virtual machine may have given free memory back to its host, which then
// takes up to 10 µs for each page that is used again: for two seconds or so, the next program is spared that.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum { LINES = 4 << 20 >> 6, READS = 400000, TURNS = 20000 };

struct line {
    struct line *next;
    char rest[56];
};

static int processors[2];
static pthread_barrier_t both;
static double read_time[2];
static _Alignas(64) atomic_int turn;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

static void use_memory(size_t bytes) {
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    madvise(memory, bytes, MADV_HUGEPAGE);
    for (size_t place = 0; place < bytes; place += 4096) memory[place] = 1;
    munmap(memory, bytes);
}

// Links all lines in one random circle (Sattolo's algorithm).
static struct line *circle(void) {
    struct line *lines = malloc(LINES * sizeof *lines);
    uint32_t *order = malloc(LINES * sizeof *order);
    if (!lines || !order) exit(2);
    for (uint32_t i = 0; i < LINES; i++) order[i] = i;
    uint64_t random = 88172645463325252u;
    for (uint32_t i = LINES - 1; i > 0; i--) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        uint32_t other = random % i, kept = order[i];
        order[i] = order[other], order[other] = kept;
    }
    for (uint32_t i = 0; i < LINES; i++) lines[order[i]].next = &lines[order[(i + 1) % LINES]];
    free(order);
    return lines;
}

static void read_lines(int number) {
    struct line *place = circle();
    pthread_barrier_wait(&both);
    double start = 0;
    for (int i = -LINES; i < READS; i++) {
        if (i == 0) start = now();
        place = place->next;
        __asm__ volatile("" : "+r"(place));
    }
    read_time[number] = (now() - start) / READS;
}

static void take_turns(int first) {
    for (int next = first; next < 2 * TURNS; next += 2) {
        while (atomic_load_explicit(&turn, memory_order_acquire) != next) {}
        atomic_store_explicit(&turn, next + 1, memory_order_release);
    }
}

static void stay_on(int number) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(processors[number], &only);
    sched_setaffinity(0, sizeof only, &only);
}

static void *second(void *unused) {
    stay_on(1);
    read_lines(1);
    pthread_barrier_wait(&both);
    take_turns(1);
    return unused;
}

int main(int count, char **arguments) {
    if (count > 1) use_memory((size_t)atoi(arguments[1]) << 20);
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 2;
    int found = 0;
    for (int cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++)
        if (CPU_ISSET(cpu, &allowed)) processors[found++] = cpu;
    if (pthread_barrier_init(&both, NULL, found) != 0) return 2;
    stay_on(0);
    pthread_t thread;
    if (found > 1 && pthread_create(&thread, NULL, second, NULL) != 0) return 2;
    read_lines(0);
    double turns = 0;
    if (found > 1) {
        pthread_barrier_wait(&both);
        double start = now();
        take_turns(0);
        pthread_join(thread, NULL);
        turns = (now() - start) / (2 * TURNS);
    }
    printf("%.1f", read_time[0] > read_time[1] ? read_time[0] : read_time[1]);
    if (found > 1) printf(" %.1f", turns);
    printf("\n");
}
