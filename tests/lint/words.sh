#!/bin/sh
# words.sh: nothing in the tree depends on, or speaks of, the machine and the way it was written.
# (A session of the protocol is a thing of mcp and its tests; bundled runs hold the words of their authors.)
found=$(find . \( -path ./.git -o -path './build*' -o -path ./tests/runs -o -path ./tests/fuzz/corpus \) -prune -o -type f \
    ! -path ./tests/lint/words.sh ! -path ./tests/lint/selftest.sh -print | sort | xargs awk '
function say(what) { printf "%s:%d: %s: %s\n", substr(FILENAME, 3), FNR, what, $0 }
/(^|[^A-Za-z0-9_.])\/(work|root)\// || /\/tmp\/bench/ { say("a path of one machine") }
tolower($0) ~ /subagent|sub-agent|(this|another|other|previous|next) session/ { say("a word about how it was written") }
')
[ -z "$found" ] && exit 0
printf '%s\n' "$found"
exit 1
