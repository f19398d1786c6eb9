#include "analysis/readers/logline.h"

#include "analysis/base/ascii.h"

enum { PREFIXES_MAX = 16 };

enum {
    EPOCH = 1,     /* the number is an epoch; a step within it may follow */
    TIGHT = 2,     /* a colon must follow: "s:5" */
    WITHIN = 4,    /* a step within it must follow, with their number */
    EVALUATED = 8, /* what is counted within it are no steps of the training */
};

/* Words that a line of values begins with, each followed by a number. */
static const struct head {
    const char *word; /* in lower case; the line may use any */
    const char *prefix;
    unsigned flags;
} heads[] = {
    {"step", "", 0},      /* modded-nanogpt, verl, torchtitan, nanochat, torchtune … */
    {"iteration", "", 0}, /* Megatron */
    {"iter", "", 0},      /* nanoGPT */
    {"s", "", TIGHT},     /* llm.c */
    {"validation loss at iteration", "validation ", 0}, /* Megatron */
    {"test loss at iteration", "test ", 0},
    {"valid loss at iteration", "validation ", 0},
    {"global_step", "", 0},
    {"global step", "", 0},
    {"train step", "", 0},
    {"steps", "", TIGHT},          /* DeepSpeed */
    {"epoch", "", EPOCH},          /* scripts, torchvision and PyTorch's ImageNet example */
    {"train epoch", "", EPOCH},    /* PyTorch's MNIST example */
    {"train", "", EPOCH | WITHIN}, /* timm */
    {"epoch(train)", "", EPOCH},   /* MMEngine */
    {"epoch(val)", "val/", EPOCH | EVALUATED},
};
enum { HEADS = sizeof(heads) / sizeof(heads[0]) };
_Static_assert(HEADS + LOGHEAD_WORDS <= LOGHEADS_MAX, "a head is an index of a caller's table");

static bool is_any(char c, const char *of)
{
    return c != '\0' && strchr(of, c) != NULL;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* ---- the word and its number ---- */

static bool whole(struct str *rest, int64_t *out)
{
    const char *p = rest->p, *end = p + (rest->n < 18 ? rest->n : 18);
    int64_t value = 0;

    for (; p < end; p++) {
        if (is_digit(*p))
            value = value * 10 + (*p - '0');
        else if (*p != ',' || p == rest->p || p + 1 == end || !is_digit(p[1]))
            break;
    }
    size_t n = (size_t)(p - rest->p);
    *out = value;
    *rest = str_from(*rest, n);
    return n > 0 && value <= 9007199254740991;
}

/* The ".5" of 0.5. */
static bool pass_fraction(struct str *rest)
{
    size_t n = 1;

    if (rest->n < 2 || *rest->p != '.' || !is_digit(rest->p[1]))
        return false;
    while (n < rest->n && is_digit(rest->p[n]))
        n++;
    *rest = str_from(*rest, n);
    return true;
}

/* "/ 100", "of 100" and "(0.05%)" behind the number, if they are there. */
static struct str pass_total(struct str rest, int64_t *total)
{
    struct str at = skip_blanks(rest);

    if (at.n > 0 && *at.p == '/') {
        at = skip_blanks(str_from(at, 1));
        if (whole(&at, total))
            rest = at;
    }
    at = skip_blanks(rest);
    if (at.n > 0 && *at.p == '(') {
        const char *end = memchr(at.p, ')', at.n < 24 ? at.n : 24);
        if (end)
            rest = str_from(at, (size_t)(end - at.p) + 1);
    }
    return rest;
}

/* "step" of "step 5/100": its bytes. */
static size_t inner_word(struct str text)
{
    static const char *const words[] = {"step", "iteration", "iter", "batch"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t n = 0;
        while (words[i][n] && n < text.n && lower(text.p[n]) == words[i][n])
            n++;
        if (!words[i][n] && n < text.n && is_any(text.p[n], " \t:=["))
            return n;
    }
    return 0;
}

/* "], Step [100/600]", "][ 0/5005]", " [640/60000 (1%)]" behind an epoch: passed if it has a total.
 */
static struct str pass_inner(struct str rest, struct logline *out)
{
    int64_t step, total = 0;
    struct str at = rest;

    while (at.n > 0 && is_any(*at.p, " \t:|,;]-"))
        at = str_from(at, 1);
    size_t word = inner_word(at);
    at = skip_blanks(str_from(at, word));
    if (word > 0 && at.n > 0 && (*at.p == ':' || *at.p == '='))
        at = skip_blanks(str_from(at, 1));
    bool bracket = at.n > 0 && *at.p == '[';
    if (bracket)
        at = skip_blanks(str_from(at, 1));
    if ((word == 0 && !bracket) || !whole(&at, &step))
        return rest;
    at = pass_total(at, &total);
    if (at.n == 0 || !is_any(*at.p, bracket ? "]" : " \t:|,;-"))
        return rest;
    out->has_inner = true;
    out->inner = step;
    out->inner_total = total;
    return total > 0 || bracket ? at : rest;
}

/* Behind the word and its number. */
static bool begin_fields(const struct head *head, struct str rest, struct logline *out)
{
    if (rest.n == 0 || !is_any(*rest.p, " :|,;-\t]"))
        return false;
    out->has_inner = false;
    if (head->flags & EPOCH && !out->odd)
        rest = pass_inner(rest, out);
    if (head->flags & WITHIN && !(out->has_inner && out->inner_total > 0))
        return false;
    if (head->flags & EVALUATED)
        out->has_inner = false;
    out->p = rest.p;
    out->end = rest.p + rest.n;
    if (rest.n > 0 && *rest.p == ':')
        out->p++;
    size_t left = (size_t)(out->end - out->p);
    out->bare = left > 0 && !memchr(out->p, ':', left) && !memchr(out->p, '=', left);
    return true;
}

static bool read_head(const struct head *head, struct str text, struct logline *out)
{
    size_t n = 0;

    while (head->word[n] && n < text.n && lower(text.p[n]) == head->word[n])
        n++;
    if (head->word[n])
        return false;
    struct str rest = str_from(text, n);
    bool colon = rest.n > 0 && (*rest.p == ':' || *rest.p == '=');
    if (rest.n == 0 || (!colon && (!is_any(*rest.p, " \t") || head->flags & TIGHT)))
        return false;
    rest = skip_blanks(str_from(rest, 1));
    if (rest.n > 0 && *rest.p == '[') /* "Epoch [2/3], Loss: 0.5" */
        rest = skip_blanks(str_from(rest, 1));
    out->total = 0;
    out->at = rest.p;
    if (!whole(&rest, &out->step))
        return false;
    out->odd = pass_fraction(&rest);
    rest = pass_total(rest, &out->total);
    out->has_step = !out->odd;
    out->epoch = head->flags & EPOCH;
    out->prefix = head->prefix;
    return begin_fields(head, rest, out);
}

/* One of the words of the table. */
static bool read_words(struct str text, struct logline *out)
{
    char first = text.n > 0 ? lower(*text.p) : 0;

    for (int i = 0; i < HEADS; i++) {
        if (heads[i].word[0] == first && read_head(&heads[i], text, out)) {
            out->head = LOGHEAD_WORDS + i;
            return true;
        }
    }
    return false;
}

static bool read_dict(struct str text, struct logline *out)
{
    if (text.n < 8 || text.p[0] != '{' || (text.p[1] != '\'' && text.p[1] != '"') ||
        !memmem(text.p, text.n, "epoch", 5))
        return false;
    *out = (struct logline){.head = LOGHEAD_DICT, .prefix = "", .p = text.p + 1};
    out->end = text.p + text.n;
    return true;
}

/* "[10]<TAB>train-rmse:0.5": of XGBoost and LightGBM; a word with a step behind it: it was a rank.
 */
static bool read_round(struct str text, struct logline *out)
{
    struct str rest = str_from(text, 1);
    int64_t round;

    if (!whole(&rest, &round) || rest.n < 4 || rest.p[0] != ']' || rest.p[1] != '\t' ||
        !memchr(rest.p, ':', rest.n) || read_words(str_from(rest, 2), out))
        return false;
    out->at = text.p + 1;
    out->step = round;
    out->head = LOGHEAD_ROUND;
    out->has_step = true;
    out->odd = out->epoch = out->has_inner = out->bare = false;
    out->total = 0;
    out->prefix = "";
    out->p = rest.p + 2;
    out->end = rest.p + rest.n;
    return true;
}

/* Keras: "100/100 [====] - 12s 120ms/step - loss: 0.5"; one that is not full says nothing. */
static bool read_bar(struct str text, struct logline *out)
{
    struct str rest = text;
    int64_t at, total;

    if (!whole(&rest, &at) || rest.n < 8 || *rest.p != '/')
        return false;
    rest = str_from(rest, 1);
    if (!whole(&rest, &total) || at != total || rest.n < 8 || *rest.p != ' ' ||
        !memmem(rest.p, rest.n, " - ", 3) || !memchr(rest.p, ':', rest.n))
        return false;
    *out = (struct logline){.head = LOGHEAD_BAR, .prefix = "", .p = rest.p};
    out->end = rest.p + rest.n;
    return true;
}

static bool read_start(struct str text, struct logline *out)
{
    char first = text.n > 0 ? lower(*text.p) : 0;

    if (first == '{')
        return read_dict(text, out);
    if (first == '[')
        return read_round(text, out);
    if (is_digit(first))
        return read_bar(text, out);
    if (read_words(text, out))
        return true;
    if (!str_starts(text, STR("val_bpb:")))
        return false;
    *out = (struct logline){.head = LOGHEAD_SUMMARY, .prefix = "", .p = text.p};
    out->end = text.p + text.n;
    return true;
}

/* ---- what stands in front ---- */

/* "2024-05-01T12:00:00,123", also with the time behind a blank. */
static size_t date(struct str text)
{
    size_t n = 10;

    if (text.n < 10 || !is_digit(text.p[0]) || !is_digit(text.p[3]) ||
        (text.p[4] != '-' && text.p[4] != '/') || text.p[7] != text.p[4])
        return 0;
    if (n < text.n && (text.p[n] == ' ' || text.p[n] == 'T') && n + 1 < text.n &&
        is_digit(text.p[n + 1]))
        n++;
    while (n < text.n && (is_digit(text.p[n]) || is_any(text.p[n], ":.,+Z")))
        n++;
    return n;
}

/* "[default7]:", "(TaskRunner pid=12)" */
static size_t bracket(struct str text)
{
    char closing = *text.p == '[' ? ']' : ')';
    const char *end = memchr(text.p, closing, text.n < 96 ? text.n : 96);

    if (!end || (closing == ')' && !memmem(text.p, (size_t)(end - text.p), "pid=", 4)))
        return 0;
    size_t n = (size_t)(end - text.p) + 1;
    return n < text.n && text.p[n] == ':' ? n + 1 : n;
}

/* One piece that programs and launchers put in front of a line; 0 if there is none. */
static size_t in_front(struct str text)
{
    size_t n = 0;

    if (*text.p == '[' || *text.p == '(')
        return bracket(text);
    if (*text.p == '|' || *text.p == '>' || *text.p == '*')
        return 1;
    if (*text.p == '-')
        return text.n > 1 && text.p[1] == ' ' ? 1 : 0;
    if (is_digit(*text.p)) {
        n = date(text);
        if (n > 0)
            return n;
        while (n < text.n && n < 6 && is_digit(text.p[n]))
            n++;
        return n < text.n && text.p[n] == ':' ? n + 1 : 0; /* "0: ", a rank */
    }
    if (!is_letter(*text.p))
        return 0;
    while (n < text.n && n < 64 && (unsigned char)text.p[n] > ' ')
        n++;
    struct str word = str_cut(text, n), rest = skip_blanks(str_from(text, n));
    bool level = str_starts(word, STR("INFO")) || str_starts(word, STR("DEBUG")) ||
                 str_starts(word, STR("WARN")) || str_starts(word, STR("ERROR"));
    bool logger = rest.n > 1 && (*rest.p == '-' || *rest.p == '|') && rest.p[1] == ' ';
    return level || logger ? n : 0;
}

bool logline_read(struct str text, struct logline *out)
{
    *out = (struct logline){.prefix = ""};
    for (int i = 0; i < PREFIXES_MAX; i++) {
        text = skip_blanks(text);
        if (text.n < 4)
            return false;
        if (read_start(text, out)) {
            out->begin = text.p;
            return true;
        }
        size_t n = in_front(text);
        if (n == 0)
            return false;
        text = str_from(text, n);
    }
    return false;
}

/* ---- terminals ---- */

size_t logline_plain(struct str text, char *out)
{
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '\033') {
            out[n++] = text.p[i];
            continue;
        }
        if (i + 1 < text.n && text.p[i + 1] == '[') { /* ECMA-48: up to a byte from @ to ~ */
            i += 2;
            while (i < text.n && !(text.p[i] >= '@' && text.p[i] <= '~'))
                i++;
        } else {
            i++;
        }
    }
    return n;
}
