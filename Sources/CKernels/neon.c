#if defined(__aarch64__)
#include <arm_neon.h>

#include "generic.h"
#include "tables.h"

static float neon_dot_half(const float *left, const uint16_t *right, size_t count) {
    float32x4_t sums[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0)};
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        for (size_t part = 0; part < 4; part++) {
            const float16x4_t half = vreinterpret_f16_u16(vld1_u16(right + i + part * 4));
            sums[part] = vfmaq_f32(sums[part], vld1q_f32(left + i + part * 4), vcvt_f32_f16(half));
        }
    }
    float sum = vaddvq_f32(vaddq_f32(vaddq_f32(sums[0], sums[1]), vaddq_f32(sums[2], sums[3])));
    for (; i < count; i++) sum += left[i] * widen_one(right[i]);
    return sum;
}

static void neon_narrow(const float *source, uint16_t *target, size_t count) {
    size_t i = 0;
    for (; i + 4 <= count; i += 4) vst1_u16(target + i, vreinterpret_u16_f16(vcvt_f16_f32(vld1q_f32(source + i))));
    for (; i < count; i++) target[i] = narrow_one(source[i]);
}

static void neon_widen(const uint16_t *source, float *target, size_t count) {
    size_t i = 0;
    for (; i + 4 <= count; i += 4) vst1q_f32(target + i, vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(source + i))));
    for (; i < count; i++) target[i] = widen_one(source[i]);
}

static inline int32_t neon_code_sum(const uint64_t *code, const uint64_t *planes, size_t words) {
    uint32x4_t positive = vdupq_n_u32(0), negative = vdupq_n_u32(0);
    size_t word = 0;
    for (; word + 2 <= words; word += 2) {
        const uint8x16_t bits = vreinterpretq_u8_u64(vld1q_u64(code + word));
        uint8x16_t counts[IMAGO_QUERY_PLANES];
        for (size_t plane = 0; plane < IMAGO_QUERY_PLANES; plane++)
            counts[plane] = vcntq_u8(vandq_u8(bits, vreinterpretq_u8_u64(vld1q_u64(planes + plane * words + word))));
        // At most 8 * 7, so the weighted sum of the three positive planes fits its byte.
        const uint8x16_t sum = vaddq_u8(
            counts[0], vaddq_u8(vshlq_n_u8(counts[1], 1), vshlq_n_u8(counts[2], 2)));
        positive = vpadalq_u16(positive, vpaddlq_u8(sum));
        negative = vpadalq_u16(negative, vpaddlq_u8(counts[3]));
    }
    int32_t total = (int32_t)vaddvq_u32(positive) - 8 * (int32_t)vaddvq_u32(negative);
    for (; word < words; word++) {
        const uint64_t bits = code[word];
        total += __builtin_popcountll(bits & planes[word]) + 2 * __builtin_popcountll(bits & planes[words + word])
            + 4 * __builtin_popcountll(bits & planes[2 * words + word])
            - 8 * __builtin_popcountll(bits & planes[3 * words + word]);
    }
    return total;
}

static inline int32_t neon_dot_bytes(const uint8_t *left, const int8_t *right, size_t count) {
    int32x4_t sum = vdupq_n_s32(0);
    for (size_t i = 0; i < count; i += 8) {
        const int16x8_t a = vreinterpretq_s16_u16(vmovl_u8(vld1_u8(left + i)));
        const int16x8_t b = vmovl_s8(vld1_s8(right + i));
        sum = vmlal_s16(sum, vget_low_s16(a), vget_low_s16(b));
        sum = vmlal_high_s16(sum, a, b);
    }
    return vaddvq_s32(sum);
}

IMAGO_DEFINE_SCANS(neon, neon_code_sum)
IMAGO_DEFINE_ASSIGN(neon, neon_dot_bytes)

const imago_kernels imago_neon_kernels = {
    .name = "neon",
    .dot_half = neon_dot_half,
    .dot = generic_dot,
    .narrow = neon_narrow,
    .widen = neon_widen,
    .rotate = generic_rotate,
    .encode = generic_encode,
    .scan = neon_scan,
    .scan_listed = neon_scan_listed,
    .quantize = generic_quantize,
    .assign = neon_assign,
};
#endif
