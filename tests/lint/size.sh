#!/bin/sh
# size.sh: a .c of more than 600 lines or a header of more than 150 fails, one of more than 400 is named.
# Tables of constants (*.tab.h) are as long as they are.
find mcp tools analysis reports tests -name '*.[ch]' ! -name '*.tab.h' | sort | xargs awk '
function close_file() {
    most = file ~ /\.h$/ ? 150 : 600
    if (n > most) { printf "%s:%d: has %d lines, at most %d\n", file, n, n, most; bad = 1 }
    else if (n > 400) printf "%s:%d: has %d lines, 400 are wanted\n", file, n, n
}
FNR == 1 { if (file) close_file(); file = FILENAME }
{ n = FNR }
END { if (file) close_file(); exit bad }'
