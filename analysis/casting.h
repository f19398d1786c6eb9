#ifndef CASTING_H
#define CASTING_H
/*
 * Which series plays a role: the user's, else of its aliases the one that stands first, unless
 * another has four times the points. One point is no curve: the Trainer's last row has the mean of
 * all losses as train_loss, and `loss` is the curve; an evaluation on training data is fifty
 * points of train/loss beside a thousand of loss.
 *
 * Where no series plays a role so, a second look: the one whose name is an alias but for case,
 * blanks and separators (role_like), if it is the only one; of several none is taken. A loss that
 * is logged by its parts alone (Ultralytics: train/box_loss and the others below train/, each
 * weighted as it enters the total) is their sum. What was taken so is said (casting_say).
 */

#include "analysis/checks.h"
#include "analysis/history.h"
#include "analysis/roles.h"
#include "analysis/rows.h"

enum { PARTS_MAX = 8 };

/* The parts of a loss whose total is not logged; n is 0 where they do not make one. */
struct loss_parts {
    struct str name[PARTS_MAX];
    size_t points; /* of each */
    size_t n;
    bool unlike; /* too many of them, or not of the same points */
};

struct casting {
    const struct checks *checks; /* what the user set; NULL: nothing */
    struct str set;              /* the first of `sets` losses of evaluation sets */
    size_t sets;
    struct str may_score; /* of the names without a role that look like it, the longest series */
    size_t may_score_points;
    struct str name[ROLES]; /* .p NULL: none */
    size_t rank[ROLES];
    size_t points[ROLES];
    struct str alike[ROLES];   /* the first series that is but for its spelling an alias */
    const char *as[ROLES];     /* that alias */
    size_t alike_n[ROLES];     /* how many such series */
    bool spelled[ROLES];       /* the role was given so */
    struct loss_parts part[2]; /* of the training loss, of the validation loss */
    struct str entropy_loss;   /* minus the entropy, where the entropy is not logged */
};

/*
 * Of all series with a point; rows and history may be NULL. The names are theirs. ERR_ARGUMENT:
 * a series that checks names is not logged.
 */
NODISCARD bool cast_roles(const struct checks *checks, const struct rows_view *rows,
                          const struct history *history, struct arena *arena, struct casting *out,
                          struct err *err);

/* Is the loss the sum of parts? Then those; else NULL. */
const struct loss_parts *casting_parts(const struct casting *c, enum role role);

/* Whether something of the role is logged, though nothing plays it. */
bool casting_hints(const struct casting *c, enum role role);

/* What the second look gave, a sentence each. */
struct strs casting_say(const struct casting *c, struct arena *arena);

#endif
