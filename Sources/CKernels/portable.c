// Kernels in plain C: the reference the others are tested against, and the fallback.
#include "generic.h"
#include "tables.h"

static float portable_dot_half(const float *left, const uint16_t *right, size_t count) {
    float sums[4] = {0};
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        for (size_t lane = 0; lane < 4; lane++) sums[lane] += left[i + lane] * widen_one(right[i + lane]);
    }
    for (; i < count; i++) sums[0] += left[i] * widen_one(right[i]);
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

static void portable_narrow(const float *source, uint16_t *target, size_t count) {
    for (size_t i = 0; i < count; i++) target[i] = narrow_one(source[i]);
}

static void portable_widen(const uint16_t *source, float *target, size_t count) {
    for (size_t i = 0; i < count; i++) target[i] = widen_one(source[i]);
}

static inline int32_t portable_code_sum(const uint64_t *code, const uint64_t *planes, size_t words) {
    int32_t sum = 0;
    for (size_t word = 0; word < words; word++) {
        const uint64_t bits = code[word];
        sum += __builtin_popcountll(bits & planes[word]) + 2 * __builtin_popcountll(bits & planes[words + word])
            + 4 * __builtin_popcountll(bits & planes[2 * words + word])
            - 8 * __builtin_popcountll(bits & planes[3 * words + word]);
    }
    return sum;
}

static inline int32_t portable_dot_bytes(const uint8_t *left, const int8_t *right, size_t count) {
    int32_t sum = 0;
    for (size_t i = 0; i < count; i++) sum += (int32_t)left[i] * (int32_t)right[i];
    return sum;
}

IMAGO_DEFINE_SCANS(portable, portable_code_sum)
IMAGO_DEFINE_ASSIGN(portable, portable_dot_bytes)

const imago_kernels imago_portable_kernels = {
    .name = "portable",
    .dot_half = portable_dot_half,
    .dot = generic_dot,
    .narrow = portable_narrow,
    .widen = portable_widen,
    .rotate = generic_rotate,
    .encode = generic_encode,
    .scan = portable_scan,
    .scan_listed = portable_scan_listed,
    .quantize = generic_quantize,
    .assign = portable_assign,
};
