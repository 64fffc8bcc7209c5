// The libraries of compressed files, each loaded when it is first used.
#ifndef CCOMPRESSION_H
#define CCOMPRESSION_H

#include "../CLibrary/CLibrary.h"
#include "libbz2.h"
#include "liblz4.h"
#include "liblzma.h"
#include "libz.h"
#include "libzstd.h"

// The calls in use.
#define ZLIB_CALLS(CALL) \
    CALL(inflate) \
    CALL(inflateEnd) \
    CALL(inflateInit2_) \
    CALL(inflateReset) \
    CALL(zlibVersion)

#define ZSTD_CALLS(CALL) \
    CALL(ZSTD_DCtx_setParameter) \
    CALL(ZSTD_createDCtx) \
    CALL(ZSTD_decompressStream) \
    CALL(ZSTD_freeDCtx) \
    CALL(ZSTD_getErrorName) \
    CALL(ZSTD_isError)

#define BZIP2_CALLS(CALL) \
    CALL(BZ2_bzDecompress) \
    CALL(BZ2_bzDecompressEnd) \
    CALL(BZ2_bzDecompressInit)

#define LZMA_CALLS(CALL) \
    CALL(lzma_code) \
    CALL(lzma_end) \
    CALL(lzma_memusage) \
    CALL(lzma_stream_decoder)

#define LZ4_CALLS(CALL) \
    CALL(LZ4F_createDecompressionContext) \
    CALL(LZ4F_decompress) \
    CALL(LZ4F_freeDecompressionContext) \
    CALL(LZ4F_getErrorName) \
    CALL(LZ4F_isError)

CLIBRARY(ZlibCalls, ZlibLoad, "libz.so.1", ZLIB_CALLS)
CLIBRARY(ZstdCalls, ZstdLoad, "libzstd.so.1", ZSTD_CALLS)
CLIBRARY(Bzip2Calls, Bzip2Load, "libbz2.so.1.0", BZIP2_CALLS)
CLIBRARY(LzmaCalls, LzmaLoad, "liblzma.so.5", LZMA_CALLS)
CLIBRARY(LZ4Calls, LZ4Load, "liblz4.so.1", LZ4_CALLS)

#endif
