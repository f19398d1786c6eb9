#ifndef BLOCK_H
#define BLOCK_H
/*
 * A kind of block: what its props may be and how it reads as Markdown. A kind
 * is one file with one row in blocks.def. Kinds and props that have no row are
 * accepted and kept: reports come from many programs.
 */

#include "analysis/base/shape.h"

/* Where Markdown goes. */
struct markdown {
    struct buf *buf;
    struct arena *arena;
    size_t depth; /* of lists: how far children are indented */
};

struct block_kind {
    const char *type;
    const char *what; /* one line for the manual */
    struct shape props;
    bool inline_content; /* content is a list of texts and links */
    /* What the shape cannot say; err is one clause: "content.rows must be …". May be NULL. */
    bool (*check)(const struct json *block, struct err *err);
    void (*markdown)(struct markdown *out, const void *props, const struct json *block);
};

extern const struct block_kind *const block_kinds[];       /* NULL-ended */
const struct block_kind *block_kind_find(struct str type); /* NULL: unknown */

/*
 * May these be saved? Each block has an id of its own, a type and children, and
 * what is known of its kind is right; caps on number, depth and size. The
 * sentence names the block and the member.
 */
NODISCARD bool blocks_check(const struct json *blocks, struct err *err);

/* The known props; wrong ones, of reports that nobody checked, count as left out. */
const void *block_props(const struct block_kind *kind, const struct json *block,
                        struct arena *arena);

/* A list of texts and links: is it well formed; `where` begins the sentence. */
NODISCARD bool inline_check(const struct json *content, const char *where, struct err *err);

/* ---- Markdown ---- */

/* The indent of a line, then the text, where Markdown would take a character for markup, escaped.
 */
void markdown_indent(struct markdown *out);
void markdown_text(struct markdown *out, struct str text);
/* Texts and links with their styles on one line; in a cell `|` is escaped, too. */
void markdown_inline(struct markdown *out, const struct json *content);
void markdown_cell(struct markdown *out, const struct json *content);
void markdown_line(struct markdown *out, const char *before, const struct json *block);
/* The address of a link or picture: nothing in it ends the parentheses. */
void markdown_address(struct markdown *out, struct str url);
/* `> **NAME: Experiment `id` — rest`; NULL or an empty id: "none"; format NULL: no rest. */
void markdown_note(struct markdown *out, const char *name, const char *experiment_id,
                   const char *format, ...) PRINTF(4, 5);
/* A code span that holds the text whatever backticks are in it. */
void markdown_code(struct markdown *out, struct str text);
/* The text of inline content without styles. */
void inline_plain(const struct json *content, struct arena *arena, struct buf *out);

#endif
