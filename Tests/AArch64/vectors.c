// The functions of CVector against plain loops: every position of every byte, and random blocks.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../../Sources/CVector/CVector.h"

static uint32_t text_ends(const uint8_t *block) {
    uint32_t mask = 0;
    for (int i = 0; i < 16; i++)
        mask |= (uint32_t)(block[i] == '"' || block[i] == '\\' || block[i] < 0x20 || block[i] >= 0x80) << i;
    return mask;
}

static uint32_t line_breaks(const uint8_t *block) {
    uint32_t mask = 0;
    for (int i = 0; i < 16; i++) mask |= (uint32_t)(block[i] == '\n' || block[i] == '\r') << i;
    return mask;
}

static uint32_t digits(const uint8_t *block) {
    uint32_t mask = 0;
    for (int i = 0; i < 16; i++) mask |= (uint32_t)(block[i] >= '0' && block[i] <= '9') << i;
    return mask;
}

static uint32_t equal(const uint8_t *block, const uint8_t *other) {
    uint32_t mask = 0;
    for (int i = 0; i < 16; i++) mask |= (uint32_t)(block[i] == other[i]) << i;
    return mask;
}

static long checks, failures;

static void check(const uint8_t *block, const uint8_t *other) {
    checks += 4;
    failures += vector_text_ends(block) != text_ends(block);
    failures += vector_line_breaks(block) != line_breaks(block);
    failures += vector_digits(block) != digits(block);
    failures += vector_equal(block, other) != equal(block, other);
}

int main(void) {
    // Any alignment.
    uint8_t memory[64], others[64];
    uint64_t state = 88172645463325252u;
    for (int place = 0; place < 16; place++) {
        for (int byte = 0; byte < 256; byte++) {
            memset(memory, 'a', sizeof memory);
            memset(others, 'a', sizeof others);
            memory[place + byte % 16] = (uint8_t)byte;
            check(memory + byte % 16, others + (byte * 7) % 16);
        }
    }
    for (int round = 0; round < 100000; round++) {
        for (int i = 0; i < 64; i++) {
            state ^= state << 13, state ^= state >> 7, state ^= state << 17;
            memory[i] = round % 2 ? (uint8_t)state : (uint8_t)"\"\\\n\r az\x7f\x80\xff\x1f"[state % 11];
            others[i] = state >> 32 & 1 ? memory[i] : (uint8_t)(state >> 40);
        }
        check(memory + round % 48, others + (state >> 50) % 48);
        check(memory + round % 48, memory + round % 48);
    }
    failures += opaque_copy(-5) != -5;
    printf("%ld blocks compared, %ld differ\n", checks, failures);
    return failures != 0;
}
