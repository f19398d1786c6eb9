#ifndef NPYARRAY_H
#define NPYARRAY_H
/*
 * An array of NumPy's file format (its "NPY format" document, versions 1 to 3):
 * numbers of 1 to 8 bytes in either order, in one or two dimensions. An array
 * of objects is a pickle and is refused. Pure functions.
 */

#include "analysis/base/err.h"
#include "analysis/base/str.h"

#include <stdint.h>

enum { NPY_DIMENSIONS_MAX = 4 };

struct npyarray {
    char kind; /* 'f', 'i', 'u', 'b' */
    int bytes; /* of a number */
    bool big_endian, fortran;
    size_t dimensions, shape[NPY_DIMENSIONS_MAX];
    size_t n;        /* numbers: the product of the shape */
    struct str data; /* as much as is there */
};

NODISCARD bool npyarray_open(struct npyarray *array, struct str file, struct err *err);
/* How many numbers are there in full: fewer than n in a file that was cut off. */
size_t npyarray_there(const struct npyarray *array);
/* One of them, by its place in memory; i is below npyarray_there. */
double npyarray_at(const struct npyarray *array, size_t i);

#endif
