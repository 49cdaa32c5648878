#ifndef IMAGO_CKERNELS_H
#define IMAGO_CKERNELS_H

#include <stddef.h>
#include <stdint.h>

/// The inner loops of vector search. One table of functions for each instruction set; `imago_kernels_best` picks one.
///
/// Throughout, `dimension` is the number of components padded to a multiple of 64, a code is `dimension` bits in
/// `dimension / 64` words, component i in bit `i % 64` of word `i / 64`, and half-precision numbers are IEEE 754
/// binary16 in the machine's byte order.

/// Bit planes of a quantised query: component i is step * u(i), u(i) in -8...7 in two's complement.
#define IMAGO_QUERY_PLANES 4

/// What a scan of codes needs to know of a query and of the group scanned.
///
/// The estimate of the dot product of a query and a vector is `base + offset + scale * (slope * S + shift)` where S is
/// the sum of u(i) over the code's set bits; `spread * error` is the half-width of its confidence interval.
typedef struct {
    /// IMAGO_QUERY_PLANES planes of `words` words each.
    const uint64_t *planes;
    /// Words of one code.
    size_t words;
    float slope;
    float shift;
    float base;
    float error;
    /// Vectors whose upper bound is below are left out.
    float threshold;
} imago_scan;

/// Codes of vectors, by slot.
typedef struct {
    const uint64_t *codes;
    const float *scale;
    const float *offset;
    const float *spread;
} imago_codes;

/// The constants a code is decoded with.
typedef struct {
    float scale;
    float offset;
    float spread;
} imago_factors;

typedef struct {
    const char *name;

    /// Dot product of a single-precision and a half-precision vector of any length.
    float (*dot_half)(const float *left, const uint16_t *right, size_t count);

    /// Dot product of two single-precision vectors of any length.
    float (*dot)(const float *left, const float *right, size_t count);

    /// To half precision, rounding to nearest even.
    void (*narrow)(const float *source, uint16_t *target, size_t count);

    /// To single precision.
    void (*widen)(const uint16_t *source, float *target, size_t count);

    /// For each of `rounds` rounds: flips the signs `signs` has set (`dimension` masks a round, 0 or 0x80000000), then
    /// applies the normalised Walsh-Hadamard transform to the largest power of two of components, from the front in
    /// even rounds and from the back in odd ones.
    void (*rotate)(float *vector, size_t dimension, const uint32_t *signs, size_t rounds);

    /// Writes the sign code of `vector - centroid` and returns its factors.
    imago_factors (*encode)(const float *vector, const float *centroid, size_t dimension, uint64_t *code);

    /// Scans slots first..<first + count. Writes slot and upper bound of those not below the threshold; both outputs
    /// need room for `count`. Returns how many.
    size_t (*scan)(
        const imago_codes *codes, const imago_scan *scan, size_t first, size_t count, uint32_t *slots, float *bounds);

    /// The same for listed slots. `listed` and `slots` may be the same array.
    size_t (*scan_listed)(
        const imago_codes *codes, const imago_scan *scan, const uint32_t *listed, size_t count, uint32_t *slots,
        float *bounds);

    /// Rounds component * scale + 128 to a byte, clipped to 1...255.
    void (*quantize)(const float *source, uint8_t *target, size_t count, float scale);

    /// For each vector the centroid with the largest `dot(vector, centroid) * step - penalty`, and that value.
    /// Vectors are components + 128, centroids plain; `sums[c]` is the sum of centroid c's components. `centroids` is
    /// a multiple of 4, `dimension` of 64.
    void (*assign)(
        const uint8_t *vectors, size_t count, const int8_t *centroids, const int32_t *sums, const float *penalty,
        size_t centroid_count, size_t dimension, float step, uint32_t *best, float *value);
} imago_kernels;

/// The fastest table this processor runs.
const imago_kernels *imago_kernels_best(void);

/// Every table this processor runs, the portable one first. Returns how many; at most `capacity` are written.
size_t imago_kernels_runnable(const imago_kernels **tables, size_t capacity);

/// Slots first..<first + count whose row is set in the bitmap. Returns how many were written to `slots`.
size_t imago_select_rows(
    const int64_t *rows, size_t first, size_t count, const uint64_t *bitmap, size_t bitmap_words, uint32_t *slots);

/// A 64-bit checksum: eight lanes of rotate and multiply, each step a bijection of the lane's state, so that no change
/// confined to one word of the input goes unseen. Chain calls through `seed`.
uint64_t imago_checksum(const void *bytes, size_t count, uint64_t seed);

/// Gives memory that was freed back to the system, where the allocator keeps it otherwise.
void imago_release_free_memory(void);

/// Asks the memory system for a vector about to be read.
static inline void imago_prefetch(const void *address, size_t bytes) {
    for (size_t offset = 0; offset < bytes; offset += 64) __builtin_prefetch((const char *)address + offset, 0, 2);
}

#endif
