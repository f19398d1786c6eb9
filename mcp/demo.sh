#!/bin/sh
# demo.sh POSTRUN: the main job through a real conversation on stdin and stdout, on two bundled real runs,
# a healthy one and one that diverges: build the report, store it, say what it says and where it is.
set -eu
program=$1
here=$(cd "$(dirname "$0")/.." && pwd)
runs=$here/tests/runs/experiments
reports=${POSTRUN_REPORTS:-$here/build/demo-reports}
healthy=20241010-235824-commit_nogit-config_064757cc5c
diverged=20240601-000000-commit_nogit-config_fc47dfd74c
answers=$(mktemp)
trap 'rm -f "$answers" "$answers".*' EXIT

request() { # request ID TOOL ARGUMENTS
    printf '{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":"%s","arguments":%s}}\n' "$1" "$2" "$3"
}
{
    printf '%s\n' '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"demo","version":"1"}}}'
    printf '%s\n' '{"jsonrpc":"2.0","method":"notifications/initialized"}'
    request 1 list_experiments '{"limit":50}'
    request 2 generate_report "{\"pattern\":\"post-training\",\"experimentId\":\"$healthy\"}"
    request 3 generate_report "{\"pattern\":\"post-training\",\"experimentId\":\"$diverged\"}"
} | "$program" --experiments "$runs" --reports "$reports" >"$answers"

grep -q '"id":1,' "$answers" && grep -q '"id":2,' "$answers" && grep -q '"id":3,' "$answers" || {
    echo "demo: an answer is missing" >&2
    cat "$answers" >&2
    exit 1
}
if grep -q '"isError":true\|"error":' "$answers"; then
    grep '"isError":true\|"error":' "$answers" >&2
    exit 1
fi
# The answers hold the same JSON twice; the structured copy has no escapes of its own around it.
member() { sed -n 's/.*"structuredContent"://;s/.*"'"$2"'":"\(\([^"\\]\|\\.\)*\)".*/\1/p' "$1"; }
show() { # show ID
    grep "\"id\":$1," "$answers" | sed 's/.*"structuredContent"://' >"$answers.one"
    summary=$answers.summary
    sed 's/.*"summary":{\("experimentId".*\)},"coverage".*/{\1}/' "$answers.one" >"$summary"
    echo "Experiment   $(member "$summary" experimentId)"
    echo "Verdict      $(member "$summary" verdict)"
    echo "Because      $(member "$summary" verdictRule)"
    echo "Risk         $(member "$summary" risk)"
    echo "Figures      $(sed 's/.*"figures":\([0-9]*\).*/\1/' "$summary")"
    flags=$(sed 's/.*"redFlags":\[\(.*\)\],"figures".*/\1/' "$summary")
    if [ -n "$flags" ]; then
        printf '%s\n' "$flags" | sed 's/","/"\n"/g' | sed 's/^"\(.*\)"$/Red flag     \1/;s/\\"/"/g'
    else
        echo "Red flags    none among what was assessed"
    fi
    echo "Stored in    $(sed 's/.*},"path":"\([^"]*\)".*"summary":.*/\1/' "$answers.one")"
    echo
    rm -f "$answers.one" "$summary"
}
echo "One conversation over MCP on stdin and stdout: $(wc -l <"$answers") answers, $(wc -c <"$answers") bytes."
echo
show 2
show 3
echo "Read one: $program --reports $reports call export_report '{\"reportId\":\"…\"}' (list_reports names them)"
echo "Your own runs: $program --experiments DIR list | report ID"
