#ifndef TOOLS_LIST_H
#define TOOLS_LIST_H
/*
 * The result of tools/list as bytes in the program: mcp/embed.c writes them from
 * the rows while the program is built. Making them anew, 49 KB out of every
 * shape, was a quarter of each start.
 */

#include <stddef.h>

extern const unsigned char tools_list[];
extern const size_t tools_list_n;

#endif
