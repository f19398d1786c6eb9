# Reads one JSON text (RFC 8259) and prints a line `path<TAB>value` for each scalar: mcpServers.x.args.0
# Exits 1 with file:line: sentence where it is not JSON.
function fail(sentence) {
    if (!bad) printf "%s:%d: not JSON: %s\n", FILENAME, gsub(/\n/, "\n", seen) + 1, sentence
    bad = 1
    text = ""
    return ""
}
function eat(n) { seen = seen substr(text, 1, n); text = substr(text, n + 1) }
function space() { if (match(text, /^[ \t\r\n]+/)) eat(RLENGTH) }
function string(   s) {
    if (!match(text, /^"([^"\\\001-\037]|\\(["\\\/bfnrt]|u[0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f]))*"/)) return fail("a string was expected")
    s = substr(text, 2, RLENGTH - 2)
    eat(RLENGTH)
    return s
}
function member(path, i,   key) {
    space()
    key = i
    if (i == "") {
        key = string()
        space()
        if (text !~ /^:/) return fail("a colon was expected")
        eat(1)
    }
    value(path == "" ? key : path "." key)
    space()
}
function list(path, end, indexed,   i) {
    eat(1)
    space()
    if (substr(text, 1, 1) == end) { eat(1); return }
    for (i = 0; !bad; i++) {
        member(path, indexed ? i "" : "")
        if (substr(text, 1, 1) == end) { eat(1); return }
        if (text !~ /^,/) return fail("a comma or " end " was expected")
        eat(1)
    }
}
function value(path) {
    space()
    if (text ~ /^\{/) list(path, "}", 0)
    else if (text ~ /^\[/) list(path, "]", 1)
    else if (text ~ /^"/) print path "\t" string()
    else if (match(text, /^(true|false|null|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?)/)) {
        print path "\t" substr(text, 1, RLENGTH)
        eat(RLENGTH)
    } else fail("a value was expected")
}
{ text = text $0 "\n" }
END {
    value("")
    space()
    if (!bad && text != "") fail("something stands behind the value")
    exit bad
}
