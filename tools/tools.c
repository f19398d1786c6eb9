#include "tools/tool.h"

#define X(name) extern const struct tool tool_##name;
#include "tools/tools.def"
#undef X

const struct tool *const tools[] = {
#define X(name) &tool_##name,
#include "tools/tools.def"
#undef X
    NULL};
