/*
 * Every folder cases/FORMAT/NAME holds an input and `about`: what it shows, where
 * it is from, under which name it is found, and what reading it gives, worked out
 * by hand. Lines of about:
 *
 *     name PATH                 the name it bears in the wild
 *     refused                   no reader bids
 *     n N | malformed N | repeated N
 *     note TEXT                 one of the notes has it
 *     fault TEXT                the first refusal has it
 *     row I FIELD TEXT          of the trajectories in the order of the file
 *     step I J FIELD TEXT       of their steps, read back; "-" stands for nothing
 *
 * Without "refused" the reader's name is FORMAT.
 */
#include "tests/analysis/trajectories/index.h"

#include <dirent.h>
#include <math.h>

#include "analysis/base/limits.h"
#include "analysis/files.h"

struct one {
    const char *id;
    struct index in;
};

static const char *source(struct arena *arena, const char *path)
{
    const char *root = getenv("POSTRUN_SOURCE");

    return root ? arena_printf(arena, "%s/%s", root, path) : path;
}

static struct str slurp(struct arena *arena, int dir, const char *path)
{
    struct str text;
    struct err err;
    bool found;

    cr_assert(file_read(dir, path, SMALL_FILE_MAX, arena, &text, NULL, &found, &err) && found, "%s",
              path);
    return text;
}

static const char *word(struct one *one, struct str *rest)
{
    struct str piece;

    *rest = str_trim(*rest);
    return str_next(rest, ' ', &piece) ? arena_text(&one->in.arena, piece) : "";
}

/* ---- what a line expects ---- */

static void expect_text(const struct one *one, struct str line, struct str got)
{
    struct str want = str_is(line, "-") ? (struct str){0} : line;

    cr_expect(str_eq(got, want), "%s: '%.*s', not '%.*s'", one->id, STR_FMT(got), STR_FMT(want));
}

static void expect_number(const struct one *one, const char *what, double got, struct str want)
{
    char text[64];

    snprintf(text, sizeof(text), "%.*s", STR_FMT(want));
    if (strcmp(text, "-") == 0)
        cr_expect(isnan(got), "%s: %s is %g, not missing", one->id, what, got);
    else
        cr_expect(fabs(got - strtod(text, NULL)) <= 1e-12, "%s: %s is %.12g, not %s", one->id, what,
                  got, text);
}

static double given(int64_t value, int64_t missing)
{
    return value == missing ? (double)NAN : (double)value;
}

/* "get:2/1 put:1": calls of each tool, of which how many did not return normally */
static struct str tools_of(struct one *one, size_t row)
{
    const struct trajectories *t = one->in.t;
    struct buf out = {0};

    for (size_t i = 0; i < t->tools_n[row]; i++) {
        const struct tool_calls *c = &t->tool_calls[t->tools[row] + i];
        size_t all = 0;
        for (size_t r = 0; r < RETURNS_N; r++)
            all += c->count[r];
        struct str name = dict_text(&t->words, c->tool);
        buf_printf(&out, "%s%.*s:%zu", i ? " " : "", STR_FMT(name), all);
        if (all > c->count[RETURN_NORMAL])
            buf_printf(&out, "/%zu", all - c->count[RETURN_NORMAL]);
    }
    struct str text = arena_str(&one->in.arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

static void expect_row(struct one *one, struct str rest)
{
    const struct trajectories *t = one->in.t;
    size_t row = (size_t)strtoul(word(one, &rest), NULL, 10);
    const char *field = word(one, &rest);
    static const char *const kinds[] = {"sample", "retry", "search"};

    cr_assert(row < t->n, "%s: there is no row %zu", one->id, row);
    const struct {
        const char *name;
        struct str text;
    } texts[] = {
        {"id", dict_text(&t->ids, t->id[row])},
        {"question", index_word(&one->in, t->question[row])},
        {"text", index_word(&one->in, t->text[row])},
        {"training", index_word(&one->in, t->training[row])},
        {"agent", index_word(&one->in, t->agent[row])},
        {"reason", index_word(&one->in, t->reason[row])},
        {"ending", str_of(ending_names[t->ending[row]])},
        {"kind", str_of(kinds[t->kind[row]])},
        {"tools", tools_of(one, row)},
    };
    const struct {
        const char *name;
        double value;
    } numbers[] = {
        {"reward", t->reward[row]},
        {"step_reward", t->step_reward[row]},
        {"sample", given(t->sample[row], NO_SMALL)},
        {"epoch", given(t->epoch[row], NO_SMALL)},
        {"iteration", given(t->iteration[row], NO_SMALL)},
        {"steps", (double)t->steps[row]},
        {"created_ms", (double)t->created_ms[row]},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (strcmp(field, texts[i].name) == 0) {
            expect_text(one, str_trim(rest), texts[i].text);
            return;
        }
    }
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (strcmp(field, numbers[i].name) == 0) {
            expect_number(one, field, numbers[i].value, str_trim(rest));
            return;
        }
    }
    cr_expect(false, "%s: there is no field %s", one->id, field);
}

static void expect_step(struct one *one, struct str rest)
{
    struct episode episode;
    struct err err;
    size_t row = (size_t)strtoul(word(one, &rest), NULL, 10);
    size_t at = (size_t)strtoul(word(one, &rest), NULL, 10);
    const char *field = word(one, &rest);

    cr_assert(row < one->in.t->n, "%s: there is no row %zu", one->id, row);
    cr_assert(episode_read(one->in.t, row, at, 1, &one->in.arena, &episode, &err), "%s: %s",
              one->id, err.msg);
    cr_assert(episode.n == 1, "%s: there is no step %zu of %zu", one->id, at, row);
    const struct episode_step *s = &episode.steps[0];
    struct str got = strcmp(field, "thought") == 0       ? s->thought
                     : strcmp(field, "action") == 0      ? s->action
                     : strcmp(field, "observation") == 0 ? s->observation
                     : strcmp(field, "tool") == 0        ? s->tool
                                                         : str_of(s->returned ? s->returned : "");
    expect_text(one, str_trim(rest), got);
}

static bool noted(const struct one *one, struct str text)
{
    for (size_t i = 0; i < one->in.coverage.notes.n; i++) {
        if (str_has(str_of(one->in.coverage.notes.v[i]), text))
            return true;
    }
    return false;
}

static void expect_line(struct one *one, struct str line)
{
    struct str rest = line;
    const char *what = word(one, &rest);
    const struct coverage *c = &one->in.coverage;

    rest = str_trim(rest);
    if (strcmp(what, "refused") == 0)
        cr_expect(one->in.t->files_n == 0, "%s: somebody reads it", one->id);
    else if (strcmp(what, "n") == 0)
        expect_number(one, "n", (double)one->in.t->n, rest);
    else if (strcmp(what, "malformed") == 0)
        expect_number(one, "malformed", (double)c->malformed.count, rest);
    else if (strcmp(what, "repeated") == 0)
        expect_number(one, "repeated", (double)c->duplicates, rest);
    else if (strcmp(what, "note") == 0)
        cr_expect(noted(one, rest), "%s: no note has '%.*s'", one->id, STR_FMT(rest));
    else if (strcmp(what, "fault") == 0)
        cr_expect(c->malformed.reason && str_has(str_of(c->malformed.reason), rest), "%s: %s",
                  one->id, c->malformed.reason);
    else if (strcmp(what, "row") == 0)
        expect_row(one, rest);
    else if (strcmp(what, "step") == 0)
        expect_step(one, rest);
    else
        cr_expect(strcmp(what, "name") == 0 || strcmp(what, "what:") == 0 ||
                      strcmp(what, "source:") == 0 || !*what,
                  "%s: what is '%s'?", one->id, what);
}

/* ---- the folders ---- */

/* The rest of the line that begins with the word; NULL if there is none. */
static const char *told(struct arena *arena, struct str about, const char *name)
{
    struct str line, start = str_of(arena_printf(arena, "%s ", name));

    while (str_next(&about, '\n', &line)) {
        if (str_starts(line, start))
            return arena_text(arena, str_from(line, start.n));
    }
    return NULL;
}

static void put_file(struct tmpdir *dir, const char *name, struct str bytes)
{
    tmpdir_file(dir, name, "");
    FILE *file = fopen(tmpdir_path(dir, name), "we");
    cr_assert(file && fwrite(bytes.p, 1, bytes.n, file) == bytes.n && fclose(file) == 0);
}

static void run_case(const char *format, const char *id, int dir)
{
    struct arena arena;
    struct one one = {.id = id};
    struct str line;

    arena_init(&arena);
    struct str about = slurp(&arena, dir, "about");
    const char *name = told(&arena, about, "name");
    cr_assert(name, "%s: no name", id);
    index_open(&one.in);
    put_file(&one.in.dir, name, slurp(&arena, dir, "input"));
    index_look(&one.in);
    bool refused = strcmp(format, "none") == 0;
    cr_assert(refused || one.in.t->files_n == 1, "%s: nobody reads it", id);
    cr_expect(refused || strcmp(one.in.t->files[0].reader->name, format) == 0, "%s: read by %s", id,
              refused ? "" : one.in.t->files[0].reader->name);
    while (str_next(&about, '\n', &line))
        expect_line(&one, line);
    index_close(&one.in);
    arena_fini(&arena);
}

static size_t run_format(const char *format, const char *path)
{
    struct dirent **cases = NULL;
    int n = scandir(path, &cases, NULL, alphasort);
    size_t ran = 0;

    for (int i = 0; i < n; i++) {
        char id[300], folder[4096];
        snprintf(id, sizeof(id), "%s/%s", format, cases[i]->d_name);
        snprintf(folder, sizeof(folder), "%s/%s", path, cases[i]->d_name);
        int dir = cases[i]->d_name[0] == '.' ? -1 : open(folder, O_RDONLY | O_DIRECTORY);
        if (dir >= 0) {
            run_case(format, id, dir);
            ran++;
            close(dir);
        }
        free(cases[i]);
    }
    free(cases);
    return ran;
}

Test(cases, every_format_reads_what_its_cases_say, .timeout = 120)
{
    struct arena arena;
    struct dirent **formats = NULL;
    size_t ran = 0;

    arena_init(&arena);
    const char *root = source(&arena, "tests/analysis/trajectories/cases");
    int n = scandir(root, &formats, NULL, alphasort);
    cr_assert(n > 2, "%s", root);
    for (int i = 0; i < n; i++) {
        if (formats[i]->d_name[0] != '.')
            ran += run_format(formats[i]->d_name,
                              arena_printf(&arena, "%s/%s", root, formats[i]->d_name));
        free(formats[i]);
    }
    free(formats);
    cr_expect(ran >= 20, "%zu cases", ran);
    arena_fini(&arena);
}
