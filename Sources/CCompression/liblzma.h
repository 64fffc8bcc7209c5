// The part of liblzma's interface that streamctl calls, as of XZ Utils 5.2 (soname 5). See libz.h.
#ifndef LIBLZMA_H
#define LIBLZMA_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
    LZMA_OK = 0,
    LZMA_STREAM_END = 1,
    LZMA_UNSUPPORTED_CHECK = 3,
    LZMA_MEM_ERROR = 5,
    LZMA_MEMLIMIT_ERROR = 6,
    LZMA_FORMAT_ERROR = 7,
    LZMA_OPTIONS_ERROR = 8,
    LZMA_DATA_ERROR = 9,
    LZMA_BUF_ERROR = 10,
} lzma_ret;

typedef enum {
    LZMA_RUN = 0,
} lzma_action;

typedef enum {
    LZMA_RESERVED_ENUM = 0,
} lzma_reserved_enum;

typedef void *(*lzma_allocation)(void *opaque, size_t items, size_t size);
typedef void (*lzma_release)(void *opaque, void *address);

typedef struct {
    lzma_allocation alloc;
    lzma_release free;
    void *opaque;
} lzma_allocator;

typedef struct lzma_internal_s lzma_internal;

typedef struct {
    const uint8_t *next_in;
    size_t avail_in;
    uint64_t total_in;
    uint8_t *next_out;
    size_t avail_out;
    uint64_t total_out;
    const lzma_allocator *allocator;
    lzma_internal *internal;
    void *reserved_ptr1;
    void *reserved_ptr2;
    void *reserved_ptr3;
    void *reserved_ptr4;
    uint64_t seek_pos;
    uint64_t reserved_int2;
    size_t reserved_int3;
    size_t reserved_int4;
    lzma_reserved_enum reserved_enum1;
    lzma_reserved_enum reserved_enum2;
} lzma_stream;

lzma_ret lzma_stream_decoder(lzma_stream *stream, uint64_t memory_limit, uint32_t flags);
lzma_ret lzma_code(lzma_stream *stream, lzma_action action);
uint64_t lzma_memusage(const lzma_stream *stream);
void lzma_end(lzma_stream *stream);

#endif
