#pragma once

// Loops over pixels, in C so that they are optimised in every build and vectorised for the processor they meet.

#include <stddef.h>
#include <stdint.h>

// For each output position along one axis: the first input position, how many, and their weights, which sum to 1.
typedef struct {
    const int32_t *starts;
    const int32_t *counts;
    // `stride` weights for each output position.
    const float *weights;
    int32_t stride;
    int32_t size;
} imago_axis;

// Resamples interleaved bytes of 1 to 4 bands: down the columns into `row`, then along it.
//
// `row` holds width * bands + 4 floats. Output pixel (x, y) goes to out + x * step_x + y * step_y, so that turning and
// mirroring cost nothing.
void imago_resample(const uint8_t *in, ptrdiff_t width, int bands, imago_axis across, imago_axis down, float *row,
                    uint8_t *out, ptrdiff_t step_x, ptrdiff_t step_y);

// One channel of `count` interleaved pixels as floats: out[i] = in[i * bands] * scale + bias.
void imago_plane(const uint8_t *in, ptrdiff_t count, int bands, float scale, float bias, float *out);

// Divides colours by opacity (the last of `bands`), in place; where it is 0 they become 0.
void imago_unpremultiply(uint8_t *pixels, ptrdiff_t count, int bands);
