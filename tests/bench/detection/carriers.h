#ifndef CARRIERS_H
#define CARRIERS_H
#include <stdbool.h>
#include <stddef.h>

bool carriers_print(size_t most);
#endif
