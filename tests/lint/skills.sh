#!/bin/sh
# skills.sh PROGRAM: the skills say only what is there. Frontmatter and size by the rules of agent skills; links
# lead to files; a call in code, `tool(argument=…)`, names a tool and arguments of the manual; any other word in
# backticks is one the program knows; a block in JSON has a type that reports/blocks has.
program=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

"$program" manual >"$work/manual" || { echo "skills.sh: $program gives no manual"; exit 1; }
# tool<TAB>argument, and tool<TAB> alone
awk '/^## / { tool = $2; print tool "\t" }
     /^Result:/ { tool = "" }
     tool && /^\| `/ { split($0, c, "`"); print tool "\t" c[2] }' "$work/manual" >"$work/tools"
# Everything that stands in quotes in the product: names of metrics, blocks, props, states, findings, members.
{
    grep -ohE '"[^"\\ ]+"' $(find analysis reports tools mcp -name '*.[ch]' -o -name '*.def' | sort) | tr -d '"'
    grep -ohE '\\"[A-Za-z_]+\\"' $(find analysis reports tools -name "*.c") | tr -d '\\"'
    grep -ohE '`[^`]+`' "$work/manual" | tr -d '`'
    grep -ohE 'F_[A-Z_]+\(struct [a-z_]+, [A-Za-z_]+' $(find analysis reports tools -name '*.[ch]') | sed 's/.*, //'
} | sort -u >"$work/words"
sed -n 's/.*\.type = "\([A-Za-z]*\)".*/\1/p' reports/blocks/*.c >"$work/blocks"

for file in skills/*/SKILL.md; do
    folder=$(basename "$(dirname "$file")")
    awk -v folder="$folder" '
    function say(line, sentence) { printf "%s:%d: %s\n", FILENAME, line, sentence; bad = 1 }
    NR == 1 { if ($0 != "---") { say(1, "must begin with ---"); exit } inside = 1; next }
    inside && $0 == "---" { inside = 0; next }
    inside {
        at = index($0, ": ")
        key = at ? substr($0, 1, at - 1) : $0
        value = substr($0, at + 2)
        if (!at || key !~ /^[a-z][a-z-]*$/ || value == "") { say(NR, "the frontmatter is lines `key: value`"); next }
        if (key !~ /^(name|description|license|compatibility)$/) say(NR, "a frontmatter has no " key " here")
        if (value !~ /^["\047]/ && (value ~ /: | #/ || value ~ /^[-?:,\[\]{}#&*!|>%@`]/)) say(NR, key " must stand in quotes in YAML")
        if (key in seen) say(NR, key " stands here twice")
        seen[key] = value
        next
    }
    { body += length($0) + 1 }
    END {
        if (bad) exit 1
        if (inside) say(NR, "the frontmatter does not end")
        if (seen["name"] != folder) say(2, "name must be " folder ", that of its folder")
        if (folder !~ /^[a-z0-9]+(-[a-z0-9]+)*$/ || length(folder) > 64) say(2, "a name is a-z, 0-9 and single hyphens, at most 64")
        if (length(seen["description"]) < 1 || length(seen["description"]) > 1024) say(3, "the description has 1 to 1,024 characters")
        if (body > 15000) say(NR, "the body has " body " characters; 5,000 tokens of 3 are the most")
        exit bad
    }' "$file" || status=1
done

for file in $(find skills -mindepth 2 -name '*.md' | sort); do
    awk -v dir="$(dirname "$file")" '
    function say(sentence) { printf "%s:%d: %s\n", FILENAME, FNR, sentence; bad = 1 }
    # `tool(a=…, b="…")`: names before = at the depth of the call
    function call(text,   tool, rest, name) {
        tool = text
        sub(/\(.*/, "", tool)
        if (!(tool in known)) { say("there is no tool " tool); return }
        rest = substr(text, length(tool) + 2)
        gsub(/"[^"]*"/, "", rest)
        while (match(rest, /[A-Za-z_]+=/)) {
            name = substr(rest, RSTART, RLENGTH - 1)
            if (!(tool SUBSEP name in argument)) say(tool " has no argument " name)
            rest = substr(rest, RSTART + RLENGTH)
        }
    }
    function word(text) {
        if (text ~ /^[a-z_]+\(/) { call(text); return }
        if (text ~ /^[A-Z][A-Z_.]*$/ || text ~ /^(--|postrun |\[|\{|skill:)/) return # a key of a configuration, an option, JSON
        if (!(text in words)) say("the program does not know `" text "`")
    }
    FILENAME ~ /\/tools$/ { split($0, t, "\t"); known[t[1]] = 1; if (t[2] != "") argument[t[1], t[2]] = 1; next }
    FILENAME ~ /\/words$/ { words[$0] = 1; next }
    FILENAME ~ /\/blocks$/ { block[$0] = 1; next }
    {
        rest = $0
        while (match(rest, /"type": ?"[A-Za-z]+"/)) {
            type = substr(rest, RSTART, RLENGTH)
            gsub(/"type": ?|"/, "", type)
            if (!(type in block) && type !~ /^(text|link|tableContent)$/) say("there is no block " type)
            rest = substr(rest, RSTART + RLENGTH)
        }
        rest = $0
        while (match(rest, /\]\([^)]+\)/)) {
            link = substr(rest, RSTART + 2, RLENGTH - 3)
            if (link !~ /^https?:/ && system("test -f \"" dir "/" link "\"") != 0) say("no file " link)
            rest = substr(rest, RSTART + RLENGTH)
        }
    }
    /^ *```/ { code = !code; next }
    code { if ($0 ~ /^[a-z_]+\(/) call($0); next }
    {
        n = split($0, piece, "`")
        if (n && n % 2 == 0) say("a backtick without its partner")
        for (i = 2; i < n; i += 2) word(piece[i])
    }
    END { exit bad }' "$work/tools" "$work/words" "$work/blocks" "$file" || status=1
done
exit $status
