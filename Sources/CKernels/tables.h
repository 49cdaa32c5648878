// The tables there are on each architecture. Run-time dispatch picks among them.
#ifndef IMAGO_TABLES_H
#define IMAGO_TABLES_H

#include "CKernels.h"

extern const imago_kernels imago_portable_kernels;
#if defined(__x86_64__)
/// AVX2, FMA and F16C: Haswell, Zen and later.
extern const imago_kernels imago_avx2_kernels;
/// AVX-512 F, BW, DQ and VL with BITALG and VNNI: Ice Lake, Zen 4 and later.
extern const imago_kernels imago_avx512_kernels;
#elif defined(__aarch64__)
extern const imago_kernels imago_neon_kernels;
#endif

#endif
