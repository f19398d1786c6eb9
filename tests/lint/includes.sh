#!/bin/sh
# includes.sh: who may include whom (each room, nothing points left), which room knows which library,
# and that one file alone hands work to threads.
status=0
find mcp tools analysis reports -name '*.[ch]' | sort | xargs awk '
BEGIN {
    allow["analysis/base"] = ""
    allow["analysis"] = "analysis/base"
    allow["reports"] = "analysis analysis/base"
    allow["tools"] = "reports analysis analysis/base"
    allow["mcp"] = "tools analysis/base"
    only["uv.h"] = "mcp"
    only["yaml.h"] = "analysis"
    only["criterion/criterion.h"] = "tests"
}
function room(path) {
    if (path ~ /^analysis\/base\//)
        return "analysis/base"
    return substr(path, 1, index(path, "/") - 1)
}
function has(list, word) { return index(" " list " ", " " word " ") > 0 }
function say(sentence) { printf "%s:%d: %s\n", FILENAME, FNR, sentence; bad = 1 }
/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, q, "\"")
    if (index(q[2], "/") == 0)
        say("write \"" q[2] "\" from the root, with its room")
    else if (room(q[2]) != room(FILENAME) && !has(allow[room(FILENAME)], room(q[2])))
        say(room(FILENAME) " may not include " q[2])
}
/^[ \t]*#[ \t]*include[ \t]*</ {
    h = $0
    sub(/^[^<]*</, "", h)
    sub(/>.*/, "", h)
    if (h in only && !has(only[h], room(FILENAME)))
        say("<" h "> is not for " room(FILENAME))
}
/uv_queue_work[ \t]*\(/ && FILENAME != "mcp/job.c" { say("only mcp/job.c calls uv_queue_work") }
END { exit bad }
' || status=1
find mcp tools analysis reports tests -name '*.[ch]' | sort | xargs grep -niE '#[ ]*include.*cjson' /dev/null &&
    echo "cJSON is not used: analysis/base/json.h parses and prints" && status=1
exit $status
