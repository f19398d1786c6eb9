#ifndef WHOLE_FILE_H
#define WHOLE_FILE_H
/*
 * Files that are there whole or not at all: written under another name, synced,
 * moved to their place in one step, and the directory synced. What is below
 * leaves nothing behind when it fails; errno says why.
 */

#include "analysis/base/err.h"
#include "analysis/base/str.h"

#include <sys/types.h>

enum { TEMP_NAME = 24 };

void temp_name(char out[TEMP_NAME]); /* of 64 random bits */

/* A new file with this text, on disk; one of that name is a failure. */
NODISCARD bool synced_create(int dir, const char *name, struct str text, mode_t mode);

/* For clean-up on the way out: the reason of the failure stays in errno. */
void undo_create(int dir, const char *name);

/*
 * The file `name` of the directory, with this text, which begins with `mark`. In
 * place of an older one only if that begins with the mark, too: a file that
 * somebody else wrote, a link, a folder are refused with a sentence. *replaced
 * says whether there was one.
 */
NODISCARD bool marked_file_write(int dir, const char *name, struct str mark, struct str text,
                                 bool *replaced, struct err *err);

#endif
