/* tools/list: from the rows, or as it was made before. */
#include "mcp/tool_methods.h"

#include <criterion/criterion.h>

static const struct tool hint = {.name = "hint", .title = "A hint", .doc = "Says \"yes\"."};
static const struct tool *const rows[] = {&hint, NULL};

#define HINT                                                                                       \
    "{\"name\":\"hint\",\"title\":\"A hint\",\"description\":\"Says \\\"yes\\\".\","               \
    "\"inputSchema\":{\"type\":\"object\""

Test(tool_methods, a_list_is_made_from_the_rows)
{
    const struct service service = {.tools = rows};
    struct request request = {.service = &service};
    struct str start = STR("{\"tools\":[" HINT);

    cr_assert(answer_tools_list(&request));
    cr_assert(request.result.n > start.n);
    cr_expect(str_eq(str_cut(buf_str(&request.result), start.n), start), "%.*s",
              STR_FMT(buf_str(&request.result)));
    buf_fini(&request.result);
}

Test(tool_methods, a_list_made_before_is_answered_as_it_is)
{
    const struct service service = {.tools = rows, .tools_list = STR("{\"tools\":[1]}")};
    struct request request = {.service = &service};

    cr_assert(answer_tools_list(&request));
    cr_expect(str_eq(buf_str(&request.result), service.tools_list), "%.*s",
              STR_FMT(buf_str(&request.result)));
    buf_fini(&request.result);
}
