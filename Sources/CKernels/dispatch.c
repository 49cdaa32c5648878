#include "tables.h"

size_t imago_kernels_runnable(const imago_kernels **tables, size_t capacity) {
    size_t count = 0;
    if (count < capacity) tables[count++] = &imago_portable_kernels;
#if defined(__x86_64__)
    __builtin_cpu_init();
    const int has_avx2 =
        __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    const int has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512bitalg") && __builtin_cpu_supports("avx512vnni");
    if (has_avx2 && count < capacity) tables[count++] = &imago_avx2_kernels;
    if (has_avx512 && count < capacity) tables[count++] = &imago_avx512_kernels;
#elif defined(__aarch64__)
    if (count < capacity) tables[count++] = &imago_neon_kernels;
#endif
    return count;
}

const imago_kernels *imago_kernels_best(void) {
    const imago_kernels *tables[8];
    return tables[imago_kernels_runnable(tables, 8) - 1];
}
