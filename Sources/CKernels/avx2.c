#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,popcnt"))), apply_to = function)

#include "generic.h"
#include "tables.h"

static inline float sum_floats(__m256 value) {
    __m128 sum = _mm_add_ps(_mm256_castps256_ps128(value), _mm256_extractf128_ps(value, 1));
    sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
    return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}

static inline int64_t sum_quads(__m256i value) {
    const __m128i sum = _mm_add_epi64(_mm256_castsi256_si128(value), _mm256_extracti128_si256(value, 1));
    return _mm_cvtsi128_si64(sum) + _mm_extract_epi64(sum, 1);
}

static float avx2_dot_half(const float *left, const uint16_t *right, size_t count) {
    __m256 sums[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
    size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        for (size_t part = 0; part < 4; part++) {
            const __m128i half = _mm_loadu_si128((const __m128i *)(right + i + part * 8));
            sums[part] = _mm256_fmadd_ps(_mm256_loadu_ps(left + i + part * 8), _mm256_cvtph_ps(half), sums[part]);
        }
    }
    float sum = sum_floats(_mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3])));
    for (; i < count; i++) sum += left[i] * widen_one(right[i]);
    return sum;
}

static void avx2_narrow(const float *source, uint16_t *target, size_t count) {
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const __m128i half = _mm256_cvtps_ph(_mm256_loadu_ps(source + i), _MM_FROUND_TO_NEAREST_INT);
        _mm_storeu_si128((__m128i *)(target + i), half);
    }
    for (; i < count; i++) target[i] = narrow_one(source[i]);
}

static void avx2_widen(const uint16_t *source, float *target, size_t count) {
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        _mm256_storeu_ps(target + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(source + i))));
    for (; i < count; i++) target[i] = widen_one(source[i]);
}

/// Set bits of each byte, by table (Mula, Kurz, Lemire 2016).
static inline __m256i count_bytes(__m256i value) {
    const __m256i table = _mm256_setr_epi8(
        0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i nibble = _mm256_set1_epi8(15);
    return _mm256_add_epi8(
        _mm256_shuffle_epi8(table, _mm256_and_si256(value, nibble)),
        _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(value, 4), nibble)));
}

static inline int32_t avx2_code_sum(const uint64_t *code, const uint64_t *planes, size_t words) {
    const __m256i zero = _mm256_setzero_si256();
    __m256i sum = zero, negative = zero;
    size_t word = 0;
    for (; word + 4 <= words; word += 4) {
        const __m256i bits = _mm256_loadu_si256((const __m256i *)(code + word));
        __m256i counts[IMAGO_QUERY_PLANES];
        for (size_t plane = 0; plane < IMAGO_QUERY_PLANES; plane++)
            counts[plane] = count_bytes(
                _mm256_and_si256(bits, _mm256_loadu_si256((const __m256i *)(planes + plane * words + word))));
        // At most 8 * 7, so the weighted sum of the three positive planes fits its byte.
        __m256i positive = _mm256_add_epi8(counts[2], counts[2]);
        positive = _mm256_add_epi8(positive, counts[1]);
        positive = _mm256_add_epi8(_mm256_add_epi8(positive, positive), counts[0]);
        sum = _mm256_add_epi64(sum, _mm256_sad_epu8(positive, zero));
        negative = _mm256_add_epi64(negative, _mm256_sad_epu8(counts[3], zero));
    }
    int32_t total = (int32_t)(sum_quads(sum) - 8 * sum_quads(negative));
    for (; word < words; word++) {
        const uint64_t bits = code[word];
        total += (int32_t)(_mm_popcnt_u64(bits & planes[word]) + 2 * _mm_popcnt_u64(bits & planes[words + word])
            + 4 * _mm_popcnt_u64(bits & planes[2 * words + word])
            - 8 * _mm_popcnt_u64(bits & planes[3 * words + word]));
    }
    return total;
}

static inline int32_t avx2_dot_bytes(const uint8_t *left, const int8_t *right, size_t count) {
    __m256i sum = _mm256_setzero_si256();
    for (size_t i = 0; i < count; i += 16) {
        const __m256i a = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(left + i)));
        const __m256i b = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(right + i)));
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
    }
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(four, _mm_shuffle_epi32(four, 0xB1)));
}

IMAGO_DEFINE_SCANS(avx2, avx2_code_sum)
IMAGO_DEFINE_ASSIGN(avx2, avx2_dot_bytes)

const imago_kernels imago_avx2_kernels = {
    .name = "avx2",
    .dot_half = avx2_dot_half,
    .dot = generic_dot,
    .narrow = avx2_narrow,
    .widen = avx2_widen,
    .rotate = generic_rotate,
    .encode = generic_encode,
    .scan = avx2_scan,
    .scan_listed = avx2_scan_listed,
    .quantize = generic_quantize,
    .assign = avx2_assign,
};

#pragma clang attribute pop
#endif
