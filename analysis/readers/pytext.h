#ifndef PYTEXT_H
#define PYTEXT_H
/* Values that Python programs keep as text ("0.01", "True", "None", "[224, 224]"), as JSON. */

#include "analysis/base/json.h"

/* A number, a boolean, null, or a string of what it is. Appended. */
void pytext_put(struct buf *out, struct str text);

#endif
