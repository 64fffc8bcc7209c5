// Preloaded: a library whose name contains MISSING_LIBRARY is not found, as if it were not installed.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

void *dlopen(const char *name, int mode) {
    void *(*real)(const char *, int) = (void *(*)(const char *, int))dlsym(RTLD_NEXT, "dlopen");
    const char *missing = getenv("MISSING_LIBRARY");
    return real(name && missing && strstr(name, missing) ? "missing.so.0" : name, mode);
}
