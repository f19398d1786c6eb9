#ifndef EPISODES_H
#define EPISODES_H
/* Episodes of agents that a test makes up, one a line, and tools asked about them. */

#include "tests/support/client.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>
#include <math.h>

struct episodes {
    struct client client;
    struct tmpdir dir;
    struct buf lines;
};

static inline void episodes_open(struct episodes *e)
{
    tmpdir_make(&e->dir);
    client_open(&e->client, e->dir.path);
}

static inline void episodes_close(struct episodes *e)
{
    client_close(&e->client);
    tmpdir_remove(&e->dir);
    buf_fini(&e->lines);
}

/* more: further members, each with a comma in front. */
static inline void episodes_add(struct episodes *e, const char *run, int epoch,
                                const char *question, int sample, double reward, const char *more)
{
    buf_printf(&e->lines,
               "{\"trajectory_id\":\"%s-%d-%s-%d\",\"training_id\":\"%s\",\"epoch_id\":%d,"
               "\"data_id\":\"%s\",\"sample_id\":%d,\"reward\":%.10g%s}\n",
               run, epoch, question, sample, run, epoch, question, sample, reward, more);
}

/* n trials of a question, c of them passed. */
static inline void episodes_trials(struct episodes *e, const char *run, int epoch,
                                   const char *question, int n, int c)
{
    for (int i = 0; i < n; i++)
        episodes_add(e, run, epoch, question, i, i < c, "");
}

/* All that were added, as one file. */
static inline void episodes_write(struct episodes *e)
{
    tmpdir_file(&e->dir, "runs.jsonl", buf_text(&e->lines));
}

static inline const struct json *episodes_ask(struct episodes *e, const char *tool,
                                              const char *arguments)
{
    return client_ask(&e->client, tool, arguments);
}

/* Answers are rounded to six decimals. */
static inline bool is_near(double got, double want)
{
    return fabs(got - want) <= 5e-7 + 1e-12 * fabs(want);
}

#define EXPECT_NUMBER(value, path, want)                                                           \
    cr_expect(is_near(number_at(value, path), want), "%s is %.9g, not %.9g", path,                 \
              number_at(value, path), (double)(want))

#endif
