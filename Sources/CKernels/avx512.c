#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target("avx2,fma,f16c,popcnt,avx512f,avx512bw,avx512dq,avx512vl,avx512bitalg,avx512vnni"))), \
    apply_to = function)

#include "generic.h"
#include "tables.h"

static float avx512_dot_half(const float *left, const uint16_t *right, size_t count) {
    __m512 sums[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
    size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        for (size_t part = 0; part < 4; part++) {
            const __m256i half = _mm256_loadu_si256((const __m256i *)(right + i + part * 16));
            sums[part] = _mm512_fmadd_ps(_mm512_loadu_ps(left + i + part * 16), _mm512_cvtph_ps(half), sums[part]);
        }
    }
    for (; i < count; i += 16) {
        const __mmask16 mask = count - i >= 16 ? 0xFFFF : (__mmask16)((1u << (count - i)) - 1);
        const __m512 half = _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(mask, right + i));
        sums[0] = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, left + i), half, sums[0]);
    }
    return _mm512_reduce_add_ps(
        _mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3])));
}

static void avx512_narrow(const float *source, uint16_t *target, size_t count) {
    for (size_t i = 0; i < count; i += 16) {
        const __mmask16 mask = count - i >= 16 ? 0xFFFF : (__mmask16)((1u << (count - i)) - 1);
        const __m512 value = _mm512_maskz_loadu_ps(mask, source + i);
        _mm256_mask_storeu_epi16(target + i, mask, _mm512_cvtps_ph(value, _MM_FROUND_TO_NEAREST_INT));
    }
}

static void avx512_widen(const uint16_t *source, float *target, size_t count) {
    for (size_t i = 0; i < count; i += 16) {
        const __mmask16 mask = count - i >= 16 ? 0xFFFF : (__mmask16)((1u << (count - i)) - 1);
        _mm512_mask_storeu_ps(target + i, mask, _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(mask, source + i)));
    }
}

/// Lane i of the result is the sum of the lanes of sums[i].
static inline __m512i sum_each(const __m512i *sums) {
    __m512i pairs[8], fours[4], eights[2];
    for (int i = 0; i < 8; i++)
        pairs[i] = _mm512_add_epi32(
            _mm512_unpacklo_epi32(sums[2 * i], sums[2 * i + 1]), _mm512_unpackhi_epi32(sums[2 * i], sums[2 * i + 1]));
    for (int i = 0; i < 4; i++)
        fours[i] = _mm512_add_epi32(
            _mm512_unpacklo_epi64(pairs[2 * i], pairs[2 * i + 1]),
            _mm512_unpackhi_epi64(pairs[2 * i], pairs[2 * i + 1]));
    for (int i = 0; i < 2; i++)
        eights[i] = _mm512_add_epi32(
            _mm512_shuffle_i32x4(fours[2 * i], fours[2 * i + 1], 0x88),
            _mm512_shuffle_i32x4(fours[2 * i], fours[2 * i + 1], 0xDD));
    return _mm512_add_epi32(
        _mm512_shuffle_i32x4(eights[0], eights[1], 0x88), _mm512_shuffle_i32x4(eights[0], eights[1], 0xDD));
}

/// Adds one code's weighted bit counts, a register's worth of words. The products of byte counts (0...8) and plane
/// weights are summed in 32-bit lanes by the dot-product instruction.
static inline __m512i add_planes(__m512i sum, __m512i code, const __m512i *planes) {
    sum = _mm512_dpbusd_epi32(sum, _mm512_popcnt_epi8(_mm512_and_si512(code, planes[0])), _mm512_set1_epi8(1));
    sum = _mm512_dpbusd_epi32(sum, _mm512_popcnt_epi8(_mm512_and_si512(code, planes[1])), _mm512_set1_epi8(2));
    sum = _mm512_dpbusd_epi32(sum, _mm512_popcnt_epi8(_mm512_and_si512(code, planes[2])), _mm512_set1_epi8(4));
    return _mm512_dpbusd_epi32(sum, _mm512_popcnt_epi8(_mm512_and_si512(code, planes[3])), _mm512_set1_epi8(-8));
}

static inline __mmask8 words_mask(size_t left) { return left >= 8 ? 0xFF : (__mmask8)((1u << left) - 1); }

static inline __m512 upper_bounds(const imago_scan *scan, __m512i sums, __m512 scale, __m512 offset, __m512 spread) {
    const __m512 product = _mm512_fmadd_ps(
        _mm512_cvtepi32_ps(sums), _mm512_set1_ps(scan->slope), _mm512_set1_ps(scan->shift));
    const __m512 estimate = _mm512_fmadd_ps(scale, product, _mm512_add_ps(offset, _mm512_set1_ps(scan->base)));
    return _mm512_fmadd_ps(spread, _mm512_set1_ps(scan->error), estimate);
}

static size_t avx512_scan(
    const imago_codes *codes, const imago_scan *scan, size_t first, size_t count, uint32_t *slots, float *bounds) {
    const size_t words = scan->words;
    const __m512 threshold = _mm512_set1_ps(scan->threshold);
    const __m512i steps = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    size_t found = 0;
    for (size_t start = first; start < first + count; start += 16) {
        const size_t part = first + count - start < 16 ? first + count - start : 16;
        __m512i sums[16];
        for (int i = 0; i < 16; i++) sums[i] = _mm512_setzero_si512();
        for (size_t word = 0; word < words; word += 8) {
            const __mmask8 mask = words_mask(words - word);
            __m512i planes[IMAGO_QUERY_PLANES];
            for (size_t plane = 0; plane < IMAGO_QUERY_PLANES; plane++)
                planes[plane] = _mm512_maskz_loadu_epi64(mask, scan->planes + plane * words + word);
            const uint64_t *at = codes->codes + start * words + word;
            if (part == 16) {
#pragma clang loop unroll(full)
                for (int i = 0; i < 16; i++)
                    sums[i] = add_planes(sums[i], _mm512_maskz_loadu_epi64(mask, at + (size_t)i * words), planes);
            } else {
                for (size_t i = 0; i < part; i++)
                    sums[i] = add_planes(sums[i], _mm512_maskz_loadu_epi64(mask, at + i * words), planes);
            }
        }
        const __mmask16 valid = part == 16 ? 0xFFFF : (__mmask16)((1u << part) - 1);
        const __m512 bound = upper_bounds(
            scan, sum_each(sums), _mm512_maskz_loadu_ps(valid, codes->scale + start),
            _mm512_maskz_loadu_ps(valid, codes->offset + start), _mm512_maskz_loadu_ps(valid, codes->spread + start));
        const __mmask16 kept = _mm512_mask_cmp_ps_mask(valid, bound, threshold, _CMP_GE_OQ);
        if (kept == 0) continue;
        _mm512_mask_compressstoreu_epi32(
            slots + found, kept, _mm512_add_epi32(steps, _mm512_set1_epi32((int)start)));
        _mm512_mask_compressstoreu_ps(bounds + found, kept, bound);
        found += (size_t)__builtin_popcount(kept);
    }
    return found;
}

static size_t avx512_scan_listed(
    const imago_codes *codes, const imago_scan *scan, const uint32_t *listed, size_t count, uint32_t *slots,
    float *bounds) {
    const size_t words = scan->words;
    const __m512 threshold = _mm512_set1_ps(scan->threshold);
    size_t found = 0;
    for (size_t start = 0; start < count; start += 16) {
        const size_t part = count - start < 16 ? count - start : 16;
        const __mmask16 valid = part == 16 ? 0xFFFF : (__mmask16)((1u << part) - 1);
        const __m512i slot = _mm512_maskz_loadu_epi32(valid, listed + start);
        const size_t ahead = start + 32 < count ? (count - start - 32 < 16 ? count - start - 32 : 16) : 0;
        for (size_t i = 0; i < ahead; i++)
            __builtin_prefetch(codes->codes + (size_t)listed[start + 32 + i] * words);
        __m512i sums[16];
        for (int i = 0; i < 16; i++) sums[i] = _mm512_setzero_si512();
        for (size_t word = 0; word < words; word += 8) {
            const __mmask8 mask = words_mask(words - word);
            __m512i planes[IMAGO_QUERY_PLANES];
            for (size_t plane = 0; plane < IMAGO_QUERY_PLANES; plane++)
                planes[plane] = _mm512_maskz_loadu_epi64(mask, scan->planes + plane * words + word);
            for (size_t i = 0; i < part; i++) {
                const uint64_t *code = codes->codes + (size_t)listed[start + i] * words + word;
                sums[i] = add_planes(sums[i], _mm512_maskz_loadu_epi64(mask, code), planes);
            }
        }
        const __m512 zero = _mm512_setzero_ps();
        const __m512 bound = upper_bounds(
            scan, sum_each(sums), _mm512_mask_i32gather_ps(zero, valid, slot, codes->scale, 4),
            _mm512_mask_i32gather_ps(zero, valid, slot, codes->offset, 4),
            _mm512_mask_i32gather_ps(zero, valid, slot, codes->spread, 4));
        const __mmask16 kept = _mm512_mask_cmp_ps_mask(valid, bound, threshold, _CMP_GE_OQ);
        _mm512_mask_compressstoreu_epi32(slots + found, kept, slot);
        _mm512_mask_compressstoreu_ps(bounds + found, kept, bound);
        found += (size_t)__builtin_popcount(kept);
    }
    return found;
}

static void avx512_assign(
    const uint8_t *vectors, size_t count, const int8_t *centroids, const int32_t *sums, const float *penalty,
    size_t centroid_count, size_t dimension, float step, uint32_t *best, float *value) {
    for (size_t v = 0; v < count; v += 4) {
        // Four vectors by four centroids fill sixteen accumulators; a short last tile repeats its last vector.
        const uint8_t *rows[4];
        float top[4] = {-INFINITY, -INFINITY, -INFINITY, -INFINITY};
        uint32_t at[4] = {0};
        for (size_t i = 0; i < 4; i++) rows[i] = vectors + (v + i < count ? v + i : count - 1) * dimension;
        for (size_t c = 0; c < centroid_count; c += 4) {
            __m512i tile[16];
            for (int i = 0; i < 16; i++) tile[i] = _mm512_setzero_si512();
            for (size_t d = 0; d < dimension; d += 64) {
                __m512i left[4];
                for (int i = 0; i < 4; i++) left[i] = _mm512_loadu_si512(rows[i] + d);
                for (int j = 0; j < 4; j++) {
                    const __m512i right = _mm512_loadu_si512(centroids + (c + (size_t)j) * dimension + d);
                    for (int i = 0; i < 4; i++) tile[i * 4 + j] = _mm512_dpbusd_epi32(tile[i * 4 + j], left[i], right);
                }
            }
            const __m512i offsets = _mm512_broadcast_i32x4(
                _mm_slli_epi32(_mm_loadu_si128((const __m128i *)(sums + c)), 7));
            const __m512 penalties = _mm512_broadcast_f32x4(_mm_loadu_ps(penalty + c));
            float scores[16];
            _mm512_storeu_ps(
                scores,
                _mm512_fmsub_ps(
                    _mm512_cvtepi32_ps(_mm512_sub_epi32(sum_each(tile), offsets)), _mm512_set1_ps(step), penalties));
            for (size_t i = 0; i < 16; i++) {
                if (scores[i] > top[i / 4]) {
                    top[i / 4] = scores[i];
                    at[i / 4] = (uint32_t)(c + i % 4);
                }
            }
        }
        for (size_t i = 0; i < 4 && v + i < count; i++) {
            best[v + i] = at[i];
            value[v + i] = top[i];
        }
    }
}

const imago_kernels imago_avx512_kernels = {
    .name = "avx512",
    .dot_half = avx512_dot_half,
    .dot = generic_dot,
    .narrow = avx512_narrow,
    .widen = avx512_widen,
    .rotate = generic_rotate,
    .encode = generic_encode,
    .scan = avx512_scan,
    .scan_listed = avx512_scan_listed,
    .quantize = generic_quantize,
    .assign = avx512_assign,
};

#pragma clang attribute pop
#endif
