/* What every call can do, and the tables' look-ups: tool.h and service.h. */
#include "tools/service.h"
#include "analysis/base/vec.h"

bool call_cancelled(const struct call *call, struct err *err)
{
    if (!call->cancelled || !atomic_load(call->cancelled))
        return false;
    err_set(err, ERR_CANCELLED, "The call was cancelled.");
    return true;
}

void call_progress(const struct call *call, double done, double total, const char *message)
{
    if (call->progress)
        call->progress(call->progress_to, done, total, message);
}

const struct tool *tool_find(const struct tool *const *table, struct str name)
{
    for (size_t i = 0; table[i]; i++) {
        if (str_is(name, table[i]->name))
            return table[i];
    }
    return NULL;
}

void resource_list_add(struct resource_list *list, struct resource resource)
{
    VEC_PUSH(list->arena, list, resource);
}

void prompt_put_text(struct buf *messages, struct str text)
{
    buf_puts(messages, "[{\"role\":\"user\",\"content\":{\"type\":\"text\",\"text\":");
    json_put_string(messages, text);
    buf_puts(messages, "}}]");
}
