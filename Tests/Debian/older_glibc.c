// Functions of glibc that got a new symbol version in 2.32 to 2.35, by their older versions: a program that is linked
// with this file on Debian 12 also starts on Debian 11 (glibc 2.31). Their meaning did not change. What was in libpthread
// and libdl until 2.34 needs these libraries at run time (Tests/package links them; since 2.34 they are empty).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#if defined(__x86_64__)
#define OLDEST "GLIBC_2.2.5"
#define STAT_VERSION 1
#elif defined(__aarch64__)
#define OLDEST "GLIBC_2.17"
#define STAT_VERSION 0
#endif

#define OLDER(name) __asm__(".symver older_" #name ", " #name "@" OLDEST);

// The start of a program moved into libc, which up to 2.33 expected it to run its own initializers.
OLDER(__libc_start_main)
typedef int Main(int, char **, char **);
typedef void Initializer(int, char **, char **);
extern int older___libc_start_main(Main *, int, char **, Initializer *, void (*)(void), void (*)(void), void *);
extern Initializer *__preinit_array_start[], *__preinit_array_end[], *__init_array_start[], *__init_array_end[];

static void initialize(int count, char **arguments, char **environment) {
    for (Initializer **each = __preinit_array_start; each < __preinit_array_end; each++)
        (*each)(count, arguments, environment);
    for (Initializer **each = __init_array_start; each < __init_array_end; each++)
        (*each)(count, arguments, environment);
}

int __libc_start_main(
    Main *main, int count, char **arguments, Initializer *none, void (*end)(void), void (*loader_end)(void), void *stack) {
    (void)none;
    return older___libc_start_main(main, count, arguments, initialize, end, loader_end, stack);
}

// 2.34: libdl.
OLDER(dlopen)
OLDER(dlsym)
OLDER(dlerror)
OLDER(dladdr)
extern void *older_dlopen(const char *, int);
extern void *older_dlsym(void *, const char *);
extern char *older_dlerror(void);
extern int older_dladdr(const void *, Dl_info *);
void *dlopen(const char *file, int mode) { return older_dlopen(file, mode); }
void *dlsym(void *library, const char *name) { return older_dlsym(library, name); }
char *dlerror(void) { return older_dlerror(); }
int dladdr(const void *address, Dl_info *info) { return older_dladdr(address, info); }

// 2.34: libpthread.
OLDER(pthread_create)
OLDER(pthread_detach)
OLDER(pthread_join)
OLDER(pthread_kill)
OLDER(pthread_attr_setstacksize)
OLDER(sem_open)
extern int older_pthread_kill(pthread_t, int);
extern int older_pthread_attr_setstacksize(pthread_attr_t *, size_t);
extern int older_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
extern int older_pthread_detach(pthread_t);
extern int older_pthread_join(pthread_t, void **);
extern sem_t *older_sem_open(const char *, int, mode_t, unsigned);
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
    return older_pthread_create(thread, attributes, body, argument);
}
int pthread_kill(pthread_t thread, int number) { return older_pthread_kill(thread, number); }
int pthread_attr_setstacksize(pthread_attr_t *attributes, size_t size) {
    return older_pthread_attr_setstacksize(attributes, size);
}
int pthread_detach(pthread_t thread) { return older_pthread_detach(thread); }
int pthread_join(pthread_t thread, void **result) { return older_pthread_join(thread, result); }
sem_t *sem_open(const char *name, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    unsigned value = va_arg(rest, unsigned);
    va_end(rest);
    return older_sem_open(name, flags, mode, value);
}

// 2.32: from libpthread. Without C++ threads of its own, libstdc++ may count references as if there were only one; with
// 0 it never does.
OLDER(pthread_sigmask)
extern int older_pthread_sigmask(int, const sigset_t *, sigset_t *);
int pthread_sigmask(int how, const sigset_t *set, sigset_t *old) { return older_pthread_sigmask(how, set, old); }
char __libc_single_threaded = 0;
#if defined(__x86_64__)
__asm__(".symver older_pthread_attr_setaffinity_np, pthread_attr_setaffinity_np@GLIBC_2.3.4");
#else
OLDER(pthread_attr_setaffinity_np)
#endif
extern int older_pthread_attr_setaffinity_np(pthread_attr_t *, size_t, const cpu_set_t *);
int pthread_attr_setaffinity_np(pthread_attr_t *attributes, size_t size, const cpu_set_t *processors) {
    return older_pthread_attr_setaffinity_np(attributes, size, processors);
}

// 2.33: the version of the structure became part of the symbol's.
OLDER(__fxstat)
OLDER(__xstat)
OLDER(__lxstat)
#if defined(__x86_64__)
__asm__(".symver older___fxstatat, __fxstatat@GLIBC_2.4");
#else
OLDER(__fxstatat)
#endif
extern int older___fxstat(int, int, struct stat *);
extern int older___xstat(int, const char *, struct stat *);
extern int older___lxstat(int, const char *, struct stat *);
extern int older___fxstatat(int, int, const char *, struct stat *, int);
int lstat(const char *path, struct stat *status) { return older___lxstat(STAT_VERSION, path, status); }
int fstatat(int folder, const char *path, struct stat *status, int flags) {
    return older___fxstatat(STAT_VERSION, folder, path, status, flags);
}
int fstat(int descriptor, struct stat *status) { return older___fxstat(STAT_VERSION, descriptor, status); }
int stat(const char *path, struct stat *status) { return older___xstat(STAT_VERSION, path, status); }

// 2.35: no longer sets errno in its own wrapper.
OLDER(hypotf)
extern float older_hypotf(float, float);
float hypotf(float x, float y) { return older_hypotf(x, y); }
