#ifndef IMAGO_CRESOURCES_H
#define IMAGO_CRESOURCES_H

#include <stddef.h>

/// The files of `HTTPAPI/Resources`, compiled into the binary, so that one file is all there is to install.
typedef struct {
    /// Where the file is, from `Resources`: `console/grid.js`.
    const char *name;
    const unsigned char *bytes;
    size_t count;
} imago_resource;

/// All of them, in no order. They live as long as the process.
const imago_resource *imago_resources(size_t *count);

#endif
