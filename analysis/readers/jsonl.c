/*
 * Metrics as JSON lines, one object a row: what Tidal, tinker-cookbook, verl,
 * prime-rl, LLaMA-Factory, Dreamer, detectron2, RLlib, TRL and many scripts
 * write. The same shape holds conversations, rollouts and the logs of programs,
 * so the bid looks for what only those have.
 */
#include "analysis/readers/reader.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analysis/base/limits.h"
#include "analysis/base/scan.h"
#include "analysis/readers/axis.h"
#include "analysis/readers/jsonrow.h"
#include "analysis/readers/lines.h"
#include "analysis/readers/sniff.h"

enum { SAMPLE_LINES = 1000, KNOWN_PLACES = 64 };

/* What a name means: asked once, not for the same place in each line. */
struct known {
    struct str name; /* in the arena */
    int rank;
    bool clock, metric;
};

/* What the first lines hold. */
struct sample {
    struct axis axis;
    struct arena *arena;
    int64_t metrics, numbers; /* numbers: but for steps and clocks; metrics: with a known word */
    const char *refused;      /* why this is something else */
    const char *fault;        /* of the first line that is no object */
    size_t place;             /* of the next number in the line */
    struct known known[KNOWN_PLACES];
};

/* ---- what is not a log of metrics ---- */

static bool is_one_of(struct str key, const char *const *keys)
{
    for (; *keys; keys++) {
        if (str_is(key, *keys))
            return true;
    }
    return false;
}

/* Why lines with such a member are something else; NULL if they may be metrics. */
static const char *refusal(const struct scan_member *member)
{
    static const char *const talk[] = {
        "messages",   "conversations", "conversation", "chosen",   "rejected",  "prompt",
        "completion", "completions",   "instruction",  "response", "responses", NULL};
    static const char *const samples[] = {"trajectory",  "trajectories", "traj",    "history",
                                          "steps",       "rollout",      "input",   "output",
                                          "test_result", "text",         "content", NULL};
    static const char *const program[] = {"msg",       "message",    "level", "levelname", "logger",
                                          "sessionId", "parentUuid", "event", "spec",      NULL};
    static const char *const ids[] = {"traj_idx", "group_idx",  "sample_id", "task_id",
                                      "doc_id",   "example_id", "prompt_id", "instance_id",
                                      "event_id", "uuid",       NULL};
    bool number = member->kind == SCAN_NUMBER || member->kind == SCAN_NON_FINITE;

    if (is_one_of(member->key, ids)) /* one trajectory of many, whatever numbers it has */
        return "its lines are about single samples, not about steps";
    if (number || member->kind == SCAN_NULL)
        return NULL;
    if (is_one_of(member->key, talk))
        return "its lines hold conversations, not metrics";
    if (is_one_of(member->key, samples))
        return "its lines hold samples or rollouts, not metrics";
    if (is_one_of(member->key, program))
        return "its lines are messages of a program, not metrics";
    return NULL;
}

static struct known what_is(struct sample *sample, struct str name)
{
    struct known *at = &sample->known[sample->place++ % KNOWN_PLACES];

    if (!at->name.p || !str_eq(at->name, name))
        *at = (struct known){arena_str(sample->arena, name), axis_rank(name), axis_is_clock(name),
                             sniff_metric(name)};
    return *at;
}

static void sample_object(struct sample *sample, struct str text, struct str prefix, size_t depth);

static void sample_member(struct sample *sample, const struct scan_member *member,
                          struct str prefix, size_t depth)
{
    struct str name = member->key;

    if (prefix.n > 0)
        name = str_of(arena_printf(sample->arena, "%.*s/%.*s", STR_FMT(prefix), STR_FMT(name)));
    if (depth == 0 && !sample->refused)
        sample->refused = refusal(member);
    if (member->kind == SCAN_NUMBER || member->kind == SCAN_NON_FINITE) {
        struct known known = what_is(sample, name);
        if (known.rank >= 0)
            axis_count_ranked(&sample->axis, sample->arena, known.rank, name, scan_double(member));
        sample->numbers += known.rank < 0 && !known.clock;
        sample->metrics += known.rank < 0 && known.metric;
        return;
    }
    bool data = depth == 0 && str_is(name, "data");
    if (member->kind == SCAN_NESTED && *member->value.p == '{' && !str_is(name, "config") &&
        depth < 4)
        sample_object(sample, member->value, data ? (struct str){0} : name, depth + 1);
}

static void sample_object(struct sample *sample, struct str text, struct str prefix, size_t depth)
{
    struct scan scan = scan_object(text);
    struct scan_member member;

    while (scan_next(&scan, &member))
        sample_member(sample, &member, prefix, depth);
    if (depth == 0 && scan.fault && !sample->fault)
        sample->fault = scan.fault;
}

static void sample_line(struct sample *sample, struct str line)
{
    if (str_trim(line).n == 0)
        return;
    sample->axis.rows++;
    sample->place = 0;
    sample_object(sample, line, (struct str){0}, 0);
}

/* ---- the bid ---- */

_Static_assert(DATA_DEPTH_MAX == 64, "what the bid says of lines nested too deeply");

static struct bid judge(const struct sample *sample, bool known, bool lines)
{
    bool axis = axis_any(&sample->axis);

    if (sample->refused)
        return (struct bid){0, sample->refused};
    if (sample->numbers == 0)
        return (struct bid){0, "its lines hold no numbers but steps and times"};
    if (known && axis)
        return (struct bid){80, "its name fits, and its lines are JSON objects with a step"};
    if (axis && (sample->metrics > 0 || lines))
        return (struct bid){60, "its lines are JSON objects with a step and numbers"};
    if (sample->metrics > 0 && (lines || known))
        return (struct bid){30, "its lines are JSON objects with metrics, but have no step"};
    return (struct bid){0, "its lines have neither a step nor the name of a metric"};
}

static struct str past_blanks(struct str text)
{
    while (text.n > 0 && (unsigned char)*text.p <= ' ')
        text = str_from(text, 1);
    return text;
}

static int opened(struct str text)
{
    int n = 0;

    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '{' || text.p[i] == '['   ? 1
             : text.p[i] == '}' || text.p[i] == ']' ? -1
                                                    : 0;
    return n;
}

/*
 * A member of the object, or of an object of the list, that is called a loss and has a number, or,
 * of whole curves, a list of numbers.
 */
static bool has_loss(struct str text, bool curves)
{
    struct str between, name;
    int depth = 0;

    while (str_next(&text, '"', &between) && str_next(&text, '"', &name)) {
        struct str value = past_blanks(text);
        depth += opened(between);
        if (depth != (curves ? 1 : 2))
            continue;
        bool loss = str_has(name, STR("loss")) || str_has(name, STR("Loss"));
        if (!loss || value.n == 0 || *value.p != ':')
            continue;
        value = past_blanks(str_from(value, 1));
        if (curves && value.n > 0 && *value.p == '[')
            value = past_blanks(str_from(value, 1));
        else if (curves)
            continue;
        if (value.n > 0 && (*value.p == '-' || (*value.p >= '0' && *value.p <= '9')))
            return true;
    }
    return false;
}

/* Metrics that are no lines: why; NULL where nothing shows that they are. */
static const char *unlined(struct str head)
{
    if (str_starts(head, STR("[")) && has_loss(head, false))
        return "it is one JSON array, not one object a line";
    if (str_starts(head, STR("{")) && has_loss(head, true))
        return "it is one JSON object of whole curves, not one object a line";
    return NULL;
}

static const char *broken_why(struct str head)
{
    struct str line;

    if (str_next(&head, '\n', &line) && past_blanks(head).n > 0 && !str_has(line, STR("}")))
        return "it is one JSON object over several lines, not one object a line";
    return "its first line is no JSON object";
}

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    static const char *const known[] = {
        "metrics.jsonl", "trainer_log.jsonl", "rl_metrics.jsonl",  "result.json",
        "metrics.json",  "scalars.json",      "log_history.jsonl", NULL};
    static const char *const lines[] = {"*.jsonl", "*.ndjson", NULL};
    bool is_known = sniff_named(probe->name, known), is_lines = sniff_named(probe->name, lines);
    struct str head = sniff_text(probe->head), line;
    struct sample sample = {.arena = arena};
    bool broken = false; /* the first line; of one longer than the head the first members must do */

    if (sniff_pointer(head))
        return (struct bid){0, is_known || is_lines ? POINTER_WHY : NULL};
    if (str_ends(str_of(probe->name), STR(".json")) && unlined(head))
        return (struct bid){0, unlined(head)};
    if (str_starts(head, STR("[")) && (is_known || is_lines))
        return (struct bid){0, "it is one JSON array, not one object a line"};
    if (!str_starts(head, STR("{")))
        return (struct bid){0, is_known || is_lines ? "its first line is no JSON object" : NULL};
    while (str_next(&head, '\n', &line)) {
        bool whole = head.p > line.p + line.n || probe->head.n < PROBE_BYTES;
        if (!whole && sample.axis.rows > 0)
            break;
        sample_line(&sample, line);
        broken |= whole && sample.fault && sample.axis.rows == 1;
    }
    if (broken && strstr(sample.fault, "nested too deep"))
        return (struct bid){0, "its first line is nested too deeply: it is read to 64 levels"};
    if (broken) /* an object over several lines */
        return (struct bid){0, is_lines || is_known ? broken_why(sniff_text(probe->head)) : NULL};
    if (sample.axis.rows < 2 && !is_lines && !is_known) /* one object is not a log */
        return (struct bid){0, NULL};
    return judge(&sample, is_known, is_lines);
}

/* ---- reading ---- */

struct reading {
    struct feed *feed;
    struct arena arena;
    struct jsonrow row;
    struct lines lines;
    int64_t rows;
    bool begun;
    bool settled; /* more rows would not make another column the step */
};

static void *open_reading(struct feed *feed)
{
    struct reading *r = heap_alloc(sizeof(*r));

    r->feed = feed;
    arena_init(&r->arena);
    return r;
}

static void close_reading(void *thing)
{
    struct reading *r = thing;

    lines_close(&r->lines);
    if (r->begun)
        jsonrow_fini(&r->row);
    arena_fini(&r->arena);
    free(r);
}

/* Looks at the first lines for the step. */
static bool begin(struct reading *r, const struct source *source, struct err *err)
{
    struct sample sample = {.arena = &r->arena, .refused = "asked by the bid"};
    struct lines lines;
    struct str line;

    if (!lines_open(&lines, source, NULL, err))
        return false;
    while (sample.axis.rows < SAMPLE_LINES && lines.offset == 0 && lines_next(&lines, &line, err))
        sample_line(&sample, line);
    bool ok = !lines.failed;
    r->settled = (sample.axis.rows == SAMPLE_LINES || lines.offset > 0) && lines.ended;
    lines_close(&lines);
    if (!ok || !lines_open(&r->lines, source, r->feed, err))
        return false;
    jsonrow_init(&r->row, r->feed, &r->arena, axis_tell(&sample.axis, r->feed, &r->arena));
    r->begun = true;
    return true;
}

static bool take_lines(struct reading *r, struct err *err)
{
    struct lines *lines = &r->lines;
    struct str line;

    while (lines_next(lines, &line, err)) {
        const char *fault = line.n == 0 ? NULL : jsonrow_line(&r->row, line);
        if (!fault)
            r->rows += line.n > 0;
        else if (!lines->ended)
            feed_damage(r->feed, "line %" PRId64 ", the last one, is cut off (%s)", lines->number,
                        fault);
        else if (str_trim(line).n > 0)
            feed_malformed(r->feed, lines->number, fault);
    }
    return !lines->failed;
}

static bool more(void *thing, const struct source *source, struct err *err)
{
    struct reading *r = thing;

    if (!(r->begun ? lines_go_on(&r->lines, source, err) : begin(r, source, err)))
        return false;
    r->lines.whole = true;
    return take_lines(r, err);
}

static bool rest(void *thing, const struct source *source, struct err *err)
{
    struct reading *r = thing;
    struct jsonrow_told told = r->row.told;
    int64_t rows = r->rows;

    (void)source;
    r->lines.whole = false;
    bool ok = take_lines(r, err);
    if (ok && r->rows == 0)
        ok = err_set(err, ERR_FORMAT, "no line is a JSON object");
    lines_pause(&r->lines);
    r->row.told = told;
    r->rows = rows;
    return ok;
}

static int64_t taken(const void *thing)
{
    const struct reading *r = thing;

    return r->settled && !r->lines.lost ? r->lines.place.offset : 0;
}

static const struct live_reading live = {open_reading, more, rest, taken, close_reading};

const struct reader reader_jsonl = {
    .name = "jsonl",
    .what = "Metrics as JSON lines: one object a row, nested names joined by \"/\".",
    .unit = UNIT_FILE,
    .streams = true,
    .bid = bid,
    .live = &live,
};
