#!/bin/sh
# manual.sh PROGRAM: tools/README.md is what the program says of its tools.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" manual >"$work/manual" || exit 1
cmp -s tools/README.md "$work/manual" && exit 0
line=$(cmp tools/README.md "$work/manual" 2>/dev/null | sed 's/.*line //')
echo "tools/README.md:${line:-1}: is not the program's manual; write it anew: $1 manual >tools/README.md"
exit 1
