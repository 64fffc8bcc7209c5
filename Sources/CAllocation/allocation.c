// Ends the process with a message and a status where memory cannot be allocated.
//
// The Swift runtime does not return from a failed allocation: it prints a stack trace and aborts. The release build
// therefore links the program with --wrap=malloc and so on (Package.swift), so that every allocation of the program and
// of the static runtime goes through these functions. A failure ends the process here, before the runtime sees it.
// Shared libraries (libpq, librdkafka) call the allocator directly and report their failures themselves.

#include "CAllocation.h"

#ifdef STREAMCTL_WRAPS

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **memory, size_t alignment, size_t size);

static void say(const char *text, size_t length) {
    while (length > 0) {
        ssize_t written = write(STDERR_FILENO, text, length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        text += written;
        length -= (size_t)written;
    }
}

/// Writes one line without allocating anything, and ends the process. If several threads fail, one of them does.
__attribute__((noreturn, cold, noinline)) static void end(size_t size) {
    static atomic_flag is_ending = ATOMIC_FLAG_INIT;
    while (atomic_flag_test_and_set(&is_ending)) pause();
    static const char start[] = "streamctl: out of memory: the system did not allow ";
    static const char rest[] =
        " more bytes; make the state smaller (shorter windows, fewer groups), bound it with --max-state, use fewer "
        "threads with -j, or raise the limit (ulimit -v, the memory of the container)\n";
    char line[sizeof start + sizeof rest + 24];
    size_t length = 0;
    for (size_t i = 0; i < sizeof start - 1; i++) line[length++] = start[i];
    char digits[24];
    size_t count = 0;
    do digits[count++] = (char)('0' + size % 10);
    while ((size /= 10) > 0);
    while (count > 0) line[length++] = digits[--count];
    for (size_t i = 0; i < sizeof rest - 1; i++) line[length++] = rest[i];
    say(line, length);
    _exit(STREAMCTL_OUT_OF_MEMORY);
}

void *__wrap_malloc(size_t size) {
    void *memory = __real_malloc(size);
    if (__builtin_expect(memory == NULL && size > 0, 0)) end(size);
    return memory;
}

// The operators new of C++, which would throw: the runtime does not catch it.
void *__wrap__Znwm(size_t size) { return __wrap_malloc(size > 0 ? size : 1); }
void *__wrap__Znam(size_t size) { return __wrap_malloc(size > 0 ? size : 1); }

void *__wrap_calloc(size_t count, size_t size) {
    void *memory = __real_calloc(count, size);
    if (__builtin_expect(memory == NULL && count > 0 && size > 0, 0)) end(count * size);
    return memory;
}

void *__wrap_realloc(void *former, size_t size) {
    void *memory = __real_realloc(former, size);
    if (__builtin_expect(memory == NULL && size > 0, 0)) end(size);
    return memory;
}

/// Who aligns memory to huge pages (LargeMemory) wants it to be in such pages. It does not matter if it is not.
static void advise(void *memory, size_t alignment, size_t size) {
    const size_t page = (size_t)1 << 21;
    if (memory != NULL && alignment == page && size >= page) madvise(memory, size & ~(page - 1), MADV_HUGEPAGE);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
    void *memory = __real_aligned_alloc(alignment, size);
    if (__builtin_expect(memory == NULL && size > 0, 0)) end(size);
    advise(memory, alignment, size);
    return memory;
}

int __wrap_posix_memalign(void **memory, size_t alignment, size_t size) {
    int code = __real_posix_memalign(memory, alignment, size);
    if (__builtin_expect(code == ENOMEM, 0)) end(size);
    if (code == 0) advise(*memory, alignment, size);
    return code;
}

#endif
