#ifndef IMAGO_CPOSTGRES_SHIM_H
#define IMAGO_CPOSTGRES_SHIM_H

#include <libpq-fe.h>

#endif
