#include "reports/trainings.h"

#include "analysis/trajectories/library.h"
#include "analysis/trajectories/training.h"
#include "reports/words.h"

enum { ID_CHARS = 120, NOTES_SHOWN = 8 };

/* ---- which ---- */

static bool add_training(const struct pattern_input *in, const struct selection *all,
                         const char *id, struct trainings *t, struct err *err)
{
    struct cohort *c = &t->v[t->n];
    uint32_t training;

    if (!training_find(all->t, id, &training, err))
        return false;
    for (size_t i = 0; i < t->n; i++) {
        if (all->t->training[t->v[i].s.rows[0]] == training)
            return err_set(err, ERR_ARGUMENT, "experimentId names '%.200s' twice.", id);
    }
    *c = (struct cohort){.id = word_quote(in->arena, str_of(id), ID_CHARS),
                         .s = training_select(all, training, in->arena)};
    c->q = questions_of(c->s.t, c->s.rows, c->s.n, c->s.threshold, in->arena);
    c->why = trials_why(c->s.t, c->s.rows, c->s.n);
    selection_cover(&c->s, t->coverage);
    t->n++;
    return true;
}

/* The ids between commas, at most one more than may be. */
static size_t split(const struct pattern_input *in, size_t most, const char **ids)
{
    struct str rest = str_of(in->experiment_id), piece;
    size_t n = 0;

    if (most == 1) {
        ids[0] = in->experiment_id;
        return 1;
    }
    while (n <= most && str_next(&rest, ',', &piece)) {
        piece = str_trim(piece);
        if (piece.n)
            ids[n++] = arena_text(in->arena, piece);
    }
    return n;
}

bool trainings_open(const struct pattern_input *in, struct blocks *out, size_t most,
                    struct trainings **trainings, struct err *err)
{
    struct trainings *t = *trainings = ARENA_NEW(in->arena, struct trainings);
    const struct trajectory_filter none = trajectory_filter_none();
    const char *ids[TRAININGS_MAX + 1];
    struct selection all;

    if (!in->trajectories)
        return err_set(err, ERR_NOT_FOUND, "no trajectories to report on");
    *t = (struct trainings){.arena = in->arena, .out = out, .coverage = in->coverage};
    if (!t->coverage) {
        t->coverage = ARENA_NEW(in->arena, struct coverage);
        coverage_init(t->coverage, in->arena);
    }
    size_t n = split(in, most, ids);
    if (n > most || (most > 1 && n < 2))
        return err_set(err, ERR_ARGUMENT,
                       "experimentId must name 2 to %zu trainings, with commas between them; "
                       "list_trainings names all.",
                       most);
    if (!trajectories_select(in->trajectories, &none, NULL, in->arena, &all, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!add_training(in, &all, ids[i], t, err))
            return false;
    }
    return true;
}

/* ---- cells and clauses ---- */

const char *share_text(struct arena *arena, double value)
{
    return isnan(value) ? "not defined" : arena_printf(arena, "%.3f", value);
}

const char *bounds_text(struct arena *arena, const char *value, bool known,
                        struct interval interval)
{
    return known ? arena_printf(arena, "%s (%.3f to %.3f)", value, interval.low, interval.high)
                 : value;
}

const char *count_text(struct arena *arena, size_t count, size_t total)
{
    if (total == 0)
        return "0";
    return arena_printf(arena, "%zu (%.3f)", count, (double)count / (double)total);
}

const char *solved_text(struct arena *arena, const struct solved *solved)
{
    if (solved->questions == 0)
        return "no question";
    return arena_printf(arena, "%zu of %zu (%.3f; %.3f to %.3f)", solved->solved, solved->questions,
                        (double)solved->solved / (double)solved->questions, solved->interval.low,
                        solved->interval.high);
}

const char *data_text(struct arena *arena, struct str text)
{
    return text.n ? word_quote(arena, text, QUOTE_CHARS) : "(none)";
}

const char *difference_text(struct arena *arena, const struct paired *paired, bool known)
{
    if (!known)
        return "fewer than 2 common questions";
    if (paired->se == 0)
        return arena_printf(arena, "%+.3f in each", paired->diff);
    return arena_printf(arena, "%+.3f (%.3f to %.3f)", paired->diff, paired->low, paired->high);
}

const char *chance_text(struct arena *arena, double p)
{
    return isnan(p) ? "-" : arena_printf(arena, "%.3g", p);
}

void trainings_head(const struct trainings *t, const char *what)
{
    const char *cells[TRAININGS_MAX + 1] = {what};

    for (size_t i = 0; i < t->n; i++)
        cells[i + 1] = t->v[i].id;
    blocks_table_begin(t->out);
    blocks_table_row(t->out, cells, t->n + 1);
}

void trainings_rows(const struct trainings *t, const char *const *names, size_t rows, cell_of *cell)
{
    const char *cells[TRAININGS_MAX + 1];

    for (size_t r = 0; r < rows; r++) {
        cells[0] = names[r];
        for (size_t i = 0; i < t->n; i++)
            cells[i + 1] = cell(t, i, r);
        blocks_table_row(t->out, cells, t->n + 1);
    }
}

/* ---- what was read ---- */

static void put_trials(struct buf *out, const struct questions *q)
{
    if (q->n_min == q->n_max)
        buf_printf(out, "%u", q->n_min);
    else
        buf_printf(out, "%u to %u", q->n_min, q->n_max);
}

static void put_cohort(struct buf *out, const struct trainings *t, const struct cohort *c)
{
    uint32_t first = c->s.rows[0];
    struct str agent = dict_text(&c->s.t->words, c->s.t->agent[first]);
    int32_t low, high;

    buf_printf(
        out, "Training '%s': %s", c->id,
        arena_printf(t->arena, "%zu %s", c->s.n, c->s.n == 1 ? "trajectory" : "trajectories"));
    if (c->q.n > 0) {
        buf_printf(out, ", %s with ", word_count(t->arena, (int64_t)c->q.n, "question"));
        put_trials(out, &c->q);
        buf_puts(out, c->q.n_max == 1 ? " trial each" : " trials each");
    } else {
        buf_puts(out, ", none with a question and a reward");
    }
    if (epochs_between(c->s.t, c->s.rows, c->s.n, &low, &high))
        buf_printf(out, ", epochs %d to %d", low, high);
    else
        buf_puts(out, ", no epochs given");
    if (agent.n)
        buf_printf(out, ", agent '%s' (of the first)", word_quote(t->arena, agent, 60));
    buf_puts(out, ". ");
    if (c->q.missing)
        buf_printf(out, "%zu without a reward count in no rate. ", c->q.missing);
    if (c->q.nameless)
        buf_printf(out, "%zu without a question are in no figure over questions. ", c->q.nameless);
    if (c->q.repeated)
        buf_printf(out, "%zu repeat a sample and are not counted as trials. ", c->q.repeated);
}

static void put_sources(struct buf *out, const struct trainings *t)
{
    const struct coverage *c = t->coverage;

    buf_puts(out, "Read from");
    for (size_t i = 0; i < c->sources.n; i++)
        buf_printf(out, "%s %s (%s)", i ? "," : "",
                   word_quote(t->arena, str_of(c->sources.v[i].path), 200), c->sources.v[i].format);
    buf_puts(out, ". ");
    if (c->malformed.count > 0)
        buf_printf(
            out, "Of all files of trajectories, %s could not be used (first: %s line %lld, %s). ",
            word_count(t->arena, c->malformed.count, "record"),
            word_quote(t->arena, str_of(c->malformed.path), 200), (long long)c->malformed.line,
            word_quote(t->arena, str_of(c->malformed.reason), 200));
    for (size_t i = 0; i < c->notes.n && i < NOTES_SHOWN; i++)
        buf_printf(out, "Note: %s. ", word_quote(t->arena, word_clause(c->notes.v[i]), 300));
}

void write_mixed(const struct trainings *t)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct cohort *c = &t->v[i];
        size_t epochs;
        if (c->why)
            continue; /* epochs are the tries */
        (void)rows_grouped(c->s.t, c->s.rows, c->s.n, BY_EPOCH, t->arena, &epochs);
        if (epochs > 1)
            blocks_bold(t->out, "Note: ",
                        "%zu epochs of '%s' are mixed here, so the trials of a question are not "
                        "those of one policy.",
                        epochs, c->id);
    }
}

/* Of one training; false if its trials may be independent. */
static bool put_dependent(struct buf *out, const struct trainings *t, const struct cohort *c)
{
    const char *why = dependent_trials(&c->s, t->arena);

    if (why)
        buf_printf(out, "Of '%s' %s. ", c->id, why);
    return why != NULL;
}

void write_read(const struct trainings *t)
{
    struct buf out = {0};
    bool dependent = false;

    blocks_heading(t->out, 2, "What Was Read");
    for (size_t i = 0; i < t->n; i++)
        put_cohort(&out, t, &t->v[i]);
    put_sources(&out, t);
    buf_printf(&out, "Success is %s. ", success_rule(t->v[0].s.threshold, t->arena));
    for (size_t i = 0; i < t->n; i++)
        dependent |= put_dependent(&out, t, &t->v[i]);
    if (!dependent)
        buf_puts(&out, "That trials are independent samples is assumed; retries and the beams of "
                       "one search are not.");
    blocks_paragraph(t->out, "%.*s", STR_FMT(str_trim(buf_str(&out))));
    buf_fini(&out);
}
