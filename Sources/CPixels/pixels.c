#include "pixels.h"

#include <string.h>

#if defined(__x86_64__) && defined(__gnu_linux__)
// Two versions, the right one chosen when the program is loaded.
#define VECTORISED __attribute__((target_clones("arch=haswell", "default")))
#else
#define VECTORISED
#endif

typedef float float4 __attribute__((vector_size(16), aligned(4), may_alias));

VECTORISED
static void add_rows(const uint8_t *in, ptrdiff_t stride, const float *weights, int count, ptrdiff_t width, float *row) {
    memset(row, 0, (size_t)width * sizeof(float));
    int tap = 0;
    // Four at a time: the sums then cross memory a quarter as often.
    for (; tap + 4 <= count; tap += 4, in += 4 * stride) {
        const uint8_t *a = in, *b = in + stride, *c = in + 2 * stride, *d = in + 3 * stride;
        const float wa = weights[tap], wb = weights[tap + 1], wc = weights[tap + 2], wd = weights[tap + 3];
        for (ptrdiff_t i = 0; i < width; i++)
            row[i] += (wa * (float)a[i] + wb * (float)b[i]) + (wc * (float)c[i] + wd * (float)d[i]);
    }
    for (; tap < count; tap++, in += stride)
        for (ptrdiff_t i = 0; i < width; i++) row[i] += weights[tap] * (float)in[i];
}

static inline uint8_t rounded(float value) {
    return value <= 0 ? 0 : value >= 255 ? 255 : (uint8_t)(value + 0.5f);
}

VECTORISED
static void add_columns(const float *row, int bands, const imago_axis *across, uint8_t *out, ptrdiff_t step) {
    for (int32_t x = 0; x < across->size; x++, out += step) {
        const float *in = row + (ptrdiff_t)across->starts[x] * bands;
        const float *weights = across->weights + (ptrdiff_t)x * across->stride;
        // Whole vectors whatever the number of bands: the lanes past it are computed and dropped.
        float4 sum = {0, 0, 0, 0};
        for (int32_t tap = 0; tap < across->counts[x]; tap++, in += bands) sum += *(const float4 *)in * weights[tap];
        for (int band = 0; band < bands; band++) out[band] = rounded(sum[band]);
    }
}

void imago_resample(const uint8_t *in, ptrdiff_t width, int bands, imago_axis across, imago_axis down, float *row,
                    uint8_t *out, ptrdiff_t step_x, ptrdiff_t step_y) {
    const ptrdiff_t stride = width * bands;
    // Columns that no output position asks for are left out.
    int32_t first = across.starts[0], end = 0;
    for (int32_t x = 0; x < across.size; x++) {
        if (across.starts[x] < first) first = across.starts[x];
        if (across.starts[x] + across.counts[x] > end) end = across.starts[x] + across.counts[x];
    }
    memset(row + end * bands, 0, 4 * sizeof(float));
    for (int32_t y = 0; y < down.size; y++) {
        add_rows(in + down.starts[y] * stride + first * bands, stride, down.weights + (ptrdiff_t)y * down.stride,
                 down.counts[y], (ptrdiff_t)(end - first) * bands, row + first * bands);
        add_columns(row, bands, &across, out + y * step_y, step_x);
    }
}

VECTORISED
void imago_plane(const uint8_t *in, ptrdiff_t count, int bands, float scale, float bias, float *out) {
    if (bands == 3)
        for (ptrdiff_t i = 0; i < count; i++) out[i] = (float)in[3 * i] * scale + bias;
    else
        for (ptrdiff_t i = 0; i < count; i++) out[i] = (float)in[i * bands] * scale + bias;
}

void imago_unpremultiply(uint8_t *pixels, ptrdiff_t count, int bands) {
    for (ptrdiff_t i = 0; i < count; i++, pixels += bands) {
        const int opacity = pixels[bands - 1];
        if (opacity == 255) continue;
        for (int band = 0; band < bands - 1; band++) {
            const int colour = opacity == 0 ? 0 : (pixels[band] * 255 + opacity / 2) / opacity;
            pixels[band] = (uint8_t)(colour > 255 ? 255 : colour);
        }
    }
}
