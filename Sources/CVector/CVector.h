// What Swift cannot express: which of 16 bytes belong to a class, as a bit mask (bit n is byte n), and a number that is
// opaque to the optimizer. Everything is inlined; there is nothing to link.
#ifndef CVECTOR_H
#define CVECTOR_H

#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>

/// The bytes that are a quote, a backslash, a control character or not ASCII.
static inline __attribute__((always_inline)) uint32_t vector_text_ends(const void *place) {
    const __m128i block = _mm_loadu_si128((const __m128i *)place);
    const __m128i quotes = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
    const __m128i backslashes = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
    // As signed numbers, bytes beyond ASCII are below the space too.
    const __m128i others = _mm_cmplt_epi8(block, _mm_set1_epi8(' '));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, backslashes), others));
}

/// The bytes that are a newline or a carriage return.
static inline __attribute__((always_inline)) uint32_t vector_line_breaks(const void *place) {
    const __m128i block = _mm_loadu_si128((const __m128i *)place);
    const __m128i newlines = _mm_cmpeq_epi8(block, _mm_set1_epi8('\n'));
    const __m128i returns = _mm_cmpeq_epi8(block, _mm_set1_epi8('\r'));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(newlines, returns));
}

/// The bytes that are a blank, a control character or not ASCII.
static inline __attribute__((always_inline)) uint32_t vector_word_ends(const void *place) {
    const __m128i block = _mm_loadu_si128((const __m128i *)place);
    // As signed numbers, bytes beyond ASCII are below the space too.
    return (uint32_t)_mm_movemask_epi8(_mm_cmplt_epi8(block, _mm_set1_epi8('!')));
}

/// The bytes that are `separator`, a line break or not ASCII.
static inline __attribute__((always_inline)) uint32_t vector_cell_ends(const void *place, uint8_t separator) {
    const __m128i block = _mm_loadu_si128((const __m128i *)place);
    const __m128i separators = _mm_cmpeq_epi8(block, _mm_set1_epi8((char)separator));
    const __m128i newlines = _mm_cmpeq_epi8(block, _mm_set1_epi8('\n'));
    const __m128i returns = _mm_cmpeq_epi8(block, _mm_set1_epi8('\r'));
    const __m128i ends = _mm_or_si128(_mm_or_si128(separators, newlines), returns);
    // The highest bit of a byte is its own mask.
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(ends, block));
}

/// Eight bytes at each of two places.
static inline __attribute__((always_inline)) __m128i vector_pair(const void *first, const void *second) {
    return _mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *)first), _mm_loadl_epi64((const __m128i *)second));
}

/// Whether any of eight bytes at each of two places is a control character, DEL, a quote or a backslash.
static inline __attribute__((always_inline)) int vector_needs_escapes(const void *first, const void *second) {
    const __m128i block = vector_pair(first, second);
    const __m128i quotes = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
    const __m128i backslashes = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
    const __m128i deletes = _mm_cmpeq_epi8(block, _mm_set1_epi8(0x7f));
    const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1f)), block);
    return _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, backslashes), _mm_or_si128(deletes, controls)));
}

/// Whether any of eight bytes at each of two places is a comma, a quote or a line break.
static inline __attribute__((always_inline)) int vector_needs_quotes(const void *first, const void *second) {
    const __m128i block = vector_pair(first, second);
    const __m128i commas = _mm_cmpeq_epi8(block, _mm_set1_epi8(','));
    const __m128i quotes = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
    const __m128i newlines = _mm_cmpeq_epi8(block, _mm_set1_epi8('\n'));
    const __m128i returns = _mm_cmpeq_epi8(block, _mm_set1_epi8('\r'));
    return _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(commas, quotes), _mm_or_si128(newlines, returns)));
}

/// The bytes that may end a cell: `other`, and those below 14 as signed numbers, which are tabs, line breaks, a few other
/// control characters and bytes beyond ASCII.
static inline __attribute__((always_inline)) uint32_t vector_cell_marks(const void *place, uint8_t other) {
    const __m128i block = _mm_loadu_si128((const __m128i *)place);
    const __m128i others = _mm_cmpeq_epi8(block, _mm_set1_epi8((char)other));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(others, _mm_cmplt_epi8(block, _mm_set1_epi8(14))));
}

/// The bytes that are a digit.
static inline __attribute__((always_inline)) uint32_t vector_digits(const void *place) {
    const __m128i block = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)place), _mm_set1_epi8('0'));
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(9)), block));
}

/// Whether any of 64 bytes is `byte`.
static inline __attribute__((always_inline)) int vector_holds(const void *place, uint8_t byte) {
    const __m128i *blocks = (const __m128i *)place;
    const __m128i wanted = _mm_set1_epi8((char)byte);
    const __m128i first = _mm_cmpeq_epi8(_mm_loadu_si128(blocks), wanted);
    const __m128i second = _mm_cmpeq_epi8(_mm_loadu_si128(blocks + 1), wanted);
    const __m128i third = _mm_cmpeq_epi8(_mm_loadu_si128(blocks + 2), wanted);
    const __m128i fourth = _mm_cmpeq_epi8(_mm_loadu_si128(blocks + 3), wanted);
    return _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(first, second), _mm_or_si128(third, fourth))) != 0;
}

/// How many of 64 bytes are `byte`.
static inline __attribute__((always_inline)) uint32_t vector_count(const void *place, uint8_t byte) {
    const __m128i *blocks = (const __m128i *)place;
    const __m128i wanted = _mm_set1_epi8((char)byte);
    // Equal bytes are -1.
    const __m128i first = _mm_add_epi8(
        _mm_cmpeq_epi8(_mm_loadu_si128(blocks), wanted), _mm_cmpeq_epi8(_mm_loadu_si128(blocks + 1), wanted));
    const __m128i second = _mm_add_epi8(
        _mm_cmpeq_epi8(_mm_loadu_si128(blocks + 2), wanted), _mm_cmpeq_epi8(_mm_loadu_si128(blocks + 3), wanted));
    const __m128i none = _mm_setzero_si128();
    const __m128i sums = _mm_sad_epu8(_mm_sub_epi8(none, _mm_add_epi8(first, second)), none);
    return (uint32_t)(_mm_cvtsi128_si32(sums) + _mm_extract_epi16(sums, 4));
}

/// The bytes that are equal at both addresses.
static inline __attribute__((always_inline)) uint32_t vector_equal(const void *place, const void *other) {
    // Otherwise the optimizer extracts bytes that are read later from this register, through the stack.
    __asm__("" : "+r"(place));
    const __m128i block = _mm_loadu_si128((const __m128i *)place);
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_loadu_si128((const __m128i *)other)));
}

/// Whether each byte is in its range, and none is a backslash: for each of `count` blocks of 16 bytes, `ranges` has the
/// lowest bytes, then how far above them the bytes may be. The count is even.
static inline __attribute__((always_inline)) int vector_fits(const void *place, const void *ranges, intptr_t count) {
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i *range = (const __m128i *)ranges;
    __m128i misfits = _mm_setzero_si128();
    for (const __m128i *next = (const __m128i *)place, *end = next + count; next != end; next += 2, range += 4) {
        const __m128i first = _mm_loadu_si128(next);
        const __m128i second = _mm_loadu_si128(next + 1);
        // Zero if it is in its range.
        const __m128i beyond = _mm_subs_epu8(_mm_sub_epi8(first, _mm_load_si128(range)), _mm_load_si128(range + 1));
        const __m128i other = _mm_subs_epu8(_mm_sub_epi8(second, _mm_load_si128(range + 2)), _mm_load_si128(range + 3));
        const __m128i escapes = _mm_or_si128(_mm_cmpeq_epi8(first, backslash), _mm_cmpeq_epi8(second, backslash));
        misfits = _mm_or_si128(_mm_or_si128(misfits, escapes), _mm_or_si128(beyond, other));
    }
    return _mm_movemask_epi8(_mm_cmpeq_epi8(misfits, _mm_setzero_si128())) == 0xffff;
}

#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>

static inline __attribute__((always_inline)) uint32_t vector_mask(uint8x16_t lanes) {
    const uint8x16_t bits = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t chosen = vandq_u8(lanes, bits);
    return vaddv_u8(vget_low_u8(chosen)) | (uint32_t)vaddv_u8(vget_high_u8(chosen)) << 8;
}

static inline __attribute__((always_inline)) uint32_t vector_text_ends(const void *place) {
    const uint8x16_t block = vld1q_u8((const uint8_t *)place);
    const uint8x16_t quotes = vceqq_u8(block, vdupq_n_u8('"'));
    const uint8x16_t backslashes = vceqq_u8(block, vdupq_n_u8('\\'));
    const uint8x16_t others = vcltq_s8(vreinterpretq_s8_u8(block), vdupq_n_s8(' '));
    return vector_mask(vorrq_u8(vorrq_u8(quotes, backslashes), others));
}

static inline __attribute__((always_inline)) uint32_t vector_line_breaks(const void *place) {
    const uint8x16_t block = vld1q_u8((const uint8_t *)place);
    return vector_mask(vorrq_u8(vceqq_u8(block, vdupq_n_u8('\n')), vceqq_u8(block, vdupq_n_u8('\r'))));
}

static inline __attribute__((always_inline)) uint32_t vector_word_ends(const void *place) {
    return vector_mask(vcltq_s8(vreinterpretq_s8_u8(vld1q_u8((const uint8_t *)place)), vdupq_n_s8('!')));
}

static inline __attribute__((always_inline)) uint32_t vector_cell_ends(const void *place, uint8_t separator) {
    const uint8x16_t block = vld1q_u8((const uint8_t *)place);
    const uint8x16_t breaks = vorrq_u8(vceqq_u8(block, vdupq_n_u8('\n')), vceqq_u8(block, vdupq_n_u8('\r')));
    const uint8x16_t ends = vorrq_u8(breaks, vceqq_u8(block, vdupq_n_u8(separator)));
    return vector_mask(vorrq_u8(ends, vcltq_s8(vreinterpretq_s8_u8(block), vdupq_n_s8(0))));
}

static inline __attribute__((always_inline)) int vector_needs_escapes(const void *first, const void *second) {
    const uint8x16_t block = vcombine_u8(vld1_u8((const uint8_t *)first), vld1_u8((const uint8_t *)second));
    const uint8x16_t marks = vorrq_u8(vceqq_u8(block, vdupq_n_u8('"')), vceqq_u8(block, vdupq_n_u8('\\')));
    const uint8x16_t controls = vorrq_u8(vcltq_u8(block, vdupq_n_u8(0x20)), vceqq_u8(block, vdupq_n_u8(0x7f)));
    return vmaxvq_u8(vorrq_u8(marks, controls)) != 0;
}

static inline __attribute__((always_inline)) int vector_needs_quotes(const void *first, const void *second) {
    const uint8x16_t block = vcombine_u8(vld1_u8((const uint8_t *)first), vld1_u8((const uint8_t *)second));
    const uint8x16_t marks = vorrq_u8(vceqq_u8(block, vdupq_n_u8(',')), vceqq_u8(block, vdupq_n_u8('"')));
    const uint8x16_t breaks = vorrq_u8(vceqq_u8(block, vdupq_n_u8('\n')), vceqq_u8(block, vdupq_n_u8('\r')));
    return vmaxvq_u8(vorrq_u8(marks, breaks)) != 0;
}

static inline __attribute__((always_inline)) uint32_t vector_cell_marks(const void *place, uint8_t other) {
    const uint8x16_t block = vld1q_u8((const uint8_t *)place);
    const uint8x16_t others = vceqq_u8(block, vdupq_n_u8(other));
    return vector_mask(vorrq_u8(others, vcltq_s8(vreinterpretq_s8_u8(block), vdupq_n_s8(14))));
}

static inline __attribute__((always_inline)) uint32_t vector_digits(const void *place) {
    return vector_mask(vcleq_u8(vsubq_u8(vld1q_u8((const uint8_t *)place), vdupq_n_u8('0')), vdupq_n_u8(9)));
}

static inline __attribute__((always_inline)) int vector_holds(const void *place, uint8_t byte) {
    const uint8x16x4_t blocks = vld1q_u8_x4((const uint8_t *)place);
    const uint8x16_t wanted = vdupq_n_u8(byte);
    const uint8x16_t first = vorrq_u8(vceqq_u8(blocks.val[0], wanted), vceqq_u8(blocks.val[1], wanted));
    const uint8x16_t second = vorrq_u8(vceqq_u8(blocks.val[2], wanted), vceqq_u8(blocks.val[3], wanted));
    return vmaxvq_u8(vorrq_u8(first, second)) != 0;
}

static inline __attribute__((always_inline)) uint32_t vector_count(const void *place, uint8_t byte) {
    const uint8x16x4_t blocks = vld1q_u8_x4((const uint8_t *)place);
    const uint8x16_t wanted = vdupq_n_u8(byte);
    // Equal bytes are -1.
    const uint8x16_t first = vaddq_u8(vceqq_u8(blocks.val[0], wanted), vceqq_u8(blocks.val[1], wanted));
    const uint8x16_t second = vaddq_u8(vceqq_u8(blocks.val[2], wanted), vceqq_u8(blocks.val[3], wanted));
    return vaddvq_u8(vsubq_u8(vdupq_n_u8(0), vaddq_u8(first, second)));
}

static inline __attribute__((always_inline)) uint32_t vector_equal(const void *place, const void *other) {
    return vector_mask(vceqq_u8(vld1q_u8((const uint8_t *)place), vld1q_u8((const uint8_t *)other)));
}

static inline __attribute__((always_inline)) int vector_fits(const void *place, const void *ranges, intptr_t count) {
    const uint8_t *range = (const uint8_t *)ranges;
    uint8x16_t misfits = vdupq_n_u8(0);
    for (const uint8_t *next = (const uint8_t *)place, *end = next + 16 * count; next != end; next += 16, range += 32) {
        const uint8x16_t block = vld1q_u8(next);
        const uint8x16_t beyond = vqsubq_u8(vsubq_u8(block, vld1q_u8(range)), vld1q_u8(range + 16));
        misfits = vorrq_u8(misfits, vorrq_u8(beyond, vceqq_u8(block, vdupq_n_u8('\\'))));
    }
    return vmaxvq_u8(misfits) == 0;
}

#else

static inline uint32_t vector_text_ends(const void *place) {
    uint32_t mask = 0;
    for (int i = 0; i < 16; i++) {
        const uint8_t byte = ((const uint8_t *)place)[i];
        mask |= (uint32_t)(byte == '"' || byte == '\\' || byte < ' ' || byte > 0x7f) << i;
    }
    return mask;
}

static inline uint32_t vector_line_breaks(const void *place) {
    uint32_t mask = 0;
    for (int i = 0; i < 16; i++) {
        const uint8_t byte = ((const uint8_t *)place)[i];
        mask |= (uint32_t)(byte == '\n' || byte == '\r') << i;
    }
    return mask;
}

static inline uint32_t vector_word_ends(const void *place) {
    uint32_t mask = 0;
    for (int i = 0; i < 16; i++) {
        const uint8_t byte = ((const uint8_t *)place)[i];
        mask |= (uint32_t)(byte <= ' ' || byte > 0x7f) << i;
    }
    return mask;
}

static inline uint32_t vector_cell_ends(const void *place, uint8_t separator) {
    uint32_t mask = 0;
    for (int i = 0; i < 16; i++) {
        const uint8_t byte = ((const uint8_t *)place)[i];
        mask |= (uint32_t)(byte == separator || byte == '\n' || byte == '\r' || byte > 0x7f) << i;
    }
    return mask;
}

static inline int vector_needs_escapes(const void *first, const void *second) {
    for (int i = 0; i < 16; i++) {
        const uint8_t byte = ((const uint8_t *)(i < 8 ? first : second))[i & 7];
        if (byte < ' ' || byte == 0x7f || byte == '"' || byte == '\\') return 1;
    }
    return 0;
}

static inline int vector_needs_quotes(const void *first, const void *second) {
    for (int i = 0; i < 16; i++) {
        const uint8_t byte = ((const uint8_t *)(i < 8 ? first : second))[i & 7];
        if (byte == ',' || byte == '"' || byte == '\n' || byte == '\r') return 1;
    }
    return 0;
}

static inline uint32_t vector_cell_marks(const void *place, uint8_t other) {
    uint32_t mask = 0;
    for (int i = 0; i < 16; i++) {
        const uint8_t byte = ((const uint8_t *)place)[i];
        mask |= (uint32_t)(byte == other || byte < 14 || byte > 0x7f) << i;
    }
    return mask;
}

static inline uint32_t vector_digits(const void *place) {
    uint32_t mask = 0;
    for (int i = 0; i < 16; i++) {
        const uint8_t byte = ((const uint8_t *)place)[i];
        mask |= (uint32_t)(byte >= '0' && byte <= '9') << i;
    }
    return mask;
}

static inline int vector_holds(const void *place, uint8_t byte) {
    for (int i = 0; i < 64; i++) {
        if (((const uint8_t *)place)[i] == byte) return 1;
    }
    return 0;
}

static inline uint32_t vector_count(const void *place, uint8_t byte) {
    uint32_t count = 0;
    for (int i = 0; i < 64; i++) count += ((const uint8_t *)place)[i] == byte;
    return count;
}

static inline uint32_t vector_equal(const void *place, const void *other) {
    uint32_t mask = 0;
    for (int i = 0; i < 16; i++) {
        mask |= (uint32_t)(((const uint8_t *)place)[i] == ((const uint8_t *)other)[i]) << i;
    }
    return mask;
}

static inline int vector_fits(const void *place, const void *ranges, intptr_t count) {
    const uint8_t *range = (const uint8_t *)ranges;
    for (intptr_t i = 0; i < 16 * count; i++) {
        const uint8_t byte = ((const uint8_t *)place)[i];
        if ((uint8_t)(byte - range[i / 16 * 32 + i % 16]) > range[i / 16 * 32 + 16 + i % 16] || byte == '\\') return 0;
    }
    return 1;
}

#endif

/// Asks for the memory at an address, which will be read soon. Any address is allowed.
static inline __attribute__((always_inline)) void prefetch(const void *place) { __builtin_prefetch(place); }

/// A copy that the optimizer cannot identify with `number`, so that it never substitutes another value that compared
/// equal.
static inline __attribute__((always_inline)) intptr_t opaque_copy(intptr_t number) {
    __asm__ volatile("" : "+r"(number));
    return number;
}
#endif
