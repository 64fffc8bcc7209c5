// The part of liblz4's interface that streamctl calls, as of LZ4 1.9 (soname 1). See libz.h.
#ifndef LIBLZ4_H
#define LIBLZ4_H

#include <stddef.h>

#define LZ4F_VERSION 100

typedef struct LZ4F_dctx_s LZ4F_dctx;
typedef size_t LZ4F_errorCode_t;

typedef struct {
    unsigned stableDst;
    unsigned skipChecksums;
    unsigned reserved1;
    unsigned reserved0;
} LZ4F_decompressOptions_t;

LZ4F_errorCode_t LZ4F_createDecompressionContext(LZ4F_dctx **context, unsigned version);
LZ4F_errorCode_t LZ4F_freeDecompressionContext(LZ4F_dctx *context);
size_t LZ4F_decompress(
    LZ4F_dctx *context, void *output, size_t *output_size, const void *input, size_t *input_size,
    const LZ4F_decompressOptions_t *options);
unsigned LZ4F_isError(LZ4F_errorCode_t code);
const char *LZ4F_getErrorName(LZ4F_errorCode_t code);

#endif
