/*
 * Every folder cases/READER/NAME holds an input and `about`: what it shows,
 * where it is from, under which name it is found, and what reading it gives,
 * worked out by hand or by looking at the lines. Lines of about:
 *
 *     name PATH                    the name it bears in the wild
 *     run NAME                     of a file with many runs
 *     refused WHY                  nobody reads it, and this is the reason
 *     axis NAME | rows N | malformed N | damage N | note TEXT | fact NAME TEXT
 *     config FROM JSON             the first configuration
 *     series KEY N FIRST LAST MIN MAX LAST-STEP    "-" stands for no such value; a key with
 *                                                  blanks stands in quotes
 */
#include "tests/support/fed_points.h"
#include "tests/support/read_file.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <math.h>

#include "analysis/base/limits.h"
#include "analysis/files.h"

struct one {
    struct arena *arena;
    const char *id;
    const struct reader *reader;
    struct bid bid;
    const struct fed *fed;
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
    if (rest->n > 0 && *rest->p == '"') {
        *rest = str_from(*rest, 1);
        return str_next(rest, '"', &piece) ? arena_text(one->arena, piece) : "";
    }
    return str_next(rest, ' ', &piece) ? arena_text(one->arena, piece) : "";
}

static void expect_value(const struct one *one, const char *key, const char *what, double got,
                         const char *want)
{
    double value = strtod(want, NULL);

    if (strcmp(want, "-") == 0)
        return;
    cr_expect(got == value || (isnan(got) && isnan(value)) ||
                  fabs(got - value) <= 1e-9 * fabs(value),
              "%s: %s of %s is %.17g, not %s", one->id, what, key, got, want);
}

static void expect_series(struct one *one, struct str rest)
{
    const char *key = word(one, &rest);
    struct fed_points p = fed_points(one->fed, key, one->arena);
    double min = INFINITY, max = -INFINITY;

    expect_value(one, key, "n", (double)p.n, word(one, &rest));
    for (size_t i = 0; i < p.n; i++) {
        min = fmin(min, p.value[i]);
        max = fmax(max, p.value[i]);
    }
    if (p.n == 0)
        return;
    expect_value(one, key, "first", p.value[0], word(one, &rest));
    expect_value(one, key, "last", p.value[p.n - 1], word(one, &rest));
    expect_value(one, key, "min", min, word(one, &rest));
    expect_value(one, key, "max", max, word(one, &rest));
    expect_value(one, key, "last step", (double)p.step[p.n - 1], word(one, &rest));
}

static void expect_fact(struct one *one, struct str rest)
{
    const char *name = word(one, &rest);

    for (int f = 0; f < FACTS; f++) {
        if (strcmp(fact_name((enum fact)f), name) != 0)
            continue;
        const char *got = one->fed->fact[f];
        cr_expect(got && str_is(rest, got), "%s: %s is '%s', not '%.*s'", one->id, name,
                  got ? got : "not given", STR_FMT(rest));
        return;
    }
    cr_expect(false, "%s: there is no fact %s", one->id, name);
}

static bool noted(const struct fed *fed, struct str text)
{
    for (size_t i = 0; i < fed->notes_n && i < FED_TEXTS_MAX; i++) {
        if (str_has(str_of(fed->note[i]), text))
            return true;
    }
    return false;
}

static void expect_config(struct one *one, struct str rest)
{
    const char *from = word(one, &rest);
    const struct fed *fed = one->fed;

    cr_assert(fed->configs.n > 0, "%s: no configuration", one->id);
    cr_expect_str_eq(fed->configs.v[0].from, from);
    cr_expect(str_eq(fed->configs.v[0].json, rest), "%s: %.*s", one->id,
              STR_FMT(fed->configs.v[0].json));
}

static void expect_line(struct one *one, struct str line)
{
    struct str rest = line;
    const char *what = word(one, &rest);
    const struct tally *tally = one->fed ? &one->fed->table->tally : NULL;

    if (strcmp(what, "refused") == 0) {
        cr_expect(!one->reader, "%s: %s reads it", one->id, one->reader ? one->reader->name : "");
        cr_expect(str_is(rest, one->bid.why), "%s: %s", one->id, one->bid.why);
        return;
    }
    if (!tally)
        return;
    if (strcmp(what, "axis") == 0)
        cr_expect(one->fed->axis && str_is(rest, one->fed->axis), "%s: axis %s", one->id,
                  one->fed->axis);
    else if (strcmp(what, "rows") == 0)
        expect_value(one, "rows", "number", (double)tally->rows, word(one, &rest));
    else if (strcmp(what, "malformed") == 0)
        expect_value(one, "malformed", "number", (double)tally->malformed, word(one, &rest));
    else if (strcmp(what, "damage") == 0)
        expect_value(one, "damage", "number", (double)one->fed->damage_n, word(one, &rest));
    else if (strcmp(what, "note") == 0)
        cr_expect(noted(one->fed, rest), "%s: no note has '%.*s'", one->id, STR_FMT(rest));
    else if (strcmp(what, "fact") == 0)
        expect_fact(one, rest);
    else if (strcmp(what, "config") == 0)
        expect_config(one, rest);
    else if (strcmp(what, "series") == 0)
        expect_series(one, rest);
}

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

static const char *input_name(struct arena *arena, int dir)
{
    DIR *all = fdopendir(dup(dir));
    const struct dirent *entry;
    const char *name = NULL;

    rewinddir(all);
    while ((entry = readdir(all))) {
        if (strncmp(entry->d_name, "input", 5) == 0)
            name = arena_text(arena, str_of(entry->d_name));
    }
    closedir(all);
    return name;
}

static void run_case(const char *format, const char *id, int dir)
{
    struct arena arena;
    struct tmpdir tmp;
    struct str line;
    struct err err;
    bool ok = true;

    arena_init(&arena);
    struct one one = {.arena = &arena, .id = id};
    struct str about = slurp(&arena, dir, "about");
    const char *input = input_name(&arena, dir), *name = told(&arena, about, "name");
    cr_assert(input && name, "%s: no input or no name", id);
    struct str bytes = slurp(&arena, dir, input);
    tmpdir_make(&tmp);
    tmpdir_file(&tmp, name, "");
    FILE *file = fopen(tmpdir_path(&tmp, name), "we");
    cr_assert(file && fwrite(bytes.p, 1, bytes.n, file) == bytes.n && fclose(file) == 0);

    int root = open(tmp.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    one.reader = reader_of_file(root, name, &arena, &one.bid);
    if (one.reader) {
        cr_expect_str_eq(one.reader->name, format, "%s: %s reads it", id, one.reader->name);
        one.fed = read_file(one.reader, root, name, told(&arena, about, "run"), &arena, &ok, &err);
        cr_expect(ok, "%s: %s", id, err.msg);
    } else {
        cr_expect(told(&arena, about, "refused"), "%s: nobody reads it: %s", id, one.bid.why);
    }
    while (str_next(&about, '\n', &line))
        expect_line(&one, line);
    close(root);
    tmpdir_remove(&tmp);
    arena_fini(&arena);
}

static size_t run_folder(int dir, const char *format)
{
    DIR *all = fdopendir(dup(dir));
    const struct dirent *entry;
    size_t n = 0;

    rewinddir(all);
    while ((entry = readdir(all))) {
        char id[600];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(id, sizeof(id), "%s/%s", format, entry->d_name);
        int at = openat(dir, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        cr_assert(at >= 0, "%s", id);
        run_case(format, id, at);
        close(at);
        n++;
    }
    closedir(all);
    return n;
}

Test(reader_cases, each_gives_what_is_written_beside_it)
{
    struct arena arena;
    size_t n = 0, expected = 0;

    arena_init(&arena);
    int root =
        open(source(&arena, "tests/analysis/readers/cases"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert(root >= 0, "the cases are not here");
    DIR *all = fdopendir(dup(root));
    const struct dirent *entry;
    while ((entry = readdir(all))) {
        int dir = entry->d_name[0] == '.'
                      ? -1
                      : openat(root, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir < 0)
            continue;
        n += run_folder(dir, entry->d_name);
        expected++;
        close(dir);
    }
    closedir(all);
    close(root);
    cr_expect(n >= expected && expected >= 18, "%zu cases of %zu readers", n, expected);
    arena_fini(&arena);
}
