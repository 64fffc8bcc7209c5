// The part of libbz2's interface that streamctl calls, as of bzip2 1.0 (soname 1.0). See libz.h.
#ifndef LIBBZ2_H
#define LIBBZ2_H

#define BZ_OK 0
#define BZ_STREAM_END 4
#define BZ_MEM_ERROR (-3)

typedef void *(*bz_allocation)(void *opaque, int items, int size);
typedef void (*bz_release)(void *opaque, void *address);

typedef struct {
    char *next_in;
    unsigned int avail_in;
    unsigned int total_in_lo32;
    unsigned int total_in_hi32;
    char *next_out;
    unsigned int avail_out;
    unsigned int total_out_lo32;
    unsigned int total_out_hi32;
    void *state;
    bz_allocation bzalloc;
    bz_release bzfree;
    void *opaque;
} bz_stream;

int BZ2_bzDecompressInit(bz_stream *stream, int verbosity, int small);
int BZ2_bzDecompress(bz_stream *stream);
int BZ2_bzDecompressEnd(bz_stream *stream);

#endif
