#!/bin/sh
# format.sh: the sources are as clang-format 14 writes them.
tool=$(command -v clang-format-14 || command -v clang-format) || exit 0
find mcp tools analysis reports tests -name '*.[ch]' | sort | xargs "$tool" --dry-run -Werror
