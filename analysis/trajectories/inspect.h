#ifndef INSPECT_H
#define INSPECT_H
/* What the two containers of Inspect's logs share: the front of a log, and a sample. */

#include "analysis/trajectories/reader.h"

void inspect_begin(struct str head, struct sink *sink);
void inspect_read(struct str record, struct sink *sink);

#endif
