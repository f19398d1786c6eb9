#ifndef DESK_H
#define DESK_H
/*
 * The one door to what the program works on: the experiments below its roots
 * and the directory of reports. Opening costs nothing and touches no disk.
 */

#include "tools/service.h"

struct desk_options {
    struct strs experiments;   /* directories; none: $POSTRUN_EXPERIMENTS, else ./experiments */
    const char *reports;       /* NULL: $POSTRUN_REPORTS, else ~/.local/share/postrun/reports */
    const char *dashboard_url; /* NULL: answers have no `url` */
    struct str tools_list;     /* for struct service; borrowed */
};

struct desk *desk_open(const struct desk_options *options);
void desk_close(struct desk *desk);

/* The product's service, with this desk behind it. */
struct service desk_service(struct desk *desk);

/* Clears up behind saves; may take milliseconds, so it is run after the answer. Any thread. */
void desk_tidy(struct desk *desk);

/* What was found where, what can be read and what cannot and why, for people. False: nothing
 * usable. */
bool desk_check(struct desk *desk, struct arena *arena, int64_t now_ms, struct buf *out);

#endif
