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
trap 'rm -f "$answers"' EXIT

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
echo "One conversation over MCP: $(wc -c <"$answers") bytes of answers, $(wc -l <"$answers") messages."
echo
for run in "$healthy" "$diverged"; do
    "$program" --experiments "$runs" --reports "$reports" report "$run"
    echo
done
echo "Reports are in $reports. Read one: $program --reports $reports call export_report '{\"reportId\":\"ID\"}'"
