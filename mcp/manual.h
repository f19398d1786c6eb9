#ifndef MANUAL_H
#define MANUAL_H
/* The tools as Markdown, from the same rows that make tools/list: it cannot be wrong. */

#include "tools/service.h"

void manual_put(struct buf *out, const struct service *service);

#endif
