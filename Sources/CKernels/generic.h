// Loops every instruction set shares: each kernel file includes this under its own target, and the compiler vectorises
// them for it. Static on purpose, so that each file has its own copy.
#ifndef IMAGO_GENERIC_H
#define IMAGO_GENERIC_H

#include "CKernels.h"

#include <math.h>
#include <string.h>

// Wide vectors pass between functions of one file only, all inlined, so the calling convention they'd have does not matter.
#pragma clang diagnostic ignored "-Wpsabi"

/// Sixteen floats; the compiler lowers them to what registers there are.
typedef float lanes __attribute__((vector_size(64), aligned(4)));

static inline __attribute__((always_inline)) lanes load_lanes(const float *source) {
    lanes value;
    memcpy(&value, source, sizeof value);
    return value;
}

static inline __attribute__((always_inline)) void store_lanes(float *target, lanes value) { memcpy(target, &value, sizeof value); }

static inline __attribute__((always_inline)) float sum_lanes(lanes value) {
    float sum = 0;
    for (int lane = 0; lane < 16; lane++) sum += value[lane];
    return sum;
}

static float generic_dot(const float *left, const float *right, size_t count) {
    lanes sums[2] = {{0}, {0}};
    size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        sums[0] += load_lanes(left + i) * load_lanes(right + i);
        sums[1] += load_lanes(left + i + 16) * load_lanes(right + i + 16);
    }
    float sum = sum_lanes(sums[0] + sums[1]);
    for (; i < count; i++) sum += left[i] * right[i];
    return sum;
}

/// The transform's first four stages stay within sixteen lanes.
static inline __attribute__((always_inline)) lanes transform_lanes(lanes v) {
    const lanes s1 = {1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1};
    const lanes s2 = {1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1};
    const lanes s4 = {1, 1, 1, 1, -1, -1, -1, -1, 1, 1, 1, 1, -1, -1, -1, -1};
    const lanes s8 = {1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1, -1};
    v = v * s1 + __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
    v = v * s2 + __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
    v = v * s4 + __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
    return v * s8 + __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
}

/// Walsh-Hadamard transform of a power of two of at least 64 components, scaled to keep lengths.
static inline void transform(float *v, size_t count) {
    const float scale = 1 / sqrtf((float)count);
    for (size_t i = 0; i < count; i += 16) store_lanes(v + i, transform_lanes(load_lanes(v + i)) * scale);
    for (size_t h = 16; h < count; h *= 2) {
        for (size_t block = 0; block < count; block += 2 * h) {
            for (size_t i = block; i < block + h; i += 16) {
                const lanes a = load_lanes(v + i), b = load_lanes(v + i + h);
                store_lanes(v + i, a + b);
                store_lanes(v + i + h, a - b);
            }
        }
    }
}

static void generic_rotate(float *vector, size_t dimension, const uint32_t *signs, size_t rounds) {
    size_t power = 64;
    while (power * 2 <= dimension) power *= 2;
    uint32_t *bits = (uint32_t *)(void *)vector;
    for (size_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < dimension; i++) {
            uint32_t value;
            memcpy(&value, bits + i, sizeof value);
            value ^= signs[round * dimension + i];
            memcpy(bits + i, &value, sizeof value);
        }
        transform(round % 2 == 0 ? vector : vector + dimension - power, power);
    }
}

static imago_factors generic_encode(const float *vector, const float *centroid, size_t dimension, uint64_t *code) {
    lanes squares = {0}, absolutes = {0}, along = {0}, signed_centroid = {0};
    for (size_t word = 0; word < dimension / 64; word++) {
        uint64_t bits = 0;
        for (size_t part = 0; part < 4; part++) {
            const size_t i = word * 64 + part * 16;
            const lanes c = load_lanes(centroid + i);
            const lanes r = load_lanes(vector + i) - c;
            typedef int32_t masks __attribute__((vector_size(64)));
            const masks positive = r > 0;
            lanes sign;
            for (int lane = 0; lane < 16; lane++) sign[lane] = positive[lane] ? 1 : -1;
            squares += r * r;
            absolutes += r * sign;
            along += c * r;
            signed_centroid += c * sign;
            uint64_t sixteen = 0;
            for (int lane = 0; lane < 16; lane++) sixteen |= (uint64_t)(positive[lane] & 1) << lane;
            bits |= sixteen << (part * 16);
        }
        code[word] = bits;
    }
    const float square = sum_lanes(squares), absolute = sum_lanes(absolutes);
    imago_factors factors = {0, sum_lanes(along), 0};
    if (!(absolute > 0)) return factors;
    const float root = sqrtf((float)dimension);
    // The code's direction x has components +-1/root, so that <x, r> = absolute / root.
    const float cosine = fminf(1, absolute / (root * sqrtf(square)));
    factors.scale = square * root / absolute;
    factors.offset -= factors.scale * sum_lanes(signed_centroid) / root;
    factors.spread = factors.scale * sqrtf(1 - cosine * cosine) / sqrtf((float)dimension - 1);
    return factors;
}

static void generic_quantize(const float *source, uint8_t *target, size_t count, float scale) {
    for (size_t i = 0; i < count; i++) {
        const float value = source[i] * scale + 128.5f;
        target[i] = (uint8_t)(int32_t)(value < 1 ? 1 : value > 255 ? 255 : value);
    }
}

static inline uint16_t narrow_one(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    bits &= 0x7FFFFFFF;
    if (bits >= 0x7F800000) return sign | (bits > 0x7F800000 ? 0x7E00 : 0x7C00);
    if (bits >= 0x477FF000) return sign | 0x7C00;
    if (bits < 0x38800000) {
        // Subnormal: let the float adder round to a multiple of 2^-24.
        float magnitude;
        memcpy(&magnitude, &bits, sizeof magnitude);
        magnitude += 0.5f;
        memcpy(&bits, &magnitude, sizeof bits);
        return sign | (uint16_t)(bits - 0x3F000000);
    }
    return sign | (uint16_t)((bits - 0x38000000 + 0xFFF + (bits >> 13 & 1)) >> 13);
}

static inline float widen_one(uint16_t half) {
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16, magnitude = half & 0x7FFF;
    uint32_t bits = magnitude << 13;
    if (magnitude >= 0x7C00) {
        bits += 0x70000000;
    } else if (magnitude >= 0x0400) {
        bits += 0x38000000;
    } else {
        const float value = (float)magnitude * 0x1p-24f;
        memcpy(&bits, &value, sizeof bits);
    }
    bits |= sign;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// Compares sixteen upper bounds with the threshold and appends those that reach it.
static inline size_t append_bounds(
    const imago_codes *codes, const imago_scan *scan, const int32_t *sums, const uint32_t *from, size_t count,
    size_t found, uint32_t *slots, float *bounds) {
    for (size_t i = 0; i < count; i++) {
        const uint32_t slot = from[i];
        const float bound = scan->base + codes->offset[slot]
            + codes->scale[slot] * (scan->slope * (float)sums[i] + scan->shift) + codes->spread[slot] * scan->error;
        slots[found] = slot;
        bounds[found] = bound;
        found += bound >= scan->threshold;
    }
    return found;
}

/// A scan over listed slots in terms of `code_sum`, the sum of u(i) over one code's set bits.
#define IMAGO_DEFINE_SCANS(prefix, code_sum)                                                                     \
    static size_t prefix##_scan_listed(                                                                          \
        const imago_codes *codes, const imago_scan *scan, const uint32_t *listed, size_t count, uint32_t *slots, \
        float *bounds) {                                                                                         \
        size_t found = 0;                                                                                        \
        for (size_t start = 0; start < count; start += 16) {                                                     \
            const size_t part = count - start < 16 ? count - start : 16;                                         \
            int32_t sums[16];                                                                                    \
            uint32_t from[16];                                                                                   \
            memcpy(from, listed + start, part * sizeof(uint32_t));                                               \
            for (size_t i = 0; i < part; i++) {                                                                  \
                if (start + i + 16 < count)                                                                      \
                    __builtin_prefetch(codes->codes + (size_t)listed[start + i + 16] * scan->words);             \
                sums[i] = code_sum(codes->codes + (size_t)from[i] * scan->words, scan->planes, scan->words);     \
            }                                                                                                    \
            found = append_bounds(codes, scan, sums, from, part, found, slots, bounds);                          \
        }                                                                                                        \
        return found;                                                                                            \
    }                                                                                                            \
    static size_t prefix##_scan(                                                                                 \
        const imago_codes *codes, const imago_scan *scan, size_t first, size_t count, uint32_t *slots,           \
        float *bounds) {                                                                                         \
        size_t found = 0;                                                                                        \
        for (size_t start = 0; start < count; start += 16) {                                                     \
            const size_t part = count - start < 16 ? count - start : 16;                                         \
            int32_t sums[16];                                                                                    \
            uint32_t from[16];                                                                                   \
            for (size_t i = 0; i < part; i++) {                                                                  \
                from[i] = (uint32_t)(first + start + i);                                                         \
                sums[i] = code_sum(codes->codes + (size_t)from[i] * scan->words, scan->planes, scan->words);     \
            }                                                                                                    \
            found = append_bounds(codes, scan, sums, from, part, found, slots, bounds);                          \
        }                                                                                                        \
        return found;                                                                                            \
    }

/// `assign` in terms of `dot_bytes(unsigned, signed, count)`.
#define IMAGO_DEFINE_ASSIGN(prefix, dot_bytes)                                                                   \
    static void prefix##_assign(                                                                                 \
        const uint8_t *vectors, size_t count, const int8_t *centroids, const int32_t *sums, const float *penalty, \
        size_t centroid_count, size_t dimension, float step, uint32_t *best, float *value) {                     \
        for (size_t v = 0; v < count; v++) {                                                                     \
            best[v] = 0;                                                                                         \
            value[v] = -INFINITY;                                                                                \
            for (size_t c = 0; c < centroid_count; c++) {                                                        \
                const int32_t sum = dot_bytes(vectors + v * dimension, centroids + c * dimension, dimension);    \
                const float score = (float)(sum - 128 * sums[c]) * step - penalty[c];                            \
                if (score > value[v]) {                                                                          \
                    value[v] = score;                                                                            \
                    best[v] = (uint32_t)c;                                                                       \
                }                                                                                                \
            }                                                                                                    \
        }                                                                                                        \
    }

#endif
