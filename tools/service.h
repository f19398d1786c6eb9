#ifndef SERVICE_H
#define SERVICE_H
/*
 * What a server offers, as tables: the protocol room serves any of these and
 * knows nothing of what is behind them. main hands it the product's; the tests
 * hand it fixtures. Everything is constant while a session lives.
 */

#include "tools/tool.h"

/* One readable thing, for resources/list. */
struct resource {
    const char *uri, *name, *title, *doc, *mime;
};

struct resource_list {
    struct arena *arena;
    struct resource *v;
    size_t n, room;
};

void resource_list_add(struct resource_list *list, struct resource resource);

struct resource_content {
    const char *mime;
    struct str text;
    bool is_blob; /* text is base64 */
};

/* A kind of resource: a URI template of one variable, or one fixed URI. */
struct resource_kind {
    const char *uri;      /* "report://{+id}"; without a brace: this one URI */
    const char *prefix;   /* "report://": what stands before the variable; NULL for a fixed URI */
    const char *variable; /* "id" */
    const char *suffix;   /* "/data": what stands behind the variable; usually NULL */
    const char *name, *title, *doc, *mime;
    /* Optional: adds what resources/list shows. */
    bool (*list)(struct call *call, struct resource_list *out, struct err *err);
    /* id: the variable, percent-decoded once; ERR_NOT_FOUND says that there is no such resource. */
    bool (*read)(struct call *call, struct str id, struct resource_content *out, struct err *err);
    /* Optional: values that fit what was typed. */
    bool (*complete)(struct call *call, struct str typed, struct strs *values, int64_t *total,
                     struct err *err);
};

struct prompt_argument {
    const char *name, *doc;
    bool required;
    bool (*complete)(struct call *call, struct str typed, struct strs *values, int64_t *total,
                     struct err *err);
};

struct prompt {
    const char *name, *title, *doc;
    const struct prompt_argument *arguments;
    size_t arguments_n;
    /* values[i] belongs to arguments[i]; NULL if not given. Adds a JSON array of messages. */
    bool (*get)(struct call *call, const char *const *values, struct buf *messages,
                struct err *err);
};

/* A skill, embedded when the program is built: its files and their digests. */
struct skill_file {
    const char *path; /* below the skill's folder: "SKILL.md" */
    const char *mime;
    struct str bytes;
    const char *sha256; /* lower-case hex */
};

struct skill {
    const char *name, *doc;
    const char *frontmatter; /* a JSON object of all its fields */
    const struct skill_file *files;
    size_t files_n;
};

struct service {
    const char *name, *title, *version, *instructions;
    struct desk *desk;
    const struct tool *const *tools; /* NULL-ended, like the next two */
    struct str tools_list; /* the result of tools/list, made before; empty: when first asked */
    const struct resource_kind *const *resources;
    const struct prompt *const *prompts;
    const struct skill *skills;
    size_t skills_n;
    /* Optional: run on a worker after a TOOL_WRITES call has been answered. */
    void (*after_write)(struct desk *desk);
};

extern const struct resource_kind *const resource_kinds[]; /* the product's, NULL-ended */
extern const struct prompt *const prompts[];

/* One user message of text, as the only element of a JSON array. */
void prompt_put_text(struct buf *messages, struct str text);

#endif
