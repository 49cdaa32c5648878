#pragma once

// libvips' calls are variadic; Swift can't call variadic C functions. Each one used gets a static inline shim here.
#include <vips/vips.h>
