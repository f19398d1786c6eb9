#ifndef CASTING_H
#define CASTING_H
/*
 * Which series plays a role: the user's, else of its aliases the one that stands first, unless
 * another has four times the points. One point is no curve: the Trainer's last row has the mean of
 * all losses as train_loss, and `loss` is the curve; an evaluation on training data is fifty
 * points of train/loss beside a thousand of loss.
 */

#include "analysis/checks.h"
#include "analysis/history.h"
#include "analysis/roles.h"
#include "analysis/rows.h"

struct casting {
    const struct checks *checks; /* what the user set; NULL: nothing */
    struct str set;              /* the first of `sets` losses of evaluation sets */
    size_t sets;
    struct str may_score; /* of the names without a role that look like it, the longest series */
    size_t may_score_points;
    struct str name[ROLES]; /* .p NULL: none */
    size_t rank[ROLES];
    size_t points[ROLES];
};

/*
 * Of all series with a point; rows and history may be NULL. The names are theirs. ERR_ARGUMENT:
 * a series that checks names is not logged.
 */
NODISCARD bool cast_roles(const struct checks *checks, const struct rows_view *rows,
                          const struct history *history, struct arena *arena, struct casting *out,
                          struct err *err);

#endif
