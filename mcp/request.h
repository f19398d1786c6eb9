#ifndef REQUEST_H
#define REQUEST_H
/*
 * One request while it is answered, and the row of the method it names. A
 * handler fills `result` with one whole JSON object, or returns false with a
 * fault. It runs on the loop, or on a worker if the row or prepare() says so;
 * then it touches nothing but its request.
 */

#include "mcp/revision.h"

struct method;

struct request {
    const struct service *service;
    const struct method *method;
    enum era era;
    struct str id;             /* raw text */
    const struct json *params; /* an object or NULL */
    struct call call;
    struct str progress_token; /* raw text; empty: none asked for */

    /* tools/call, between prepare and answer */
    const struct tool *tool;
    void *args;
    struct str answer_key; /* under which the finished answer may be kept; empty: not */

    bool was_cancelled; /* the tool saw that it should end, and did */
    struct buf result;
    struct str kept; /* an answer kept from before, in place of result; borrowed for the moment */
    struct str meta; /* members for the result's _meta, as JSON text */
    struct fault fault;
};

enum prepared { PREPARED_FAULT, PREPARED_DONE, PREPARED_LOOP, PREPARED_WORKER };

enum method_flags { METHOD_WORKER = 1 }; /* reads files: never on the loop */

enum method_need { NEED_NOTHING, NEED_RESOURCES, NEED_PROMPTS, NEED_SKILLS };

struct method {
    const char *name;
    unsigned eras;         /* which know it */
    enum method_need need; /* of the service; without it the method is unknown */
    enum cache_scope cache;
    unsigned flags;
    bool (*answer)(struct request *request);
};

const struct method *method_find(struct str name, enum era era, const struct service *service);

#define HANDLER(name) bool name(struct request *request)
HANDLER(answer_initialize);
HANDLER(answer_discover);
HANDLER(answer_ping);
HANDLER(answer_tools_list);
HANDLER(answer_tools_call);
HANDLER(answer_resources_list);
HANDLER(answer_templates_list);
HANDLER(answer_resources_read);
HANDLER(answer_prompts_list);
HANDLER(answer_prompts_get);
HANDLER(answer_complete);
HANDLER(answer_skills_list);
HANDLER(answer_skills_get);
HANDLER(answer_directory_read);

/* ---- what handlers share ---- */

/* Lists fit one page, so there is no cursor to come back with: any is -32602. */
bool request_no_cursor(struct request *request);
/* A string member of params; false with a fault when it is missing or no string. */
bool request_string(struct request *request, const char *name, const char **out);
/* A fault for an error of a resource, prompt or completion. */
bool request_failed(struct request *request, const struct err *err);

/* skill:// resources, for resources/list and resources/read. */
void skills_put_resources(const struct service *service, struct buf *out);
bool skills_read(struct request *request, struct str uri, bool *mine);

#endif
