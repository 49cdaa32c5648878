#include "CKernels.h"

#include <string.h>

static inline uint64_t step(uint64_t state, uint64_t word) {
    state ^= word;
    state = state << 29 | state >> 35;
    return state * 0x9E3779B97F4A7C15u;
}

uint64_t imago_checksum(const void *bytes, size_t count, uint64_t seed) {
    const unsigned char *at = bytes;
    uint64_t lanes[8];
    for (uint64_t lane = 0; lane < 8; lane++) lanes[lane] = seed + lane * 0xD1B54A32D192ED03u;
    size_t left = count;
    for (; left >= 64; left -= 64, at += 64) {
        for (int lane = 0; lane < 8; lane++) {
            uint64_t word;
            memcpy(&word, at + 8 * lane, 8);
            lanes[lane] = step(lanes[lane], word);
        }
    }
    for (int lane = 0; left > 0; lane++) {
        const size_t part = left < 8 ? left : 8;
        uint64_t word = 0;
        memcpy(&word, at, part);
        lanes[lane] = step(lanes[lane], word);
        at += part;
        left -= part;
    }
    uint64_t sum = step(seed, count);
    for (int lane = 0; lane < 8; lane++) sum = step(sum, lanes[lane]);
    return sum ^ sum >> 32;
}
