// Runs a command and writes what it cost to a file: seconds of wall clock and of processors, and the most memory it
// had resident, in KiB.   measure REPORT COMMAND [ARGUMENT...]
//
// Linux counts the memory of the program that a process was before exec as its own: a command that Python starts would
// be told to need as much as Python. This program is small, so what it starts from counts for nothing.
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

static double seconds(struct timeval time) { return time.tv_sec + time.tv_usec * 1e-6; }

int main(int count, char **arguments) {
    if (count < 3) return 2;
    double start = now();
    pid_t child = fork();
    if (child == 0) {
        execvp(arguments[2], arguments + 2);
        perror(arguments[2]);
        _exit(127);
    }
    int status;
    struct rusage used;
    if (child < 0 || wait4(child, &status, 0, &used) != child) return 2;
    double taken = now() - start;
    FILE *report = fopen(arguments[1], "w");
    if (!report) return 2;
    fprintf(report, "%.6f %.6f %ld\n", taken, seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_maxrss);
    fclose(report);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
