#include "CKernels.h"

size_t imago_select_rows(
    const int64_t *rows, size_t first, size_t count, const uint64_t *bitmap, size_t bitmap_words, uint32_t *slots) {
    size_t found = 0;
    for (size_t i = first; i < first + count; i++) {
        const uint64_t row = (uint64_t)rows[i];
        const uint64_t word = row / 64 < bitmap_words ? bitmap[row / 64] : 0;
        slots[found] = (uint32_t)i;
        found += word >> (row % 64) & 1;
    }
    return found;
}
