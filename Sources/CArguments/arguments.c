#include "CArguments.h"

#include <stddef.h>

/// Swift's `CommandLine` finds the arguments through /proc or next to `environ`. Without /proc, and after a library has
/// called setenv before main, it has none. The C library of GNU passes them to every constructor of a program.
static int count;
static char *const *arguments;

__attribute__((constructor)) static void take_arguments(int argc, char *const *argv) {
    count = argv ? argc : 0;
    arguments = argv;
}

int carguments_count(void) { return count; }

const char *carguments_at(int index) { return arguments[index]; }

/// What Swift's `CommandLine` calls. The functions of the runtime that these replace come with a constructor that reads
/// /proc/self/maps at every start.
char **_swift_stdlib_getUnsafeArgvArgc(int *length) {
    static char *none[] = {NULL};
    *length = count;
    return arguments ? (char **)arguments : none;
}

void _swift_stdlib_overrideUnsafeArgvArgc(char **other, int length) {
    arguments = other;
    count = length;
}
