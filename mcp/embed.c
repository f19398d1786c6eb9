/* embed FILE: writes tools_list.c (mcp/tools_list.h). A program of the build, not of the product.
 */
#include "mcp/tool_methods.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    FILE *to = argc == 2 ? fopen(argv[1], "we") : NULL;
    struct buf list = {0};

    if (!to) {
        fprintf(stderr, "usage: embed FILE, which must be writable\n");
        return 1;
    }
    tools_put(&list, tools);
    fprintf(to, "/* Written by mcp/embed.c from the rows of tools/; change those instead. */\n"
                "#include \"mcp/tools_list.h\"\n\n"
                "const unsigned char tools_list[] = {");
    /* As numbers: a string literal of more than 4,095 characters is not portable C. */
    for (size_t i = 0; i < list.n; i++)
        fprintf(to, "%s%d,", i % 20 ? "" : "\n", (unsigned char)list.p[i]);
    fprintf(to, "\n};\nconst size_t tools_list_n = sizeof(tools_list);\n");
    buf_fini(&list);
    bool written = !ferror(to);
    return fclose(to) == 0 && written ? 0 : 1;
}
