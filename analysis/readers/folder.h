#ifndef FOLDER_H
#define FOLDER_H
/* Folders of stores that keep a metric, a parameter or an evaluation a file. */

#include "analysis/base/arena.h"
#include "analysis/base/shape.h"

/* The names in a folder below dir, sorted, without those that begin with a dot. */
struct strs folder_names(int dir, const char *path, size_t most, struct arena *arena);

/*
 * Calls take for every regular file below `path`, up to eight folders deep, in
 * the order of names: with its path below dir and its name below `path`. False
 * as soon as take says so. *left counts down by each name looked at; at 0 the
 * rest is not.
 */
typedef bool folder_take(void *data, const char *path, struct str name);
bool folder_each(int dir, const char *path, size_t *left, struct arena *arena, folder_take *take,
                 void *data);

#endif
