#ifndef TRAJECTORY_SUMMARY_H
#define TRAJECTORY_SUMMARY_H
/* An epoch or a training in one object, and what may be said of two of them. */

#include "analysis/trajectories/progression.h"
#include "analysis/trajectories/solved.h"
#include "tools/trajectory_answer.h"

/* Which members: the names of the seed's `metrics`. */
struct summary_parts {
    bool pass_at_1, pass_at_k, avg_reward, termination_stats, reward_distribution;
};
NODISCARD bool summary_parts_of(struct str metrics, struct arena *arena, struct summary_parts *out,
                                struct err *err);

/* k: every question of every group has so many trials; 0: no question at all. */
void put_summary_of(struct buf *out, const struct selection *s, const struct row_group *group,
                    const struct questions *q, uint32_t k, const struct summary_parts *parts);

/* The members of a share of questions solved, without braces. */
void put_solved(struct buf *out, const struct solved *solved);

/* Members of the difference b - a of pass@1; q: its p adjusted for all that are made. */
void put_contrast(struct buf *out, const struct contrast *c, double q);
/* The same of a pair, of which questions solved may be compared, or nothing. */
void put_pair(struct buf *out, const struct contrast_pair *pair);

/* Members of the last epoch against the first, without braces; f->known. */
void put_first_last(struct buf *out, const struct first_last *f);

/* One training on one screen as a JSON object; p NULL on an error: not found names the nearest. */
struct str training_json(struct call *call, const char *id, struct err *err);

/* The ids of the trainings that were found, sorted. */
NODISCARD bool training_names(struct call *call, struct strs *out, struct err *err);

#endif
